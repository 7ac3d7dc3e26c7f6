"""Spreads one payment over the rows of a book in the product's order; what nothing takes is held for the borrower."""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import takewhile

from aldia.domain.loans.book import Row, nothing
from aldia.domain.loans.orders import FEES, PENALTIES, PRINCIPAL, Ahead, PaymentOrder, Spread
from aldia.domain.loans.rounding import RoundTo, whole

Parts = dict[str, int]


def pay(
    rows: Sequence[Row], funds: int, on: date, order: PaymentOrder, kind: str, place: int = 0
) -> tuple[Parts, int]:
    """What each component took, and what is left over. The rows change."""
    parts = nothing()
    for group, components in _groups(rows, on, order):
        for row, component in _steps(group, components, order.spread):
            taken = row.take(component, funds, on)
            parts[component] += taken
            funds -= taken
    if not order.follows_time:
        funds = _charges_due(rows, funds, (on, place), order, parts)
    return parts, _ahead(rows, funds, on, order, kind, parts)


def _charges_due(
    rows: Sequence[Row], funds: int, moment: tuple[date, int], order: PaymentOrder, parts: Parts
) -> int:
    """Charges that are due though their instalment is not yet, where the order has them before principal."""
    to_come = [row for row in rows if row.due_on > moment[0]]
    first = [
        each for each in takewhile(lambda each: each != PRINCIPAL, order.due) if each in (FEES, PENALTIES)
    ]
    for row, component in _steps(to_come, first, order.spread):
        taken = row.take(component, min(funds, row.charges_due(component, *moment)), moment[0])
        parts[component] += taken
        funds -= taken
    return funds


def _groups(
    rows: Sequence[Row], on: date, order: PaymentOrder
) -> Iterator[tuple[list[Row], tuple[str, ...]]]:
    yield [row for row in rows if row.due_on < on], order.past_due
    yield [row for row in rows if row.due_on == on], order.due


def _steps(rows: Sequence[Row], components: Sequence[str], spread: Spread) -> Iterator[tuple[Row, str]]:
    if spread is Spread.BY_COMPONENT:
        yield from ((row, component) for component in components for row in rows)
    else:
        yield from ((row, component) for row in rows for component in components)


def _ahead(rows: Sequence[Row], funds: int, on: date, order: PaymentOrder, kind: str, parts: Parts) -> int:
    to_come = [row for row in rows if row.due_on > on]
    way = order.ahead_of(kind)
    if way is Ahead.EVENLY:
        return _evenly(to_come, funds, on, order, parts)
    if way is Ahead.LAST:
        to_come.reverse()
    for row, component in _steps(to_come, order.in_advance, order.spread):
        taken = row.take(component, funds, on)
        parts[component] += taken
        funds -= taken
    return funds


def _evenly(rows: Sequence[Row], funds: int, on: date, order: PaymentOrder, parts: Parts) -> int:
    """The same for every instalment to come, the last one taking the odd cents; again while somebody is left to take."""
    for component in order.in_advance:
        while funds > 0 and (takers := [row for row in rows if row.open(component) > 0]):
            share = whole(Fraction(funds, len(takers)), RoundTo.HALF_EVEN)
            odd = funds - share * len(takers)
            for at, row in enumerate(takers, start=1):
                taken = row.take(component, min(funds, share + (odd if at == len(takers) else 0)), on)
                parts[component] += taken
                funds -= taken
    return funds
