"""The four habits: what their switch would change is said before, and is what then happens."""

from datetime import timedelta

import pytest

from aldia.access import services as access
from aldia.access.actors import member
from aldia.access.models import Membership
from aldia.access.permissions import NotAllowed
from aldia.ledger import services as ledger
from aldia.strategy import services
from aldia.strategy.habits import Habit, habits
from aldia.strategy.night import night_plan
from tests.rooms.strategy.conftest import BEGIN, NOW, World

pytestmark = pytest.mark.django_db


def habit(world: World, key: str) -> Habit:
    return next(one for one in habits(world.actor, as_of=BEGIN) if one.key == key)


def switch(world: World, key: str, is_on: bool) -> None:
    services.switch_habit(actor=world.actor, habit=key, is_on=is_on, clock=world.clock(BEGIN))


@pytest.fixture
def house(world: World) -> World:
    access.add_member(actor=world.actor, email="ana@casa.test", name="Ana", role="COLLECTOR", now=NOW)
    world.owes("viejo", 120_000, due=BEGIN - timedelta(days=45))
    world.owes("grande", 500_000, due=BEGIN - timedelta(days=2))
    world.opens()
    return world


@pytest.mark.covers("S2-12", "S2-14")
def test_without_the_weight_of_age_the_large_and_recent_goes_first(house: World) -> None:
    before = habit(house, "attention")
    assert before.is_on
    assert [(one.now, one.then) for one in before.changes] == [("Viejo", "Grande"), ("Grande", "Viejo")]
    switch(house, "attention", is_on=False)
    after = habit(house, "attention")
    assert (after.is_on, [one.then for one in after.changes]) == (False, ["Viejo", "Grande"])


@pytest.mark.covers("S2-12", "S2-13")
def test_the_review_reaches_everyone_who_works_or_nobody(house: World) -> None:
    assert [one.then for one in habit(house, "review").changes] == ["nadie"]
    switch(house, "review", is_on=False)
    assert not Membership.objects.of(house.organisation).filter(has_digest=True).exists()
    assert [(one.now, one.then) for one in habit(house, "review").changes] == [("nadie", "Ana")]
    switch(house, "review", is_on=True)
    assert habit(house, "review").is_on


@pytest.mark.covers("S2-12", "S2-15")
def test_cases_of_nobody_are_shared_out_only_with_the_habit(house: World) -> None:
    switch(house, "staff", is_on=False)
    house.lives(BEGIN)
    alone = habit(house, "staff")
    assert (alone.is_on, alone.changes[0].what) == (False, "2 clientes en mora sin responsable")
    switch(house, "staff", is_on=True)
    house.lives(BEGIN + timedelta(days=1))
    assert habit(house, "staff").changes[0].what.startswith("0 clientes")


@pytest.mark.covers("S2-12", "S2-16")
def test_a_portfolio_without_plan_gets_the_one_made_for_its_kind(house: World) -> None:
    ledger.change_portfolio(
        actor=house.actor,
        portfolio_id=house.portfolio_id,
        now=NOW,
        debt_kind="credit_card",
        debtor_kind="consumer",
    )
    switch(house, "plan", is_on=False)
    assert night_plan(house.organisation.pk, as_of=BEGIN).strategies == ()
    off = habit(house, "plan")
    assert (off.is_on, off.changes[0].what, off.changes[0].now) == (False, "Facturas", "ninguna estrategia")
    switch(house, "plan", is_on=True)
    used = night_plan(house.organisation.pk, as_of=BEGIN).strategies
    assert [(one.strategy.key, one.portfolio_ids) for one in used] == [
        ("credit_cards", (house.portfolio_id,))
    ]
    assert habit(house, "plan").changes[0].now == off.changes[0].then


def test_only_who_may_edit_settings_switches_and_only_what_exists(house: World) -> None:
    with pytest.raises(services.UnknownHabit):
        switch(house, "smile", is_on=True)
    manager = member(house.organisation.pk, user_id=1, role="MANAGER")
    with pytest.raises(NotAllowed):
        services.switch_habit(actor=manager, habit="plan", is_on=True, clock=house.clock(BEGIN))
