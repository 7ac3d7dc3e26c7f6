"""The laboratory on a small lender: a dry run tells what the nights then do, and writes nothing."""

from datetime import timedelta

import pytest

from aldia.access.actors import Actor
from aldia.access.permissions import NotAllowed
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.strategy.lab import answers
from aldia.strategy.models import Strategy
from tests.rooms.strategy.conftest import BEGIN, NOW, World

KEY = "b2b_invoices"


def owing(world: World) -> None:
    for number in range(4):
        world.owes(f"c{number}", 900_000, due=BEGIN - timedelta(days=number * 5))
    world.opens()


def tried(world: World, **options: object) -> strategy.DryRun:
    return strategy.dry_run(world.actor, KEY, as_of=BEGIN, language="es", **options)  # type: ignore[arg-type]


def test_the_first_day_of_a_dry_run_is_what_the_night_then_leaves(world: World) -> None:
    owing(world)
    told = tried(world)
    assert not world.decisions
    real = world.runs()
    assert dict(told.days[0].notices) == dict(real.notices)
    assert sum(told.days[0].tasks.values()) == real.tasks


def test_the_days_foreseen_are_those_that_come_when_nobody_answers(world: World) -> None:
    owing(world)
    told = tried(world, days=6)
    for day in told.days:
        report = world.lives(day.on)
        assert (day.on, dict(day.notices), sum(day.tasks.values())) == (
            day.on,
            report["notices"],
            report["tasks"],
        )


def test_work_and_cost_follow_what_the_organisation_says(world: World) -> None:
    owing(world)
    assert set(tried(world).cost_minor.values()) <= {None}
    team = strategy.effort_of(world.actor).teams[0].key
    draft = services.EffortDraft({"call": 30}, {team: 1.0}, {"email": 10_000})
    services.set_effort(actor=world.actor, draft=draft, now=NOW)
    told = tried(world)
    assert told.cost_minor["email"] == 10 * told.notices["email"]
    calls = sum(day.tasks.get("call", 0) for day in told.days)
    assert calls
    assert sum(day.minutes for day in told.days) >= 30 * calls
    assert told.teams[0].hours_at_hand == 5.0


def test_a_price_below_zero_and_an_unknown_team_are_refused_by_name(world: World) -> None:
    for draft in (
        services.EffortDraft(per_thousand_minor={"email": -1}),
        services.EffortDraft(hours={"nobody": 2}),
    ):
        with pytest.raises(services.EffortRefused, match=r"email|nobody"):
            services.set_effort(actor=world.actor, draft=draft, now=NOW)


def test_a_draft_is_tried_as_it_stands_and_ten_cases_are_told(world: World) -> None:
    owing(world)
    row = Strategy.objects.of(world.organisation).get(key=KEY)
    row.draft = {**row.draft, "always": []}
    row.save()
    published, draft = tried(world), tried(world, version=strategy.DRAFT)
    assert sum(published.notices.values()) > sum(draft.notices.values())
    assert {sample.case_id for sample in published.samples} <= set(world.clients.values())
    assert published.samples[0].steps[0].reason


def test_what_is_not_there_is_said_with_what_there_is(world: World) -> None:
    with pytest.raises(strategy.NotInLab, match=KEY):
        strategy.dry_run(world.actor, "nothing", as_of=BEGIN, language="es")
    with pytest.raises(strategy.NotInLab, match="9"):
        tried(world, version=9)


def test_only_who_may_see_strategies_may_try_them(world: World) -> None:
    nobody = Actor(organisation_id=world.organisation.pk, user_id=None, label="x", permissions=frozenset())
    with pytest.raises(NotAllowed):
        strategy.dry_run(nobody, KEY, as_of=BEGIN, language="es")


def paid_for(world: World, weeks: int) -> None:
    """Clients who fall due and pay some days later, week after week, before BEGIN."""
    for week in range(weeks):
        due = BEGIN - timedelta(days=7 * week + 10)
        for number in range(8):
            who = f"w{week}n{number}"
            world.owes(who, 50_000, due=due)
            if number % 4:
                world.pays(who, 50_000, on=due + timedelta(days=2 + number % 5))


def test_history_that_is_too_thin_is_refused_with_what_is_missing(world: World) -> None:
    owing(world)
    services.ask_simulation(actor=world.actor, first=KEY, days=5, clock=world.clock(BEGIN))
    row = services.answer_simulation(actor=world.actor, now=NOW)
    assert row is not None
    assert row.state == "refused"
    assert "60" in row.refused
    assert services.answer_simulation(actor=world.actor, now=NOW) is None


def test_two_strategies_are_lived_side_by_side_with_bands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "LEAST_PAYMENTS", 10)
    paid_for(world, 5)
    world.opens()
    told = strategy.simulation(
        world.actor, [(KEY, None), ("consumer_instalments", None)], as_of=BEGIN, days=4
    )
    again = strategy.simulation(world.actor, [(KEY, None)], as_of=BEGIN, days=4)
    assert told.payments >= 10
    assert told.sides[0] == again.sides[0]
    assert told.sides[0].total.low <= told.sides[0].total.middle <= told.sides[0].total.high
    assert 0 < told.sides[0].total.high <= 5 * 2 * 50_000
    assert told.difference is not None
    assert any("SMS" in doubt for doubt in told.doubts)


def test_a_simulation_of_nothing_or_of_no_day_is_refused(world: World) -> None:
    for asked in ({"first": "nothing", "days": 5}, {"first": KEY, "days": 0}):
        with pytest.raises(services.SimulationRefused):
            services.ask_simulation(actor=world.actor, clock=world.clock(BEGIN), **asked)  # type: ignore[arg-type]
