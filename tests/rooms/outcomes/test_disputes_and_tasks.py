"""Disputes with a deadline, and tasks that are made once."""

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from django.db import IntegrityError, transaction

from aldia.access import services as access
from aldia.access.actors import debtor
from aldia.cases.models import Case
from aldia.outcomes import selectors
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Dispute, Task
from aldia.outcomes.services.tasks import create_task
from tests.rooms.outcomes.conftest import MONDAY, Desk, clock_on


def dispute_of(desk: Desk, *, reason: str = "goods_not_received", has_documents: bool = True) -> Dispute:
    ids = [desk.documents()[0].pk] if has_documents else []
    return outcomes.open_dispute(
        actor=desk.ana,
        case_id=desk.case_id,
        reason=reason,
        document_ids=ids,
        description="faltó una caja",
        clock=desk.clock,
    )


@pytest.mark.covers("S3-64b", "S3-65a", "S3-37a", "S3-61")
def test_a_dispute_goes_to_its_department_with_a_deadline_and_pauses_its_document(desk: Desk) -> None:
    access.add_holiday(actor=desk.system, on=date(2026, 3, 4), name="Feriado propio", now=desk.clock.now)

    dispute = dispute_of(desk)

    assert (dispute.department, dispute.deadline_on) == ("logistics", date(2026, 3, 10))
    assert [(hold.kind, hold.document_id, hold.ends_on) for hold in desk.holds()] == [
        ("dispute", desk.documents()[0].pk, None)
    ]
    assert desk.documents()[0].is_disputed
    assert (desk.case().has_dispute, desk.case().next_on) == (True, dispute.deadline_on)


def test_without_documents_the_whole_case_is_paused(desk: Desk) -> None:
    dispute_of(desk, has_documents=False)
    assert [hold.document_id for hold in desk.holds()] == [None]


def test_the_debtor_opens_one_and_twice_is_once(desk: Desk) -> None:
    actor = debtor(desk.organisation.pk, party_id=desk.case().party_id)

    def opened() -> Dispute:
        return outcomes.open_dispute(
            actor=actor, case_id=desk.case_id, reason="not_my_debt", clock=desk.clock
        )

    assert opened() == opened()


def test_the_organisation_says_who_answers(desk: Desk) -> None:
    routes = {
        "default": {"business_days": 2},
        "price_or_discount": {"department": "ventas", "owner_id": desk.ana.user_id},
    }
    access.change_settings(actor=desk.system, now=desk.clock.now, settings={"disputes": routes})

    dispute = dispute_of(desk, reason="price_or_discount")

    assert (dispute.department, dispute.owner_id, dispute.deadline_on) == (
        "ventas",
        desk.ana.user_id,
        date(2026, 3, 4),
    )


def test_a_rejected_dispute_resumes_the_claim(desk: Desk) -> None:
    dispute = dispute_of(desk)
    outcomes.answer_dispute(
        actor=desk.ana,
        dispute_id=dispute.pk,
        is_accepted=False,
        answer="se entregó, va el remito",
        clock=desk.clock,
    )

    assert desk.holds() == []
    assert not desk.documents()[0].is_disputed
    assert not desk.case().has_dispute
    assert desk.case().next_step == "Llamar: contarle la respuesta a su disputa"


def test_an_accepted_dispute_stays_paused_until_the_credit_note_is_made(desk: Desk) -> None:
    dispute = dispute_of(desk)
    outcomes.answer_dispute(
        actor=desk.ana, dispute_id=dispute.pk, is_accepted=True, answer="tenía razón", clock=desk.clock
    )

    task = Task.objects.of(desk.organisation).get()
    assert (task.kind, task.due_on, len(desk.holds())) == ("credit_note", date(2026, 3, 5), 1)
    outcomes.finish_task(actor=desk.ana, task_id=task.pk, clock=desk.clock)
    assert desk.holds() == []
    assert not desk.documents()[0].is_disputed


def test_a_document_of_two_disputes_waits_for_both(desk: Desk) -> None:
    first, _second = dispute_of(desk), dispute_of(desk, reason="amount_wrong")
    outcomes.cancel_dispute(actor=desk.ana, dispute_id=first.pk, clock=desk.clock)
    assert desk.documents()[0].is_disputed
    assert desk.case().has_dispute


def test_what_cannot_be_disputed_or_answered_is_refused(desk: Desk) -> None:
    dispute = dispute_of(desk)
    with pytest.raises(outcomes.DisputeRefused):
        dispute_of(desk, reason="because")
    with pytest.raises(outcomes.DisputeRefused):
        outcomes.open_dispute(
            actor=desk.ana, case_id=desk.case_id, reason="other", document_ids=[99_999], clock=desk.clock
        )
    with pytest.raises(outcomes.DisputeRefused):
        outcomes.answer_dispute(
            actor=desk.ana, dispute_id=dispute.pk, is_accepted=True, answer=" ", clock=desk.clock
        )
    with pytest.raises(outcomes.DisputeRefused):
        outcomes.hand_over_dispute(
            actor=desk.ana,
            dispute_id=dispute.pk,
            department="sales",
            owner_id=None,
            deadline_on=date(2026, 1, 1),
            clock=desk.clock,
        )
    with pytest.raises(outcomes.UnknownDispute):
        outcomes.cancel_dispute(actor=desk.ana, dispute_id=99_999, clock=desk.clock)


def test_a_dispute_is_handed_over_with_a_new_deadline(desk: Desk) -> None:
    dispute = dispute_of(desk)
    outcomes.hand_over_dispute(
        actor=desk.ana,
        dispute_id=dispute.pk,
        department="sales",
        owner_id=desk.ana.user_id,
        deadline_on=date(2026, 3, 20),
        clock=desk.clock,
    )
    line = selectors.disputes(desk.ana, as_of=date(2026, 3, 21)).rows[0]
    assert (line.department, line.owner_name, line.is_overdue) == ("sales", "Ana", True)
    assert selectors.dispute(desk.ana, dispute.pk, as_of=MONDAY).is_overdue is False


def draft(desk: Desk, identity: str, due_on: date = MONDAY, **more: object) -> outcomes.TaskDraft:
    return outcomes.TaskDraft(desk.case_id, "call", due_on, identity, "run:1", **more)


def test_the_same_tasks_again_are_none(desk: Desk) -> None:
    def create() -> int:
        drafts = [draft(desk, "a"), draft(desk, "b"), draft(desk, "b")]
        return outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=drafts, now=desk.clock.now)

    assert create() == 2
    outcomes.finish_task(
        actor=desk.ana, task_id=Task.objects.of(desk.organisation).first().pk, clock=desk.clock
    )
    assert create() == 0


def test_one_task_is_the_row_that_many_would_be(desk: Desk) -> None:
    house, now = desk.organisation.pk, desk.clock.now
    assert create_task(organisation_id=house, task=draft(desk, "alone"), now=now)
    assert not create_task(organisation_id=house, task=draft(desk, "alone"), now=now)
    outcomes.create_tasks(organisation_id=house, tasks=[draft(desk, "among many")], now=now)
    alone, among = Task.objects.of(desk.organisation).order_by("identity").values()
    told = set(alone) - {"id", "identity"}
    assert {name: alone[name] for name in told} == {name: among[name] for name in told}


def test_a_frame_of_tasks_needs_only_what_matters(desk: Desk) -> None:
    frame = pl.DataFrame(
        {
            "case_id": [desk.case_id],
            "kind": ["call"],
            "due_on": [MONDAY],
            "identity": ["x"],
            "origin": ["run:1"],
        }
    )
    assert outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=frame, now=desk.clock.now) == 1
    assert Task.objects.of(desk.organisation).get().title == "Llamar al cliente"


def test_two_organisations_may_use_the_same_identity(desk: Desk, desk_of: Callable[[str], Desk]) -> None:
    other = desk_of("dos")
    for each in (desk, other):
        assert (
            outcomes.create_tasks(
                organisation_id=each.organisation.pk, tasks=[draft(each, "a")], now=each.clock.now
            )
            == 1
        )


@pytest.mark.parametrize("missing", ["due_on", "identity", "kind"])
def test_a_task_without_day_identity_or_kind_is_refused(desk: Desk, missing: str) -> None:
    row = {
        "case_id": desk.case_id,
        "kind": "call",
        "due_on": MONDAY,
        "identity": "x",
        "origin": "run:1",
        missing: None,
    }
    schema = {
        "case_id": pl.Int64,
        "kind": pl.String,
        "due_on": pl.Date,
        "identity": pl.String,
        "origin": pl.String,
    }
    with pytest.raises(outcomes.BadTask):
        outcomes.create_tasks(
            organisation_id=desk.organisation.pk, tasks=pl.DataFrame([row], schema=schema), now=desk.clock.now
        )
    with pytest.raises(outcomes.BadTask):
        whole = pl.DataFrame([row], schema=schema).drop(missing)
        outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=whole, now=desk.clock.now)


def test_task_identity_once_holds_in_the_database(desk: Desk) -> None:
    outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=[draft(desk, "a")], now=desk.clock.now)
    task = Task.objects.of(desk.organisation).get()
    task.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        task.save(force_insert=True)


def test_a_task_is_moved_handed_over_cancelled_once(desk: Desk) -> None:
    outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=[draft(desk, "a")], now=desk.clock.now)
    task = Task.objects.of(desk.organisation).get()
    assert outcomes.reschedule_task(
        actor=desk.ana, task_id=task.pk, due_on=date(2026, 3, 5), clock=desk.clock
    ).due_on == date(2026, 3, 5)
    assert outcomes.hand_over_task(
        actor=desk.ana, task_id=task.pk, user_id=desk.ana.user_id, now=desk.clock.now
    ).owner_id
    with pytest.raises(outcomes.BadTask):
        outcomes.reschedule_task(actor=desk.ana, task_id=task.pk, due_on=date(2026, 3, 1), clock=desk.clock)
    with pytest.raises(outcomes.BadTask):
        outcomes.hand_over_task(actor=desk.ana, task_id=task.pk, user_id=99_999, now=desk.clock.now)
    outcomes.cancel_task(actor=desk.ana, task_id=task.pk, now=desk.clock.now)
    with pytest.raises(outcomes.UnknownTask):
        outcomes.finish_task(actor=desk.ana, task_id=task.pk, clock=desk.clock)


@pytest.mark.covers("S0-3e")
def test_the_agenda_shows_the_overdue_first_and_then_by_hour(desk: Desk) -> None:
    drafts = [
        draft(desk, "late", due_on=date(2026, 2, 27)), draft(desk, "no hour"),
        draft(desk, "at ten", due_at=clock_on(MONDAY, 10).now), draft(desk, "tomorrow", due_on=date(2026, 3, 3)),
    ]  # fmt: skip
    outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=drafts, now=desk.clock.now)

    today, tomorrow, *_rest = selectors.agenda(desk.ana, desk.clock)

    identities = dict(Task.objects.of(desk.organisation).values_list("pk", "identity"))
    assert [identities[item.id] for item in today.items] == ["late", "at ten", "no hour"]
    assert [item.is_overdue for item in today.items] == [True, False, False]
    assert [identities[item.id] for item in tomorrow.items] == ["tomorrow"]


def test_the_agenda_follows_who_holds_the_case(desk: Desk) -> None:
    dispute_of(desk)
    outcomes.make_promise(
        actor=desk.ana,
        case_id=desk.case_id,
        amount_minor=100,
        currency="USD",
        due_on=date(2026, 3, 3),
        clock=desk.clock,
    )
    outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=[draft(desk, "a")], now=desk.clock.now)

    def kinds(**more: object) -> list[str]:
        return [
            item.kind for day in selectors.agenda(desk.ana, desk.clock, days=10, **more) for item in day.items
        ]

    assert kinds() == ["task", "promise", "dispute"]
    Case.objects.of(desk.organisation).update(holder=None)
    assert kinds() == []
    assert kinds(is_everybody=True) == ["task", "promise", "dispute"]
    assert [item.title for item in selectors.tasks_of_case(desk.ana, desk.case_id, as_of=MONDAY)] == [
        "Llamar al cliente"
    ]


@pytest.mark.covers("S1-13a")
def test_nothing_pending_is_of_nobody(desk: Desk) -> None:
    desk.log("promise", amount="10", due_on=MONDAY + timedelta(days=1))
    desk.log("dispute", reason="other")
    outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=[draft(desk, "a")], now=desk.clock.now)
    outcomes.raise_alarms(actor=desk.system, as_of=MONDAY + timedelta(days=30), now=desk.clock.now)
    assert selectors.pending_without_owner(desk.organisation.pk) == []

    Case.objects.of(desk.organisation).update(holder=None, team=None)
    found = {one.kind for one in selectors.pending_without_owner(desk.organisation.pk)}
    assert {"task", "promise"} <= found
