"""One strategy is tried against another: each arm is worked by its own, in the portfolios of the day that it began."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from aldia.cases.models import Case
from aldia.domain import experiments as domain
from aldia.ledger.models import Portfolio
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.strategy.models import Experiment
from aldia.strategy.night import arms
from aldia.strategy.selectors.absences import fates
from tests.rooms.strategy.conftest import BEGIN, World

DRAFT = services.ExperimentDraft(
    "Otra", "b2b_invoices", "softer", challenger=40, control=20, base=30, effect=20, horizon=7
)
STEP: dict[str, Any] = {
    "key": "softer_call", "name": {"es": "Llamado amable", "en": "Kind call", "pt": "Ligação gentil"}, "grain": "case",
    "anchor": "due_on", "offset": 0, "condition": "overdue > 0",
    "action": {"kind": "task", "task": "call", "title": {"es": "Llamar amable", "en": "Kind call", "pt": "Ligar gentil"}},
}  # fmt: skip
LATER = ({**STEP, "key": "brief", "offset": 5, "lateness": 1}, {**STEP, "key": "current", "offset": 12})


def softer(world: World, *steps: dict[str, Any]) -> None:
    words = {"es": "Amable", "en": "Softer", "pt": "Gentil"}
    services.create_strategy(
        actor=world.actor, clock=world.clock(BEGIN),
        document={
            "format": 1, "key": "softer", "version": 1, "name": words, "description": words,
            "stages": [{"key": "early", "name": words, "entry": "overdue > 0", "exit": "overdue = 0", "steps": list(steps or (STEP,))}],
        },
    )  # fmt: skip
    card = next(row for row in strategy.strategies(world.actor) if row.key == "softer")
    draft = strategy.strategy(world.actor, "softer", as_of=BEGIN, language="es").draft
    services.publish(
        actor=world.actor, strategy_id=card.id, document=draft, note="", clock=world.clock(BEGIN)
    )


@pytest.fixture
def one_of_each(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A client late three days in each arm, who is called as its arm."""
    for who in domain.ARMS:
        world.owes(who, 10_000, due=BEGIN - timedelta(days=3))
    world.opens()
    names = {case_id: who for who, case_id in world.clients.items()}
    dealt = {
        party: names[case]
        for party, case in Case.objects.of(world.organisation).values_list("party_id", "pk")
    }
    monkeypatch.setattr(arms, "arm_of", lambda _key, party_id, _shares: dealt[party_id])
    return world


def started(world: World, draft: services.ExperimentDraft = DRAFT) -> Experiment:
    return services.start_experiment(actor=world.actor, draft=draft, clock=world.clock(BEGIN))


def told(world: World, on: date = BEGIN) -> set[tuple[str, str, str]]:
    """Who, by which strategy, with what end: the changes of stage left out."""
    names = {case_id: who for who, case_id in world.clients.items()}
    return {
        (names[row.case_id], row.strategy_key, row.reason if row.state == "withheld" else row.state)
        for row in world.decisions
        if row.on == on and row.action != "stage"
    }


@pytest.mark.covers("S3-64a")
def test_each_arm_is_worked_by_its_strategy_and_the_control_by_none(one_of_each: World) -> None:
    softer(one_of_each)
    started(one_of_each)
    one_of_each.runs()
    assert told(one_of_each) == {
        ("champion", "b2b_invoices", "taken"),
        ("challenger", "softer", "taken"),
        ("control", "b2b_invoices", "held_out"),
    }
    assert [
        task.title for task in one_of_each.tasks if task.case_id == one_of_each.clients["challenger"]
    ] == ["Llamar amable"]


def test_the_challenger_begins_at_its_current_step_and_misses_nothing_from_before(one_of_each: World) -> None:
    softer(one_of_each, STEP, *LATER)
    day = BEGIN + timedelta(days=10)
    services.start_experiment(actor=one_of_each.actor, draft=DRAFT, clock=one_of_each.clock(day))
    one_of_each.runs(day)
    acts = [row for row in one_of_each.decisions if row.strategy_key == "softer" and row.action != "stage"]
    assert [(row.step, row.state) for row in acts] == [("current", "taken")]


def test_the_case_tells_the_steps_of_the_strategy_of_its_arm(one_of_each: World) -> None:
    softer(one_of_each)
    started(one_of_each)
    seen = {
        who: fates(one_of_each.actor, one_of_each.clients[who], as_of=BEGIN, language="en")
        for who in domain.ARMS
    }
    assert {who: one and one.key for who, one in seen.items()} == {
        "champion": "b2b_invoices", "challenger": "softer", "control": "b2b_invoices",
    }  # fmt: skip


def test_a_portfolio_outside_of_the_trial_keeps_its_strategy_whole(one_of_each: World) -> None:
    softer(one_of_each)
    row = started(one_of_each)
    Experiment.objects.of(one_of_each.organisation).filter(pk=row.pk).update(portfolio_ids=[])
    one_of_each.runs()
    assert {key for _who, key, _end in told(one_of_each)} == {"b2b_invoices"}
    assert {end for _who, _key, end in told(one_of_each)} == {"taken"}


def test_people_stay_in_the_count_when_their_portfolio_goes_to_another_strategy(one_of_each: World) -> None:
    row = started(one_of_each, replace(DRAFT, challenger_key="", horizon=30))
    after = BEGIN + timedelta(days=8)
    Portfolio.objects.of(one_of_each.organisation).filter(pk=one_of_each.portfolio_id).update(
        strategy_key="key_accounts"
    )
    seen = strategy.experiment(one_of_each.actor, row.pk, as_of=after, language="es")
    assert seen.waiting == 3


def test_keeping_the_challenger_stops_the_trial_and_gives_it_the_portfolios(one_of_each: World) -> None:
    softer(one_of_each)
    row = started(one_of_each)
    day = BEGIN + timedelta(days=1)
    told_names = services.keep_challenger(
        actor=one_of_each.actor, experiment_id=row.pk, verdict="challenger", clock=one_of_each.clock(day)
    )
    assert told_names == ["Facturas"]
    one_of_each.runs(day)
    assert {(who, key) for who, key, _end in told(one_of_each, day)} == {
        (who, "softer") for who in domain.ARMS
    }
    with pytest.raises(services.ExperimentRefused, match="se detuvo"):
        services.keep_challenger(
            actor=one_of_each.actor, experiment_id=row.pk, verdict="", clock=one_of_each.clock(day)
        )


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"challenger_key": "b2b_invoices"}, "la misma"),
        ({"challenger_key": "nothing"}, "publicada"),
        ({"strategy_key": "consumer_instalments", "challenger_key": "b2b_invoices"}, "Ninguna cartera"),
    ],
)
def test_a_trial_that_compares_nothing_is_refused(world: World, wrong: dict[str, str], why: str) -> None:
    with pytest.raises(services.ExperimentRefused, match=why):
        started(world, replace(DRAFT, **wrong))  # type: ignore[arg-type]


def test_the_plan_names_the_steps_of_the_challenger(one_of_each: World) -> None:
    softer(one_of_each)
    plan = strategy.forecast(one_of_each.actor, DRAFT, as_of=BEGIN, language="pt")
    assert plan.own_steps == ("Ligação gentil",)
