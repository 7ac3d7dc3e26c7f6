"""How clients answer, as the organisation's own history tells: the chance of a payment each day, of being reached, of keeping a word.

The chance is a base times a factor for each circumstance (days past due, amount, segment, channel of the last contact), fitted
by iterative proportional scaling (the maximum likelihood of a log-linear Poisson rate), each factor drawn towards 1 by
``PRIOR`` payments that it had anyway. What contact shows is association, not cause: only an experiment tells the cause.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import polars as pl

DIMENSIONS: Final = ("age", "size", "segment", "contact")
AGES: Final = ((0, "current"), (7, "1-7"), (30, "8-30"), (60, "31-60"), (90, "61-90"), (10**6, "90+"))
"""Days past due: the last day of each band and its name."""
ECHO: Final = 5
"""Days in which a contact counts as the last one, the day itself included."""
NO_CONTACT: Final = "none"
PRIOR: Final = 5.0
MOST: Final = 0.95
_ROUNDS: Final = 25
Cell = tuple[str, ...]


@dataclass(frozen=True)
class Response:
    """Rates of one organisation. ``factors``: by dimension and value; what is not there is 1. ``sizes``: upper bounds of the
    amount bands in minor units by currency."""

    base: float
    factors: Mapping[str, Mapping[str, float]]
    sizes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    full: float = 1.0
    part: float = 0.5
    reach: float = 0.0
    promise: float = 0.0
    kept: float = 0.0
    delay: int = 5

    def chance(self, cell: Cell) -> float:
        """The chance of a payment on one day, in the order of DIMENSIONS."""
        rate = self.base
        for dimension, value in zip(DIMENSIONS, cell, strict=True):
            rate *= self.factors.get(dimension, {}).get(value, 1.0)
        return min(rate, MOST)


@dataclass(frozen=True)
class ChanceTable:
    """The chances of several responses laid out flat, so that a column of circumstances finds its own by position."""

    values: Mapping[str, Sequence[str]]
    chances: pl.Series

    def of(self, number: pl.Expr) -> pl.Expr:
        """The chance by the response's number and the columns age, size, segment and contact; a value not known counts as its last."""
        place = number
        for dimension in DIMENSIONS:
            known = list(self.values[dimension])
            code = pl.col(dimension).replace_strict(
                known, list(range(len(known))), default=len(known), return_dtype=pl.Int64
            )
            place = place * (len(known) + 1) + code
        return pl.lit(self.chances).gather(place)


def chance_table(responses: Sequence[Response]) -> ChanceTable:
    """The table of these responses, over every value that some of them knows and one more that none does."""
    values = {
        name: sorted({value for one in responses for value in one.factors.get(name, {})})
        for name in DIMENSIONS
    }
    cells = list(product(*([*values[name], ""] for name in DIMENSIONS)))
    return ChanceTable(
        values, pl.Series([one.chance(cell) for one in responses for cell in cells], dtype=pl.Float64)
    )


def age_band(dpd: int) -> str:
    """The name of the band of days past due."""
    return next(name for last, name in AGES if dpd <= last)


def age_bands(dpd: pl.Expr) -> pl.Expr:
    """The twin of ``age_band``."""
    told: pl.Expr = pl.lit(AGES[-1][1])
    for last, name in reversed(AGES[:-1]):
        told = pl.when(dpd <= last).then(pl.lit(name)).otherwise(told)
    return told


def size_band(minor: int, bounds: Sequence[int]) -> str:
    """The band of an amount: how many bounds it passes."""
    return str(sum(minor > bound for bound in bounds))


def size_bands(minor: pl.Expr, currency: pl.Expr, sizes: Mapping[str, Sequence[int]]) -> pl.Expr:
    """The twin of ``size_band``, each currency with its own bounds; 0 where a currency has none."""
    told: pl.Expr = pl.lit("0")
    for code, bounds in sizes.items():
        passed = pl.sum_horizontal([pl.lit(0), *((minor > bound).cast(pl.Int32) for bound in bounds)])
        told = pl.when(currency == code).then(passed.cast(pl.String)).otherwise(told)
    return told


def fitted(cells: Iterable[tuple[Cell, float, float]]) -> tuple[float, dict[str, dict[str, float]]]:
    """The base and the factors of cells (circumstances, days at risk, payments). Raises ZeroDivisionError without days."""
    rows = [row for row in cells if row[1] > 0]
    base = sum(paid for _cell, _days, paid in rows) / sum(days for _cell, days, _paid in rows)
    factors: dict[str, dict[str, float]] = {name: defaultdict(lambda: 1.0) for name in DIMENSIONS}
    for _round in range(_ROUNDS):
        for place, dimension in enumerate(DIMENSIONS):
            _scale(rows, factors, place, dimension, base)
    return base, {name: dict(values) for name, values in factors.items()}


def _scale(
    rows: Sequence[tuple[Cell, float, float]],
    factors: dict[str, dict[str, float]],
    place: int,
    dimension: str,
    base: float,
) -> None:
    """Set the factors of one dimension so that each value's payments are those expected, shrunk towards 1."""
    paid_by: dict[str, float] = defaultdict(float)
    expected_by: dict[str, float] = defaultdict(float)
    for cell, days, paid in rows:
        others = base * days
        for other, name in enumerate(DIMENSIONS):
            if other != place:
                others *= factors[name][cell[other]]
        paid_by[cell[place]] += paid
        expected_by[cell[place]] += others
    for value, expected in expected_by.items():
        factors[dimension][value] = (paid_by[value] + PRIOR) / (expected + PRIOR)
