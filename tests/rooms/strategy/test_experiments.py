"""An experiment deals people by lot, tells rules the arm, counts who paid in time, and says what may be said."""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from math import ceil

import pytest

from aldia.cases.models import Case
from aldia.domain import experiments as domain
from aldia.ledger.models import Account
from aldia.strategy import brought, services
from aldia.strategy import selectors as strategy
from aldia.strategy.models import Experiment
from aldia.strategy.night import arms, case_facts
from tests.rooms.strategy.conftest import BEGIN, World

DRAFT = services.ExperimentDraft("Tono", "b2b_invoices", challenger=50, base=30, effect=20, horizon=7)
AFTER = BEGIN + timedelta(days=8)


def started(world: World, draft: services.ExperimentDraft = DRAFT) -> Experiment:
    return services.start_experiment(actor=world.actor, draft=draft, clock=world.clock(BEGIN))


def seen(world: World, row: Experiment) -> strategy.ExperimentView:
    return strategy.experiment(world.actor, row.pk, as_of=AFTER, language="es")


def deal_in_turns(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """c0 to the champion, c1 to the challenger, and so on: by lot, which follows the ids, all might fall to one arm."""
    numbers = {case_id: int(who[1:]) for who, case_id in world.clients.items()}
    dealt = {
        party: numbers[account]
        for party, account in Account.objects.of(world.organisation).values_list("party_id", "pk")
    }
    monkeypatch.setattr(
        import_module("aldia.strategy.selectors.experiments"),
        "arm_of",
        lambda _key, party_id, _shares: domain.ARMS[dealt[party_id] % 2],
    )


def test_arms_reach_the_rules_while_it_runs(world: World) -> None:
    for number in range(12):
        world.owes(f"c{number}", 10_000, due=BEGIN - timedelta(days=3))
    world.opens()
    nothing = case_facts(world.organisation.pk, as_of=BEGIN, needed=())
    assert nothing["experiment_arm"].null_count() == 12
    row = started(world)
    facts = case_facts(world.organisation.pk, as_of=BEGIN, needed=())
    for party_id, arm in facts.select("party_id", "experiment_arm").iter_rows():
        assert arm == domain.arm_of(row.key, party_id, row.shares)


def _try_out(world: World) -> None:
    """A task for whoever is not in the champion's arm, as an author who forgets the control would write it."""
    card = next(row for row in strategy.strategies(world.actor) if row.key == "b2b_invoices")
    draft = strategy.strategy(world.actor, card.key, as_of=BEGIN, language="es").draft
    words = {"es": "Prueba", "en": "Trial", "pt": "Teste"}
    step = {
        "key": "trial", "name": words, "grain": "case", "anchor": "due_on", "offset": 0,
        "condition": "experiment_arm <> 'champion'", "action": {"kind": "task", "task": "call", "title": words},
    }  # fmt: skip
    services.publish(
        actor=world.actor, strategy_id=card.id, document={**draft, "always": [*draft.get("always", []), step]}, note="",
        clock=world.clock(BEGIN),
    )  # fmt: skip


@pytest.mark.covers("S3-64a")
def test_the_control_gets_nothing_of_the_arm_and_the_reason_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in domain.ARMS:
        world.owes(who, 10_000, due=BEGIN - timedelta(days=3))
    world.opens()
    dealt = dict(Case.objects.of(world.organisation).values_list("party_id", "pk"))
    names = {case_id: who for who, case_id in world.clients.items()}
    monkeypatch.setattr(arms, "arm_of", lambda _key, party_id, _shares: names[dealt[party_id]])
    started(world)
    _try_out(world)
    world.runs()
    told = {names[row.case_id]: (row.state, row.reason) for row in world.decisions if row.step == "trial"}
    assert told == {"challenger": ("taken", "due"), "control": ("withheld", "held_out")}
    assert {names[task.case_id] for task in world.tasks if task.title == "Prueba"} == {"challenger"}


@pytest.mark.covers("S3-64a")
def test_who_paid_in_time_is_counted_on_the_day_that_the_time_is_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "LEAST_IN_ARM", 2)
    for number in range(12):
        world.owes(f"c{number}", 10_000, due=BEGIN - timedelta(days=3))
    deal_in_turns(world, monkeypatch)
    row = started(world)
    world.pays("c0", 10_000, on=BEGIN + timedelta(days=2))
    world.pays("c1", 10_000, on=BEGIN + timedelta(days=7))  # a day too late
    view = seen(world, row)
    assert [week.on for week in view.weeks] == [BEGIN + timedelta(days=7)]
    last = view.weeks[0]
    assert (last.champion.people, last.challenger.people) == (6, 6)
    assert (last.champion.hits, last.challenger.hits) == (1, 0)
    assert view.verdict == "go_on"
    assert "sigue" in view.said


def test_how_much_each_brings_is_compared_against_what_they_usually_bring(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (domain, brought):
        monkeypatch.setattr(place, "LEAST_IN_ARM", 2)
    for number in range(8):
        world.owes(f"c{number}", 50_000, due=BEGIN - timedelta(days=40))
    world.opens()
    world.pays("c0", 8_000, on=BEGIN - timedelta(days=3))
    row = started(world)
    assert row.amounts["effect"] == pytest.approx(8_000 / 8 * 20 / 30)
    deal_in_turns(world, monkeypatch)
    world.pays("c1", 9_000, on=BEGIN + timedelta(days=1))
    world.pays("c3", 1_000, on=BEGIN + timedelta(days=9))  # too late
    told = seen(world, row).amounts
    assert told is not None
    assert (told.champion.total, told.challenger.total, told.challenger.squares) == (0, 9_000, 9_000**2)
    assert told.look.low < told.look.difference == 9_000 / 4 < told.look.high
    assert (told.currency, told.verdict) == ("USD", "go_on")


def test_without_history_of_amounts_only_who_pays_is_compared(world: World) -> None:
    world.owes("ana", 10_000, due=BEGIN - timedelta(days=3))
    row = started(world)
    assert row.amounts is None
    assert seen(world, row).amounts is None


def test_nobody_is_counted_before_the_time_is_over(world: World) -> None:
    world.owes("ana", 10_000, due=BEGIN - timedelta(days=3))
    row = started(world, services.ExperimentDraft("Largo", "b2b_invoices", horizon=30))
    view = seen(world, row)
    assert (view.weeks, view.waiting) == ((), 1)


def test_one_at_a_time_and_a_stopped_one_stays_stopped(world: World) -> None:
    row = started(world)
    with pytest.raises(services.ExperimentRefused):
        started(world)
    for verdict in ("go_on", "champion"):
        services.stop_experiment(
            actor=world.actor, experiment_id=row.pk, verdict=verdict, clock=world.clock(AFTER)
        )
    row.refresh_from_db()
    assert (row.stopped_on, row.verdict) == (AFTER, "go_on")
    assert started(world, services.ExperimentDraft("Otro", "b2b_invoices")).pk != row.pk


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"strategy_key": "nothing"}, {"challenger": 100}, {"effect": 0}, {"horizon": 0}]
)
def test_a_plan_that_cannot_be_is_refused(world: World, wrong: dict[str, object]) -> None:
    draft = services.ExperimentDraft(**{"name": "x", "strategy_key": "b2b_invoices", **wrong})  # type: ignore[arg-type]
    with pytest.raises(services.ExperimentRefused):
        started(world, draft)


def test_the_plan_tells_how_many_there_are_how_long_it_takes_and_what_one_arm_gets(world: World) -> None:
    for number in range(50):
        world.owes(f"old{number}", 10_000, due=BEGIN - timedelta(days=60))
    for number in range(14):
        world.owes(f"new{number}", 10_000, due=BEGIN - timedelta(days=3))
    world.opens()
    world.pays("old0", 10_000, on=BEGIN - timedelta(days=2))
    draft = replace(DRAFT, effect=20, horizon=30)
    told = strategy.forecast(world.actor, draft, as_of=BEGIN, language="es")
    weeks = ceil((2 * told.size - 63) / 3)
    assert (told.late, told.weekly, told.base) == (63, 3, 2)
    assert told.days == weeks * 7 + 30
    assert told.visible is not None
    assert domain.sequential_size(domain.Plan(0.3, told.visible / 100)) <= (63 + 3 * 13) // 2
    assert told.own_steps == ()
    _try_out(world)
    assert strategy.forecast(world.actor, draft, as_of=BEGIN, language="es").own_steps == ("Prueba",)


def test_a_plan_for_a_strategy_that_no_portfolio_uses_says_that_there_is_nobody(world: World) -> None:
    world.owes("ana", 10_000, due=BEGIN - timedelta(days=3))
    world.opens()
    told = strategy.forecast(
        world.actor, replace(DRAFT, strategy_key="consumer_instalments"), as_of=BEGIN, language="es"
    )
    assert (told.late, told.days, told.visible) == (0, None, None)


def test_only_the_portfolios_of_the_strategy_are_counted(world: World) -> None:
    world.owes("ana", 10_000, due=BEGIN - timedelta(days=3))
    world.opens()
    row = started(world, replace(DRAFT, horizon=30))
    assert seen(world, row).waiting == 1
    Experiment.objects.of(world.organisation).filter(pk=row.pk).update(portfolio_ids=[])
    assert seen(world, row).waiting == 0
