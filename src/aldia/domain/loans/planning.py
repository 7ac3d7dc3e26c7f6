"""The rows of a loan before anybody pays: from its product, what was disbursed, and how it was rescheduled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from aldia.domain.loans.book import Row
from aldia.domain.loans.calendars import Every
from aldia.domain.loans.day_counts import DayCount
from aldia.domain.loans.events import Disbursed, Event, Rescheduled
from aldia.domain.loans.orders import INTEREST, PRINCIPAL, PaymentOrder
from aldia.domain.loans.rounding import whole
from aldia.domain.loans.schedules import Method, Rounding, Terms, by_days, level_instalment, schedule


class Prepaying(StrEnum):
    """What is left after a prepayment: a lower instalment, or a shorter term."""

    LOWER = "lower"
    SHORTER = "shorter"


class OnArrears(StrEnum):
    """Interest on what is past due joins the instalment of the period that runs: day by day, or for the whole period at once."""

    BY_DAY = "by_day"
    BY_PERIOD = "by_period"


@dataclass(frozen=True, slots=True)
class Product:
    """What is agreed: how many instalments, how often, at which rate, and in which order payments cover them.

    `day_count` None takes each period as the same part of a year. `down_payment` is the part that falls due on the day of each
    disbursement; with `pays_down_itself` whoever records the disbursement records its payment too (`down_payment_due`).
    `prepaying` counts interest anew on what is really owed when money comes ahead of its time; without it interest stays as planned.
    `level_from_first` computes equal instalments as if every period were as long as the first. `on_arrears` makes what is past due bear
    interest, with `compounds` its interest too. `counted_from` is the day from which due dates count, in place of the first disbursement.
    `agreed_minor` is what will be handed out in several parts: instalments are those of all of it from the first.
    """

    count: int
    every: Every
    order: PaymentOrder = field(default_factory=PaymentOrder)
    rounding: Rounding = field(default_factory=Rounding)
    method: Method = Method.FRENCH
    yearly_rate: Decimal = Decimal(0)
    day_count: DayCount | None = None
    interest_only: int = 0
    deferred: int = 0
    down_payment: Decimal = Decimal(0)
    pays_down_itself: bool = False
    level_from_first: bool = False
    prepaying: Prepaying | None = None
    on_arrears: OnArrears | None = None
    compounds: bool = False
    counted_from: date | None = None
    agreed_minor: int = 0

    def down_minor(self, disbursed_minor: int) -> int:
        """The part of a disbursement that falls due at once."""
        return whole(disbursed_minor * self.down_payment, self.rounding.instalment, self.rounding.step)


class _Plan:
    """Rows under construction, and what they were made of so far."""

    def __init__(self, product: Product) -> None:
        self.product, self.rate = product, product.yearly_rate
        self.rows: list[Row] = []
        self.down: list[Row] = []
        self.disbursed_minor = self.net_minor = 0
        self.is_extended = False


def planned_rows(product: Product, events: Sequence[Event]) -> list[Row]:
    """The instalments by due date, a down payment before the one of the same day; empty before the first disbursement."""
    plan = _Plan(product)
    steps = [event for event in events if isinstance(event, Disbursed | Rescheduled)]
    for event in sorted(steps, key=lambda each: each.on):
        if isinstance(event, Disbursed):
            _disburse(plan, event)
        elif plan.rows:
            _reschedule(plan, event)
    return sorted([*plan.down, *plan.rows], key=row_order(product.order))


def row_order(order: PaymentOrder) -> Callable[[Row], tuple[object, ...]]:
    """By due date, additional instalments last; on the same day the older instalment is first where the loan follows time."""
    if order.follows_time:
        return lambda row: (row.is_additional, row.due_on, row.from_on)
    return lambda row: (row.is_additional, row.due_on, not row.is_down_payment)


def _disburse(plan: _Plan, event: Disbursed) -> None:
    product, net = plan.product, event.minor
    if product.down_payment:
        down = Row(event.on, event.on, is_down_payment=True)
        down.owed[PRINCIPAL] = product.down_minor(event.minor)
        net -= down.owed[PRINCIPAL]
        plan.down.append(down)
    plan.disbursed_minor, plan.net_minor = plan.disbursed_minor + event.minor, plan.net_minor + net
    if not plan.rows:
        opens = product.counted_from or event.on
        plan.rows = _dated(opens, opens, product.every, product.count)
        _fill(plan, plan.rows, net, event.on, first=True)
        return
    follows = product.order.follows_time
    to_come = [row for row in plan.rows if row.due_on > event.on or (row.due_on == event.on and not follows)]
    if not to_come:
        last = plan.rows[-1].due_on
        to_come = _dated(last, last, product.every, 1)
        plan.rows += to_come
    level = None
    if not follows and not plan.is_extended and not plan.rate:
        level = whole(
            Fraction(plan.net_minor, len(plan.rows)), product.rounding.instalment, product.rounding.step
        )
    _fill(plan, to_come, net + sum(row.owed[PRINCIPAL] for row in to_come), event.on, level=level)


def _dated(opens: date, anchor: date, every: Every, count: int) -> list[Row]:
    days = [opens, *(every.after(anchor, at + 1) for at in range(count))]
    return [Row(since, until) for since, until in pairwise(days)]


def _fill(
    plan: _Plan,
    rows: list[Row],
    principal: int,
    on: date,
    *,
    first: bool = False,
    free: int = 0,
    level: int | None = None,
) -> None:
    """Spread principal over the rows, with the interest of each."""
    product = plan.product
    if principal <= 0:
        return
    factors = _factors(plan, rows)
    if product.method is Method.SIMPLE:  # interest of all that was handed out, whatever is left of it
        factors = tuple(factor * plan.disbursed_minor / principal for factor in factors)
    elif product.level_from_first and plan.rate:
        level = level_instalment(principal, (factors[0],) * len(factors), product.rounding)
    terms = Terms(
        principal_minor=principal,
        factors=factors,
        level_minor=level,
        method=product.method,
        rounding=product.rounding,
        interest_only=product.interest_only if first else free,
        deferred=product.deferred if first else 0,
    )
    for row, line in zip(rows, schedule(terms), strict=True):
        row.owed[PRINCIPAL], row.owed[INTEREST] = line.principal_minor, line.interest_minor
        row.settle(on)


def _factors(plan: _Plan, rows: list[Row]) -> tuple[Fraction, ...]:
    product = plan.product
    if product.day_count is None:
        parts, whole_year = product.every.part_of_year()
        return (Fraction(plan.rate) * parts / whole_year,) * len(rows)
    return by_days(plan.rate, product.day_count, rows[0].from_on, [row.due_on for row in rows])


def _reschedule(plan: _Plan, event: Rescheduled) -> None:
    """Move the dates from an instalment on, add periods of grace or more instalments, or change the rate."""
    kept = [row for row in plan.rows if row.due_on < event.from_due]
    moved = plan.rows[len(kept) :]
    if not moved:
        return
    every, opens = plan.product.every, moved[0].from_on
    first = event.new_due or moved[0].due_on
    days = [first, *(every.after(first, at) for at in range(1, len(moved) + event.grace + event.extra_terms))]
    fresh = [Row(since, until) for since, until in zip([opens, *days], days, strict=False)]
    principal = sum(row.owed[PRINCIPAL] for row in moved)
    plan.rate = plan.rate if event.yearly_rate is None else event.yearly_rate
    plan.rows, plan.is_extended = kept + fresh, plan.is_extended or event.extra_terms > 0
    opened = plan.rows[0].from_on
    _fill(plan, fresh, principal, opened, free=event.grace)
