"""How this file writes dates, decimals and money: read from all its rows before any row is judged."""

from collections.abc import Iterable

import polars as pl

from aldia.domain.money import exponent_of
from aldia.intake.checking.amounts import AmbiguousDecimals, DecimalTally, shape
from aldia.intake.checking.cells import tidy_series
from aldia.intake.checking.currencies import file_currency
from aldia.intake.checking.dates import AmbiguousDates, DateTally
from aldia.intake.checking.options import DATE_ORDERS, DECIMALS, Conventions, LoadOptions
from aldia.intake.mapping.currency_words import KNOWN
from aldia.intake.mapping.fields import FIELDS, Looks
from aldia.intake.mapping.mapping import Mapping, MappingRefused
from aldia.intake.readers.ipc import TYPES


def detect_conventions(
    frames: Iterable[pl.DataFrame], mapping: Mapping, options: LoadOptions, *, columns: list[str]
) -> Conventions:
    """The conventions of the file, tallied frame by frame in bounded memory.

    Raises AmbiguousDates, AmbiguousDecimals, CurrencyNeeded, each naming the option that settles it.
    """
    dates, decimals, codes, written = DateTally(), DecimalTally(), set[str](), set[str]()
    looks = {field.name: field.looks for field in FIELDS[mapping.kind]}
    for frame in frames:
        for name, column in mapping.columns.items():
            if looks[name] is Looks.DATE:
                dates.add(column, _clean(frame, column))
            elif looks[name] is Looks.AMOUNT:
                cells = _clean(frame, column)
                native = (frame[TYPES].str.slice(columns.index(column), 1) == "n").fill_null(value=False)
                decimals.add(column, cells, native)
                codes.update(shape(cells)["code"].drop_nulls().unique().to_list())
            elif name == "currency":
                written.update(_clean(frame, column).drop_nulls().unique().to_list())
    has_amounts = any(looks[name] is Looks.AMOUNT for name in mapping.columns)
    named = {word.upper() for word in written}
    currency = file_currency(mapping, options, cell_codes=codes, column_words=named) if has_amounts else None
    order = dates.order(_stated(mapping, options, "date_order", DATE_ORDERS))
    whole = _is_whole({currency} if currency else {KNOWN.get(code) for code in named})
    decimal = decimals.decimal(_stated(mapping, options, "decimal", DECIMALS), whole_units=whole)
    evidence = {"date_order": dates.examples.get(order, ""), "decimal": decimals.examples.get(decimal, "")}
    return Conventions(order, decimal, currency, {name: text for name, text in evidence.items() if text})


def _is_whole(currencies: set[str | None]) -> bool:
    """True when every amount of the file is in a currency without decimals, as the pesos of Chile."""
    return bool(currencies) and all(code is not None and exponent_of(code) == 0 for code in currencies)


def _clean(frame: pl.DataFrame, column: str) -> pl.Series:
    return tidy_series(frame[column])


def _stated(mapping: Mapping, options: LoadOptions, name: str, allowed: tuple[str, ...]) -> str | None:
    value = getattr(options, name) or mapping.settings.get(name)
    aliases = {",": "comma", ".": "dot", "coma": "comma", "punto": "dot", "point": "dot"}
    value = aliases.get(str(value).lower(), str(value).lower()) if value is not None else None
    if value is not None and value not in allowed:
        raise MappingRefused(
            "mapping_setting_unknown", found=f"{name}: {value}", expected=", ".join(allowed), field=name
        )
    return value


__all__ = ["AmbiguousDates", "AmbiguousDecimals", "detect_conventions"]
