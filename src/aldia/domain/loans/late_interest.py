"""Late interest (moratorio, punitorio): derived by the day from what is overdue, under the ceiling of the law, posted only when it must be.

The day after the due date is the first one that counts, and the day of payment the last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from aldia.domain.loans.rate_tables import RateTable
from aldia.domain.loans.rounding import RoundTo, whole


@dataclass(frozen=True, slots=True)
class LateTerms:
    """How an overdue amount bears interest.

    A rate agreed above `ceiling` is lowered to it day by day. `grace_days` forgive the whole delay when paid within them, and nothing
    afterwards. `year` is 365 or 360.
    """

    rate: RateTable
    ceiling: RateTable | None = None
    grace_days: int = 0
    year: int = 365
    rounding: RoundTo = RoundTo.HALF_UP


@dataclass(frozen=True, slots=True)
class LateInterest:
    """Days late, interest in minor units, and on how many of the days the ceiling lowered the rate."""

    days: int
    minor: int
    capped_days: int = 0


def late_interest(overdue_minor: int, due_on: date, as_of: date, terms: LateTerms) -> LateInterest:
    """Simple interest of an amount from the day after it fell due through `as_of`, rounded once. Raises NoRateInForce.

    10 000.00 EUR due on 31 Dec 2024 at 11.15 % and paid on 30 Jun 2025, 181 days -> 552.92.
    """
    days = (as_of - due_on).days
    if days <= terms.grace_days:
        return LateInterest(0, 0)
    growth, capped = _growth(due_on, as_of, terms)
    return LateInterest(days, whole(overdue_minor * growth, terms.rounding), capped)


def late_on_balances(changes: Sequence[tuple[date, int]], due_on: date, as_of: date, terms: LateTerms) -> int:
    """Late interest of a debt that moved since it fell due: signed changes of what is owed by day, in any order, rounded once.

    What was paid within the days of grace bears none; the rest bears it for each day on which it was owed. Changes up to the due
    date are what fell due. Raises NoRateInForce.
    """
    if (as_of - due_on).days <= 0:
        return 0
    owed = sum(minor for on, minor in changes if on <= as_of)
    total = owed * _worth(due_on, as_of, terms)
    for on, minor in changes:
        if due_on < on <= as_of:
            total -= minor * _worth(due_on, on, terms)
    return max(0, whole(total, terms.rounding))


def _worth(due_on: date, on: date, terms: LateTerms) -> Fraction:
    if (on - due_on).days <= terms.grace_days:
        return Fraction(0)
    return _growth(due_on, on, terms)[0]


def _growth(due_on: date, as_of: date, terms: LateTerms) -> tuple[Fraction, int]:
    """The interest of one unit since the day after it fell due, and on how many days the ceiling lowered it."""
    first = due_on + timedelta(days=1)
    if terms.ceiling is None:
        return terms.rate.growth(first, as_of, terms.year), 0
    total, capped = Fraction(0), 0
    for rate, allowed, held in _side_by_side(terms.rate, terms.ceiling, first, as_of):
        total += Fraction(min(rate, allowed)) * held / terms.year
        capped += held if allowed < rate else 0
    return total, capped


def _side_by_side(
    one: RateTable, other: RateTable, first: date, last: date
) -> list[tuple[Decimal, Decimal, int]]:
    """Stretches of days in which neither table changes: both rates and how many days."""
    stretches = []
    while first <= last:
        ends = [row.ends_on for row in (one.row_on(first), other.row_on(first)) if row.ends_on is not None]
        until = min([last, *ends])
        stretches.append((one.rate_on(first), other.rate_on(first), (until - first).days + 1))
        first = until + timedelta(days=1)
    return stretches
