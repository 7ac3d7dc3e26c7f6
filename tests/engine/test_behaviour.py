"""The ladder follows the person: what somebody did decides the next step, and the rule that chose it can be read."""

from typing import Any

import pytest

from aldia.domain.calendars import Calendar
from aldia.engine.decide import decide
from aldia.engine.rules.explain import explain
from aldia.engine.strategy import Strategy
from aldia.engine.strategy_reading import load_strategy
from tests.engine.portfolios import AS_OF, WORDS, default_case, default_document, default_person, frames_of
from tests.engine.test_decide import OPEN, due


def ladder(**conditions: str) -> Strategy:
    """A strategy with one notice three days after the due date for each condition."""
    steps = [
        {
            "key": key, "name": WORDS, "grain": "document", "anchor": "due_on", "offset": 3, "condition": condition,
            "action": {"kind": "notice", "template": "t", "channels": ["email"]},
        }
        for key, condition in conditions.items()
    ]  # fmt: skip
    head = {"format": 1, "key": "ladder", "version": 1, "name": WORDS, "description": WORDS}
    return load_strategy({**head, "always": steps, "stages": [{"key": "only", "name": WORDS, "steps": []}]})


def steps_of(strategy: Strategy, *cases: dict[str, Any]) -> dict[int, list[str]]:
    """The steps due today of cases that owe the same since the same day."""
    own = [default_case(number, **facts) for number, facts in enumerate(cases, start=1)]
    documents = [default_document(10 + number, number, due(4)) for number in range(1, len(cases) + 1)]
    people = [default_person(number) for number in range(1, len(cases) + 1)]
    decided = decide(
        frames_of(own, documents, people), strategy, {"ar": Calendar()}, OPEN, as_of=AS_OF
    ).filter(action="notice", state="take")
    return {number: decided.filter(case_id=number)["step"].to_list() for number in range(1, len(cases) + 1)}


@pytest.mark.covers("S2-7b")
def test_two_people_with_the_same_debt_and_another_behaviour_are_on_different_steps_for_a_reason_that_is_told() -> (
    None
):
    strategy = ladder(gentle="promises_broken_12m = 0", firm="promises_broken_12m >= 1")
    assert steps_of(strategy, {"promises_broken_12m": 0}, {"promises_broken_12m": 2}) == {
        1: ["gentle"],
        2: ["firm"],
    }
    firm = next(step for step in strategy.always if step.key == "firm")
    assert explain(firm.condition, "es") == "promesas incumplidas en 12 meses es 1 o más"


@pytest.mark.covers("S3-57")
def test_the_next_step_reads_what_came_of_the_last_one() -> None:
    strategy = ladder(
        again="last_outcome IS NULL OR last_outcome IN ('no_answer', 'busy')",
        other_way="last_outcome = 'wrong_number'",
    )
    told = steps_of(
        strategy, {"last_outcome": "no_answer"}, {"last_outcome": "wrong_number"}, {"last_outcome": "dispute"}
    )
    assert told == {1: ["again"], 2: ["other_way"], 3: []}
