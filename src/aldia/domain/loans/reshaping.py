"""Rows put into a new shape: re-ageing moves all that is owed to new dates, re-amortising spreads arrears, settling lets interest go.

Counting anew keeps the instalments: what is overdue goes on bearing interest, and less of an instalment is principal.
"""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import pairwise, zip_longest

from aldia.domain.loans.book import Book, Row
from aldia.domain.loans.day_counts import DayCount, year_fraction
from aldia.domain.loans.events import ReAged
from aldia.domain.loans.orders import INTEREST, PRINCIPAL
from aldia.domain.loans.planning import Product
from aldia.domain.loans.prepaying import factor_of
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
    for at, part in enumerate(_even_parts(moved, event.count, Rounding(rounding.instalment))):
        row = Row(since, event.every.after(event.first_on, at), is_re_aged=True)
        row.owed[PRINCIPAL] = part
        book.rows.append(row)
        since = row.due_on
    return moved


def re_amortise(book: Book, on: date, rounding: Rounding) -> int:
    """Principal past due is added evenly to the instalments to come; how much moved."""
    late = [row for row in book.rows if row.due_on <= on and row.open(PRINCIPAL)]
    to_come = [row for row in book.rows if row.due_on > on and not row.is_additional]
    moved = sum(row.open(PRINCIPAL) for row in late)
    for row in late:
        row.owed[PRINCIPAL] -= row.open(PRINCIPAL)
        row.settle(on)
    for row, part in zip(to_come, _even_parts(moved, len(to_come), rounding), strict=True):
        row.owed[PRINCIPAL] += part
        row.met_on = None if part else row.met_on
    return moved


def replan(book: Book, planned: list[Row], on: date, order: Callable[[Row], tuple[object, ...]]) -> None:
    """The book takes the dates and amounts of a new plan; what was paid stays with the instalment that it paid."""
    for is_down in (True, False):
        held = [
            row
            for row in book.rows
            if row.is_down_payment == is_down and not (row.is_additional or row.is_re_aged)
        ]
        fresh = [row for row in planned if row.is_down_payment == is_down]
        for row, plan in zip_longest(held, fresh):
            if row is None:
                book.rows.append(plan)
            elif plan is not None:
                row.from_on, row.due_on = plan.from_on, plan.due_on
                row.owed[PRINCIPAL] = plan.owed[PRINCIPAL] + row.credited
                row.owed[INTEREST] = plan.owed[INTEREST]
                row.settle(on)
    book.rows.sort(key=order)


def _even_parts(minor: int, count: int, rounding: Rounding) -> list[int]:
    """The same for each, the last one taking the rest."""
    each = whole(Fraction(minor, count), rounding.instalment, rounding.step) if count else 0
    return [each] * (count - 1) + [minor - each * (count - 1)] if count else []


def settle_early(book: Book, on: date, day_count: DayCount | None) -> None:
    """Interest not accrued by that day leaves its rows, whose principal takes its place from the last ones: instalments stay as they were.

    What was already paid of it pays principal, the last instalments first.
    """
    excess = moved = 0
    for row in book.rows:
        kept = accrued_interest(row, day_count, on)
        too_much = max(0, row.paid[INTEREST] - kept)
        row.paid[INTEREST] -= too_much
        if row.open(PRINCIPAL) and not too_much:
            row.owed[PRINCIPAL] += row.owed[INTEREST] - kept
            moved += row.owed[INTEREST] - kept
        row.owed[INTEREST] = kept
        excess += too_much
    for row in reversed(book.rows):
        part = min(moved, row.open(PRINCIPAL))
        row.owed[PRINCIPAL] -= part
        moved -= part
    for row in reversed(book.rows):
        excess -= row.take(PRINCIPAL, excess, on)
    book.overpaid_minor += excess
    for row in book.rows:
        row.settle(on)


def accrued_interest(row: Row, day_count: DayCount | None, on: date) -> int:
    """The interest of an instalment that has accrued by a day: all of it once due, by its days within the period, else nothing."""
    if on >= row.due_on:
        return row.owed[INTEREST]
    if on <= row.from_on:
        return 0
    convention = day_count or DayCount.ACT_365
    passed, whole_period = (year_fraction(convention, row.from_on, day) for day in (on, row.due_on))
    return whole(Fraction(row.owed[INTEREST]) * passed / whole_period)


def recount(book: Book, on: date, product: Product) -> None:
    """Interest of what is unpaid, counted on what was really owed each day until that one and on what the plan leaves after it."""
    rows = [row for row in book.rows if not (row.is_down_payment or row.is_additional)]
    moved = [
        (each.on, each.minor if each.kind == "disbursement" else -each.parts[PRINCIPAL])
        for each in book.entries
    ]
    planned = sum(row.owed[PRINCIPAL] for row in rows)
    for row in rows:
        if row.open_minor:
            level = row.owed[PRINCIPAL] + row.owed[INTEREST]
            total = Fraction(0)
            cuts = sorted({row.from_on, row.due_on, *_within(row, [on, *(day for day, _ in moved)])})
            for since, until in pairwise(cuts):
                owed = sum(minor for day, minor in moved if day <= since) if since < on else planned
                total += owed * factor_of(product, row, since, until)
            row.owed[INTEREST] = whole(total, product.rounding.interest)
            left = planned if row is rows[-1] else min(planned, level - row.owed[INTEREST])
            row.owed[PRINCIPAL] = left
        planned -= row.owed[PRINCIPAL]


def _within(row: Row, days: list[date]) -> list[date]:
    return [day for day in days if row.from_on < day < row.due_on]
