"""Rates published by date: which one is in force on a day, how many days each one counts, and the ceilings over them.

A table is data that its organisation edits; `published` ships the ones that aldia knows. A day without a rate is told, never guessed.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

ONE_DAY = timedelta(days=1)


class NoRateInForce(ValueError):
    """The table says nothing of that day."""

    def __init__(self, table: str, day: date) -> None:
        self.table, self.day = table, day
        super().__init__(f"{table} has no rate for {day.isoformat()}: add the row that covers it")


class AboveCeiling(ValueError):
    """The rate agreed is above what the law allows on that day."""

    def __init__(self, rate: Decimal, ceiling: Decimal, day: date) -> None:
        self.rate, self.ceiling, self.day = rate, ceiling, day
        super().__init__(
            f"{rate * 100:f} % is above the ceiling of {ceiling * 100:f} % in force on {day.isoformat()}: lower the rate"
        )


class Overlapping(ValueError):
    """Two rows of a table cover the same day."""


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A yearly rate (0.08 is 8 %) from a day through another, both included; without end it goes on. `source` says who published it."""

    starts_on: date
    ends_on: date | None
    rate: Decimal
    source: str = ""


@dataclass(frozen=True, slots=True)
class RateTable:
    """Rates in order of date that do not overlap. Raises Overlapping."""

    name: str
    rates: tuple[DatedRate, ...]

    def __post_init__(self) -> None:
        for one, following in zip(self.rates, self.rates[1:], strict=False):
            if one.ends_on is None or one.ends_on >= following.starts_on:
                raise Overlapping(
                    f"{self.name}: the row of {one.starts_on} reaches into {following.starts_on}"
                )

    @classmethod
    def of(cls, name: str, rates: Iterable[DatedRate]) -> "RateTable":
        """The table of rows in any order."""
        return cls(name, tuple(sorted(rates, key=lambda each: each.starts_on)))

    def standing(self) -> "RateTable":
        """The same rates, each in force until the next one: where nobody published for some days, the last one holds."""
        starts = [each.starts_on for each in self.rates]
        ends = [start - ONE_DAY for start in starts[1:]]
        rows = zip([date.min, *starts[1:]], [*ends, None], self.rates, strict=True)
        return RateTable(
            self.name, tuple(DatedRate(first, last, each.rate, each.source) for first, last, each in rows)
        )

    def row_on(self, day: date) -> DatedRate:
        """The row that covers the day. Raises NoRateInForce."""
        at = bisect_right(self.rates, day, key=lambda each: each.starts_on) - 1
        if at < 0 or (self.rates[at].ends_on or day) < day:
            raise NoRateInForce(self.name, day)
        return self.rates[at]

    def rate_on(self, day: date) -> Decimal:
        """The yearly rate in force that day. Raises NoRateInForce."""
        return self.row_on(day).rate

    def days_by_rate(self, first: date, last: date) -> list[tuple[Decimal, int]]:
        """How many days each rate counts from one day through another; neighbours with the same rate are one. Raises NoRateInForce."""
        counted: list[tuple[Decimal, int]] = []
        while first <= last:
            row = self.row_on(first)
            until = min(row.ends_on or last, last)
            days = (until - first).days + 1
            if counted and counted[-1][0] == row.rate:
                days += counted.pop()[1]
            counted.append((row.rate, days))
            first = until + ONE_DAY
        return counted

    def growth(self, first: date, last: date, year: int = 365) -> Fraction:
        """Simple interest of one unit over these days, exact."""
        return sum(
            (Fraction(rate) * days / year for rate, days in self.days_by_rate(first, last)), Fraction(0)
        )


def usury_cap(current_rate: Decimal, times: Decimal = Decimal("1.5")) -> Decimal:
    """Colombia (Código Penal art. 305, C. de Co. art. 884): so many times the bank rate, to 0.01 %: 0.1661 -> 0.2492."""
    return (current_rate * times).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def check_ceiling(rate: Decimal, ceiling: RateTable, day: date) -> None:
    """Raises AboveCeiling when the rate is dearer than the table allows that day, NoRateInForce when it says nothing."""
    if rate > (allowed := ceiling.rate_on(day)):
        raise AboveCeiling(rate, allowed, day)
