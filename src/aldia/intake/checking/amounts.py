"""Amounts as files write them: the decimal sign proven over all rows, then exact minor units by digits, never by float."""

from dataclasses import dataclass, field

import polars as pl
from django.utils.translation import gettext_lazy as _

from aldia.domain.money import Rounding
from aldia.intake.mapping.currency_words import SHARED
from aldia.intake.readers.refusals import Refused

CODE = r"[A-Za-z]{3}|US\$|U\$S|R\$|S/\.?|Bs\.?|RD\$|MX\$|[$€£¥₡₲₪]|C\$|Q|L"
# What an amount is begins with [0-9]: \d takes the digits of other scripts too, which no cast reads.
SHAPE = (
    rf"^(?P<lead>[\s(+\-]*)(?P<code>{CODE})?[\s(+\-]*"
    r"(?P<body>[0-9][0-9.,'’ ]*|[.,][0-9]+)"
    rf"(?P<tail>[\s)\-]*)(?:(?P<side>[DdCcHh])(?:[BbRr]\.?)?|(?P<code2>{CODE}))?[\s)\-]*$"
)
PLAIN = r"^-?[0-9][0-9.,]*$"
SCIENTIFIC = r"^[+-]?\d+([.,]\d+)?[eE][+-]?\d+$"
INTEGER_DIGITS = 15
# A sign proves itself decimal when what follows it cannot be a group of three, or when the other one groups.
DECIMAL_PROOF = {
    "dot": r"^\d+\.\d{1,2}$|^\d+\.\d{4,}$|^\d{4,}\.\d{3}$|^0\d*\.\d+$|^\.\d+$|^\d{1,3}(,\d{3}){2,}$"
    r"|^[\d,'’ ]*[,'’ ]\d{3}\.\d*$|^\d{1,3}(,\d{2})+,\d{3}(\.\d*)?$",
    "comma": r"^\d+,\d{1,2}$|^\d+,\d{4,}$|^\d{4,},\d{3}$|^0\d*,\d+$|^,\d+$|^\d{1,3}(\.\d{3}){2,}$|^[\d.'’ ]*[.'’ ]\d{3},\d*$",
}
EITHER = r"^[1-9]\d{0,2}[.,]\d{3}$"
STRICT = {
    "dot": r"^(\d+|\d{1,3}(,\d{3})+|\d{1,3}(['’ ]\d{3})+|\d{1,2}(,\d{2})+,\d{3})(\.\d*)?$|^\.\d+$",
    "comma": r"^(\d+|\d{1,3}(\.\d{3})+|\d{1,3}(['’ ]\d{3})+)(,\d*)?$|^,\d+$",
}
SIGN = {"dot": ".", "comma": ","}
EXAMPLES = {"dot": "1,234.56", "comma": "1.234,56"}


class AmbiguousDecimals(Refused):
    """No amount of the file proves whether the point or the comma is the decimal sign."""


@dataclass(slots=True)
class DecimalTally:
    """Counts, over all rows and amount columns, of the cells that prove a decimal sign; `open` could be either."""

    proofs: dict[str, int] = field(default_factory=lambda: {"dot": 0, "comma": 0})
    examples: dict[str, str] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=lambda: {".": 0, ",": 0})
    open_example: tuple[str, str] = ("", "")

    def add(self, column: str, cells: pl.Series, native: pl.Series) -> None:
        """Count the cells of one column; native numbers of a workbook prove nothing about texts."""
        body = shape(cells.filter(~native))["body"]
        for sign, pattern in DECIMAL_PROOF.items():
            proving = body.str.contains(pattern).fill_null(value=False)
            count = int(proving.sum())
            if count and sign not in self.examples:
                self.examples[sign] = f"{column}: {body.filter(proving)[0]}"
            self.proofs[sign] += count
        either = body.str.contains(EITHER).fill_null(value=False)
        if either.any():
            doubtful = body.filter(either)
            self.open_example = self.open_example if self.open_example[1] else (column, str(doubtful[0]))
            for sign in self.open:
                self.open[sign] += int(doubtful.str.contains(sign, literal=True).sum())

    def decimal(self, stated: str | None, *, whole_units: bool) -> str:
        """The decimal sign that the cells prove, or the stated one. Raises AmbiguousDecimals.

        `whole_units`: the only currency has no decimals, so three digits after a sign are thousands.
        """
        if stated:
            return stated
        best, second = sorted(self.proofs, key=lambda sign: -self.proofs[sign])
        if self.proofs[best] and self.proofs[best] >= 3 * self.proofs[second]:
            return best
        if self.proofs[best]:
            raise _mixed(self.examples[best], self.examples[second])
        doubtful = [sign for sign, count in self.open.items() if count]
        if not doubtful:
            return "dot"
        if whole_units and len(doubtful) == 1:
            return "comma" if doubtful == ["."] else "dot"
        raise _ambiguous(*self.open_example)


def shape(cells: pl.Series) -> pl.DataFrame:
    """Per cell `body` (digits and signs, null when it is no amount), `is_negative`, `code` (of the currency) and `side`:
    D or C behind an amount, as books of account and the banks of Brazil write it."""
    text = cells.cast(pl.String)
    if text.str.len_bytes().sum() != text.str.len_chars().sum():
        text = text.str.replace_all(r"[\u{a0}\u{202f}\u{2009}]", " ").str.replace_all("[−–]", "-")
    if text.str.contains(PLAIN).fill_null(value=True).all():
        # Nothing but a number, perhaps below zero: no need to take it apart.
        body = text.str.strip_prefix("-")
        return pl.DataFrame(
            {
                "body": body,
                "is_negative": text.str.starts_with("-"),
                "code": pl.repeat(None, text.len(), dtype=pl.String, eager=True),
                "side": pl.repeat(None, text.len(), dtype=pl.String, eager=True),
            }
        )
    groups = text.str.extract_groups(SHAPE).struct.unnest()
    return groups.select(
        pl.col("body").str.strip_chars(),
        (
            pl.col("lead").str.contains(r"[-(]")
            | pl.col("tail").str.contains("[-]")
            | text.str.contains(r"^\D*[-(]|-\s*\D*$")
        ).alias("is_negative"),
        # «$ 5 EUR»: the sign says less than the code.
        pl.coalesce(pl.when(~_is_shared("code") | pl.col("code2").is_null()).then("code"), "code2")
        .str.to_uppercase()
        .alias("code"),
        pl.col("side").str.to_uppercase().replace("H", "C").alias("side"),
    )


def _is_shared(code: str) -> pl.Expr:
    return pl.col(code).str.to_uppercase().is_in(list(SHARED))


def parse_amounts(
    cells: pl.Series,
    native: pl.Series,
    exponents: pl.Series,
    *,
    decimal: str,
    rounding: Rounding | None,
    below_zero: str = "C",
) -> pl.DataFrame:
    """Per cell: `minor` (Int64, null when unusable), `code`, and the reasons `is_unreadable`, `is_grouping`,
    `is_scientific`, `is_fine`, `is_big`. Rounding is on the magnitude, as `money.to_minor` does it.

    `below_zero`: which side is less than nothing. In a list of what is owed the credits, in a bank's statement the debits.
    """
    parts = shape(cells)
    body = _with_sign(parts["body"], native, SIGN[decimal])
    is_good = body.str.contains(STRICT[decimal]).fill_null(value=False)
    below = (parts["side"] == below_zero).fill_null(value=False)
    work = _halves(body, SIGN[decimal]).with_columns(
        exponents.cast(pl.Int64).alias("exponent"),
        is_good.alias("is_good"),
        (parts["is_negative"] | below).fill_null(value=False).alias("is_negative"),
    )
    filled = cells.is_not_null()
    is_scientific = filled & cells.str.contains(SCIENTIFIC)
    is_too_fine = (work["part"].str.len_chars() > work["exponent"]) & (rounding is None)
    is_fine = filled & is_good & is_too_fine
    is_big = filled & is_good & (work["whole"].str.len_chars() > INTEGER_DIGITS)
    minor = work.select(_minor(rounding)).to_series()
    return pl.DataFrame(
        {
            "minor": minor.set((is_fine | is_big | ~is_good).fill_null(value=True), None),
            "code": parts["code"],
            "is_unreadable": filled & body.is_null() & ~is_scientific,
            "is_grouping": filled & ~is_good & body.is_not_null() & ~is_scientific,
            "is_scientific": is_scientific,
            "is_fine": is_fine,
            "is_big": is_big,
        }
    )


def _with_sign(body: pl.Series, native: pl.Series, sign: str) -> pl.Series:
    """The bodies with the decimal sign of the file: a spreadsheet's own numbers come with a dot."""
    if not native.any():
        return body
    own = body.str.replace(".", sign, literal=True)
    return pl.select(pl.when(native).then(own).otherwise(body)).to_series()


def _halves(body: pl.Series, sign: str) -> pl.DataFrame:
    """The digits before and after the decimal sign (`whole`, `part`), without the zeros that say nothing."""
    plain = body.str.replace_all(rf"[^\d{sign}]", "")
    halves = plain.str.splitn(sign, 2).struct.unnest()
    return pl.DataFrame(
        {
            "whole": halves["field_0"].fill_null("").str.strip_chars_start("0"),
            "part": halves["field_1"].fill_null("").str.strip_chars_end("0"),
        }
    )


def _minor(rounding: Rounding | None) -> pl.Expr:
    """Digits kept as a whole number, one more where the digits cut off say so."""
    part, exponent = pl.col("part"), pl.col("exponent")
    kept = part.str.slice(0, exponent).str.pad_end(4, "0").str.slice(0, exponent)
    digits = pl.concat_str([pl.lit("0"), pl.col("whole").str.slice(0, INTEGER_DIGITS), kept])
    number = digits.cast(pl.Int64, strict=False)
    cut = part.str.slice(exponent)
    head = cut.str.slice(0, 1).cast(pl.Int64, strict=False).fill_null(0)
    if rounding == Rounding.HALF_EVEN:
        up = (head > 5) | ((head == 5) & (cut.str.len_chars() > 1)) | ((cut == "5") & (number % 2 == 1))
    else:
        up = head >= 5
    size = number + up.cast(pl.Int64)
    return (
        pl.when(pl.col("is_good"))
        .then(pl.when(pl.col("is_negative")).then(-size).otherwise(size))
        .alias("minor")
    )


_OPTION = _(
    "Dilo con --decimal comma (1.234,56) o --decimal dot (1,234.56), o en el archivo de --mapping: "
    '{"decimal": "comma"} o {"decimal": "dot"}.'
)


def _ambiguous(column: str, example: str) -> AmbiguousDecimals:
    return AmbiguousDecimals(
        "decimals_ambiguous",
        found=_("«%(example)s» puede llevar miles o decimales, y ningún importe del archivo lo aclara.")
        % {"example": example},
        expected=_("Saber si el punto o la coma separa los decimales (opción decimal)."),
        hint=_OPTION,
        field=column,
    )


def _mixed(one: str, other: str) -> AmbiguousDecimals:
    return AmbiguousDecimals(
        "decimals_mixed",
        found=_("Unos importes usan punto decimal y otros coma: «%(one)s» y «%(other)s».")
        % {"one": one, "other": other},
        expected=_("Un mismo signo decimal en todo el archivo (opción decimal)."),
        hint=_OPTION,
        field="decimal",
    )
