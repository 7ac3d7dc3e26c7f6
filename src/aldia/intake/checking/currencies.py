"""Which currency each amount is in: its column, its own cell, the heading, or what the person said."""

import polars as pl
from django.utils.translation import gettext_lazy as _

from aldia.domain.money import EXPONENTS
from aldia.intake.checking.cells import Cells
from aldia.intake.checking.options import LoadOptions
from aldia.intake.checking.problems import ProblemBook
from aldia.intake.mapping.currency_words import KNOWN, SHARED
from aldia.intake.mapping.mapping import Mapping
from aldia.intake.mapping.names import currency_in
from aldia.intake.readers.refusals import Refused

GUESSED = 0.6


class CurrencyNeeded(Refused):
    """The file has no currency and nobody stated one."""


def file_currency(
    mapping: Mapping, options: LoadOptions, *, cell_codes: set[str], column_words: set[str]
) -> str | None:
    """The one currency of a file without a usable currency column; None when its column says it row by row.

    A column of nothing but «$» or «Pesos» says no more than none.

    Raises CurrencyNeeded.
    """
    stated = options.currency or mapping.settings.get("currency")
    if stated and str(stated).upper() not in KNOWN:
        raise CurrencyNeeded(
            "currency_option_unknown",
            found=_("No conocemos la moneda «%(currency)s».") % {"currency": stated},
            expected=_("Un código ISO como USD, ARS o CLP."),
            hint=_("Corrige --currency."),
            field="currency",
        )
    if stated:
        return KNOWN[str(stated).upper()]
    headed = heading_currency(mapping)
    if headed:
        return headed
    if "currency" in mapping.columns and not (column_words and column_words <= SHARED):
        return None
    codes = {KNOWN[code] for code in cell_codes if code in KNOWN and code not in SHARED}
    if len(codes) == 1:
        return codes.pop()
    if codes:
        return None
    raise CurrencyNeeded(
        "currency_needed",
        found=_("El archivo no dice en qué moneda están los importes."),
        expected=_("Una columna de moneda, o la moneda de todo el archivo."),
        hint=_("Di la moneda con --currency (por ejemplo --currency USD)."),
        field="currency",
    )


def heading_currency(mapping: Mapping) -> str | None:
    """The currency that the headings of the amounts name, when they agree."""
    names = ("amount", "open_amount", "settled_amount", "credit", "debit")
    found = {currency_in(mapping.columns[name]) for name in names if name in mapping.columns} - {None}
    return found.pop() if len(found) == 1 else None


def row_currencies(
    cells: Cells, mapping: Mapping, fallback: str | None, codes: pl.Series, book: ProblemBook
) -> pl.Series:
    """ISO code per row, null where unknown (recorded as a problem). `codes` are those written inside the amounts."""
    written = codes.replace_strict(
        {code: KNOWN[code] for code in KNOWN if code not in SHARED}, default=None, return_dtype=pl.String
    )
    if cells.has("currency") and not _guessed_against_heading(mapping):
        text = cells.text("currency").str.to_uppercase()
        is_shared = text.is_in(list(SHARED))
        stated = text.replace_strict(KNOWN, default=None, return_dtype=pl.String)
        book.add(
            "currency_unknown",
            "currency",
            text.is_not_null() & stated.is_null() & ~is_shared,
            cells.text("currency"),
        )
        stated = pl.select(
            pl.when(text.is_null() | is_shared).then(pl.coalesce(written, pl.lit(fallback))).otherwise(stated)
        ).to_series()
        nowhere = (text.is_null() | is_shared) & stated.is_null()
        book.add("currency_missing", "currency", nowhere, cells.text("currency").fill_null(""))
    else:
        stated = pl.select(pl.coalesce(pl.lit(fallback, dtype=pl.String), written)).to_series()
        stated = (
            stated
            if stated.len() == cells.height
            else pl.repeat(fallback, cells.height, eager=True, dtype=pl.String)
        )
        book.add("currency_missing", "currency", stated.is_null(), codes.fill_null(""))
    both = written.is_not_null() & stated.is_not_null() & (written != stated)
    book.add(
        "currency_conflict", "currency", both, pl.select(pl.format("{} / {}", written, stated)).to_series()
    )
    return stated


def exponents(currencies: pl.Series) -> pl.Series:
    """Decimals of each row's currency; 2 where it is unknown, so that the amount itself can still be judged."""
    return currencies.replace_strict(EXPONENTS, default=2, return_dtype=pl.Int64)


def _guessed_against_heading(mapping: Mapping) -> bool:
    """A column taken for the currency by its content alone gives way to what the amount's heading says."""
    return heading_currency(mapping) is not None and mapping.confidence.get("currency", 1.0) < GUESSED
