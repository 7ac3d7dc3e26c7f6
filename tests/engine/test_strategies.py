"""Strategies as documents: the two that ship, the schema that is published, and what is refused."""

import copy
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import aldia.strategy
from aldia.engine.contact_rules import CHANNELS
from aldia.engine.strategy import ANCHORS, ATTACHMENTS, GRAINS, UNITS, StrategyInvalid
from aldia.engine.strategy_checks import warnings_of
from aldia.engine.strategy_reading import load_strategy

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
    schema = files("aldia.engine").joinpath("strategy.schema.json").read_text(encoding="utf-8")
    parts = json.loads(schema)["$defs"]
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
        ("format", 2, "format", "not_this"),
        ("name", DELETE, "name", "missing"),
        ("colour", "red", "colour", "not_known"),
        ("stages", [], "stages", "empty_list"),
        ("stages.0.key", "Early Stage", "stages.0.key", "not_a_key"),
        ("stages.1.entry", "dpdd > 3", "stages.1.entry", "rule"),
        ("always.0.condition", 3, "always.0.condition", "not_a_text"),
        ("always.0.grain", "debtor", "always.0.grain", "not_an_option"),
        ("always.0.offset", 1.5, "always.0.offset", "not_in_span"),
        ("always.0.offset", True, "always.0.offset", "not_in_span"),
        ("always.0.action.kind", "fax", "always.0.action.kind", "not_an_option"),
        ("always.0.action.channels", [], "always.0.action.channels", "no_channel"),
        ("always.0.action.channels", ["fax"], "always.0.action.channels.0", "not_an_option"),
        ("always.0.action.channels", ["email", "email"], "always.0.action.channels", "repeated_value"),
        ("always.0.action.template", "soft", "always.0.action.template", "unknown_template"),
        ("always.0.name", {"es": "Sí"}, "always.0.name", "not_a_label"),
        ("always.1.key", "predue", "", "repeated_step"),
        ("always.0.anchor", "stage_since", "always.0.anchor", "anchor_of_document"),
        ("always.0.unit", "business", "always.1.unit", "mixed_units"),
        ("always.0.offset", 5, "always.1.offset", "unordered"),
        ("stages.0.steps.0.condition", "FALSE", "stages.0.steps.0.condition", "never_true"),
        ("stages.0.steps.0.condition", "stage = 'late'", "stages.0.steps.0.condition", "other_stage"),
        ("stages.1.entry", "FALSE", "stages.1.entry", "never_true"),
        ("stages.2.entry", DELETE, "stages.1", "nobody_stays"),
        ("stages.0.steps.0.offset", -2, "stages.0.steps.0.offset", "before_anchor"),
        ("stages.0.steps.0.action", {"kind": "stage", "to": "moon"}, "stages.0.steps.0.action.to", "unknown_stage"),
    ],
)  # fmt: skip
@pytest.mark.covers("S0-11", "S3-10..13", "S3-66c", "S3-80")
def test_a_broken_strategy_is_refused_with_its_place_and_its_reason(
    path: str, value: Any, place: str, problem: str
) -> None:
    with pytest.raises(StrategyInvalid) as refusal:
        load_strategy(changed(path, value), templates=TEMPLATES)
    found = [(".".join(map(str, each.place)), each.code) for each in refusal.value.problems]
    assert (place, problem) in found


def doubts(**changes: Any) -> list[tuple[str, str]]:
    document = shipped("b2b_invoices")
    for path, value in changes.items():
        document = {**document, path: value}
    return [(".".join(map(str, each.place)), each.code) for each in warnings_of(load_strategy(document))]


@pytest.mark.covers("S0-11")
def test_what_may_be_published_but_should_be_looked_at_is_told_with_its_place() -> None:
    document = shipped("b2b_invoices")
    first, second, *_rest = document["always"]
    twin = {**first, "key": "twin", "condition": "NOT is_disputed AND document_open >= 1000"}
    large = {**second, "key": "large", "condition": "document_open >= 1000"}
    small = {**second, "key": "small", "condition": "document_open < 1000"}
    assert ("always.1", "overlap") in doubts(always=[first, twin])
    assert ("always.1", "overlap") not in doubts(always=[large, small])
    assert ("always.0", "dead_end") in doubts(always=[{**first, "offset": 400}])
    assert ("stages.0", "empty_stage") in doubts(always=[], stages=[{**document["stages"][0], "steps": []}])
    careful = {**first, "condition": "region <> 'AR-C'"}
    assert ("always.0.condition", "rule") in doubts(always=[careful])
    assert doubts() == []


def test_a_version_carries_the_segments_that_it_names() -> None:
    first, *rest = shipped("b2b_invoices")["always"]
    document = {**shipped("b2b_invoices"), "always": [{**first, "condition": "segment('vip')"}, *rest]}
    given = load_strategy(document, segments={"vip": "overdue >= 1000", "other": "dpd > 1"})
    assert given.segments == {"vip": "overdue >= 1000"}
    carried = load_strategy({**document, "segments": {"vip": "overdue >= 500"}})
    assert carried.segments == {"vip": "overdue >= 500"}
    with pytest.raises(StrategyInvalid, match="unknown_segment"):
        load_strategy(document)


@pytest.mark.parametrize("document", [[], "x", None, 3, {}, {"stages": "x"}, {"stages": [3]}])
def test_anything_that_is_not_a_strategy_is_refused_not_crashed_on(document: Any) -> None:
    with pytest.raises(StrategyInvalid):
        load_strategy(document)
