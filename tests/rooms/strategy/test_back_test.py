"""A past night decided again from what was known then is the night that was lived, to the last act."""

from datetime import timedelta

import pytest

from aldia.access.actors import Clock
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.strategy.models import Strategy
from tests.rooms.strategy.conftest import BEGIN, World, instant

KEY = "b2b_invoices"
DAYS = 7


def lived(world: World) -> None:
    """A week in which some pay, one of them told a day late, new debt comes, and delays grow."""
    for number in range(5):
        world.owes(f"c{number}", 900_000, due=BEGIN - timedelta(days=number * 11 - 2))
    for ahead in range(1, DAYS):
        on = BEGIN + timedelta(days=ahead)
        if ahead == 2:
            world.pays("c1", 900_000, on=on)
            world.pays("c2", 100_000, on=on - timedelta(days=1))  # the bank tells a day late
        if ahead == 4:
            world.owes("c1", 500_000, due=on - timedelta(days=4), now=instant(on))
        world.lives(on)


def replayed(world: World, version: int | None = None) -> strategy.BackTest:
    return strategy.back_test(
        world.actor, KEY, from_on=BEGIN, to_on=BEGIN + timedelta(days=DAYS), version=version
    )


@pytest.mark.covers("S3-15b")
def test_the_version_that_ran_gives_the_log_again_with_no_difference(world: World) -> None:
    lived(world)
    told = replayed(world)
    assert [day.on for day in told.days] == [BEGIN + timedelta(days=ahead) for ahead in range(1, DAYS)]
    assert told.listed == ()
    assert told.differences == 0
    assert sum(day.logged for day in told.days) == sum(day.replayed for day in told.days) > 5
    assert sum(day.messages_logged for day in told.days) > 0
    assert told.is_same


@pytest.mark.covers("S3-15b")
def test_another_version_differs_and_each_difference_says_how(world: World) -> None:
    lived(world)
    row = Strategy.objects.of(world.organisation).get(key=KEY)
    document = {**row.draft, "always": row.draft["always"][1:]}
    services.publish(
        actor=world.actor, strategy_id=row.pk, document=document, note="",
        clock=Clock(BEGIN + timedelta(days=DAYS), instant(BEGIN + timedelta(days=DAYS))),
    )  # fmt: skip
    assert replayed(world, 1).differences == 0
    told = replayed(world, 2)
    assert not told.is_same
    assert told.differences == sum(told.by_kind.values()) > 0
    assert {one.kind for one in told.listed} <= {"only_log", "only_replay", "state", "channel", "reason"}
    assert {one.step for one in told.listed} & {row.draft["always"][0]["key"]}


def test_a_time_without_nights_is_said(world: World) -> None:
    with pytest.raises(strategy.NotInLab):
        replayed(world)
