"""Plans of loans whose interest runs by the day: simple daily interest on the principal, level payments on any dates.

Two ways of counting: as it accrues (actuarial), or all of it on the first day and paid first (add-on, `interest_first`).
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from aldia.domain.loans.rounding import RoundTo, whole

ROUNDS = 100  # add-on interest goes round at most so often; it closes in by half each time


class Last(StrEnum):
    """How the last payment stands to the level one."""

    LOWER = "lower"
    SIMILAR = "similar"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True)
class DailyTerms:
    """Minor units, a daily rate, and days counted from the start.

    `daily_cap` lowers the rate, `total_cap_minor` ends the interest of the whole loan. `fixed` are payments given instead of level ones.
    """

    principal_minor: int
    daily_rate: Fraction
    days: tuple[int, ...]
    payment_rounding: RoundTo = RoundTo.UP
    interest_rounding: RoundTo = RoundTo.DOWN
    last: Last = Last.LOWER
    daily_cap: Fraction | None = None
    total_cap_minor: Fraction | None = None
    interest_first: bool = False
    fixed: tuple[int, ...] = field(default=())

    @property
    def rate(self) -> Fraction:
        """The daily rate under its cap."""
        return self.daily_rate if self.daily_cap is None else min(self.daily_rate, self.daily_cap)


@dataclass(frozen=True, slots=True)
class DailyLine:
    """One payment of the plan; `accrued` is the exact interest since the payment before."""

    day: int
    payment_minor: int
    accrued: Fraction
    interest_minor: int
    principal_minor: int
    interest_balance_minor: int
    principal_balance_minor: int


@dataclass(frozen=True, slots=True)
class DailyPlan:
    """The lines, and the interest owed from the first day (add-on only)."""

    lines: tuple[DailyLine, ...]
    opening_interest_minor: int = 0

    @property
    def level_minor(self) -> int:
        """The usual payment."""
        return self.lines[0].payment_minor

    @property
    def total_interest_minor(self) -> int:
        """All the interest paid."""
        return sum(line.interest_minor for line in self.lines)


def daily_plan(terms: DailyTerms) -> DailyPlan:
    """The plan. 1 000.00 at 0.8 % a day on days 10, 41, 71, 102 and 132 -> 319.26 four times and 319.23."""
    if terms.interest_first:
        return _add_on(terms)
    if terms.fixed:
        return DailyPlan(_accruing(terms, terms.fixed))
    return DailyPlan(_fitted(terms))


def _fitted(terms: DailyTerms) -> tuple[DailyLine, ...]:
    """The level payment whose last payment stands to it as wanted, and is the nearest to it."""
    count = len(terms.days)

    def plan(level: int) -> tuple[DailyLine, ...]:
        return _accruing(terms, (level,) * count, closes=True)

    def excess(level: int) -> int:
        return level - plan(level)[-1].payment_minor  # grows with the level

    most = whole(terms.principal_minor * (1 + terms.rate * terms.days[-1]), RoundTo.UP)
    lower = bisect_left(range(most), 0, key=excess) if count > 1 else most
    higher = lower if count == 1 or excess(lower) == 0 else lower - 1
    similar = min((lower, higher), key=lambda level: (abs(excess(level)), -level))
    return plan({Last.LOWER: lower, Last.HIGHER: higher, Last.SIMILAR: similar}[terms.last])


def _accruing(terms: DailyTerms, payments: Sequence[int], *, closes: bool = False) -> tuple[DailyLine, ...]:
    """Each payment covers the interest since the last one, then principal; the last one what is left when it `closes`."""
    balance, total, lines = terms.principal_minor, Fraction(0), list[DailyLine]()
    for at, (since, until) in enumerate(pairwise((0, *terms.days))):
        accrued = capped(balance * terms.rate * (until - since), total, terms.total_cap_minor)
        total += accrued
        if total == terms.total_cap_minor:  # at the cap, what rounding left out so far is paid too
            interest = whole(total, RoundTo.DOWN) - sum(line.interest_minor for line in lines)
        else:
            interest = whole(accrued, terms.interest_rounding)
        payment = balance + interest if closes and at == len(payments) - 1 else payments[at]
        balance -= payment - interest
        lines.append(DailyLine(until, payment, accrued, interest, payment - interest, 0, balance))
    return tuple(lines)


def capped(accrued: Fraction, before: Fraction, cap_minor: Fraction | None) -> Fraction:
    """Interest as far as the cap of the whole loan leaves room."""
    return accrued if cap_minor is None else max(Fraction(0), min(accrued, cap_minor - before))


def _add_on(terms: DailyTerms) -> DailyPlan:
    """Interest owed at once and paid first, so much that it equals what then accrues: found by going round from all of the whole term.

    Payments that are given: until it stays. Level ones follow the interest: until it is enough by less than a minor unit.
    """
    owed = capped(terms.principal_minor * terms.rate * terms.days[-1], Fraction(0), terms.total_cap_minor)
    for _ in range(ROUNDS):
        accrues = sum((line.accrued for line in _interest_first(terms, owed)), Fraction(0))
        if not terms.fixed and 0 <= owed - accrues < 1:
            break
        stays = whole(accrues, terms.interest_rounding) == whole(owed, terms.interest_rounding)
        owed = accrues
        if stays:
            break
    return DailyPlan(_interest_first(terms, owed), whole(owed, terms.interest_rounding))


def _interest_first(terms: DailyTerms, exact: Fraction) -> tuple[DailyLine, ...]:
    """The lines of interest owed from the first day; the level payment is found before that interest is rounded."""
    count, interest = len(terms.days), whole(exact, terms.interest_rounding)
    level = whole((terms.principal_minor + exact) / count, terms.payment_rounding)
    payments = terms.fixed or (level,) * count
    owed, balance, total, lines = interest, terms.principal_minor, Fraction(0), list[DailyLine]()
    for at, (since, until) in enumerate(pairwise((0, *terms.days))):
        accrued = capped(balance * terms.rate * (until - since), total, terms.total_cap_minor)
        total += accrued
        left = owed + balance
        payment = left if at == count - 1 and not terms.fixed else min(payments[at], left)
        to_interest = min(owed, payment)
        owed -= to_interest
        balance -= payment - to_interest
        lines.append(DailyLine(until, payment, accrued, to_interest, payment - to_interest, owed, balance))
    return tuple(lines)
