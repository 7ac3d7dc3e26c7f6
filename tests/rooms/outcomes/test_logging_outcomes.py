"""Logging what came of a contact, and undoing it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from aldia.access.actors import Clock, member
from aldia.access.permissions import NotAllowed
from aldia.contact.models import Touch
from aldia.db.append_only import RowsAreFinal
from aldia.domain.outcome_tree import DEFAULT_TREE
from aldia.domain.outcomes import Field, FieldType
from aldia.ledger import services as ledger
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Dispute, Outcome, OutcomeDetail, Promise, Task
from tests.rooms.outcomes.conftest import MONDAY, Desk, clock_on


def answer(field: Field, desk: Desk) -> Any:
    """Return something that a person could answer to the field."""
    given = {
        FieldType.MONEY: "250,50", FieldType.DATE: "viernes", FieldType.INSTANT: "mañana 10:30", FieldType.TEXT: "dijo que sí",
        FieldType.COUNT: "3", FieldType.CHOICE: "amount_wrong", FieldType.DOCUMENTS: [desk.documents()[0].pk],
        FieldType.CONTACT_POINT: desk.point().pk,
    }[field.type]  # fmt: skip
    return {"paid_on": MONDAY.isoformat(), "means": "cheque"}.get(field.key, given)


@pytest.mark.covers("S1-11d", "S1-13a")
@pytest.mark.parametrize("kind", DEFAULT_TREE.outcomes, ids=lambda kind: kind.key)
def test_every_outcome_of_the_tree_leaves_a_next_step(desk: Desk, kind: Any) -> None:
    answers = {field.key: answer(field, desk) for field in kind.fields if field.type is not FieldType.FILE}

    desk.log(kind.key, **answers)

    case = desk.case()
    assert case.next_step
    assert case.next_on >= MONDAY
    assert case.last_outcome == kind.key


@pytest.mark.covers("S0-3b", "S1-11a")
def test_a_visit_keeps_who_was_reached_where_how_long_and_the_photo(desk: Desk) -> None:
    photo = ledger.store_file(
        actor=desk.system, name="puerta.jpg", content_type="image/jpeg", content=b"jpg", now=desk.clock.now
    )
    outcome = outcomes.log_outcome(
        actor=desk.ana,
        case_id=desk.case_id,
        draft=outcomes.OutcomeDraft(
            type_key="informed",
            channel="visit",
            client_id="v1",
            seconds=300,
            answers={
                "who": "Nélida",
                "place": "Av. Corrientes 100",
                "photo": photo.pk,
                "expected_on": "2026-03-20",
            },
        ),
        clock=desk.clock,
    )

    detail = OutcomeDetail.objects.of(desk.organisation).get(outcome_id=outcome.pk)
    touch = Touch.objects.of(desk.organisation).get(origin=f"outcome:{outcome.pk}")
    assert (detail.person, detail.answers["place"], detail.answers["photo"]) == (
        "Nélida",
        "Av. Corrientes 100",
        photo.pk,
    )
    assert detail.answers["expected_on"] == "2026-03-20"
    assert (outcome.seconds, outcome.user_id, outcome.at) == (300, desk.ana.user_id, desk.clock.now)
    assert (touch.channel, touch.is_contact, touch.is_right_party) == ("visit", True, True)
    assert desk.case().last_contact_at == desk.clock.now


def test_the_same_click_counts_once(desk: Desk) -> None:
    def click() -> Outcome:
        return outcomes.log_outcome(
            actor=desk.ana,
            case_id=desk.case_id,
            draft=outcomes.OutcomeDraft(type_key="no_answer", channel="call", answers={}, client_id="c1"),
            clock=desk.clock,
        )

    assert click() == click()
    assert Outcome.objects.of(desk.organisation).count() == 1
    assert Touch.objects.of(desk.organisation).count() == 1


@pytest.mark.covers("S1-11d")
@pytest.mark.parametrize(
    ("type_key", "answers", "field"),
    [
        ("promise", {"due_on": "viernes"}, "amount"),
        ("promise", {"amount": "doscientos", "due_on": "viernes"}, "amount"),
        ("promise", {"amount": "0", "due_on": "viernes"}, "amount"),
        ("promise", {"amount": "10,123", "due_on": "32/13"}, "due_on"),
        ("promise", {"amount": "10", "due_on": "2020-01-01"}, "due_on"),
        ("promise", {"amount": "10", "due_on": "viernes", "means": "trueque"}, "means"),
        ("promise", {"amount": "10", "due_on": "viernes", "currency": "XXZ"}, "currency"),
        ("promise", {"amount": "10", "due_on": "viernes", "shoe_size": "42"}, "shoe_size"),
        ("plan", {"amount": "10", "parts": "cinco", "first_on": "viernes"}, "parts"),
        ("plan", {"amount": "0,02", "parts": "3", "first_on": "viernes"}, "amount"),
        ("dispute", {"reason": "porque sí"}, "reason"),
        ("dispute", {"reason": "amount_wrong", "documents": [999_999]}, "documents"),
        ("call_back", {"call_at": "mañana 25:00"}, "call_at"),
        ("call_back", {"call_at": "2020-01-01T10:00"}, "call_at"),
        ("pause", {"until_on": "hoy"}, "until_on"),
        ("wrong_number", {"contact_point": 999_999}, "contact_point"),
        ("already_paid", {"paid_on": "2026-03-03"}, "paid_on"),
        ("already_paid", {"paid_on": "2026-03-02", "receipt": "999999"}, "receipt"),
        ("teletransport", {}, "type_key"),
    ],
)
def test_a_wrong_answer_is_refused_by_its_field_and_nothing_is_saved(
    desk: Desk, type_key: str, answers: dict[str, Any], field: str
) -> None:
    with pytest.raises(outcomes.OutcomeRefused) as refusal:
        desk.log(type_key, **answers)

    assert field in refusal.value.fields
    assert refusal.value.fields[field]
    assert not Outcome.objects.of(desk.organisation).exists()
    assert not Promise.objects.of(desk.organisation).exists()


def test_a_channel_that_does_not_exist_is_refused(desk: Desk) -> None:
    with pytest.raises(outcomes.OutcomeRefused) as refusal:
        outcomes.log_outcome(
            actor=desk.ana,
            case_id=desk.case_id,
            draft=outcomes.OutcomeDraft(
                type_key="no_answer", channel="pigeon", answers={}, client_id="c", seconds=-1
            ),
            clock=desk.clock,
        )
    assert set(refusal.value.fields) == {"channel", "seconds"}


def test_the_auditor_logs_nothing(desk: Desk) -> None:
    auditor = member(desk.organisation.pk, user_id=desk.ana.user_id or 0, role="AUDITOR")
    with pytest.raises(NotAllowed):
        desk.log("no_answer", actor=auditor)


def test_an_amount_is_read_as_the_organisation_writes_it(desk: Desk) -> None:
    desk.log("promise", amount="1.250,5", due_on="viernes")
    desk.log("promise", amount="1250.50", due_on="viernes", currency="ars")

    amounts = Promise.objects.of(desk.organisation).order_by("pk").values_list("amount_minor", "currency")
    assert list(amounts) == [(125_050, "USD"), (125_050, "ARS")]


@pytest.mark.covers("S0-3e")
@pytest.mark.parametrize(
    ("said", "hour"), [("mañana 10:30", "10:30"), ("mañana 10", "10:00"), ("mañana", "09:00")]
)
def test_a_call_agreed_for_an_hour_becomes_a_task_at_that_hour(desk: Desk, said: str, hour: str) -> None:
    desk.log("call_back", call_at=said)

    task = Task.objects.of(desk.organisation).get()
    assert task.due_on == MONDAY + timedelta(days=1)
    assert task.due_at == datetime.fromisoformat(f"2026-03-03T{hour}-03:00")
    assert (desk.case().next_on, desk.case().next_at) == (task.due_on, task.due_at)


def test_an_outcome_closes_the_call_it_answers_and_leaves_the_rest(desk: Desk) -> None:
    drafts = [
        outcomes.TaskDraft(desk.case_id, "call", MONDAY, "s:call", "run:1"),
        outcomes.TaskDraft(desk.case_id, "review", MONDAY, "s:review", "run:1"),
        outcomes.TaskDraft(desk.case_id, "call", date(2026, 3, 9), "s:later", "run:1"),
    ]
    outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=drafts, now=desk.clock.now)

    outcome = desk.log("no_answer")

    tasks = {task.identity: task for task in Task.objects.of(desk.organisation)}
    assert (tasks["s:call"].state, tasks["s:call"].outcome_id) == ("done", outcome.pk)
    assert tasks["s:review"].state == tasks["s:later"].state == "open"
    assert tasks[f"outcome:{outcome.pk}"].due_on == date(2026, 3, 3)


def test_a_plain_note_is_no_contact_and_keeps_the_next_step(desk: Desk) -> None:
    desk.log("call_back", call_at="viernes 10:00")
    before = desk.case()

    desk.log("note", note="pide factura")

    assert (desk.case().next_step, desk.case().next_on) == (before.next_step, before.next_on)
    assert Touch.objects.of(desk.organisation).count() == 1
    assert Task.objects.of(desk.organisation).filter(state="open").count() == 1


def test_a_wrong_number_is_not_used_again(desk: Desk) -> None:
    desk.log("wrong_number", contact_point=desk.point().pk)
    assert desk.point().state == "WRONG"


def test_already_paid_pauses_until_somebody_verifies(desk: Desk) -> None:
    desk.log("already_paid", paid_on=MONDAY)

    assert [hold.kind for hold in desk.holds()] == ["reported_payment"]
    assert Task.objects.of(desk.organisation).get().kind == "verify_payment"


def test_hardship_pauses_without_end(desk: Desk) -> None:
    desk.log("hardship", note="internado")
    assert [(hold.kind, hold.ends_on) for hold in desk.holds()] == [("hardship", None)]


@pytest.mark.parametrize("kind", DEFAULT_TREE.outcomes, ids=lambda kind: kind.key)
def test_an_undone_outcome_leaves_the_case_as_it_was(desk: Desk, kind: Any) -> None:
    before = desk.case()
    outcomes.create_tasks(
        organisation_id=desk.organisation.pk,
        tasks=[outcomes.TaskDraft(desk.case_id, "call", MONDAY, "s:call", "run:1")],
        now=desk.clock.now,
    )
    answers = {field.key: answer(field, desk) for field in kind.fields if field.type is not FieldType.FILE}
    outcome = desk.log(kind.key, **answers)

    outcomes.undo_outcome(actor=desk.ana, outcome_id=outcome.pk, clock=desk.clock)

    after = desk.case()
    for field in (
        "next_step",
        "next_on",
        "next_at",
        "last_outcome",
        "promise_state",
        "promise_due_on",
        "has_dispute",
    ):
        assert getattr(after, field) == getattr(before, field), field
    assert desk.holds() == []
    assert Task.objects.of(desk.organisation).get(identity="s:call").state == "open"
    assert Task.objects.of(desk.organisation).filter(state="open").count() == 1
    assert not Promise.objects.of(desk.organisation).filter(state="open").exists()
    assert not Dispute.objects.of(desk.organisation).filter(state="open").exists()
    assert not any(document.is_disputed for document in desk.documents())
    assert desk.point().state == "ACTIVE"


def test_undoing_a_promise_brings_back_the_one_it_replaced(desk: Desk) -> None:
    desk.log("promise", amount="100", due_on="viernes")
    second = desk.log("promise", amount="50", due_on="jueves")

    outcomes.undo_outcome(actor=desk.ana, outcome_id=second.pk, clock=desk.clock)

    states = Promise.objects.of(desk.organisation).order_by("pk").values_list("amount_minor", "state")
    assert list(states) == [(10_000, "open"), (5_000, "cancelled")]
    assert [hold.ends_on for hold in desk.holds()] == [date(2026, 3, 9)]
    assert desk.case().promise_due_on == date(2026, 3, 6)


@pytest.mark.covers("S2-23")
def test_nothing_logged_is_edited_or_deleted(desk: Desk) -> None:
    outcome = desk.log("no_answer")
    outcome.channel = "email"
    with pytest.raises(RowsAreFinal):
        outcome.save()
    with pytest.raises(RowsAreFinal):
        Outcome.objects.of(desk.organisation).update(channel="email")


def _too_late(desk: Desk, outcome: Outcome) -> None:
    later = Clock(desk.clock.as_of, desk.clock.now + timedelta(minutes=16))
    outcomes.undo_outcome(actor=desk.ana, outcome_id=outcome.pk, clock=later)


def _by_another(desk: Desk, outcome: Outcome) -> None:
    outcomes.undo_outcome(actor=desk.system, outcome_id=outcome.pk, clock=desk.clock)


def _twice(desk: Desk, outcome: Outcome) -> None:
    outcomes.undo_outcome(actor=desk.ana, outcome_id=outcome.pk, clock=desk.clock)
    outcomes.undo_outcome(actor=desk.ana, outcome_id=outcome.pk, clock=desk.clock)


def _below_another(desk: Desk, outcome: Outcome) -> None:
    desk.log("voicemail")
    outcomes.undo_outcome(actor=desk.ana, outcome_id=outcome.pk, clock=desk.clock)


@pytest.mark.parametrize("undo", [_too_late, _by_another, _twice, _below_another])
def test_an_undo_is_refused(desk: Desk, undo: Callable[[Desk, Outcome], None]) -> None:
    outcome = desk.log("no_answer")
    with pytest.raises(outcomes.UndoRefused):
        undo(desk, outcome)


def test_outcome_once_holds_in_the_database(desk: Desk) -> None:
    first = desk.log("no_answer")
    copy = {
        field.attname: getattr(first, field.attname)
        for field in Outcome._meta.local_fields
        if field.attname != "id"
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.create(**copy)


def test_another_organisation_sees_nothing(desk: Desk, desk_of: Callable[[str], Desk]) -> None:
    other = desk_of("dos")
    outcome = desk.log("no_answer")
    with pytest.raises(outcomes.UndoRefused):
        outcomes.undo_outcome(actor=other.ana, outcome_id=outcome.pk, clock=clock_on(MONDAY))
    with pytest.raises(LookupError):
        desk.log("no_answer", actor=other.ana)
