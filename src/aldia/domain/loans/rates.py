"""Rates: nominal and effective, and what a loan really costs in a year (APR, TAE, CAT, CFT, TCEA).

Rates are fractions of one (0.12 is 12 %), as Decimal with fifty digits inside. Times are in years or in unit periods.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

from aldia.domain.periods import add_months

DIGITS = 40
HIGHEST = Decimal(10) ** 9  # a billion times the amount in a year: nothing dearer is a rate


class NoRate(ValueError):
    """No rate makes both sides of the loan worth the same."""


def exact(value: Fraction | Decimal | int) -> Decimal:
    """The number with forty digits."""
    with localcontext() as context:
        context.prec = DIGITS
        return (
            Decimal(value.numerator) / Decimal(value.denominator)
            if isinstance(value, Fraction)
            else +Decimal(value)
        )


def for_part(effective_rate: Decimal, part_of_year: Fraction) -> Decimal:
    """Rate of a part of a year at an effective yearly rate: 0.126825 for 1/12 -> 0.01."""
    with localcontext() as context:
        context.prec = DIGITS
        return (1 + effective_rate) ** exact(part_of_year) - 1


@dataclass(frozen=True, slots=True)
class Flow:
    """Money at a time: positive for what the borrower receives, negative for what they pay. Time in years or unit periods."""

    time: Fraction
    amount: Decimal | int


def yearly_cost(flows: Sequence[Flow]) -> Decimal:
    """The effective rate per unit of time at which the flows are worth nothing.

    EU directive 2008/48 annex I, UK FCA CONC app. 1, Mexico's CAT, Argentina's CFT, Peru's TCEA and Colombia's VTUA all solve this
    equation; they differ in what they count as cost and as a year. Raises NoRate.
    """

    def worth(rate: Decimal) -> Decimal:
        growth = (1 + rate).ln()
        return sum((flow.amount * (-growth * exact(flow.time)).exp() for flow in flows), Decimal(0))

    return _solved(worth)


def in_years(start: date, day: date, year: int = 365) -> Fraction:
    """Days over a year of 365 (UK, EU, Mexico, Argentina) or 360 (Peru)."""
    return Fraction((day - start).days, year)


@dataclass(frozen=True, slots=True)
class UnitPeriod:
    """US Regulation Z, appendix J: the commonest interval between advances and payments, in months or in days."""

    months: int = 0
    days: int = 0
    is_half_month: bool = False

    @property
    def a_year(self) -> Fraction:
        """Unit periods in a year: 12, 24, 4, 13, 52 …"""
        if self.is_half_month:
            return Fraction(24)
        return (
            Fraction(12, self.months)
            if self.months
            else Fraction(364 if self.days % 7 == 0 else 365, self.days)
        )

    def between(self, start: date, end: date) -> Fraction:
        """Unit periods from one date to another, whole ones counted back from the end; a month's rest is over 30 days."""
        if self.days:
            return Fraction((end - start).days, self.days)
        return self._half_months(start, end) if self.is_half_month else self._months(start, end)

    def _months(self, start: date, end: date) -> Fraction:
        whole = 0
        while add_months(end, -(whole + 1)) >= start:
            whole += 1
        rest = (add_months(end, -whole) - start).days
        periods, months_left = divmod(whole, self.months)
        return periods + Fraction(30 * months_left + rest, 30 * self.months)

    def _half_months(self, start: date, end: date) -> Fraction:
        whole = 0
        while add_months(end, -(whole + 1)) >= start:
            whole += 1
        left, halves = add_months(end, -whole), 2 * whole
        if (middle := left - timedelta(days=15)) >= start:
            left, halves = middle, halves + 1
        return halves + Fraction((left - start).days, 15)


def us_apr(flows: Sequence[Flow], unit: UnitPeriod) -> Decimal:
    """US annual percentage rate of flows timed in unit periods: simple inside a unit period, compound over whole ones.

    Appendix J (b)(8): amount / ((1 + f·i)(1 + i)^t), times the unit periods in a year. Raises NoRate.
    """

    def worth(rate: Decimal) -> Decimal:
        total = Decimal(0)
        for flow in flows:
            full, part = divmod(flow.time, 1)
            total += flow.amount / ((1 + exact(part) * rate) * (1 + rate) ** int(full))
        return total

    return _solved(worth) * exact(unit.a_year)


def _solved(worth: Callable[[Decimal], Decimal]) -> Decimal:
    """The rate where worth changes sign, to twenty digits, by halving after false position."""
    with localcontext() as context:
        context.prec = DIGITS
        low, high = Decimal("-0.99"), Decimal(1)
        if (at_zero := worth(Decimal(0))) == 0:
            return Decimal(0)
        if at_zero > 0:
            low, high = Decimal("-0.999999"), Decimal(0)
        else:
            low = Decimal(0)
            while worth(high) < 0:
                high *= 10
                if high > HIGHEST:
                    raise NoRate(
                        "the payments and the advances never balance: check signs, amounts and dates"
                    )
        if worth(low) > 0:
            raise NoRate("what is paid back is almost nothing: there is no rate")
        return _narrowed(worth, low, high)


def _narrowed(worth: Callable[[Decimal], Decimal], low: Decimal, high: Decimal) -> Decimal:
    """Illinois' false position: safe as halving, fast as a secant."""
    below, above, side = worth(low), worth(high), 0
    tolerance = Decimal(10) ** -20
    for _ in range(300):
        middle = (low * above - high * below) / (above - below)
        value = worth(middle)
        if abs(value) < tolerance or high - low < tolerance:
            return middle
        if value > 0:
            high, above = middle, value
            below = below / 2 if side == 1 else below
            side = 1
        else:
            low, below = middle, value
            above = above / 2 if side == -1 else above
            side = -1
    return (low + high) / 2
