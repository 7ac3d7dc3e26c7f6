"""Strategies as documents: the two that ship, the schema that is published, and what is refused."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

import aldia.strategy
from aldia.engine.contact_rules import CHANNELS
from aldia.engine.strategy import ANCHORS, ATTACHMENTS, GRAINS, UNITS, StrategyInvalid
from aldia.engine.strategy_reading import load_strategy, strategy_schema

CATALOGUE = Path(aldia.strategy.__file__).parent / "catalogue"
TEMPLATES = {
    "predue_courtesy", "due_today", "overdue_soft", "overdue_reminder", "overdue_firm", "overdue_final_offer",
    "promise_reminder", "promise_broken", "payment_thanks", "promise_thanks",
}  # fmt: skip


def shipped(key: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((CATALOGUE / f"{key}.json").read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("key", ["b2b_invoices", "consumer_instalments"])
@pytest.mark.covers("S4-58", "S4-59")
def test_the_strategies_that_ship_are_valid_and_climb_the_ladder(key: str) -> None:
    strategy = load_strategy(shipped(key), templates=TEMPLATES)
    ladder = [step.offset for step in strategy.steps if step.grain == "document"]
    assert (strategy.key, ladder) == (key, [-3, 0, 3, 10, 30, 60])
    assert [stage.key for stage in strategy.stages] == ["early", "late", "residual"]
    assert {step.action.kind for step in strategy.steps} == {"notice", "task", "alarm"}


def test_the_published_schema_names_the_same_words_as_the_reader() -> None:
    parts = strategy_schema()["$defs"]
    step = parts["step"]["properties"]
    assert tuple(step["grain"]["enum"]) == GRAINS
    assert tuple(step["anchor"]["enum"]) == ANCHORS
    assert tuple(step["unit"]["enum"]) == UNITS
    assert tuple(parts["channels"]["items"]["enum"]) == CHANNELS
    assert tuple(parts["notice"]["properties"]["attach"]["items"]["enum"]) == ATTACHMENTS


def changed(path: str, value: Any) -> dict[str, Any]:
    """The B2B strategy with one place changed; ``always.0.offset`` walks keys and positions."""
    document = copy.deepcopy(shipped("b2b_invoices"))
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    here: Any = document
    for part in way:
        here = here[part]
    if value is DELETE:
        del here[last]
    else:
        here[last] = value
    return document


DELETE = object()


@pytest.mark.parametrize(
    ("path", "value", "place", "problem"),
    [
        ("format", 2, "format", "found 2"),
        ("name", DELETE, "name", "is missing"),
        ("colour", "red", "colour", "is not known here"),
        ("stages", [], "stages", "is empty"),
        ("stages.0.key", "Early Stage", "stages[0].key", "found 'Early Stage'"),
        ("stages.1.entry", "dpdd > 3", "stages[1].entry", "column 1: unknown word"),
        ("always.0.condition", 3, "always[0].condition", "a rule is a text"),
        ("always.0.grain", "debtor", "always[0].grain", "found 'debtor'"),
        ("always.0.offset", 1.5, "always[0].offset", "found 1.5"),
        ("always.0.offset", True, "always[0].offset", "found True"),
        ("always.0.action.kind", "fax", "always[0].action.kind", "found 'fax'"),
        ("always.0.action.channels", [], "always[0].action.channels", "is empty"),
        ("always.0.action.channels", ["fax"], "always[0].action.channels[0]", "found 'fax'"),
        ("always.0.action.channels", ["email", "email"], "always[0].action.channels", "repeats"),
        ("always.0.action.template", "soft", "step predue of always", "template 'soft' does not exist"),
        ("always.0.name", {"es": "Sí"}, "always[0].name", "needs its texts in es, en and pt"),
        ("always.1.key", "predue", "step predue", "its key appears 2 times"),
        ("always.0.anchor", "stage_since", "step predue of always", "a document has no stage_since"),
        ("always.0.unit", "business", "step due of always", "mixes calendar and business days"),
        ("always.0.offset", 5, "step due of always", "offset 0 comes after 5 of predue"),
        ("stages.0.steps.0.condition", "FALSE", "step call_large of stage early", "its condition is never true"),
        ("stages.0.steps.0.condition", "stage = 'late'", "step call_large of stage early", "asks for another stage"),
        ("stages.1.entry", "FALSE", "stage late", "its entry is never true"),
        ("stages.2.entry", DELETE, "stage late", "no case stays in it"),
        ("stages.0.steps.0.offset", -2, "step call_large of stage early", "cannot be known 2 days before"),
        ("stages.0.steps.0.action", {"kind": "stage", "to": "moon"}, "step call_large of stage early", "'moon' does not exist"),
    ],
)  # fmt: skip
@pytest.mark.covers("S0-11")
def test_a_broken_strategy_is_refused_with_its_place_and_its_repair(
    path: str, value: Any, place: str, problem: str
) -> None:
    with pytest.raises(StrategyInvalid) as refusal:
        load_strategy(changed(path, value), templates=TEMPLATES)
    found = [each for each in refusal.value.problems if each.place == place and problem in each.problem]
    assert found, str(refusal.value)
    assert found[0].hint


@pytest.mark.parametrize("document", [[], "x", None, 3, {}, {"stages": "x"}, {"stages": [3]}])
def test_anything_that_is_not_a_strategy_is_refused_not_crashed_on(document: Any) -> None:
    with pytest.raises(StrategyInvalid):
        load_strategy(document)
