"""Receipts of a file: money that came in, from a list of payments or from a bank's statement."""

import polars as pl

from aldia.domain.withholdings import kind_named
from aldia.intake.checking import typed
from aldia.intake.checking.currencies import exponents, row_currencies
from aldia.intake.checking.memory import Memory
from aldia.intake.checking.options import Checked, Conventions, LoadOptions
from aldia.intake.checking.rows import attributes_of, open_sheet, seal
from aldia.intake.checking.typed import Sheet
from aldia.intake.checking.words import translate
from aldia.intake.mapping.direction_words import DIRECTIONS
from aldia.intake.mapping.mapping import Mapping

MONEY = ("amount", "credit", "debit", "balance", "withheld")
TEXTS = ("reference", "document_number", "means", "payer_name", "account", "certificate", "text")

# A receipt that pays several documents has a row for each of them.
IDENTITY = [pl.col("reference"), pl.col("document_number")]
SHARED = (
    "on", "currency", "customer_id", "tax_id", "payer_name", "means", "certificate", "withheld_kind",
)  # fmt: skip


def check_receipts(
    frame: pl.DataFrame,
    mapping: Mapping,
    options: LoadOptions,
    *,
    conventions: Conventions | None = None,
    memory: Memory | None = None,
    separator: str = ",",
    keep_outgoing: bool = False,
) -> Checked:
    """The frame's rows as receipts, `amount_minor` above zero.

    Money that goes out is set aside with a warning, or kept with its minus sign with `keep_outgoing`. Lines that only
    go on with the text of the line before are joined to it. Raises as `check_documents`.
    """
    sheet, rows = open_sheet(
        _joined(frame, mapping), mapping, options, conventions=conventions, separator=separator
    )
    columns: dict[str, pl.Series] = {"row": sheet.book.rows}
    columns |= {name: typed.text(sheet, name) for name in TEXTS}
    columns["customer_id"] = typed.text(sheet, "customer_id")
    _, country = typed.countries(sheet)
    columns |= typed.tax_columns(sheet, country) | _dates(sheet)
    columns |= _money(sheet, mapping)
    columns["withheld_kind"] = _withheld_kind(sheet)
    columns["attributes"] = attributes_of(sheet, mapping)
    found = pl.DataFrame(columns)
    outgoing = (found["amount_minor"] < 0).fill_null(value=False)
    if not keep_outgoing:
        sheet.book.add("receipt_outgoing", "amount", outgoing, found["amount_minor"].cast(pl.String))
    same = None
    if sheet.cells.has("reference"):
        content = [name for name in found.columns if name != "row"]
        memory = memory or Memory()
        same = memory.judge_repeats(found, key=IDENTITY, content=content, field="reference", book=sheet.book)
        memory.judge_parts(found, whole="reference", content=list(SHARED), except_for=same, book=sheet.book)
    return seal(found, sheet, rows=rows, repeated=same, aside=None if keep_outgoing else outgoing)


def _withheld_kind(sheet: Sheet) -> pl.Series:
    """What each row withheld, by the words of the file and the load's country."""
    said, country = typed.text(sheet, "withholding").fill_null(""), sheet.options.country or ""
    named = {text: kind_named(text, country) for text in said.unique()}
    return said.replace_strict(named, return_dtype=pl.String)


def _joined(frame: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    """Lines with nothing but a text go to the line before them."""
    if "text" not in mapping.columns:
        return frame
    column = mapping.columns["text"]
    others = [name for name in frame.columns if not name.startswith("_") and name != column]
    blank = (
        pl.all_horizontal([pl.col(name).str.strip_chars().str.len_chars() == 0 for name in others])
        if others
        else pl.lit(value=False)
    )
    alone = blank & (pl.col(column).str.strip_chars().str.len_chars() > 0)
    marked = frame.with_columns(alone.alias("_alone"), (~alone).cum_sum().alias("_line"))
    if not marked["_alone"].any():
        return frame
    texts = marked.group_by("_line", maintain_order=True).agg(
        pl.col(column).str.strip_chars().str.join(" ").alias("_whole")
    )
    whole = marked.filter(~pl.col("_alone") | (pl.col("_line") == 0)).join(
        texts, on="_line", how="left", maintain_order="left"
    )
    return whole.with_columns(pl.col("_whole").alias(column)).drop("_alone", "_line", "_whole")


def _dates(sheet: Sheet) -> dict[str, pl.Series]:
    on, value_on = typed.day(sheet, "on"), typed.day(sheet, "value_on")
    field = "on" if sheet.cells.has("on") else "value_on"
    sheet.book.add(
        "missing", field, sheet.cells.text("on").is_null() & sheet.cells.text("value_on").is_null(), ""
    )
    return {"on": pl.select(pl.coalesce(on, value_on)).to_series(), "value_on": value_on}


def _money(sheet: Sheet, mapping: Mapping) -> dict[str, pl.Series]:
    currencies = row_currencies(
        sheet.cells, mapping, sheet.conventions.currency, typed.cell_codes(sheet, MONEY[:3]), sheet.book
    )
    places = exponents(currencies)
    amount, credit, debit, balance, withheld = (
        typed.parsed_amount(sheet, name, places, currencies) for name in MONEY
    )
    split = pl.select(
        pl.coalesce(
            pl.when(credit != 0).then(credit.abs()), pl.when(debit != 0).then(-debit.abs()), credit, debit
        )
    ).to_series()
    if sheet.cells.has("direction"):
        said = sheet.cells.side("direction")
        way = translate(said, DIRECTIONS)
        sheet.book.add(
            "direction_unknown", "direction", said.is_not_null() & way.is_null() & (amount > 0), said
        )
        amount = pl.select(
            pl.when(way == "out").then(-amount.abs()).when(way == "in").then(amount.abs()).otherwise(amount)
        ).to_series()
    given = [name for name in MONEY[:3] if sheet.cells.has(name)]
    empty = (
        pl.DataFrame([sheet.cells.text(name).alias(name) for name in given])
        .select(pl.all_horizontal(pl.all().is_null()))
        .to_series()
    )
    sheet.book.add("missing", given[0], empty, "")
    return {
        "amount_minor": pl.select(pl.coalesce(amount, split)).to_series(),
        "currency": currencies,
        "balance_minor": balance,
        "withheld_minor": withheld.abs(),
    }
