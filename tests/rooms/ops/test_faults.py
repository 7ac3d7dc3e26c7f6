"""Full disks and clocks that go back: nothing half written, nothing sent twice, and work goes on by itself afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.utils import OperationalError

from aldia.access import services as access
from aldia.access.actors import system
from aldia.access.models import AuditEvent, Notification
from aldia.contact import services as contact
from aldia.db.faults import is_away
from aldia.ledger.models import Leg, Posting
from aldia.ops import tasks
from aldia.ops.clockwatch import ClockWatch
from aldia.payments import selectors
from aldia.payments.models import Receipt
from tests.rooms.payments.conftest import Desk, make_desk

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@contextmanager
def full_disk() -> Iterator[None]:
    """SQLite may grow no page more, for real; on PostgreSQL every write is answered as a full disk answers it."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA page_count")
            pages = cursor.fetchone()[0]
            cursor.execute(f"PRAGMA max_page_count = {pages}")
            yield
            cursor.execute("PRAGMA max_page_count = 1073741823")
        return
    with failing_write(1):
        yield


@contextmanager
def failing_write(number: int) -> Iterator[list[int]]:
    """From the write of that number on, the disk is full; yields how many writes were tried."""
    tried = [0]

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            tried[0] += 1
            if tried[0] >= number:
                raise OperationalError("could not extend file: No space left on device")
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield tried


def books(desk: Desk) -> list[int]:
    """How many rows there are of everything that a payment writes."""
    return [model.objects.of(desk.organisation_id).count() for model in (Receipt, Posting, Leg, AuditEvent)]


@pytest.mark.covers("S4-33")
def test_a_payment_on_a_full_disk_is_refused_whole_and_goes_through_once_there_is_room(
    own_database: None,
) -> None:
    desk = make_desk(f"lleno-{uuid4().hex[:8]}")
    desk.book.charge(1_000_000)
    with full_disk(), pytest.raises(OperationalError) as refused:
        for number in range(5_000):
            reference = f"LLENO-{number}"
            desk.pay(1, reference=reference, note="x" * 200)
    assert is_away(refused.value)
    assert not Receipt.objects.of(desk.organisation_id).filter(reference=reference).exists()
    assert selectors.verify(desk.organisation_id).ok
    desk.pay(1, reference=reference)
    assert Receipt.objects.of(desk.organisation_id).filter(reference=reference).exists()
    assert selectors.verify(desk.organisation_id).ok


def test_whichever_write_of_a_payment_fails_none_of_it_stays(own_database: None) -> None:
    desk = make_desk(f"escritura-{uuid4().hex[:8]}")
    document = desk.book.charge(1_000)
    desk.pay(100, reference="primera")
    with failing_write(10**6) as tried:
        desk.pay(100, reference="entera")
    writes, before = tried[0], books(desk)
    assert writes > 4
    for number in range(1, writes + 1):
        with failing_write(number), pytest.raises(OperationalError):
            desk.pay(100, reference="cortada")
        assert books(desk) == before, f"write {number} of {writes} left something behind"
    assert desk.balances(document) == [800]
    desk.pay(100, reference="cortada")
    assert desk.balances(document) == [700]
    assert selectors.verify(desk.organisation_id).ok


def test_small_corrections_of_the_clock_are_nothing() -> None:
    watch = ClockWatch()
    seconds = (0, 60, 56, 61, 57)
    assert all(watch.may_go_on(NOW + timedelta(seconds=second)) for second in seconds)


@pytest.mark.django_db
def test_nothing_is_sent_while_the_clock_lies_before_what_was_lived(monkeypatch: pytest.MonkeyPatch) -> None:
    house = access.create_organisation(key="casa", name="Casa", country="AR", currency="USD", now=NOW)
    access.add_member(
        actor=system(house.pk), email="gabi@casa.example", name="Gabi", role="ADMINISTRATOR", now=NOW
    )
    sent: list[datetime] = []
    hour = [0.0]
    monkeypatch.setattr(tasks, "watch", ClockWatch())
    monkeypatch.setattr(tasks.timezone, "now", lambda: NOW + timedelta(hours=hour[0]))
    monkeypatch.setattr(contact, "expire_leases", lambda *, now: 0)
    monkeypatch.setattr(contact, "send_due", lambda *, limit, clock: sent.append(clock()))
    for hour[0] in (0, 1, -23, -22, 0.5, 1.1):
        tasks.send()
    assert [(at - NOW) / timedelta(hours=1) for at in sent] == [0, 1, 1.1]
    told = Notification.objects.of(house)
    assert [news.user.email for news in told] == ["gabi@casa.example"]
    assert "retrocedió" in told[0].title


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("task", "room", "work"),
    [
        ("take_files", "drop", "take_all"),
        ("news", "strategy", "decide_news"),
        ("lab", "strategy", "answer_simulation"),
        ("thank", "strategy", "thank"),
        ("seal", "audit", "seal"),
    ],
)
def test_what_fails_in_one_organisation_does_not_cost_the_others_theirs(
    task: str, room: str, work: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for key in ("una", "otra"):
        access.create_organisation(key=key, name=key, country="AR", currency="USD", now=NOW)
    done = []

    def fails_at_first(*_args: object, **_told: object) -> None:
        done.append(work)
        if len(done) == 1:
            raise LookupError("a fault of this one")

    monkeypatch.setattr(getattr(tasks, room), work, fails_at_first)
    getattr(tasks, task)()
    assert done == [work, work]
    assert "what the clock does for" in caplog.text
