"""What happens by day is decided at once, as the night would have decided it."""

import pytest
from polars.testing import assert_frame_equal

from aldia.cases import services as cases
from aldia.cases.models import CaseNews
from aldia.cases.services import HoldDraft
from aldia.strategy import services as strategy
from aldia.strategy.models import Run, RunState
from aldia.strategy.night import decide_partition, deciding, night_plan
from tests.rooms.strategy.conftest import BEGIN, World, instant, make_world
from tests.rooms.strategy.test_running import days_late

TOLD = ("step", "subject_kind", "cycle", "attempt", "action", "channel", "state", "reason", "reason_args")


def again(world: World) -> int:
    return strategy.decide_news(actor=world.actor, as_of=BEGIN, now=instant(BEGIN))


def taken(world: World) -> list[tuple[object, ...]]:
    return sorted(
        tuple(getattr(row, name) for name in TOLD) for row in world.decisions if row.state == "taken"
    )


def paused(world: World) -> int:
    """Somebody owes a lot for long, and nothing may be done yet; return the pause."""
    world.owes("ana", 900_000, due=days_late(12))
    world.owes("ana", 5_000, due=days_late(3))
    world.opens()
    hold = HoldDraft("manual", BEGIN)
    placed = cases.place_hold(actor=world.actor, case_id=world.clients["ana"], hold=hold, now=instant(BEGIN))
    return int(placed.pk)


def test_an_event_is_decided_as_the_night_would_have_decided_it(world: World) -> None:
    hold_id, twin = paused(world), make_world("dos")
    world.runs()
    assert not world.orders and not world.tasks
    for each in (world, twin):
        if each is twin:
            hold_id = paused(twin)
        cases.release_hold(actor=each.actor, hold_id=hold_id, now=instant(BEGIN))
        each.pays("ana", 1_000, on=BEGIN)
    assert again(world) == 1
    twin.runs()
    assert taken(world) == taken(twin)
    assert [(row.channel, row.template_key, row.not_before_at) for row in world.orders] == [
        (row.channel, row.template_key, row.not_before_at) for row in twin.orders
    ]
    assert world.orders and world.tasks
    assert [(row.title, row.due_on) for row in world.tasks] == [(row.title, row.due_on) for row in twin.tasks]
    assert again(world) == 0
    assert Run.objects.of(world.organisation).filter(state=RunState.INTRADAY).count() == 1


def test_one_person_is_decided_as_among_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One by rows, all by columns."""
    for number in range(4):
        world.owes(f"c{number}", 900_000, due=days_late(number * 11))
    world.opens()
    plan = night_plan(world.organisation.pk, as_of=BEGIN)
    with monkeypatch.context() as patched:
        patched.setattr(deciding, "FEW", 0)
        whole = decide_partition(plan, None).decisions
    for (party_id,), rows in whole.partition_by("party_id", as_dict=True).items():
        alone = decide_partition(plan, (party_id, party_id)).decisions
        assert_frame_equal(alone.sort("step", "subject_id"), rows.sort("step", "subject_id"))


def test_what_happens_before_the_night_is_left_to_it(world: World) -> None:
    world.owes("ana", 900_000, due=days_late(12))
    world.opens()
    world.pays("ana", 1_000, on=BEGIN)
    assert CaseNews.objects.of(world.organisation).count() == 1
    assert again(world) == 0
    assert not world.decisions and not CaseNews.objects.of(world.organisation).exists()
