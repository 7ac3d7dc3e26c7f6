"""Brazil's banking calendar, over which business/252 counts: national holidays, Carnival and Corpus Christi (CMN resolution 2932)."""

from collections.abc import Iterable
from datetime import date, timedelta

from aldia.domain.calendars import Calendar, country_calendar


def banking_calendar(years: Iterable[int]) -> Calendar:
    """Days on which Brazilian banks settle, for these years and ten more."""
    asked = sorted(set(years))
    covered = range(asked[0] - 1, asked[-1] + 11)
    movable = [easter(year) + timedelta(days=shift) for year in covered for shift in (-48, -47, -2, 60)]
    return country_calendar("BR", asked, extra=movable)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus' rule)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)
