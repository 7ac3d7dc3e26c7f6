"""One mapped field to one typed column: dates, amounts, texts, identities; every doubt goes to the book."""

from dataclasses import dataclass

import polars as pl

from aldia.intake.checking import amounts, dates
from aldia.intake.checking.cells import FORMULA, Cells
from aldia.intake.checking.options import Conventions, LoadOptions
from aldia.intake.checking.pool import normalise
from aldia.intake.checking.problems import ProblemBook
from aldia.intake.checking.words import COUNTRIES, LANGUAGES, translate, truths
from aldia.intake.mapping.fields import CONSENTS, Kind

LENGTHS = {
    **{"document_number": 60, "customer_id": 60, "tax_id": 40, "means": 60, "account": 60},
    **{"reference": 100, "purchase_order": 100, "terms": 100, "portfolio_code": 100, "region": 100},
    **{"customer_name": 200, "payer_name": 200, "product": 200, "address": 300, "notes": 2000, "text": 2000},
}
DEBITS, CREDITS = "D", "C"
NUMBERS_AS_TEXT = ("document_number", "customer_id", "reference")
EMAIL = (
    r"^[^\s@<>\"(),:;\\\[\].]+(\.[^\s@<>\"(),:;\\\[\].]+)*@"
    r"([\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+\p{L}{2,63}$"
)
# What nearly all cells are, told at a tenth of the price; short enough for no part of it to be too long.
PLAIN_EMAIL = r"(?i-u)^[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}$"
INSIDE = r"<([^<>\s]+@[^<>\s]+)>"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows being checked with all that their columns need."""

    cells: Cells
    book: ProblemBook
    conventions: Conventions
    options: LoadOptions
    kind: Kind = Kind.DOCUMENTS

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.cells.height


def nothing(sheet: Sheet, dtype: pl.DataType | type[pl.DataType] = pl.String) -> pl.Series:
    """A column of nulls."""
    return pl.Series("", [None], dtype=dtype).new_from_index(0, sheet.height)


def text(sheet: Sheet, field: str) -> pl.Series:
    """Clean text; too long is an error, what looks like a formula stays text with a warning."""
    if not sheet.cells.has(field):
        return nothing(sheet)
    found = sheet.cells.text(field)
    if field in NUMBERS_AS_TEXT:
        # Tables that went through a program of statistics bring their numbers as «1930438491.0».
        found = found.str.replace(r"^(\d{6,})\.0$", "${1}")
    limit = LENGTHS.get(field, 300)
    sheet.book.add("text_too_long", field, found.str.len_chars() > limit, found, limit=limit)
    sheet.book.add("text_formula", field, found.str.contains(FORMULA), found)
    return found


def day(sheet: Sheet, field: str) -> pl.Series:
    """A date column."""
    if not sheet.cells.has(field):
        return nothing(sheet, pl.Date)
    found = sheet.cells.text(field)
    order = sheet.conventions.date_order
    on, impossible = dates.parse_dates(found, order, native_numbers=sheet.cells.native(field, "n"))
    example = dates.EXAMPLES[order]
    sheet.book.add("date_impossible", field, impossible, found, example=example)
    sheet.book.add(
        "date_unreadable", field, found.is_not_null() & on.is_null() & ~impossible, found, example=example
    )
    far = ~on.dt.year().is_between(1950, 2100)
    sheet.book.add("date_far", field, far, found)
    return on.set(far.fill_null(value=False), None)


def parsed_amount(sheet: Sheet, field: str, exponents: pl.Series, currencies: pl.Series) -> pl.Series:
    """Minor units of the row's currency; everything wrong with the cell is recorded."""
    if not sheet.cells.has(field):
        return nothing(sheet, pl.Int64)
    found = sheet.cells.text(field)
    decimal = sheet.conventions.decimal
    parts = amounts.parse_amounts(
        found,
        sheet.cells.native(field, "n"),
        exponents,
        decimal=decimal,
        rounding=sheet.options.round,
        below_zero=DEBITS if sheet.kind is Kind.RECEIPTS else CREDITS,
    )
    book, example = sheet.book, amounts.EXAMPLES[decimal]
    book.add("amount_unreadable", field, parts["is_unreadable"], found, example=example)
    book.add("amount_grouping", field, parts["is_grouping"], found, example=example)
    book.add("amount_scientific", field, parts["is_scientific"], found)
    book.add("amount_too_big", field, parts["is_big"], found)
    shown = currencies.fill_null("")
    book.add(
        "amount_too_fine", field, parts["is_fine"], found, decimals=exponents.cast(pl.String), currency=shown
    )
    return parts["minor"]


def cell_codes(sheet: Sheet, fields: tuple[str, ...]) -> pl.Series:
    """The currency code or symbol written inside the first of these amounts."""
    found = [
        amounts.shape(sheet.cells.text(field))["code"].alias(field)
        for field in fields
        if sheet.cells.has(field)
    ]
    if not found:
        return nothing(sheet)
    return pl.DataFrame(found).select(pl.coalesce(pl.all())).to_series()


def countries(sheet: Sheet) -> tuple[pl.Series, pl.Series]:
    """The country of each row as its own column says (null when it says nothing known), and with the load's as default."""
    own = translate(sheet.cells.text("country"), COUNTRIES) if sheet.cells.has("country") else nothing(sheet)
    default = sheet.options.country
    return own, own.fill_null(default.upper()) if default else own


def tax_columns(sheet: Sheet, country: pl.Series) -> dict[str, pl.Series]:
    """`tax_id` (compact), `tax_id_kind` (`ar.cuit`, null when unverified) and `is_tax_id_valid` (null: nobody can tell)."""
    found = text(sheet, "tax_id")
    if found.null_count() == sheet.height:
        return {
            "tax_id": nothing(sheet),
            "tax_id_kind": nothing(sheet),
            "is_tax_id_valid": nothing(sheet, pl.Boolean),
        }
    answers = normalise("tax_ids", found, country)
    sheet.book.add("tax_id_invalid", "tax_id", ~answers["is_valid"], found, country=country.fill_null("?"))
    return {
        "tax_id": answers["tax_id"],
        "tax_id_kind": answers["tax_id_kind"],
        "is_tax_id_valid": answers["is_valid"],
    }


def phone_columns(sheet: Sheet, country: pl.Series) -> dict[str, pl.Series]:
    """`phone_e164` (null when not valid), `phone_is_mobile` (null: nobody can tell) and `phone_raw`."""
    if not sheet.cells.has("phone"):
        none = nothing(sheet)
        return {"phone_e164": none, "phone_is_mobile": nothing(sheet, pl.Boolean), "phone_raw": none}
    raw = sheet.cells.text("phone")
    answers = normalise("phones", raw, country)
    found = answers["e164"]
    bad = raw.is_not_null() & found.is_null()
    lost = bad & country.is_null() & ~raw.str.starts_with("+")
    sheet.book.add("phone_without_country", "phone", lost, raw)
    sheet.book.add("phone_invalid", "phone", bad & ~lost, raw, country=country.fill_null("?"))
    return {"phone_e164": found, "phone_is_mobile": answers["is_mobile"], "phone_raw": raw.str.slice(0, 60)}


def email(sheet: Sheet) -> pl.Series:
    """A lower-case address, null when it is not one; of several in a cell the first."""
    if not sheet.cells.has("email"):
        return nothing(sheet)
    raw = sheet.cells.text("email")
    is_odd = ~(raw.str.contains(PLAIN_EMAIL) & (raw.str.len_bytes() <= 64))
    if not is_odd.any():
        return raw.str.to_lowercase()
    found = pl.DataFrame({"raw": raw, "is_odd": is_odd.fill_null(value=False)}).with_row_index("place")
    odd = found.filter("is_odd")
    first, several = _read_addresses(odd["raw"])
    read = pl.DataFrame({"place": odd["place"], "first": first, "several": several})
    found = found.join(read, on="place", how="left", maintain_order="left")
    sheet.book.add("email_several", "email", found["several"] & found["first"].is_not_null(), raw)
    sheet.book.add("email_invalid", "email", found["is_odd"] & found["first"].is_null(), raw)
    return found.select(
        pl.when("is_odd").then("first").otherwise(pl.col("raw").str.to_lowercase()).alias("email")
    ).to_series()


def _read_addresses(raw: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The first address of each cell in lower case (null when it is none), and whether the cell has several."""
    plain = raw.str.replace(r"(?i)^mailto:", "").str.strip_chars(" ;,<>'\"")
    plain = pl.select(pl.coalesce(raw.str.extract(INSIDE, 1), plain)).to_series()
    several = plain.str.contains(r"@[^@]*[;,/ |]+[^@]*@")
    first = plain.str.extract(r"^([^;,/ |]+)", 1).str.to_lowercase()
    is_good = (
        first.str.contains(EMAIL)
        & (first.str.len_chars() <= 254)
        & ~plain.str.contains(r"[^;,/|] [^;,/|@]*@[^;,/|]*$")
    ) | (several & first.str.contains(EMAIL))
    return first.set(~is_good.fill_null(value=False), None), several


def language(sheet: Sheet) -> pl.Series:
    """`es`, `en` or `pt-BR`; null for anything else."""
    if not sheet.cells.has("language"):
        return nothing(sheet)
    raw = sheet.cells.text("language")
    found = translate(raw, LANGUAGES)
    sheet.book.add("language_unknown", "language", raw.is_not_null() & found.is_null(), raw)
    return found


def consent_columns(sheet: Sheet) -> dict[str, pl.Series]:
    """Yes or no of each consent that has a column; null for blanks and for what says neither."""
    found: dict[str, pl.Series] = {}
    for name in CONSENTS:
        if sheet.cells.has(name):
            raw = sheet.cells.text(name)
            found[name], unreadable = truths(raw)
            sheet.book.add("consent_unreadable", name, unreadable, raw)
    return found


def who_columns(sheet: Sheet) -> dict[str, pl.Series]:
    """Customer id, name and tax id, with country; a row without any of the three is an error."""
    own, country = countries(sheet)
    columns = {
        "customer_id": text(sheet, "customer_id"),
        "customer_name": text(sheet, "customer_name"),
    } | tax_columns(sheet, country)
    nobody = (
        columns["customer_id"].is_null() & columns["customer_name"].is_null() & columns["tax_id"].is_null()
    )
    field = next(
        (name for name in ("customer_id", "tax_id", "customer_name") if sheet.cells.has(name)), "customer_id"
    )
    sheet.book.add("missing_customer", field, nobody, "")
    return columns | {"country": own}


def reach_columns(sheet: Sheet) -> dict[str, pl.Series]:
    """E-mail, telephone, language, region and address."""
    _, country = countries(sheet)
    return (
        {"email": email(sheet)}
        | phone_columns(sheet, country)
        | {"language": language(sheet), "region": text(sheet, "region"), "address": text(sheet, "address")}
    )
