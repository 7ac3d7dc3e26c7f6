"""A night leaves orders, tasks and stages once, whatever happens in between."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from aldia.cases import services as cases
from aldia.cases.models import Case
from aldia.db.pace import Pace
from aldia.db.partitions import Partition
from aldia.strategy import services as strategy
from aldia.strategy.models import Strategy
from aldia.strategy.night import Decided, NightPlan
from aldia.strategy.services import running
from aldia.strategy.services.acting import Left
from tests.rooms.strategy.conftest import BEGIN, NOW, World, make_world


def days_late(days: int, on: date = BEGIN) -> date:
    return on - timedelta(days=days)


@pytest.mark.covers("S1-9c")
def test_documents_of_one_case_due_for_the_same_step_are_one_message(world: World) -> None:
    first, second = (world.owes("ana", 10_000, due=days_late(3)) for _ in range(2))
    world.opens()
    report = world.runs()
    assert report.notices == Counter(email=1)
    assert [sorted(order.document_ids) for order in world.orders] == [[first, second]]
    assert world.orders[0].template_key == "overdue_soft"


def test_the_same_night_again_leaves_nothing(world: World) -> None:
    world.owes("ana", 900_000, due=days_late(12))
    world.opens()
    world.runs()
    before = (len(world.orders), len(world.tasks), len(world.decisions))
    again = world.runs()
    assert (again.decided, again.withheld, again.missed) == (0, 0, 0)
    assert (len(world.orders), len(world.tasks), len(world.decisions)) == before


def test_a_dry_run_counts_what_the_run_then_does(world: World) -> None:
    for number in range(4):
        world.owes(f"c{number}", 900_000, due=days_late(number * 11))
    world.opens()
    dry = world.runs(is_dry_run=True)
    assert not world.orders and not world.decisions and not world.tasks
    real = world.runs()
    assert real.to_json() == dry.to_json()


@pytest.mark.parametrize("writes", range(4))
def test_a_run_killed_between_two_transactions_ends_like_one_that_was_not(
    world: World, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    twin = make_world("dos")
    for each in (world, twin):
        for number in range(6):
            each.owes(f"c{number}", 900_000, due=days_late(number * 11))
        each.opens()
    whole = twin.runs(cases_at_once=3)
    for limit in ("FEWEST", "MOST", "ON_SERVER"):
        monkeypatch.setattr(Pace, limit, 1)
    real, done = Left.write, []

    def dies(left: Left, first: int, last: int) -> pl.DataFrame:
        if len(done) == writes:
            raise KeyboardInterrupt
        done.append(real(left, first, last))
        return done[-1]

    monkeypatch.setattr(Left, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        world.runs(cases_at_once=3)
    monkeypatch.setattr(Left, "write", real)
    report = world.runs(cases_at_once=3)
    assert report.to_json() == whole.to_json()
    assert [order.template_key for order in world.orders] == [order.template_key for order in twin.orders]
    assert [task.title for task in world.tasks] == [task.title for task in twin.tasks]


@pytest.mark.covers("S1-9a")
def test_debt_of_three_years_starts_at_its_current_step(world: World) -> None:
    for number in range(3):
        world.owes("ana", 50_000, due=days_late(1095 + number * 30))
    world.opens()
    report = world.runs()
    assert [order.template_key for order in world.orders] == ["overdue_final_offer"]
    assert report.missed == 0
    assert report.stages == 1


def test_a_corrected_text_published_again_sends_nothing_twice(world: World) -> None:
    world.owes("ana", 50_000, due=days_late(3))
    world.opens()
    world.runs()
    row = strategy_row(world)
    document = {
        **row.draft,
        "always": [{**step, "name": {**step["name"], "es": "Otro nombre"}} for step in row.draft["always"]],
    }
    version = strategy.publish(
        actor=world.actor, strategy_id=row.pk, document=document, note="texto", clock=world.clock(BEGIN)
    )
    assert version.number == 2
    assert world.runs().decided == 0
    assert len(world.orders) == 1


def strategy_row(world: World) -> Strategy:
    return Strategy.objects.of(world.organisation).get(key="b2b_invoices")


def test_a_withheld_act_is_stored_when_it_begins_and_when_its_reason_changes(world: World) -> None:
    world.client("ana", email=None)
    world.owes("ana", 50_000, due=days_late(3))
    world.opens()
    assert world.runs().withheld == 1
    assert world.runs(BEGIN + timedelta(days=1)).withheld == 0
    hold = cases.HoldDraft(kind="manual", starts_on=BEGIN)
    cases.place_hold(actor=world.actor, case_id=world.clients["ana"], hold=hold, now=NOW)
    later = world.runs(BEGIN + timedelta(days=2))
    assert later.withheld_by == Counter({"hold:manual": 1})
    assert [row.reason for row in world.decisions if row.subject_kind == "document"] == [
        "unreachable",
        "hold",
    ]


def test_a_portfolio_may_go_without_a_strategy(world: World) -> None:
    world.organisation.settings = {"has_default_strategy": False}
    world.organisation.save()
    world.owes("ana", 50_000, due=days_late(3))
    world.opens()
    assert (world.runs().cases, world.orders) == (0, [])


@pytest.mark.covers("S4-31b")
def test_the_next_notice_becomes_the_next_step_of_the_case(world: World) -> None:
    world.owes("ana", 50_000, due=days_late(3))
    world.opens()
    world.runs()
    case = Case.objects.of(world.organisation).get(pk=world.clients["ana"])
    assert (case.next_step, case.next_on) == ("Aviso D+10", BEGIN + timedelta(days=7))


def test_messages_wait_for_the_first_lawful_instant_of_the_client(world: World) -> None:
    world.owes("ana", 50_000, due=days_late(3))
    world.opens()
    world.runs()
    order = world.orders[0]
    local = order.not_before_at.astimezone(ZoneInfo("America/Argentina/Buenos_Aires"))
    assert local.date() == BEGIN
    assert order.expires_at == datetime(2026, 3, 9, 3, tzinfo=UTC)


def test_what_another_run_took_meanwhile_is_not_taken_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.owes("ana", 900_000, due=days_late(12))
    world.opens()
    real = running.decide_partition

    def slowly(plan: NightPlan, partition: Partition | None) -> Decided:
        decided = real(plan, partition)
        monkeypatch.setattr(running, "decide_partition", real)
        world.runs()
        return decided

    monkeypatch.setattr(running, "decide_partition", slowly)
    world.runs()
    assert [order.template_key for order in world.orders] == ["overdue_reminder"]
    assert len({(row.step, row.subject_id) for row in world.decisions}) == len(world.decisions)


def test_what_a_person_plans_while_the_night_decides_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.owes("ana", 50_000, due=days_late(3))
    world.opens()
    real, case_id = running.leave, world.clients["ana"]

    def slowly(*told: object) -> Left:
        left = real(*told)  # type: ignore[arg-type]
        cases.set_next_step(actor=world.actor, case_id=case_id, text="Pasar el lunes", on=BEGIN, now=NOW)
        return left

    monkeypatch.setattr(running, "leave", slowly)
    assert world.runs().stages == 1
    case = Case.objects.of(world.organisation).get(pk=case_id)
    assert (case.next_step, case.next_on, case.stage) == ("Pasar el lunes", BEGIN, "early")
