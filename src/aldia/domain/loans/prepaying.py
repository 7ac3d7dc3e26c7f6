"""What early and late money does to interest and to the instalments to come, where the product counts interest on what is really owed.

Money ahead of its time lowers the principal from its own day on. When it is more than the instalment, the rest of the loan is lower
instalments over the same time, or the same instalments over a shorter one. What is past due bears interest in the period that runs.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise

from aldia.domain.loans.book import Row
from aldia.domain.loans.day_counts import year_fraction
from aldia.domain.loans.events import Disbursed, Event, Paid
from aldia.domain.loans.orders import INTEREST, PRINCIPAL
from aldia.domain.loans.paying import pay
from aldia.domain.loans.planning import OnArrears, Prepaying, Product
from aldia.domain.loans.rounding import whole
from aldia.domain.loans.schedules import level_instalment

Money = tuple[date, int]


class _Walk:
    """The loan on its way through the instalments."""

    def __init__(self, product: Product, rows: Sequence[Row], handed_out: Sequence[Money]) -> None:
        self.product, self.first, self.handed_out = product, rows[0], handed_out
        self.balance = sum(row.owed[PRINCIPAL] for row in rows) - sum(
            minor for on, minor in handed_out if on > rows[0].from_on
        )
        self.arrears = 0
        self.level: int | None = None

    def handed_out_in(self, row: Row) -> list[Money]:
        """What was handed out within the instalment's period, its first day left out: that joined the one before."""
        return [each for each in self.handed_out if row.from_on < each[0] <= row.due_on]


def counted_anew(product: Product, rows: list[Row], events: Sequence[Event], as_of: date | None) -> list[Row]:
    """The rows of a loan of level instalments with what came ahead of its time and, on a day, what is past due."""
    normal = [row for row in rows if not row.is_down_payment]
    if not normal:
        return rows
    payments = sorted((event.on, event.minor) for event in events if isinstance(event, Paid))
    handed_out = sorted((event.on, event.minor) for event in events if isinstance(event, Disbursed))
    walk, way = _Walk(product, normal, handed_out), product.prepaying
    for at, row in enumerate(normal):
        ahead = _ahead(walk, row, payments, is_first=at == 0) if way else []
        late = _on_arrears(product, normal[:at], payments, row, as_of) if as_of else Fraction(0)
        _count(walk, row, ahead, len(normal) - at, late)
    return [row for row in rows if row.due_minor or way is not Prepaying.SHORTER]


def _on_arrears(
    product: Product, older: Sequence[Row], payments: Sequence[Money], row: Row, as_of: date
) -> Fraction:
    """Interest of the period that runs on what older instalments still owe: day by day until that day, or all of the period at once."""
    if product.on_arrears is None or not row.from_on < as_of <= row.due_on:
        return Fraction(0)
    late = [_unpaid(each) for each in older]
    until = as_of if product.on_arrears is OnArrears.BY_DAY else row.due_on
    within = [each for each in payments if row.from_on < each[0] < until] if until == as_of else []
    for on, minor in payments:
        if on <= row.from_on:
            pay(late, minor, on, product.order, "repayment")
    total, since = Fraction(0), row.from_on
    for on, minor in [*within, (until, 0)]:
        total += _bearing(product, late) * factor_of(product, row, since, on)
        pay(late, minor, on, product.order, "repayment")
        since = on
    is_apart = product.on_arrears is OnArrears.BY_DAY
    return Fraction(whole(total, product.rounding.interest)) if is_apart else total


def _unpaid(row: Row) -> Row:
    fresh = Row(row.from_on, row.due_on)
    fresh.owed = dict(row.owed)
    return fresh


def _bearing(product: Product, rows: Sequence[Row]) -> int:
    bearing = (PRINCIPAL, INTEREST) if product.compounds else (PRINCIPAL,)
    return sum(row.open(component) for row in rows for component in bearing)


def _ahead(walk: _Walk, row: Row, payments: Sequence[Money], *, is_first: bool) -> list[Money]:
    """The money of a period, less what pays older instalments."""
    ahead = []
    for on, minor in payments:
        if (row.from_on < on or is_first) and on <= row.due_on:
            late = min(walk.arrears, minor)
            walk.arrears -= late
            ahead.append((on, minor - late))
    return ahead


def _count(walk: _Walk, row: Row, ahead: list[Money], left: int, late: Fraction) -> None:
    interest = whole(_interest(walk, row, ahead) + late, walk.product.rounding.interest)
    new = walk.handed_out_in(row)
    walk.balance += sum(minor for on, minor in new if on < row.due_on)
    if walk.level is None:
        usual_row = walk.first if walk.product.level_from_first else row
        factor = factor_of(walk.product, usual_row, usual_row.from_on, usual_row.due_on)
        lent = walk.product.agreed_minor if row is walk.first and walk.product.agreed_minor else walk.balance
        walk.level = level_instalment(lent, (factor,) * left, walk.product.rounding)
    usual = walk.balance if left == 1 else min(walk.level - interest, walk.balance)
    early, total = sum(minor for on, minor in ahead if on < row.due_on), sum(minor for _, minor in ahead)
    principal = usual
    if early > walk.level:
        principal = max(usual, early)
    elif total > walk.level:
        principal = max(usual, total - interest)
    principal = min(principal, walk.balance)
    if (principal != usual and walk.product.prepaying is Prepaying.LOWER) or (
        new and not walk.product.agreed_minor
    ):
        walk.level = None
    walk.balance += sum(minor for on, minor in new if on == row.due_on) - principal
    row.owed[PRINCIPAL], row.owed[INTEREST] = principal, interest
    walk.arrears += max(0, row.due_minor - total)
    row.met_on = None if row.due_minor else row.from_on


def _interest(walk: _Walk, row: Row, ahead: list[Money]) -> Fraction:
    """Interest of the period on the balance of each day."""
    balance, total = walk.balance, Fraction(0)
    early = dict.fromkeys(sorted({on for on, _ in ahead if row.from_on < on < row.due_on}), 0)
    for on, minor in walk.handed_out_in(row):
        if on < row.due_on:
            early[on] = early.get(on, 0) - minor
    for on, minor in ahead:
        if on in early:
            early[on] += minor
        elif on <= row.from_on:
            balance -= minor
    for since, until in pairwise([row.from_on, *sorted(early), row.due_on]):
        balance = max(0, balance - early.get(since, 0))
        total += balance * factor_of(walk.product, row, since, until)
    return total


def factor_of(product: Product, row: Row, since: date, until: date) -> Fraction:
    """The interest of one unit of debt for some days of an instalment's period."""
    if product.day_count is not None:
        return Fraction(product.yearly_rate) * year_fraction(product.day_count, since, until)
    parts, year = product.every.part_of_year()
    days = (row.due_on - row.from_on).days
    return Fraction(product.yearly_rate) * parts / year * Fraction((until - since).days, days)
