"""The audit chain: what is sealed cannot change unseen, and nobody looks twice at what was checked."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection

from aldia.access import audit
from aldia.access import services as access
from aldia.access.actors import Actor, system
from aldia.access.models import AuditEvent
from aldia.db import locks

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def actor(db: None) -> Actor:
    made = access.create_organisation(key="casa", name="Casa", country="AR", currency="USD", now=NOW)
    return system(made.pk)


def act(actor: Actor, times: int = 1) -> None:
    for number in range(times):
        audit.record(actor=actor, verb="cases.case.note", object_type="case", object_id=number, now=NOW)


def change_secretly(event_id: int) -> None:
    """As somebody would who owns the database: the trigger off, the row changed, the trigger on."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE access_auditevent DISABLE TRIGGER USER")
            cursor.execute("UPDATE access_auditevent SET verb = 'x' WHERE id = %s", [event_id])
            cursor.execute("ALTER TABLE access_auditevent ENABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER final_access_auditevent_update")
            cursor.execute("UPDATE access_auditevent SET verb = 'x' WHERE id = %s", [event_id])


def test_a_screen_looks_only_at_what_came_after_the_last_check(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(actor, 20)
    audit.seal(actor=actor, now=NOW)
    checked = audit.keep_check(actor=actor, now=NOW)
    act(actor, 3)
    audit.seal(actor=actor, now=NOW)
    read: list[int] = []
    events = audit._events

    def counted(*words: int) -> list[tuple[object, ...]]:
        found = events(*words)
        read.append(len(found))
        return found

    monkeypatch.setattr(audit, "_events", counted)
    state = audit.chain_since_check(actor.organisation_id)
    assert read == [3]
    assert state == audit.verify_chain(actor.organisation_id)
    assert state.events == checked.events + 3


def test_a_change_after_the_check_is_seen_by_the_screen_and_one_before_it_by_verify(actor: Actor) -> None:
    act(actor, 4)
    audit.seal(actor=actor, now=NOW)
    audit.keep_check(actor=actor, now=NOW)
    act(actor, 2)
    audit.seal(actor=actor, now=NOW)
    first, *_others, last = (
        AuditEvent.objects.of(actor.organisation_id).order_by("id").values_list("pk", flat=True)
    )
    change_secretly(first)
    assert audit.chain_since_check(actor.organisation_id).is_whole
    assert not audit.verify_chain(actor.organisation_id).is_whole
    change_secretly(last) if connection.vendor == "postgresql" else _change_again(last)
    assert not audit.chain_since_check(actor.organisation_id).is_whole


def _change_again(event_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE access_auditevent SET verb = 'x' WHERE id = %s", [event_id])


def test_a_broken_chain_is_never_remembered_as_checked(actor: Actor) -> None:
    act(actor, 4)
    audit.seal(actor=actor, now=NOW)
    change_secretly(AuditEvent.objects.of(actor.organisation_id).order_by("id").first().pk)
    assert not audit.keep_check(actor=actor, now=NOW).is_whole
    assert not audit.chain_since_check(actor.organisation_id).is_whole


def test_nothing_is_sealed_while_somebody_may_still_write_a_lower_number(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event that was numbered before the seal but committed after it would look like a forgery for ever."""
    monkeypatch.setattr(locks, "PATIENCE_MS", 50)
    act(actor, 2)
    if connection.vendor == "postgresql":
        with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": None}) as other:
            other.execute(
                "LOCK TABLE access_auditevent IN ROW EXCLUSIVE MODE"
            )  # as any insert in flight holds
            assert audit.seal(actor=actor, now=NOW) == 0
            other.rollback()
    assert audit.seal(actor=actor, now=NOW) == AuditEvent.objects.of(actor.organisation_id).count()
    assert audit.verify_chain(actor.organisation_id).is_whole
