"""Half-open periods of dates ``[start, end)`` and the arithmetic of months."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


class EmptyPeriod(ValueError):
    """The end is not after the start: a half-open period holds at least one day."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days from ``start`` up to, not including, ``end``; without end it goes on for ever.

    ``Period(date(2026, 1, 1), date(2026, 2, 1))`` is the 31 days of January. Raises EmptyPeriod.
    """

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise EmptyPeriod(f"a period ends after it starts, found [{self.start}, {self.end})")

    @classmethod
    def through(cls, first: date, last: date) -> "Period":
        """Both days included: ``through(1 Jan, 31 Jan)`` is January."""
        return cls(first, last + ONE_DAY)

    @property
    def days(self) -> int | None:
        """How many days it holds; None when it has no end."""
        return None if self.end is None else (self.end - self.start).days

    @property
    def last(self) -> date | None:
        """The last day inside; None when it has no end."""
        return None if self.end is None else self.end - ONE_DAY

    def contains(self, day: date) -> bool:
        """True from ``start`` to the day before ``end``."""
        return self.start <= day and (self.end is None or day < self.end)

    def __contains__(self, day: date) -> bool:
        return self.contains(day)

    def overlaps(self, other: "Period") -> bool:
        """True when they share at least one day; touching periods do not."""
        return self.intersection(other) is not None

    def intersection(self, other: "Period") -> "Period | None":
        """The shared days, or None."""
        start = max(self.start, other.start)
        ends = [end for end in (self.end, other.end) if end is not None]
        end = min(ends) if ends else None
        return None if end is not None and end <= start else Period(start, end)


def first_of_month(day: date) -> date:
    """17 Nov -> 1 Nov."""
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    """17 Feb 2028 -> 29 Feb 2028."""
    return day.replace(day=days_in_month(day))


def days_in_month(day: date) -> int:
    """28 to 31."""
    return calendar.monthrange(day.year, day.month)[1]


def add_months(day: date, months: int) -> date:
    """The same day some months later (or earlier), held at the month's end: 31 Jan + 1 -> 28 Feb."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def month_of(day: date) -> Period:
    """The calendar month that holds the day: 17 Nov 2026 -> [1 Nov, 1 Dec)."""
    first = first_of_month(day)
    return Period(first, add_months(first, 1))


def previous_month(day: date) -> Period:
    """The calendar month before the day's own: 17 Jan 2026 -> December 2025."""
    return month_of(first_of_month(day) - ONE_DAY)


def next_month(day: date) -> Period:
    """The calendar month after the day's own."""
    return month_of(add_months(first_of_month(day), 1))


def whole_months(start: date, end: date) -> int:
    """Complete months from one date to the other: 31 Jan to 28 Feb is 1, 15 Jan to 14 Mar is 1; reversed is negative."""
    if end < start:
        return -whole_months(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1
