"""Alarms fire by themselves when their day comes, once, and go when their cause goes."""

from datetime import date, timedelta
from functools import partial

import polars as pl
import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.access import services as access
from aldia.access.actors import member
from aldia.access.permissions import NotAllowed
from aldia.cases import facts
from aldia.cases import services as cases
from aldia.domain.promises import Every
from aldia.ledger import services as ledger
from aldia.ledger.models import Document
from aldia.outcomes import selectors
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Alarm
from aldia.outcomes.services import alarms
from aldia.parties.models import Party
from tests.rooms.outcomes.conftest import MONDAY, Desk, clock_on


def raised(desk: Desk, on: date) -> int:
    clock = clock_on(on)
    return outcomes.raise_alarms(actor=desk.system, as_of=clock.as_of, now=clock.now)


def kinds(desk: Desk, *states: str) -> set[str]:
    rows = Alarm.objects.of(desk.organisation).filter(state__in=states or ("open", "seen"))
    return set(rows.values_list("kind", flat=True))


def _promise_due(desk: Desk) -> tuple[date, date]:
    desk.log("promise", amount="10", due_on=date(2026, 3, 6))
    return date(2026, 3, 5), date(2026, 3, 6)


def _promise_broken(desk: Desk) -> tuple[date, date]:
    desk.log("promise", amount="10", due_on=date(2026, 3, 6))
    desk.settle(clock_on(date(2026, 3, 9)))
    Alarm.objects.of(desk.organisation).delete()  # the settlement raised it at once: let the night find it
    return date(2026, 3, 6), date(2026, 3, 9)


def _plan_instalment_missed(desk: Desk) -> tuple[date, date]:
    plan = outcomes.PlanDraft(300_00, "USD", 3, date(2026, 3, 6), Every.MONTH)
    outcomes.make_plan(actor=desk.ana, case_id=desk.case_id, plan=plan, clock=desk.clock)
    desk.settle(clock_on(date(2026, 3, 9)))
    Alarm.objects.of(desk.organisation).delete()
    return date(2026, 3, 6), date(2026, 3, 9)


def _no_contact(desk: Desk) -> tuple[date, date]:
    desk.log("informed")
    return MONDAY + timedelta(days=14), MONDAY + timedelta(days=15)


def _large_new_debt(desk: Desk) -> tuple[date, date]:
    access.change_settings(
        actor=desk.system, now=desk.clock.now, settings={"alarms": {"large_debt_minor": {"USD": 5_000_00}}}
    )
    desk.charge(6_000_00, issued=date(2026, 3, 5), due=date(2026, 4, 5))
    return date(2026, 3, 4), date(2026, 3, 5)


def _dispute_unanswered(desk: Desk) -> tuple[date, date]:
    desk.log("dispute", reason="other")
    return date(2026, 3, 9), date(2026, 3, 10)


def _near_prescription(desk: Desk) -> tuple[date, date]:
    desk.charge(10_00, issued=date(2026, 1, 1), due=date(2026, 1, 31), prescribes_on=date(2026, 6, 10))
    return date(2026, 3, 11), date(2026, 3, 12)


def _task_overdue(desk: Desk) -> tuple[date, date]:
    draft = outcomes.TaskDraft(desk.case_id, "review", date(2026, 3, 5), "x", "run:1")
    outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=[draft], now=desk.clock.now)
    return date(2026, 3, 5), date(2026, 3, 6)


def _cheque_due(desk: Desk) -> tuple[date, date]:
    desk.charge(10_00, issued=date(2026, 1, 1), due=date(2026, 3, 9), kind="cheque")
    return date(2026, 3, 5), date(2026, 3, 6)  # the Friday before


@pytest.mark.covers("S1-13c", "S0-3e", "S2-17a")
@pytest.mark.parametrize(
    "cause",
    [
        _promise_due, _promise_broken, _plan_instalment_missed, _no_contact, _large_new_debt, _dispute_unanswered,
        _near_prescription, _task_overdue, _cheque_due,
    ],
)  # fmt: skip
def test_each_kind_fires_on_its_day_and_not_before(desk: Desk, cause: object) -> None:
    access.change_settings(
        actor=desk.system, now=desk.clock.now, settings={"alarms": {"no_contact_days": 15}}
    )
    day_before, day = cause(desk)
    kind = cause.__name__.removeprefix("_")

    raised(desk, day_before)
    assert kind not in kinds(desk)
    assert raised(desk, day) >= 1
    assert kind in kinds(desk)
    assert raised(desk, day) == 0


def test_an_alarm_goes_when_its_cause_goes_and_never_comes_twice(desk: Desk) -> None:
    _task_overdue(desk)
    raised(desk, date(2026, 3, 6))
    task_id = int(
        Alarm.objects.of(desk.organisation).get(kind="task_overdue").data["subject"].partition(":")[2]
    )

    outcomes.reschedule_task(
        actor=desk.ana, task_id=task_id, due_on=date(2026, 3, 12), clock=clock_on(date(2026, 3, 6))
    )
    raised(desk, date(2026, 3, 6))
    assert "task_overdue" in kinds(desk, "resolved")

    outcomes.reschedule_task(actor=desk.ana, task_id=task_id, due_on=date(2026, 3, 5), clock=clock_on(MONDAY))
    raised(desk, date(2026, 3, 9))
    assert "task_overdue" not in kinds(desk)


def test_each_part_of_the_people_raises_its_alarms_and_resolves_only_those(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "partitions", partial(facts.partitions, at_once=1))
    names = [Party(organisation=desk.organisation, name=name, name_folded=name) for name in ("sol", "mar")]
    parties = Party.objects.bulk_create(names)
    opened = ledger.open_accounts(
        organisation_id=desk.organisation.pk, portfolio_id=desk.portfolio.pk, opened_on=MONDAY,
        party_ids=pl.Series([party.pk for party in parties]),
    )  # fmt: skip
    cases.open_missing(actor=desk.system, as_of=MONDAY, now=desk.clock.now)
    for case_id in (desk.case_id, *opened["account_id"]):
        desk.charge(10_00, issued=date(2026, 1, 1), due=date(2026, 3, 9), kind="cheque", case_id=case_id)
    assert raised(desk, date(2026, 3, 6)) >= 3
    cheques = Alarm.objects.of(desk.organisation).filter(kind="cheque_due", state="open")
    assert cheques.count() == 3
    Document.objects.of(desk.organisation).filter(account_id=desk.case_id).update(balance_minor=0)
    raised(desk, date(2026, 3, 6))
    assert sorted(cheques.values_list("case_id", flat=True)) == sorted(opened["account_id"])


def test_a_new_promise_answers_the_broken_one(desk: Desk) -> None:
    _promise_broken(desk)
    raised(desk, date(2026, 3, 9))
    desk.log("promise", clock=clock_on(date(2026, 3, 9)), amount="10", due_on=date(2026, 3, 20))
    raised(desk, date(2026, 3, 10))
    assert "promise_broken" in kinds(desk, "resolved")


def test_what_the_settlement_raised_the_night_does_not_raise_again(desk: Desk) -> None:
    desk.log("promise", amount="10", due_on=date(2026, 3, 6))
    desk.settle(clock_on(date(2026, 3, 9)))
    raised(desk, date(2026, 3, 9))
    assert Alarm.objects.of(desk.organisation).filter(kind="promise_broken").count() == 1


def test_an_event_raises_one_alarm_and_it_waits_for_a_person(desk: Desk) -> None:
    def bounce() -> Alarm:
        return outcomes.raise_alarm(
            actor=desk.system, case_id=desk.case_id, kind="receipt_reversed", subject="receipt:7", as_of=MONDAY,
            now=desk.clock.now, data={"amount_minor": 5, "currency": "USD"},
        )  # fmt: skip

    assert bounce() == bounce()
    raised(desk, MONDAY)
    assert "receipt_reversed" in kinds(desk, "open")
    line = next(row for row in selectors.alarms(desk.ana).rows if row.kind == "receipt_reversed")
    assert (line.label, line.minor, line.owner_id) == ("Cobro reversado", 5, desk.ana.user_id)


def test_an_alarm_is_seen_and_resolved_by_a_person(desk: Desk) -> None:
    _cheque_due(desk)
    raised(desk, date(2026, 3, 6))
    alarm = Alarm.objects.of(desk.organisation).get(kind="cheque_due")
    assert alarm.owner_id == desk.ana.user_id
    assert (
        selectors.alarm_counts(desk.ana, selectors.AlarmFilter(owner_id=desk.ana.user_id))["cheque_due"] == 1
    )

    assert (
        outcomes.mark_alarm(actor=desk.ana, alarm_id=alarm.pk, state="seen", now=desk.clock.now).resolved_at
        is None
    )
    assert outcomes.mark_alarm(
        actor=desk.ana, alarm_id=alarm.pk, state="resolved", now=desk.clock.now
    ).resolved_at
    assert (
        outcomes.mark_alarm(actor=desk.ana, alarm_id=alarm.pk, state="seen", now=desk.clock.now).state
        == "resolved"
    )
    raised(desk, date(2026, 3, 6))
    assert "cheque_due" not in kinds(desk)
    with pytest.raises(ValueError, match="an alarm is marked"):
        outcomes.mark_alarm(actor=desk.ana, alarm_id=alarm.pk, state="open", now=desk.clock.now)
    with pytest.raises(outcomes.UnknownAlarm):
        outcomes.mark_alarm(actor=desk.ana, alarm_id=99_999, state="seen", now=desk.clock.now)
    with pytest.raises(NotAllowed):
        auditor = member(desk.organisation.pk, user_id=1, role="AUDITOR")
        outcomes.mark_alarm(actor=auditor, alarm_id=alarm.pk, state="seen", now=desk.clock.now)


def test_pages_of_alarms_show_each_once(desk: Desk) -> None:
    for number in range(5):
        desk.charge(10_00, issued=date(2026, 1, 1), due=date(2026, 3, 2 + number // 2), kind="cheque")
    raised(desk, date(2026, 3, 6))

    seen, cursor = [], None
    for _page in range(3):
        page = selectors.alarms(desk.ana, selectors.AlarmFilter(kind="cheque_due"), cursor, limit=2)
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
    assert cursor is None
    assert len(seen) == len(set(seen)) == 5
    with pytest.raises(selectors.BadCursor):
        selectors.alarms(desk.ana, cursor="nonsense")


@settings(max_examples=10)
@given(
    tasks=st.lists(st.integers(-20, 20), max_size=4), cheques=st.lists(st.integers(-20, 20), max_size=3),
    promised=st.none() | st.integers(0, 10), day=st.integers(0, 40),
)  # fmt: skip
def test_raising_twice_raises_nothing_new(
    desk: Desk, tasks: list[int], cheques: list[int], promised: int | None, day: int
) -> None:
    with transaction.atomic():
        drafts = [
            outcomes.TaskDraft(desk.case_id, "call", MONDAY + timedelta(days=days), f"t{at}", "run:1")
            for at, days in enumerate(tasks)
        ]
        outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=drafts, now=desk.clock.now)
        for days in cheques:
            desk.charge(10_00, issued=date(2026, 1, 1), due=MONDAY + timedelta(days=days), kind="cheque")
        if promised is not None:
            desk.log("promise", amount="10", due_on=MONDAY + timedelta(days=promised))
        on = MONDAY + timedelta(days=day)
        desk.settle(clock_on(on))
        raised(desk, on)
        before = list(Alarm.objects.of(desk.organisation).order_by("pk").values_list("pk", "state"))
        assert raised(desk, on) == 0
        assert list(Alarm.objects.of(desk.organisation).order_by("pk").values_list("pk", "state")) == before
        transaction.set_rollback(True)


def test_alarm_once_holds_in_the_database(desk: Desk) -> None:
    _cheque_due(desk)
    raised(desk, date(2026, 3, 6))
    alarm = Alarm.objects.of(desk.organisation).get(kind="cheque_due")
    alarm.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        alarm.save(force_insert=True)
