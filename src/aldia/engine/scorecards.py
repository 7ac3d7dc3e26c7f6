"""A scorecard as plain data: bins with their weight of evidence, one weight a characteristic. Scoring needs nothing but it.

Weight of evidence and points as in Siddiqi, «Credit Risk Scorecards» (2006): log odds of a bin against those of everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl


@dataclass(frozen=True, slots=True)
class Bin:
    """A range [low, high) of a number, or some texts; with neither, what is empty. ``evidence`` is its weight of evidence."""

    evidence: float
    share: float
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()
    is_empty: bool = False

    def holds(self, column: pl.Expr) -> pl.Expr:
        """Whether a value falls in the bin."""
        if self.is_empty:
            return column.is_null()
        if self.levels:
            return column.is_in(self.levels)
        test = column.is_not_null()
        test &= (column >= self.low) if self.low is not None else pl.lit(value=True)
        return test & ((column < self.high) if self.high is not None else pl.lit(value=True))


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A fact of the scorecard with its bins; what falls in none has no evidence either way."""

    name: str
    is_number: bool
    weight: float
    bins: tuple[Bin, ...]

    @property
    def column(self) -> pl.Expr:
        """The fact, as the bins read it."""
        return pl.col(self.name).cast(pl.Float64 if self.is_number else pl.String)

    @property
    def evidence(self) -> pl.Expr:
        """The weight of evidence of each row."""
        found = pl.lit(0.0)
        for one in self.bins:
            found = pl.when(one.holds(self.column)).then(pl.lit(one.evidence)).otherwise(found)
        return found


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How likely an event is, by characteristics that add up. ``rate`` is how often it happened in what it learnt from."""

    intercept: float
    rate: float
    rows: int
    characteristics: tuple[Characteristic, ...]

    def probability(self) -> pl.Expr:
        """The chance of the event for each row, between 0 and 1."""
        odds = pl.lit(self.intercept)
        for one in self.characteristics:
            odds = odds + one.evidence * one.weight
        return 1 / (1 + (-odds).exp())

    def parts(self) -> list[pl.Expr]:
        """What each characteristic adds to the log odds of each row: the reasons of a score, in the columns of their names."""
        return [(one.evidence * one.weight).alias(one.name) for one in self.characteristics]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Scorecard:
        """Return the scorecard that `to_json` wrote."""
        rows = tuple(
            Characteristic(
                row["name"], row["is_number"], row["weight"], tuple(_bin(one) for one in row["bins"])
            )
            for row in told["characteristics"]
        )
        return cls(told["intercept"], told["rate"], told["rows"], rows)


def _bin(told: Mapping[str, Any]) -> Bin:
    return Bin(**{**told, "levels": tuple(told["levels"])})


def reasons(card: Scorecard, row: Mapping[str, float], *, most: int = 3) -> Sequence[tuple[str, float]]:
    """Return the characteristics that moved a row's score most, with what each added to its log odds."""
    moved = [(one.name, float(row[one.name])) for one in card.characteristics]
    return sorted(moved, key=lambda pair: -abs(pair[1]))[:most]
