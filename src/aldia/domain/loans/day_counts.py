"""Day counts: how many days, and which part of a year, lie between two dates under each market convention.

Sources: ISDA 2006 Definitions section 4.16, ICMA rule 251, the FBF master agreement (AFB) and Brazil's business/252.
"""

from calendar import isleap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from aldia.domain.calendars import Calendar
from aldia.domain.periods import add_months, last_of_month


class DayCount(StrEnum):
    """The conventions; `actual/actual` alone is ISDA's."""

    THIRTY_360 = "30/360"
    THIRTY_E_360 = "30E/360"
    THIRTY_E_360_ISDA = "30E/360 ISDA"
    THIRTY_US_360 = "30/360 US"
    THIRTY_365 = "30/365"
    ACT_360 = "actual/360"
    ACT_365 = "actual/365"
    ACT_ACT = "actual/actual"
    ACT_ACT_ICMA = "actual/actual ICMA"
    ACT_ACT_AFB = "actual/actual AFB"
    BUSINESS_252 = "business/252"


class MissingTerms(ValueError):
    """The convention needs a reference period or a calendar that was not given."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What some conventions need besides the two dates: maturity (30E/360 ISDA), reference coupon (ICMA), calendar (252)."""

    matures_on: date | None = None
    reference: tuple[date, date] | None = None
    calendar: Calendar | None = None


NONE = Terms()


def days(convention: DayCount, start: date, end: date, terms: Terms = NONE) -> int:
    """Days of the convention from start to end, negative when reversed: 30/360 from 31 Jan to 28 Feb is 28."""
    if convention in _THIRTY:
        first, last = _THIRTY[convention](start, end, terms.matures_on)
        return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first
    if convention is DayCount.BUSINESS_252:
        return _business_days(start, end, terms)
    return (end - start).days


def year_fraction(convention: DayCount, start: date, end: date, terms: Terms = NONE) -> Fraction:
    """The part of a year, exact: actual/365 over 31 days is 31/365. Raises MissingTerms."""
    if end < start:
        return -year_fraction(convention, end, start, terms)
    if convention is DayCount.ACT_ACT:
        return _by_calendar_year(start, end)
    if convention is DayCount.ACT_ACT_AFB:
        return _whole_years_back(start, end)
    if convention is DayCount.ACT_ACT_ICMA:
        if terms.reference is None:
            raise MissingTerms(
                "actual/actual ICMA needs the reference period of the coupon: give `reference`"
            )
        return _by_coupon(start, end, *terms.reference)
    return Fraction(days(convention, start, end, terms), _YEAR[convention])


def _ends_february(day: date) -> bool:
    return day.month == 2 and day == last_of_month(day)


def _bond(start: date, end: date, matures_on: date | None) -> tuple[int, int]:
    first = min(start.day, 30)
    return first, 30 if end.day == 31 and first == 30 else end.day


def _eurobond(start: date, end: date, matures_on: date | None) -> tuple[int, int]:
    return min(start.day, 30), min(end.day, 30)


def _eurobond_isda(start: date, end: date, matures_on: date | None) -> tuple[int, int]:
    first = 30 if _ends_february(start) else min(start.day, 30)
    return first, 30 if _ends_february(end) and end != matures_on else min(end.day, 30)


def _us(start: date, end: date, matures_on: date | None) -> tuple[int, int]:
    first, last = start.day, end.day
    if _ends_february(start):
        first = 30
        last = 30 if _ends_february(end) else last
    if last == 31 and first >= 30:
        last = 30
    return min(first, 30), last


def _business_days(start: date, end: date, terms: Terms) -> int:
    if terms.calendar is None:
        raise MissingTerms("business/252 needs the calendar of bank holidays: give `calendar`")
    return terms.calendar.business_days_between(start, end)


def _by_calendar_year(start: date, end: date) -> Fraction:
    total = Fraction(0)
    while start < end:
        stop = min(end, date(start.year + 1, 1, 1))
        total += Fraction((stop - start).days, 366 if isleap(start.year) else 365)
        start = stop
    return total


def _whole_years_back(start: date, end: date) -> Fraction:
    """Whole years counted back from the end; the rest over 366 when it holds a 29 February."""
    years = 0
    while (earlier := _year_before(end)) >= start:
        years, end = years + 1, earlier
    leap_days = [date(year, 2, 29) for year in range(start.year, end.year + 1) if isleap(year)]
    base = 366 if any(start <= day < end for day in leap_days) else 365
    return years + Fraction((end - start).days, base)


def _year_before(day: date) -> date:
    earlier = add_months(day, -12)
    return last_of_month(earlier) if _ends_february(day) else earlier


def _by_coupon(start: date, end: date, opens: date, closes: date) -> Fraction:
    """Each coupon period weighs its months; the part of it that is inside counts by its days."""
    months = max(1, round(12 * (closes - opens).days / 365))
    total, first = Fraction(0), 0
    while start < add_months(opens, first * months):
        first -= 1
    while (left := add_months(opens, first * months)) < end:
        first += 1
        right = closes if first == 1 else add_months(opens, first * months)
        inside = (min(end, right) - max(start, left)).days
        if inside > 0:
            total += Fraction(months * inside, 12 * (right - left).days)
    return total


_THIRTY: dict[DayCount, Callable[[date, date, date | None], tuple[int, int]]] = {
    DayCount.THIRTY_360: _bond,
    DayCount.THIRTY_365: _bond,
    DayCount.THIRTY_E_360: _eurobond,
    DayCount.THIRTY_E_360_ISDA: _eurobond_isda,
    DayCount.THIRTY_US_360: _us,
}
_YEAR = dict.fromkeys(_THIRTY, 360) | {
    DayCount.THIRTY_365: 365,
    DayCount.ACT_360: 360,
    DayCount.ACT_365: 365,
    DayCount.BUSINESS_252: 252,
}
