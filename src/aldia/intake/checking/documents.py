"""Documents of a file: every row typed and judged, or refused with its reason."""

import polars as pl

from aldia.intake.checking import typed
from aldia.intake.checking.currencies import exponents, row_currencies
from aldia.intake.checking.held import judge_held
from aldia.intake.checking.memory import Memory
from aldia.intake.checking.options import Checked, Conventions, LoadOptions
from aldia.intake.checking.rows import attributes_of, open_sheet, seal
from aldia.intake.checking.sides import SIDES, is_running, tell_unread_balance, with_sides
from aldia.intake.checking.typed import Sheet
from aldia.intake.checking.words import DOCUMENT_KINDS, translate, truths
from aldia.intake.mapping.mapping import Mapping

NEGATIVE_KINDS = ("credit_note", "receipt")
MONEY = ("amount", "open_amount", "settled_amount")
# The instalments of a loan share its number and differ by their due date.
IDENTITY = [
    pl.col("document_number"),
    pl.col("document_kind"),
    pl.when(pl.col("document_kind") == "instalment").then(pl.col("due_on")),
]
OWN_IDENTITY = [pl.col("reference")]
"""Where the source gives each document an id of its own (only a mapping that says so), its numbers may repeat."""
TEXTS = ("terms", "purchase_order", "product", "portfolio_code", "notes")


def check_documents(
    frame: pl.DataFrame,
    mapping: Mapping,
    options: LoadOptions,
    *,
    conventions: Conventions | None = None,
    memory: Memory | None = None,
    separator: str = ",",
) -> Checked:
    """The frame's rows as documents. A part of a document (Totvs «parcela») is told from the others by its number.

    Amounts are signed minor units: credit notes and receipts are negative, whatever sign the file gives them.
    `open_minor` is what the file declares open beside an original amount, or leaves so by what was paid without a date
    (`is_open_declared`), else that one amount: a dated settlement is not subtracted from it. `settled_minor` is the receipt of `settled_on`.

    Raises AmbiguousDates, AmbiguousDecimals, CurrencyNeeded when `conventions` is not given.
    """
    memory = memory or Memory()
    sheet, rows = open_sheet(frame, mapping, options, conventions=conventions, separator=separator)
    columns: dict[str, pl.Series] = {"row": sheet.book.rows} | typed.who_columns(sheet)
    columns["document_number"] = _required(sheet, "document_number", _numbers(sheet))
    kinds = _kinds(sheet)
    if sheet.cells.has("reference"):
        columns["reference"] = _required(sheet, "reference", typed.text(sheet, "reference"))
    columns |= {"document_kind": kinds} | _dates(sheet) | _money(sheet, mapping, kinds, memory)
    columns |= typed.reach_columns(sheet) | {name: typed.text(sheet, name) for name in TEXTS}
    tell_unread_balance(sheet, frame, mapping.attributes, memory)
    columns["is_disputed"] = _disputed(sheet)
    columns |= typed.consent_columns(sheet)
    columns["attributes"] = attributes_of(sheet, mapping)
    found = pl.DataFrame(columns).with_columns(_settled(sheet, columns))
    if options.held is not None:
        judge_held(found, options.held, sheet.book)
    same = memory.judge_repeats(
        found,
        key=OWN_IDENTITY if "reference" in columns else IDENTITY,
        content=[name for name in found.columns if name != "row"],
        field="document_number",
        book=sheet.book,
    )
    return seal(found, sheet, rows=rows, repeated=same)


def _required(sheet: Sheet, field: str, values: pl.Series) -> pl.Series:
    """The values; an empty cell is an error (one that could not be read has its own)."""
    empty = (
        sheet.cells.text(field).is_null()
        if sheet.cells.has(field)
        else pl.repeat(value=True, n=sheet.height, eager=True)
    )
    sheet.book.add("missing", field, empty, "")
    return values


def _numbers(sheet: Sheet) -> pl.Series:
    numbers = typed.text(sheet, "document_number")
    if sheet.cells.has("document_series"):
        numbers = _with_series(typed.text(sheet, "document_series"), numbers)
    if not sheet.cells.has("document_part"):
        return numbers
    part = typed.text(sheet, "document_part")
    return pl.select(pl.coalesce(numbers + "/" + part, numbers)).to_series()


def _with_series(series: pl.Series, numbers: pl.Series) -> pl.Series:
    """Series and number as e-invoices tell them, «A-101»; the number alone where there is none or it begins with it."""
    told = pl.DataFrame({"series": series, "number": numbers})
    lower = pl.col("number").str.to_lowercase()
    begins = lower.str.starts_with(pl.col("series").str.to_lowercase())
    joined = pl.when(begins).then("number").otherwise(pl.concat_str("series", "number", separator="-"))
    return told.select(pl.coalesce(joined, "number")).to_series()


def _kinds(sheet: Sheet) -> pl.Series:
    """What the file calls each row; null where it says nothing that is known."""
    if not sheet.cells.has("document_kind"):
        return typed.nothing(sheet)
    raw = sheet.cells.text("document_kind")
    found = translate(raw, DOCUMENT_KINDS)
    sheet.book.add("kind_unknown", "document_kind", raw.is_not_null() & found.is_null(), raw)
    return found


def _dates(sheet: Sheet) -> dict[str, pl.Series]:
    found = {name: typed.day(sheet, name) for name in ("issued_on", "due_on", "settled_on")}
    _required(sheet, "due_on", found["due_on"])
    issued = found["issued_on"]
    shown = {name: sheet.cells.text(name) for name in ("due_on", "settled_on")}
    sheet.book.add("due_before_issue", "due_on", found["due_on"] < issued, shown["due_on"])
    sheet.book.add("settled_before_issue", "settled_on", found["settled_on"] < issued, shown["settled_on"])
    if sheet.options.as_of is not None:
        sheet.book.add(
            "settled_after_as_of",
            "settled_on",
            found["settled_on"] > sheet.options.as_of,
            shown["settled_on"],
        )
    return found


def _money(sheet: Sheet, mapping: Mapping, told: pl.Series, memory: Memory) -> dict[str, pl.Series]:
    """Amounts of each row, and its kind: without a known one a negative amount is a credit note, any other an invoice."""
    currencies = row_currencies(
        sheet.cells,
        mapping,
        sheet.conventions.currency,
        typed.cell_codes(sheet, (*MONEY, *SIDES)),
        sheet.book,
    )
    places = exponents(currencies)
    parsed = {name: typed.parsed_amount(sheet, name, places, currencies) for name in (*MONEY, *SIDES)}
    parsed = with_sides(sheet, parsed)
    first = pl.DataFrame(parsed).select(pl.coalesce("amount", "open_amount")).to_series()
    is_credit = told.is_null() & (first < 0).fill_null(value=False)
    guess = pl.when(is_credit).then(pl.lit("credit_note")).otherwise(pl.lit("invoice"))
    kinds = told.fill_null(pl.select(guess).to_series())
    amount, open_, settled = (_signed(sheet, name, kinds, parsed[name]) for name in MONEY)
    if is_running(sheet, amount, parsed["open_amount"], memory):
        open_ = typed.nothing(sheet, pl.Int64)
    amount = _before_payments(amount, open_, settled, kinds)
    given = [name for name in ("amount", *SIDES, "open_amount") if sheet.cells.has(name)]
    empty = (
        pl.DataFrame([sheet.cells.text(name).alias(name) for name in given])
        .select(pl.all_horizontal(pl.all().is_null()))
        .to_series()
    )
    sheet.book.add("missing", given[0] if given else "amount", empty, "")
    if given:
        shown = pl.select(pl.coalesce(sheet.cells.text(name) for name in given)).to_series()
        sheet.book.add("amount_credit", given[0], is_credit, shown)
    both = pl.DataFrame({"amount": amount, "open": open_})
    original = both.select(pl.coalesce("amount", "open")).to_series()
    sheet.book.add("amount_zero", given[0] if given else "amount", original == 0, "0")
    sheet.book.add(
        "open_above_amount", "open_amount", open_.abs() > amount.abs(), sheet.cells.text("open_amount")
    )
    sheet.book.add(
        "settled_above_amount",
        "settled_amount",
        settled.abs() > original.abs(),
        sheet.cells.text("settled_amount"),
    )
    return {
        "document_kind": kinds,
        "original_minor": original,
        "open_minor": both.select(pl.coalesce("open", "amount")).to_series(),
        "is_open_declared": open_.is_not_null() & amount.is_not_null(),
        "currency": currencies,
        "settled_minor": settled,
    }


def _signed(sheet: Sheet, field: str, kinds: pl.Series, minor: pl.Series) -> pl.Series:
    """Credit notes and receipts below zero; any other document below zero is an error. A settlement counts by size."""
    if field == "settled_amount":
        return minor.abs()
    lowers = kinds.is_in(list(NEGATIVE_KINDS))
    negative = (minor < 0).fill_null(value=False)
    sheet.book.add("amount_negative", field, negative & ~lowers, sheet.cells.text(field))
    return pl.select(pl.when(lowers).then(-minor.abs()).otherwise(minor)).to_series()


def _before_payments(amount: pl.Series, open_: pl.Series, settled: pl.Series, kinds: pl.Series) -> pl.Series:
    """The original amount; where a file tells only what is open and what was paid, the two together: the balance is net already."""
    paid = pl.when(kinds.is_in(list(NEGATIVE_KINDS))).then(-settled).otherwise(settled)
    return pl.select(pl.coalesce(amount, open_ + paid)).to_series()


def _settled(sheet: Sheet, columns: dict[str, pl.Series]) -> list[pl.Series]:
    """What was paid on the settlement date: the file's own figure, else all that the file does not call open."""
    paid, on = columns["settled_minor"], columns["settled_on"]
    original, open_ = columns["original_minor"], columns["open_minor"]
    undated = paid.is_not_null() & (paid != 0) & on.is_null()
    if sheet.cells.has("settled_amount"):
        sheet.book.add("settled_without_date", "settled_amount", undated, sheet.cells.text("settled_amount"))
    left = pl.select(pl.when(columns["is_open_declared"]).then(open_).otherwise(0)).to_series()
    whole = (original - left).abs()
    receipt = pl.select(pl.when(on.is_not_null()).then(pl.coalesce(paid, whole))).to_series()
    lowered = undated & ~columns["is_open_declared"]
    still = pl.select(pl.when(lowered).then(original - paid).otherwise(open_)).to_series()
    is_declared = columns["is_open_declared"] | lowered
    return [receipt.alias("settled_minor"), still.alias("open_minor"), is_declared.alias("is_open_declared")]


def _disputed(sheet: Sheet) -> pl.Series:
    if not sheet.cells.has("disputed"):
        return pl.repeat(value=False, n=sheet.height, eager=True, dtype=pl.Boolean)
    raw = sheet.cells.text("disputed")
    found, unreadable = truths(raw)
    sheet.book.add("truth_unreadable", "disputed", unreadable, raw)
    return found.fill_null(value=False)
