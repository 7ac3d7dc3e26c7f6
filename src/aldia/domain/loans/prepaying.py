"""What a prepayment does to interest and to the instalments to come, where the product counts interest on what is really owed.

Money ahead of its time lowers the principal from its own day on. When it is more than the instalment, the rest of the loan is lower
instalments over the same time, or the same instalments over a shorter one.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise

from aldia.domain.loans.book import Row
from aldia.domain.loans.day_counts import year_fraction
from aldia.domain.loans.orders import INTEREST, PRINCIPAL
from aldia.domain.loans.planning import Prepaying, Product
from aldia.domain.loans.rounding import whole
from aldia.domain.loans.schedules import level_instalment

Money = tuple[date, int]


class _Walk:
    """The loan on its way through the instalments."""

    def __init__(self, product: Product, rows: Sequence[Row]) -> None:
        self.product, self.first = product, rows[0]
        self.balance = sum(row.owed[PRINCIPAL] for row in rows)
        self.arrears = 0
        self.level: int | None = None


def with_prepayments(
    product: Product, rows: list[Row], payments: Sequence[Money], way: Prepaying
) -> list[Row]:
    """The rows of a loan of level instalments, counted again with what came ahead of its time."""
    normal = [row for row in rows if not row.is_down_payment]
    if not normal:
        return rows
    walk = _Walk(product, normal)
    for at, row in enumerate(normal):
        _count(walk, row, _ahead(walk, row, payments, is_first=at == 0), len(normal) - at, way)
    return [row for row in rows if row.due_minor or way is not Prepaying.SHORTER]


def _ahead(walk: _Walk, row: Row, payments: Sequence[Money], *, is_first: bool) -> list[Money]:
    """The money of a period, less what pays older instalments."""
    ahead = []
    for on, minor in payments:
        if (row.from_on < on or is_first) and on <= row.due_on:
            late = min(walk.arrears, minor)
            walk.arrears -= late
            ahead.append((on, minor - late))
    return ahead


def _count(walk: _Walk, row: Row, ahead: list[Money], left: int, way: Prepaying) -> None:
    interest = whole(_interest(walk, row, ahead), walk.product.rounding.interest)
    if walk.level is None:
        usual_row = walk.first if walk.product.level_from_first else row
        factor = _factor(walk.product, usual_row, usual_row.from_on, usual_row.due_on)
        walk.level = level_instalment(walk.balance, (factor,) * left, walk.product.rounding)
    usual = walk.balance if left == 1 else min(walk.level - interest, walk.balance)
    early, total = sum(minor for on, minor in ahead if on < row.due_on), sum(minor for _, minor in ahead)
    principal = usual
    if early > walk.level:
        principal = max(usual, early)
    elif total > walk.level:
        principal = max(usual, total - interest)
    principal = min(principal, walk.balance)
    if principal != usual and way is Prepaying.LOWER:
        walk.level = None
    walk.balance -= principal
    row.owed[PRINCIPAL], row.owed[INTEREST] = principal, interest
    walk.arrears += max(0, row.due_minor - total)
    row.met_on = None if row.due_minor else row.from_on


def _interest(walk: _Walk, row: Row, ahead: list[Money]) -> Fraction:
    """Interest of the period on the balance of each day."""
    balance, total = walk.balance, Fraction(0)
    early = dict.fromkeys(sorted({on for on, _ in ahead if row.from_on < on < row.due_on}), 0)
    for on, minor in ahead:
        if on in early:
            early[on] += minor
        elif on <= row.from_on:
            balance -= minor
    for since, until in pairwise([row.from_on, *early, row.due_on]):
        balance = max(0, balance - early.get(since, 0))
        total += balance * _factor(walk.product, row, since, until)
    return total


def _factor(product: Product, row: Row, since: date, until: date) -> Fraction:
    if product.day_count is not None:
        return Fraction(product.yearly_rate) * year_fraction(product.day_count, since, until)
    parts, year = product.every.part_of_year()
    days = (row.due_on - row.from_on).days
    return Fraction(product.yearly_rate) * parts / year * Fraction((until - since).days, days)
