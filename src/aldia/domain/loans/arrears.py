"""How late a loan is: since when, how much, in which range, and the pauses whose days do not count.

A pause gives its days back whole, also those before anything fell due: it was granted for so many days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from aldia.domain.ageing import Buckets
from aldia.domain.loans.book import Book, Row


class BadPause(ValueError):
    """The pause cannot be: it ends before it begins, overlaps another, or there is none to end."""


@dataclass(frozen=True, slots=True, order=True)
class Pause:
    """Days that do not count as arrears, from `since` until `until`, both granted."""

    since: date
    until: date

    def holds(self, on: date) -> bool:
        """Whether the day is one of them."""
        return self.since <= on <= self.until


@dataclass(frozen=True, slots=True)
class Arrears:
    """What is past due and since when. `days` are past due less grace and pauses; `late_on` is the first day after the grace."""

    minor: int = 0
    since: date | None = None
    late_on: date | None = None
    days: int = 0
    past_due_days: int = 0


def with_pause(pauses: Sequence[Pause], pause: Pause) -> tuple[Pause, ...]:
    """The pauses with one more, in order. Raises BadPause."""
    if pause.until <= pause.since:
        raise BadPause(f"a pause ends after it begins, found {pause.since} to {pause.until}")
    kept = tuple(sorted([*pauses, pause]))
    for left, right in pairwise(kept):
        if right.since < left.until:
            raise BadPause(f"the pause from {right.since} begins before the one until {left.until} has ended")
    return kept


def resumed(pauses: Sequence[Pause], on: date) -> tuple[Pause, ...]:
    """The pauses, the one that runs on that day ended by it. Raises BadPause where none runs."""
    running = next((pause for pause in pauses if pause.holds(on)), None)
    if running is None:
        raise BadPause(f"no pause runs on {on}")
    return tuple(Pause(each.since, on) if each is running else each for each in pauses)


def days_given_back(pauses: Sequence[Pause], on: date) -> int:
    """The days of all the pauses that have passed by then."""
    return sum((min(pause.until, on) - pause.since).days for pause in pauses if pause.since < on)


def arrears_of(book: Book, on: date, *, grace_days: int = 0, pauses: Sequence[Pause] = ()) -> Arrears:
    """The arrears of a loan on a day.

    They begin with the oldest instalment past due; a charge-back that its instalment's payments do not cover begins them on its own day,
    and is past due at once though its instalment is not.
    """
    open_rows = [row for row in book.rows if row.open_minor > 0]
    due = [row for row in open_rows if row.due_on < on]
    next_row = next((row for row in open_rows if row.due_on >= on), None)
    minor = sum(row.open_minor for row in due)
    since = min((_since(book, row) or row.due_on for row in due), default=None)
    given_back = _since(book, next_row) if next_row else None
    if next_row and given_back and given_back < on:
        minor += min(next_row.open_minor, _charged_back(book, next_row) - next_row.paid_minor)
        since = min(since or given_back, given_back)
    if since is None:
        return Arrears()
    past_due = (on - since).days
    days = max(0, past_due - grace_days - days_given_back(pauses, on))
    return Arrears(minor, since, since + timedelta(days=grace_days), days, past_due)


def arrears_by_bucket(
    book: Book, on: date, buckets: Buckets, *, pauses: Sequence[Pause] = ()
) -> dict[str, int]:
    """What is past due by the age of each instalment, in minor units; instalments whose days were all given back are left out."""
    told = dict.fromkeys(buckets.keys[1:], 0)
    for row in book.rows:
        days = (on - row.due_on).days - days_given_back(pauses, on)
        if days > 0 and row.open_minor > 0:
            told[buckets.bucket_of(days)] += row.open_minor
    return {key: minor for key, minor in told.items() if minor}


def _since(book: Book, row: Row) -> date | None:
    """The day of the charge-back in the instalment's period that its payments no longer cover."""
    covered = row.paid_minor
    for on, minor in _charge_backs(book, row):
        covered -= minor
        if covered < 0:
            return on
    return None


def _charged_back(book: Book, row: Row) -> int:
    return sum(minor for _, minor in _charge_backs(book, row))


def _charge_backs(book: Book, row: Row) -> list[tuple[date, int]]:
    return [
        (entry.on, entry.minor)
        for entry in book.entries
        if entry.kind == "chargeback" and not entry.is_reversed and row.from_on <= entry.on < row.due_on
    ]
