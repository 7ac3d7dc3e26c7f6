"""The facts that an organisation declares over the columns of its files: what they are, and their cells as values.

A file's cells are kept as they were written. They are read here, with the conventions of the declaration, so that a
correction of it counts at once for everything that was ever loaded. What cannot be read is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from aldia.domain.money import exponent_of
from aldia.engine.own_facts import own_fact
from aldia.engine.rules.check import EXPONENT_LIMIT
from aldia.engine.rules.folding import FOLD, fold
from aldia.engine.vocabulary import FACTS, INT_BOUND, MONEY_BOUND, Fact
from aldia.ledger import facts as ledger
from aldia.strategy.models import OwnFact

if TYPE_CHECKING:
    from aldia.db.partitions import Partition

_YES: Final = ("si", "s", "yes", "y", "sim", "true", "verdadero", "verdadeiro", "1", "x")
_NO: Final = ("no", "n", "nao", "false", "falso", "0")
_NUMBER: Final = r"^(-?)(\d{1,14})(?:\.(\d{1,9}))?$"
_DAY: Final = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: .*)?$"


@dataclass(frozen=True)
class Writing:
    """How a column of the files is read: as which type, and with which conventions for numbers and for dates not in ISO."""

    column: str
    type: str
    decimal: str = ","
    is_month_first: bool = False


def own_facts(organisation_id: int) -> dict[str, Fact]:
    """Return the declared facts by key."""
    return {row.key: fact_of(row) for row in OwnFact.objects.of(organisation_id).order_by("key")}


def fact_of(row: OwnFact) -> Fact:
    """Return a declaration as the engine knows it. Raises ValueError with the part that is wrong."""
    return own_fact(row.key, {"grain": row.grain, "type": row.type, "unit": row.unit, "label": row.label})


def with_own(
    organisation_id: int,
    cases: pl.DataFrame,
    documents: pl.DataFrame,
    needed: Collection[str],
    partition: Partition | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return cases and their open documents with the needed own facts.

    A case says what the newest of its open documents that says something says: by issue date, then by arrival.
    """
    wanted = set(needed) - FACTS.keys()
    rows = list(OwnFact.objects.of(organisation_id).filter(key__in=wanted)) if wanted else []
    if not rows:
        return cases, documents
    told = ledger.attribute_frame(
        organisation_id, columns=sorted({row.column for row in rows}), partition=partition
    )
    own = cases.select("case_id", "currency")
    told = documents.select("document_id", "case_id", "issued_on").join(
        told, on="document_id", how="left", maintain_order="left"
    )
    told = told.join(own, on="case_id", how="left", maintain_order="left")
    told = told.with_columns(
        values_of(told[row.column], writing_of(row), told["currency"]).alias(row.key) for row in rows
    )
    of_documents = [row.key for row in rows if row.grain == "document"]
    of_cases = [row.key for row in rows if row.grain == "case"]
    documents = documents.join(
        told.select("document_id", *of_documents), on="document_id", how="left", maintain_order="left"
    )
    newest = told.sort("issued_on", "document_id", nulls_last=False).group_by("case_id")
    said = newest.agg(pl.col(key).drop_nulls().last() for key in of_cases)
    return cases.join(said, on="case_id", how="left", maintain_order="left"), documents


def writing_of(row: OwnFact) -> Writing:
    """Return how the column of a declaration is read."""
    return Writing(row.column, row.type, row.decimal, row.is_month_first)


def values_of(cells: pl.Series, writing: Writing, currencies: pl.Series) -> pl.Series:
    """Return cells of a file as values; empty where a cell does not read as one.

    `currencies`: of each cell's case; money is in its minor units.
    """
    told = pl.DataFrame({"cell": cells.str.strip_chars(), "currency": currencies})
    return told.select(_READERS[writing.type](writing).alias("value")).to_series()


def _text(_writing: Writing) -> pl.Expr:
    return pl.when(pl.col("cell") != "").then(pl.col("cell").str.slice(0, 200))


def _truth(_writing: Writing) -> pl.Expr:
    letters = list(FOLD)
    word = pl.col("cell").str.replace_many(letters, [FOLD[letter] for letter in letters])
    return (
        pl.when(word.is_in(list(map(fold, _YES))))
        .then(True)
        .when(word.is_in(list(map(fold, _NO))))
        .then(False)
    )


def _parts(writing: Writing) -> pl.Expr:
    """Sign, whole and decimals of a number, without signs of thousands, currency or per cent."""
    thousands = "." if writing.decimal == "," else ","
    plain = pl.col("cell").str.replace_all(r"^(R\$|US\$|S/|\$|€)|[\s' ]|%$", "")
    plain = plain.str.replace_all(thousands, "", literal=True).str.replace(writing.decimal, ".", literal=True)
    return plain.str.extract_groups(_NUMBER)


def _whole(writing: Writing) -> pl.Expr:
    parts = _parts(writing)
    value = pl.concat_str(parts.struct[0], parts.struct[1]).cast(pl.Int64, strict=False)
    is_whole = parts.struct[2].fill_null("").str.strip_chars("0") == ""
    return pl.when(is_whole & value.is_between(-INT_BOUND, INT_BOUND)).then(value)


def _money(writing: Writing) -> pl.Expr:
    """An amount finer than the currency of its case is not one."""
    parts = _parts(writing)
    decimals = parts.struct[2].fill_null("").str.strip_chars_end("0")
    size = 10**EXPONENT_LIMIT
    scaled = parts.struct[1].cast(pl.Int64) * size + decimals.str.pad_end(EXPONENT_LIMIT, "0").cast(
        pl.Int64, strict=False
    )
    unit = size // pl.lit(10, pl.Int64).pow(
        pl.col("currency").map_elements(exponent_of, return_dtype=pl.Int64)
    )
    minor = pl.when(parts.struct[0] == "-").then(-(scaled // unit)).otherwise(scaled // unit)
    is_exact = (decimals.str.len_chars() <= EXPONENT_LIMIT) & (scaled % unit == 0)
    return pl.when(is_exact & minor.is_between(-MONEY_BOUND, MONEY_BOUND)).then(minor).cast(pl.Int64)


def _day(writing: Writing) -> pl.Expr:
    iso = pl.col("cell").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    parts = pl.col("cell").str.extract_groups(_DAY)
    first, second = parts.struct[0].cast(pl.Int8), parts.struct[1].cast(pl.Int8)
    month, day = (first, second) if writing.is_month_first else (second, first)
    is_day = month.is_between(1, 12) & day.is_between(1, 31)
    text = pl.format("{}-{}-{}", parts.struct[2], month, day)
    return pl.coalesce(iso, pl.when(is_day).then(text.str.to_date("%Y-%m-%d", strict=False)))


_READERS: Final[Mapping[str, Any]] = {
    "text": _text, "bool": _truth, "int": _whole, "money": _money, "date": _day,
}  # fmt: skip
