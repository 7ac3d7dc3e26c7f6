"""Promises and plans: made, kept, part kept, broken, by the journal."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.access.actors import debtor
from aldia.access.permissions import NotAllowed
from aldia.cases import facts as case_facts
from aldia.domain.promises import Every
from aldia.ledger import services as ledger
from aldia.outcomes import selectors
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Alarm, Plan, Promise, Task
from tests.rooms.outcomes.conftest import MONDAY, Desk

FRIDAY = date(2026, 3, 6)


def promise_of(desk: Desk, minor: int = 100_00, due_on: date = FRIDAY, currency: str = "USD") -> Promise:
    return outcomes.make_promise(
        actor=desk.ana,
        case_id=desk.case_id,
        amount_minor=minor,
        currency=currency,
        due_on=due_on,
        means="cheque",
        clock=desk.clock,
    )


def states(desk: Desk) -> list[str]:
    return list(Promise.objects.of(desk.organisation).order_by("pk").values_list("state", flat=True))


@pytest.mark.covers("S3-60c")
def test_a_promise_keeps_date_amount_and_means_and_pauses_the_strategy(desk: Desk) -> None:
    promise = promise_of(desk)

    assert (promise.due_on, promise.amount_minor, promise.means, promise.grace_days) == (
        FRIDAY,
        100_00,
        "cheque",
        2,
    )
    until = FRIDAY + timedelta(days=3)
    assert [(hold.kind, hold.starts_on, hold.ends_on) for hold in desk.holds()] == [
        ("promise", MONDAY, until)
    ]
    assert case_facts.hold_frame(desk.organisation.pk, as_of=FRIDAY).height == 1
    assert case_facts.hold_frame(desk.organisation.pk, as_of=until).is_empty()
    assert (desk.case().promise_state, desk.case().promise_due_on) == ("open", FRIDAY)
    assert desk.case().next_on == date(2026, 3, 9)


def test_the_portfolio_says_tolerance_and_grace(desk: Desk) -> None:
    ledger.change_portfolio(
        actor=desk.system,
        portfolio_id=desk.portfolio.pk,
        now=desk.clock.now,
        settings={"promises": {"tolerance_percent": 5, "grace_days": 0}},
    )
    promise = promise_of(desk, minor=99_99)
    assert (promise.tolerance_minor, promise.grace_days) == (4_99, 0)


def test_one_promise_at_a_time(desk: Desk) -> None:
    promise_of(desk)
    second = promise_of(desk, minor=50_00)

    assert states(desk) == ["cancelled", "open"]
    assert [hold.source for hold in desk.holds()] == [f"promise:{second.pk}"]


def test_the_same_promise_again_is_the_one_there_is(desk: Desk) -> None:
    assert promise_of(desk) == promise_of(desk)
    assert states(desk) == ["open"]


@pytest.mark.parametrize(
    ("minor", "currency", "days", "field"),
    [
        (0, "USD", 1, "amount"),
        (100, "ZZZ", 1, "currency"),
        (100, "USD", -1, "due_on"),
        (100, "USD", 400, "due_on"),
    ],
)
def test_a_promise_that_cannot_be_is_refused(
    desk: Desk, minor: int, currency: str, days: int, field: str
) -> None:
    with pytest.raises(outcomes.PromiseRefused) as refusal:
        promise_of(desk, minor=minor, currency=currency, due_on=MONDAY + timedelta(days=days))
    assert refusal.value.field == field


def test_the_debtor_promises_on_the_own_case_only(desk: Desk) -> None:
    party_id = desk.case().party_id
    made = outcomes.make_promise(
        actor=debtor(desk.organisation.pk, party_id=party_id), case_id=desk.case_id, amount_minor=1, currency="USD",
        due_on=FRIDAY, clock=desk.clock,
    )  # fmt: skip
    assert made.made_by == f"debtor:{party_id}"
    with pytest.raises(NotAllowed):
        outcomes.make_promise(
            actor=debtor(desk.organisation.pk, party_id=party_id + 1), case_id=desk.case_id, amount_minor=1, currency="USD",
            due_on=FRIDAY, clock=desk.clock,
        )  # fmt: skip


@pytest.mark.covers("S1-13b")
def test_money_within_the_grace_keeps_it(desk: Desk) -> None:
    promise_of(desk)
    desk.pay(60_00, FRIDAY)
    desk.pay(40_00, FRIDAY + timedelta(days=2))

    assert desk.settle(desk.days_later(6)) == outcomes.Settled(kept=1)

    promise = Promise.objects.of(desk.organisation).get()
    assert (promise.state, promise.kept_minor, promise.decided_on) == (
        "kept",
        100_00,
        FRIDAY + timedelta(days=2),
    )
    assert desk.holds() == []
    assert desk.case().promise_state == "kept"
    assert desk.case().next_step == "Agradecer el pago y revisar lo que queda"


def test_until_the_grace_is_over_it_is_open_and_shows_what_came(desk: Desk) -> None:
    promise_of(desk)
    desk.pay(60_00, FRIDAY)

    assert desk.settle(desk.days_later(6)) == outcomes.Settled()
    assert Promise.objects.of(desk.organisation).get().kept_minor == 60_00
    assert desk.settle(desk.days_later(7)) == outcomes.Settled(partial=1)
    assert Promise.objects.of(desk.organisation).get().state == "partial"


@pytest.mark.covers("S1-13c", "S1-13a")
def test_a_broken_promise_leaves_a_call_an_alarm_and_no_pause(desk: Desk) -> None:
    promise = promise_of(desk)

    assert desk.settle(desk.days_later(7)) == outcomes.Settled(broken=1)

    assert desk.holds() == []
    assert (desk.case().promise_state, desk.case().next_on) == ("broken", date(2026, 3, 9))
    assert Task.objects.of(desk.organisation).get().identity == f"promise:{promise.pk}:broken"
    assert Alarm.objects.of(desk.organisation).get().kind == "promise_broken"
    assert selectors.pending_without_owner(desk.organisation.pk) == []


def test_money_in_another_currency_or_from_before_does_not_keep_it(desk: Desk) -> None:
    desk.pay(500_00, MONDAY - timedelta(days=1))
    promise_of(desk)
    desk.pay(500_00, FRIDAY, currency="ARS")
    assert desk.settle(desk.days_later(7)) == outcomes.Settled(broken=1)


def test_settling_one_case_leaves_the_others(desk: Desk) -> None:
    promise_of(desk)
    clock = desk.days_later(7)
    assert (
        outcomes.settle_promises(actor=desk.system, as_of=clock.as_of, now=clock.now, case_ids=[])
        == outcomes.Settled()
    )
    assert states(desk) == ["open"]


def test_cancelling_resumes_the_strategy_without_fault(desk: Desk) -> None:
    promise = promise_of(desk)
    outcomes.cancel_promise(actor=desk.ana, promise_id=promise.pk, clock=desk.clock)

    assert states(desk) == ["cancelled"]
    assert desk.holds() == []
    assert desk.case().promise_state == "none"
    with pytest.raises(outcomes.UnknownPromise):
        outcomes.cancel_promise(actor=desk.ana, promise_id=promise.pk, clock=desk.clock)


def plan_of(desk: Desk, total: int = 300_00, parts: int = 3) -> Plan:
    draft = outcomes.PlanDraft(total, "USD", parts, FRIDAY, Every.WEEK)
    return outcomes.make_plan(actor=desk.ana, case_id=desk.case_id, plan=draft, clock=desk.clock)


def test_a_plan_is_a_promise_for_each_instalment(desk: Desk) -> None:
    plan = plan_of(desk, total=100_00)

    rows = (
        Promise.objects.of(desk.organisation)
        .filter(plan=plan)
        .order_by("due_on")
        .values_list("amount_minor", "due_on")
    )
    assert list(rows) == [(33_34, FRIDAY), (33_33, date(2026, 3, 13)), (33_33, date(2026, 3, 20))]
    assert [(hold.kind, hold.ends_on) for hold in desk.holds()] == [("plan", date(2026, 3, 23))]


def test_the_first_money_covers_the_first_instalment_only(desk: Desk) -> None:
    plan_of(desk)
    desk.pay(100_00, FRIDAY)

    assert desk.settle(desk.days_later(7)) == outcomes.Settled(kept=1)
    assert states(desk) == ["kept", "open", "open"]
    assert len(desk.holds()) == 1
    assert desk.settle(desk.days_later(14)) == outcomes.Settled(broken=1)
    assert states(desk) == ["kept", "broken", "cancelled"]
    assert Plan.objects.of(desk.organisation).get().state == "broken"
    assert desk.holds() == []
    assert Alarm.objects.of(desk.organisation).get().kind == "plan_instalment_missed"


def test_a_plan_paid_at_once_is_kept(desk: Desk) -> None:
    plan_of(desk)
    desk.pay(300_00, FRIDAY)
    assert desk.settle(desk.days_later(5)) == outcomes.Settled(kept=3)
    assert Plan.objects.of(desk.organisation).get().state == "kept"
    assert desk.holds() == []


def test_a_promise_replaces_a_plan(desk: Desk) -> None:
    plan_of(desk)
    promise_of(desk)
    assert states(desk) == ["cancelled", "cancelled", "cancelled", "open"]
    assert Plan.objects.of(desk.organisation).get().state == "cancelled"


MOVES = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 200_00)), max_size=6)


@pytest.mark.parametrize("make", [promise_of, plan_of], ids=["promise", "plan"])
@settings(max_examples=12)
@given(moves=MOVES, day=st.integers(0, 25))
def test_settling_twice_changes_nothing(
    desk: Desk, make: Callable[[Desk], object], moves: list[tuple[int, int]], day: int
) -> None:
    with transaction.atomic():
        make(desk)
        for days, minor in moves:
            desk.pay(minor, MONDAY + timedelta(days=days))
        clock = desk.days_later(day)
        desk.settle(clock)
        before = (
            states(desk),
            desk.case().next_on,
            [hold.pk for hold in desk.holds()],
            Alarm.objects.of(desk.organisation).count(),
        )
        assert desk.settle(clock) == outcomes.Settled()
        after = (
            states(desk),
            desk.case().next_on,
            [hold.pk for hold in desk.holds()],
            Alarm.objects.of(desk.organisation).count(),
        )
        assert after == before
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        ({"amount_minor": 0}, "promise_is_positive"),
        ({"state": "kept", "decided_on": None}, "decided_promise_has_a_date"),
    ],
)
def test_the_database_refuses_it_too(desk: Desk, broken: dict[str, object], name: str) -> None:
    promise_of(desk)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Promise.objects.of(desk.organisation).update(**broken)
