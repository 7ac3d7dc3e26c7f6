"""The commits of a night wait for the disk later, those of everybody else at once."""

import pytest
from django.db import connection, transaction

from aldia.db.checks import writes_are_durable
from aldia.db.pace import synced_later

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
