"""The life of a loan whose interest runs by the day: what each payment covered, and what settles it on any day.

Interest accrues on principal and fee as they stand; charges are covered first, then interest, then fee and principal in proportion.
Interest keeps its fractions of a minor unit until it is paid; what is paid is rounded in the borrower's favour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from aldia.domain.loans.daily_plans import DailyPlan, DailyTerms, capped
from aldia.domain.loans.rounding import RoundTo, whole

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class LifeTerms:
    """The plan and what may happen to it. `fee_minor` is part of the plan's principal; `rebates` gives back its unused days.

    `free_days` are stretches (first, end) at another rate; `late_charge_minor` falls due where a payment is not made within `timeout`
    days; `negative_rate` is the daily rate of money held for the borrower; settled within `grace_days` no interest is due;
    less than `least_due_minor` is not asked for. `charges_once` charges each kind once.
    """

    terms: DailyTerms
    plan: DailyPlan
    fee_minor: int = 0
    rebates: bool = False
    other_rates: tuple[tuple[int, int, Fraction], ...] = ()
    late_charge_minor: int = 0
    failed_charge_minor: int = 0
    timeout: int = 0
    grace_days: int = 0
    least_due_minor: int = 0
    charges_once: bool = False
    negative_rate: Fraction = ZERO


@dataclass(frozen=True, slots=True)
class Moment:
    """One day to look at: what was scheduled, came and failed on it; `settles` pays all that is owed."""

    day: int
    scheduled_minor: int = 0
    paid_minor: int = 0
    failed: int = 0
    settles: bool = False
    is_rescheduled: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What a day looks like after its payments, in minor units; interest in exact fractions of one."""

    day: int
    due_minor: int
    net_minor: int
    generated_minor: int
    new_charges_minor: int
    charges_minor: int
    accrued: Fraction
    new_interest: Fraction
    interest_minor: int
    fee_rebate_minor: int
    fee_minor: int
    principal_minor: int
    charges_balance_minor: int
    interest_balance: Fraction
    fee_balance_minor: int
    principal_balance_minor: int
    settlement_minor: int


class _Book:
    """The loan on its way through the days."""

    def __init__(self, life: LifeTerms) -> None:
        self.life = life
        self.principal, self.fee = life.terms.principal_minor - life.fee_minor, life.fee_minor
        self.day = self.charges = self.scheduled = self.paid = 0
        self.interest = self.recognised = Fraction(life.plan.opening_interest_minor)
        self.accrued_total = ZERO
        self.interest_paid = 0
        self.charged: set[str] = set()
        self.looks: list[Look] = []

    @property
    def is_settled(self) -> bool:
        return self.principal == 0 and self.fee == 0 and bool(self.looks)

    @property
    def is_closed(self) -> bool:
        return self.principal <= 0 and self.fee <= 0 and bool(self.looks)


def daily_life(life: LifeTerms, moments: Sequence[Moment], as_of: int) -> tuple[Look, ...]:
    """The days in order. `as_of` tells which payments may still come in time."""
    book = _Book(life)
    for moment in moments:
        _pass(book, moment, moments, as_of)
    return tuple(book.looks)


def _pass(book: _Book, moment: Moment, moments: Sequence[Moment], as_of: int) -> None:
    accrued = _accrued(book, moment.day)
    book.accrued_total += accrued
    due = _due(book, moment, accrued)
    new_charges = 0 if book.is_closed else _charges(book, moment, due, moments, as_of)
    book.charges += new_charges
    new = _new_interest(book, moment, accrued)
    book.interest += new
    book.recognised += new
    if book.life.terms.interest_first and 0 < book.interest < 1:
        book.interest = ZERO
    rebate = _rebate(book, moment.day)
    owed = _settlement(book, moment.day, rebate)
    generated = owed - moment.paid_minor if moment.settles and not book.is_settled else 0
    net = moment.paid_minor + generated
    still_in_time = moment.day >= (
        as_of if any(each.settles for each in moments) else as_of - book.life.timeout
    )
    is_assumed = not generated and still_in_time and moment.scheduled_minor > 0 and due > net
    if is_assumed:
        net = due  # what is not yet late is taken as paid
    is_early = moment.day < book.life.terms.days[-1]
    if book.life.terms.interest_first and is_early and net >= owed and not book.is_closed and net:
        settled = book.accrued_total - book.recognised
        book.interest, book.recognised, new = book.interest + settled, book.accrued_total, new + settled
    parts = _apply(book, net, owed, rebate)
    book.interest_paid += parts[1]
    book.day, book.paid, book.scheduled = moment.day, book.paid + net, book.scheduled + moment.scheduled_minor
    book.looks.append(
        Look(
            moment.day, due, net, generated, new_charges, parts[0], accrued, new, parts[1], parts[2], parts[3], parts[4],
            book.charges, book.interest, book.fee, book.principal, _settles(book, moment, owed, is_assumed=is_assumed),
        )
    )  # fmt: skip


def _accrued(book: _Book, until: int) -> Fraction:
    """Exact interest since the last look, each day at its rate, under the cap of the whole loan."""
    owed, terms = book.principal + book.fee, book.life.terms
    if owed < 0:
        return owed * book.life.negative_rate * (until - book.day)
    rates = sum((_rate_on(book.life, day) for day in range(book.day + 1, until + 1)), ZERO)
    return capped(owed * rates, book.accrued_total, terms.total_cap_minor)


def _rate_on(life: LifeTerms, day: int) -> Fraction:
    return next((rate for first, end, rate in life.other_rates if first <= day < end), life.terms.rate)


def _due(book: _Book, moment: Moment, accrued: Fraction) -> int:
    """What is asked for that day: the scheduled payment, less what was paid ahead of its time, and no more than settles the loan."""
    if book.is_closed or not moment.scheduled_minor:
        return 0
    ahead = (
        moment.scheduled_minor
        if moment.is_rescheduled
        else book.scheduled + moment.scheduled_minor - book.paid
    )
    if book.life.terms.interest_first:
        owed = book.charges + _floor(book.interest) + book.fee + book.principal
    else:
        owed = _settlement(book, moment.day, _rebate(book, moment.day)) + _floor(accrued)
    due = min(moment.scheduled_minor, ahead, owed)
    return due if due > book.life.least_due_minor else 0


def _charges(book: _Book, moment: Moment, due: int, moments: Sequence[Moment], as_of: int) -> int:
    """Of each kind one that day, or one in the whole life of the loan; where a scheduled payment is late, or bounced."""
    life = book.life
    in_time = sum(each.paid_minor for each in moments if moment.day <= each.day <= moment.day + life.timeout)
    is_late = due > 0 and in_time < due and moment.day + life.timeout < as_of
    kinds = {"late": is_late, "failed": moment.failed > 0 and moment.scheduled_minor > 0}
    amounts = {"late": life.late_charge_minor, "failed": life.failed_charge_minor}
    charged = {kind for kind, is_so in kinds.items() if is_so}
    if life.charges_once:
        charged, book.charged = charged - book.charged, book.charged | charged
    return sum(amounts[kind] for kind in charged)


def _new_interest(book: _Book, moment: Moment, accrued: Fraction) -> Fraction:
    """As it accrues; add-on interest was owed from the first day and is trued up from the last day of the plan on."""
    if not book.life.terms.interest_first:
        cap = book.life.terms.total_cap_minor
        if accrued > 0 and cap is not None and book.accrued_total == cap:
            return cap - book.interest_paid - book.interest  # at the cap, what rounding left out is owed too
        return accrued
    if book.principal < 0:
        return accrued
    if moment.day < book.life.terms.days[-1] or book.is_closed:
        return ZERO
    return max(ZERO, book.accrued_total - book.recognised)


def _rebate(book: _Book, day: int) -> int:
    """The fee of the days that the plan still had; all of it on the first day, once something was paid."""
    last = book.life.terms.days[-1]
    if not book.life.rebates or book.fee <= 0 or day >= last or (day == 0 and not book.paid):
        return 0
    used = whole(Fraction(book.life.fee_minor * day, last), RoundTo.DOWN)
    return book.life.fee_minor - used


def _settlement(book: _Book, day: int, rebate: int) -> int:
    """What pays everything that day."""
    if book.is_closed:
        return min(0, book.principal + _floor(book.interest)) if book.principal else 0
    trued = book.accrued_total - book.recognised if book.life.terms.interest_first else ZERO
    interest = _floor(book.interest + trued) if day > book.life.grace_days else 0
    return book.charges + interest + book.fee - min(rebate, book.fee + book.principal) + book.principal


def _settles(book: _Book, moment: Moment, before: int, *, is_assumed: bool) -> int:
    """What settles after the day; where its payment is still to come, what settles before it, and no more than is left after it."""
    if is_assumed:
        return min(before, book.charges + _floor(book.interest) + book.fee + book.principal)
    return _settlement(book, moment.day, _rebate(book, moment.day))


def _floor(value: Fraction) -> int:
    return value.numerator // value.denominator


def _apply(book: _Book, net: int, owed: int, rebate: int) -> tuple[int, int, int, int, int]:
    """Charges, interest, fee given back, fee and principal that the money covered."""
    if net == 0 or (book.is_closed and net > 0 and owed >= 0):
        book.principal -= net
        return 0, 0, 0, 0, net
    charges = max(0, min(net, book.charges))
    book.charges -= charges
    if net >= owed or net < 0:
        interest = _floor(book.interest)
        fee, rebate = book.fee - rebate, rebate
        principal = net - charges - interest - fee
        book.interest, book.fee = ZERO, 0
        book.principal -= principal
        return charges, interest, rebate, fee, principal
    interest = max(0, min(net - charges, _floor(book.interest)))
    left = book.interest - interest
    book.interest = left if left >= 1 else ZERO
    rest = net - charges - interest
    lent = book.life.terms.principal_minor
    principal = _floor(Fraction(rest * (lent - book.life.fee_minor), lent)) if book.fee else rest
    book.principal, book.fee = book.principal - principal, book.fee - (rest - principal)
    return charges, interest, 0, rest - principal, principal
