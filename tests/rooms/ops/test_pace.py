"""The commits of a night wait for the disk later, how a message ended with the next commit, everybody else's at once."""

import pytest
from django.db import connection, transaction

from aldia.db import pace
from aldia.db.checks import writes_are_durable
from aldia.db.pace import Pace, synced_later, unsynced_transaction

ON_SQLITE = {"sqlite": True, "postgresql": False}


@pytest.fixture
def durable(transactional_db: None) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")


def waits_later() -> bool:
    """Whether the boot check finds the connection less durable than it must be."""
    return any("synchronous is" in str(found.msg) for found in writes_are_durable(["default"]))


def test_commits_wait_for_the_disk_again_after_the_night_even_when_it_failed(durable: None) -> None:
    with pytest.raises(KeyboardInterrupt), synced_later():
        assert waits_later() is ON_SQLITE[connection.vendor]
        raise KeyboardInterrupt
    assert not waits_later()


def test_a_transaction_that_has_begun_keeps_its_durability(durable: None) -> None:
    with transaction.atomic(), synced_later():
        assert not waits_later()


def level() -> str:
    """How long the next commit of the connection waits, in the words of the database."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


def test_only_what_may_be_lost_is_written_without_waiting_even_when_it_failed(durable: None) -> None:
    before = level()
    with pytest.raises(KeyboardInterrupt), unsynced_transaction():
        assert level() == {"sqlite": "1", "postgresql": "off"}[connection.vendor]
        raise KeyboardInterrupt
    assert level() == before


def test_what_may_be_lost_keeps_the_durability_of_the_transaction_that_it_is_part_of(durable: None) -> None:
    before = level()
    with transaction.atomic(), unsynced_transaction():
        assert level() == before


@pytest.fixture
def pauses(durable: None, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that are made from here on; nobody really waits."""
    made: list[float] = []
    monkeypatch.setattr(pace, "sleep", made.append)
    monkeypatch.setattr(pace, "_TURNS", pace._Turns())
    return made


def lived(seconds: list[float], monkeypatch: pytest.MonkeyPatch) -> str:
    """What is written and committed, in order, where each part takes so many seconds: `.` a part, `|` a commit."""
    now, story = [0.0], []
    monkeypatch.setattr(pace, "perf_counter", lambda: now[0])
    for taken in Pace().in_turns((1, each) for each in seconds):
        story.append(".")
        now[0] += taken
        transaction.on_commit(lambda: story.append("|"))
    return "".join(story).replace("||", "|")


def test_parts_share_a_transaction_while_the_clock_allows_it(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    is_sqlite = connection.vendor == "sqlite"
    assert lived([0.01, 0.01, 0.01, 0.01], monkeypatch) == ("..|..|" if is_sqlite else ".|.|.|.|")
    assert lived([0.04, 0.04, 0.01], monkeypatch) == ".|.|.|"


def test_short_transactions_in_a_row_are_one_wait(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _each in range(5):  # the pause comes before the third and the fifth, once it is owed
        lived([0.02], monkeypatch)
    assert len(pauses) == (2 if connection.vendor == "sqlite" else 0)
