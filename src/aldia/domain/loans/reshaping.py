"""Arrears put into a new shape: re-ageing moves all that is owed to new dates, re-amortising spreads arrears over the dates to come."""

from datetime import date
from fractions import Fraction

from aldia.domain.loans.book import Book, Row
from aldia.domain.loans.events import ReAged
from aldia.domain.loans.orders import PRINCIPAL
from aldia.domain.loans.rounding import whole
from aldia.domain.loans.schedules import Rounding


def re_age(book: Book, event: ReAged, rounding: Rounding) -> int:
    """Principal owed leaves its rows for new ones from the first date on; how much moved."""
    moved = 0
    for row in book.rows:
        moved += (minor := row.open(PRINCIPAL))
        row.owed[PRINCIPAL] -= minor
        if minor:
            row.settle(event.on)
    kept = [row for row in book.rows if row.due_on <= event.on or row.paid_minor or row.due_minor]
    since = max((row.due_on for row in kept), default=event.on)
    book.rows = kept
    for at, part in enumerate(_even_parts(moved, event.count, rounding)):
        row = Row(since, event.every.after(event.first_on, at), is_re_aged=True)
        row.owed[PRINCIPAL] = part
        book.rows.append(row)
        since = row.due_on
    return moved


def re_amortise(book: Book, on: date, rounding: Rounding) -> int:
    """Principal past due is added evenly to the instalments to come; how much moved."""
    late = [row for row in book.rows if row.due_on < on and row.open(PRINCIPAL)]
    to_come = [row for row in book.rows if row.due_on >= on and not row.is_additional]
    moved = sum(row.open(PRINCIPAL) for row in late)
    for row in late:
        row.owed[PRINCIPAL] -= row.open(PRINCIPAL)
        row.settle(on)
    for row, part in zip(to_come, _even_parts(moved, len(to_come), rounding), strict=True):
        row.owed[PRINCIPAL] += part
        row.met_on = None if part else row.met_on
    return moved


def _even_parts(minor: int, count: int, rounding: Rounding) -> list[int]:
    """The same for each, the last one taking the rest."""
    each = whole(Fraction(minor, count), rounding.instalment, rounding.step) if count else 0
    return [each] * (count - 1) + [minor - each * (count - 1)] if count else []
