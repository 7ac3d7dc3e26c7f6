"""When instalments fall due: every so many days, weeks, half months or months, or on the lender's own dates."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from aldia.domain.calendars import Calendar
from aldia.domain.periods import add_months, days_in_month

MONTH_END = 31


class Unit(StrEnum):
    """What a step of the calendar is made of."""

    DAYS = "days"
    WEEKS = "weeks"
    HALF_MONTHS = "half_months"
    MONTHS = "months"


class Move(StrEnum):
    """Where a due date goes that falls on a closed day."""

    KEEP = "keep"
    NEXT = "next"
    PREVIOUS = "previous"
    NEXT_IN_MONTH = "next_in_month"


@dataclass(frozen=True, slots=True)
class Every:
    """A step: every 1 month, every 2 weeks, every 15 days. `day` holds monthly dates to that day (31: the month's last)."""

    count: int
    unit: Unit
    day: int | None = None

    def after(self, start: date, steps: int) -> date:
        """The date so many steps after the start: 31 Jan + 1 month -> 28 Feb, + 2 -> 31 Mar."""
        size = steps * self.count
        if self.unit is Unit.DAYS:
            return start + timedelta(days=size)
        if self.unit is Unit.WEEKS:
            return start + timedelta(weeks=size)
        if self.unit is Unit.HALF_MONTHS:
            return _half_months(start, size)
        day = add_months(start, size)
        return day if self.day is None else _held(day, self.day)

    def part_of_year(self) -> tuple[int, int]:
        """Numerator and denominator of one step as a part of a year: a month is 1/12, a week 7/365."""
        of_a_year = {
            Unit.DAYS: (1, 365),
            Unit.WEEKS: (7, 365),
            Unit.HALF_MONTHS: (1, 24),
            Unit.MONTHS: (1, 12),
        }
        parts, whole = of_a_year[self.unit]
        return parts * self.count, whole


def due_dates(start: date, every: Every, count: int, first_on: date | None = None) -> tuple[date, ...]:
    """The dates of so many instalments: one step after the start, or from an own first date on."""
    if first_on is None:
        return tuple(every.after(start, at + 1) for at in range(count))
    return tuple(every.after(first_on, at) for at in range(count))


def moved(day: date, calendar: Calendar, move: Move) -> date:
    """The date on an open day; `next_in_month` turns back rather than leave the month."""
    if move is Move.KEEP:
        return day
    if move is Move.PREVIOUS:
        return calendar.previous_business_day(day)
    following = calendar.next_business_day(day)
    if move is Move.NEXT_IN_MONTH and following.month != day.month:
        return calendar.previous_business_day(day)
    return following


def _held(day: date, wanted: int) -> date:
    return day.replace(day=min(wanted, days_in_month(day)))


def _half_months(start: date, steps: int) -> date:
    """Two dates a month, fifteen days apart: 5, 20, 5 …; 15 and the month's last."""
    months, is_odd = divmod(steps, 2)
    early = start.day <= 15
    if not is_odd:
        return add_months(start, months)
    if early:
        return _held(add_months(start.replace(day=1), months), start.day + 15)
    return _held(add_months(start.replace(day=1), months + 1), start.day - 15)
