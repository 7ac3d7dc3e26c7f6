"""Business days: which weekdays and holidays are closed, and how to count over them.

The only module of the domain that reads the ``holidays`` data package.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays as holiday_data

SATURDAY, SUNDAY = 5, 6
WEEKEND = frozenset({SATURDAY, SUNDAY})
_YEARS_BEFORE, _YEARS_AFTER = 1, 10


class CalendarError(ValueError):
    """Any refusal of this module."""


class UnknownCountry(CalendarError):
    """There is no holiday table for this country or subdivision."""


class YearNotCovered(CalendarError):
    """The calendar's holidays do not reach that year: counting on would silently skip them."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Closed weekdays (Monday is 0) and holidays; ``years`` names the covered years, None means any.

    Raises CalendarError when every weekday is closed.
    """

    closed_weekdays: frozenset[int] = WEEKEND
    holidays: frozenset[date] = frozenset()
    years: frozenset[int] | None = None

    def __post_init__(self) -> None:
        if not self.closed_weekdays <= frozenset(range(7)):
            raise CalendarError(
                f"weekdays are 0 (Monday) to 6 (Sunday), found {sorted(self.closed_weekdays)}"
            )
        if len(self.closed_weekdays) == 7:
            raise CalendarError("a calendar closed all week has no business day")

    def is_holiday(self, day: date) -> bool:
        """True on a listed holiday, whatever the weekday. Raises YearNotCovered."""
        self._check(day)
        return day in self.holidays

    def is_business_day(self, day: date) -> bool:
        """True when open: Friday 27 Nov 2026 yes, Saturday no, a holiday no. Raises YearNotCovered."""
        return not self.is_holiday(day) and day.weekday() not in self.closed_weekdays

    def next_business_day(self, day: date) -> date:
        """The day itself when open, else the first open day after it."""
        while not self.is_business_day(day):
            day += timedelta(days=1)
        return day

    def previous_business_day(self, day: date) -> date:
        """The day itself when open, else the last open day before it."""
        while not self.is_business_day(day):
            day -= timedelta(days=1)
        return day

    def add_business_days(self, day: date, count: int) -> date:
        """The ``count``-th business day after the day (before it when negative).

        Friday + 1 -> Monday; Saturday + 1 -> Monday; Friday + 0 -> Friday; Saturday + 0 -> Monday.
        """
        if count == 0:
            return self.next_business_day(day)
        step = timedelta(days=1 if count > 0 else -1)
        left = abs(count)
        while left:
            day += step
            left -= self.is_business_day(day)
        return day

    def business_days_between(self, start: date, end: date) -> int:
        """Open days in ``[start, end)``; negative when reversed. Monday to next Monday is 5."""
        if end < start:
            return -self.business_days_between(end, start)
        span = (end - start).days
        return sum(self.is_business_day(start + timedelta(days=at)) for at in range(span))

    def with_extra(self, extra: Iterable[date]) -> "Calendar":
        """The same calendar with an organisation's own holidays added."""
        return Calendar(self.closed_weekdays, self.holidays | frozenset(extra), self.years)

    def _check(self, day: date) -> None:
        if self.years is not None and day.year not in self.years:
            covered = f"{min(self.years)} to {max(self.years)}"
            raise YearNotCovered(
                f"{day} is outside this calendar, which covers {covered}: ask for it with that year"
            )


def country_calendar(
    country: str, years: Iterable[int], subdivision: str | None = None, extra: Iterable[date] = ()
) -> Calendar:
    """The public holidays and weekend of a country (``AR``) or subdivision (``ES``, ``CT``), plus own days.

    The years asked for are widened by one before and ten after, so that counting forward has room.
    Raises UnknownCountry, and CalendarError when no year is given.
    """
    asked = sorted(set(years))
    if not asked:
        raise CalendarError(f"no year given for the calendar of {country}")
    first, last = asked[0] - _YEARS_BEFORE, asked[-1] + _YEARS_AFTER
    calendar = _country_calendar(country.upper(), subdivision, first, last)
    return calendar.with_extra(extra) if extra else calendar


@lru_cache(maxsize=256)
def _country_calendar(country: str, subdivision: str | None, first: int, last: int) -> Calendar:
    covered = range(first, last + 1)
    try:
        source = holiday_data.country_holidays(country, subdiv=subdivision, years=covered, language="en_US")
    except NotImplementedError as refusal:
        place = country if subdivision is None else f"{country}-{subdivision}"
        raise UnknownCountry(
            f"no holiday table for {place}: expected an ISO 3166 code ({refusal})"
        ) from refusal
    days = frozenset(day for day in source if day.year in covered)
    return Calendar(frozenset(source.weekend), days, frozenset(covered))


@lru_cache(maxsize=64)
def holiday_names(country: str, year: int, language: str) -> tuple[tuple[date, str], ...]:
    """The public holidays of a country in a year with their names, the first day first; none for a country without a table.

    The names are in ``language`` (``es``, ``en``, ``pt``) where the table has them, else as the country writes them.
    """
    try:
        table = holiday_data.country_holidays(country.upper(), years=year)
        chosen = next(
            (each for each in table.supported_languages if each.startswith(language)), table.default_language
        )
        return tuple(
            sorted(holiday_data.country_holidays(country.upper(), years=year, language=chosen).items())
        )
    except NotImplementedError:
        return ()


@lru_cache(maxsize=512)
def subdivision_name(code: str) -> str:
    """The name of a place told by its ISO 3166-2 code: ``AR-T`` gives ``Tucumán``.

    Words that are no such code come back as they are; a code without a known name gives an empty text.
    """
    country, dash, part = code.partition("-")
    if len(country) != 2 or not dash or not code.isupper():
        return code
    try:
        aliases = holiday_data.country_holidays(country, years=()).subdivisions_aliases
    except (NotImplementedError, AttributeError):
        return ""
    return next((str(name) for name, key in aliases.items() if key == part), "")
