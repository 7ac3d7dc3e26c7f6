"""Hours: how several weekly timetables narrow each other, and the first instant that one of them is open.

Timetables are in local wall-clock minutes. Days on which the clock changes are searched minute by minute, since an hour
may be missing or happen twice; all other days by arithmetic.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aldia.domain.compliance.packs import MINUTES_A_DAY, DayRanges, Week

ALWAYS: Final[Week] = (((0, MINUTES_A_DAY),),) * 7
HORIZON_DAYS: Final = 100
"""How far ahead the next open instant is looked for; longer than the longest block with an end (60 days)."""

DayHours = Callable[[date], DayRanges]


def narrow(first: Week, second: Week) -> Week:
    """The hours that both timetables allow."""
    return tuple(_narrow_day(one, other) for one, other in zip(first, second, strict=True))


def narrow_all(weeks: Iterable[Week]) -> Week:
    """The hours that every timetable allows."""
    result = ALWAYS
    for week in weeks:
        result = narrow(result, week)
    return result


def _narrow_day(first: DayRanges, second: DayRanges) -> DayRanges:
    overlaps = (
        (max(opens, other_opens), min(closes, other_closes))
        for opens, closes in first
        for other_opens, other_closes in second
    )
    return tuple(sorted((opens, closes) for opens, closes in overlaps if opens < closes))


def minute_of(local: datetime) -> int:
    """Whole minutes since local midnight."""
    return local.hour * 60 + local.minute


def is_within(ranges: DayRanges, minute: int) -> bool:
    """True when the minute lies in one of the ranges; ends are exclusive."""
    return any(opens <= minute < closes for opens, closes in ranges)


def first_open(zone: ZoneInfo, hours: DayHours, not_before: datetime) -> datetime | None:
    """The first instant (UTC) not before the given one at which ``hours`` is open, or None within the horizon."""
    start = not_before.astimezone(zone)
    day = start.date()
    for ahead in range(HORIZON_DAYS):
        on = day + timedelta(days=ahead)
        ranges = hours(on)
        if not ranges:
            continue
        found = _first_in_day(zone, on, ranges, not_before)
        if found is not None:
            return found
    return None


def _first_in_day(zone: ZoneInfo, on: date, ranges: DayRanges, not_before: datetime) -> datetime | None:
    local = not_before.astimezone(zone)
    if local.date() == on and is_within(ranges, minute_of(local)):
        return not_before.astimezone(UTC)
    if _clock_changes(zone, on):
        return _search_minutes(zone, on, ranges, not_before)
    for opens, _ in ranges:
        instant = _instant(zone, on, opens)
        if instant >= not_before:
            return instant
    return None


def _clock_changes(zone: ZoneInfo, on: date) -> bool:
    midnight = datetime.combine(on, time(), zone)
    return midnight.utcoffset() != (midnight + timedelta(days=1, minutes=1)).utcoffset() or (
        midnight.utcoffset() != midnight.replace(fold=1).utcoffset()
    )


def _instant(zone: ZoneInfo, on: date, minute: int) -> datetime:
    return datetime.combine(on, time(minute // 60, minute % 60), zone).astimezone(UTC)


def _search_minutes(zone: ZoneInfo, on: date, ranges: DayRanges, not_before: datetime) -> datetime | None:
    begin = datetime.combine(on, time(), zone).astimezone(UTC) - timedelta(hours=3)
    floor = not_before.astimezone(UTC)
    instant = max(begin, _whole_minute(floor))
    for _ in range(MINUTES_A_DAY + 6 * 60):
        local = instant.astimezone(zone)
        if local.date() > on:
            return None
        if local.date() == on and is_within(ranges, minute_of(local)):
            return instant
        instant += timedelta(minutes=1)
    return None


def _whole_minute(instant: datetime) -> datetime:
    floor = instant.replace(second=0, microsecond=0)
    return floor if floor == instant else floor + timedelta(minutes=1)
