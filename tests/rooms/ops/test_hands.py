"""Several parts of a night at a time, each in a thread of its own."""

from collections.abc import Iterator
from itertools import pairwise
from threading import Barrier, Event, get_ident

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from aldia.db.hands import side_by_side
from aldia.db.pace import Pace


@pytest.fixture(autouse=True)
def _two_threads(settings: Settings) -> None:
    settings.ALDIA_NIGHT_THREADS = 2


@pytest.mark.django_db(transaction=True)
def test_two_parts_are_at_work_at_once_and_each_is_done_once() -> None:
    meeting, done = Barrier(2), []

    def work(part: int) -> None:
        meeting.wait(timeout=60)
        done.append(part)

    side_by_side(work, [1, 2, 3, 4])
    assert sorted(done) == [1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_the_first_error_is_raised_and_what_had_not_begun_does_not() -> None:
    """The others take so long that they would need ten seconds: the error is seen well before."""
    begun: list[int] = []

    def work(part: int) -> None:
        begun.append(part)
        if part == 0:
            raise LookupError(part)
        Event().wait(0.2)

    with pytest.raises(LookupError):
        side_by_side(work, list(range(100)))
    assert len(begun) < 100


@pytest.mark.django_db
def test_inside_a_transaction_one_after_the_other() -> None:
    threads: set[int] = set()
    with transaction.atomic():
        side_by_side(lambda _part: threads.add(get_ident()), [1, 2, 3])
    assert threads == {get_ident()}


@pytest.mark.django_db(transaction=True)
def test_on_sqlite_whoever_begins_to_write_ends_before_another_of_the_same_work() -> None:
    """Both are ready to write before either does, and each writes in several turns."""
    meeting, written = Barrier(2), []

    def parts(name: str) -> Iterator[tuple[int, str]]:
        meeting.wait(timeout=60)
        yield from [(1, name)] * 6

    def work(name: str) -> None:
        for part in Pace().in_turns(parts(name)):
            written.append(part)
            Event().wait(0.001)

    side_by_side(work, ["a", "b"])
    changes = sum(before != after for before, after in pairwise(written))
    assert sorted(written) == ["a"] * 6 + ["b"] * 6
    assert connection.vendor == "postgresql" or changes == 1
