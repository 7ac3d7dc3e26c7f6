"""Outcomes as data: no outcome without a next step."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from aldia.domain.calendars import Calendar
from aldia.domain.outcome_tree import CONTACT_LABELS, DEFAULT_TREE
from aldia.domain.outcomes import (
    NEEDED_FIELDS,
    BadOutcomeTree,
    ContactLevel,
    NextKind,
    NextStep,
    Outcome,
    OutcomeEffect,
    OutcomeTree,
    UnknownOutcome,
    tree_as_data,
    tree_from_data,
)

FRIDAY = date(2026, 11, 27)
NO_ANSWER, PROMISE = DEFAULT_TREE.get("no_answer"), DEFAULT_TREE.get("promise")


def test_the_nine_letters_of_the_outcome_bar() -> None:
    words = {outcome.letter: outcome.label.es for outcome in DEFAULT_TREE.outcomes}
    assert [words[letter] for letter in "NPLADRTZW"] == [
        "No contesta", "Promesa", "Plan de pagos", "Ya pagó", "Disputa", "Rellamar", "Tercero", "Pausa", "WhatsApp",
    ]  # fmt: skip


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(UnknownOutcome):
        DEFAULT_TREE.get("nothing")


@pytest.mark.covers("S1-11d")
@pytest.mark.parametrize("outcome", DEFAULT_TREE.outcomes, ids=lambda outcome: outcome.key)
def test_every_outcome_leaves_a_step_after_today(outcome: Outcome) -> None:
    far = {
        "due_on": date(2027, 1, 4),
        "first_on": date(2027, 1, 4),
        "call_at": date(2027, 1, 4),
        "until_on": date(2027, 1, 4),
    }
    assert outcome.next_on(FRIDAY, Calendar(), far) > FRIDAY


@pytest.mark.covers("S1-11d")
@pytest.mark.parametrize(
    "step", [NextStep(NextKind.CALL, 0), NextStep(NextKind.CALL, -1), NextStep(NextKind.CALL, 1, "nowhere")]
)
def test_an_outcome_without_next_step_cannot_exist(step: NextStep) -> None:
    with pytest.raises(BadOutcomeTree, match="next step"):
        OutcomeTree((replace(NO_ANSWER, next_step=step),))


def test_a_tree_refuses_doubles_and_effects_without_their_fields() -> None:
    with pytest.raises(BadOutcomeTree, match="key"):
        OutcomeTree((NO_ANSWER, NO_ANSWER))
    with pytest.raises(BadOutcomeTree, match="letter"):
        OutcomeTree((NO_ANSWER, replace(PROMISE, letter="N")))
    with pytest.raises(BadOutcomeTree, match="one capital"):
        OutcomeTree((replace(NO_ANSWER, letter="no"),))
    with pytest.raises(BadOutcomeTree, match="must ask for amount, due_on"):
        OutcomeTree((replace(PROMISE, fields=(), next_step=NextStep(NextKind.CALL, 1)),))
    with pytest.raises(BadOutcomeTree, match="needs a key"):
        OutcomeTree((replace(NO_ANSWER, key=""),))
    OutcomeTree((NO_ANSWER, replace(PROMISE, letter="N", is_active=False)))


def test_every_effect_with_data_is_used_and_asks_for_it() -> None:
    used = {outcome.effect for outcome in DEFAULT_TREE.outcomes}
    assert used == set(OutcomeEffect)
    assert set(NEEDED_FIELDS) <= used


def test_contact_flags_follow_the_first_level() -> None:
    flags = {
        level: {(o.is_contact, o.is_right_party) for o in DEFAULT_TREE.outcomes if o.contact is level}
        for level in ContactLevel
    }
    assert flags == {
        ContactLevel.NO_CONTACT: {(False, False)},
        ContactLevel.THIRD_PARTY: {(True, False)},
        ContactLevel.RIGHT_PARTY: {(True, True)},
    }


def test_the_next_step_falls_on_a_business_day() -> None:
    calendar = Calendar(holidays=frozenset({date(2026, 11, 30)}))
    assert NO_ANSWER.next_on(FRIDAY, calendar) == date(2026, 12, 1)
    assert PROMISE.next_on(date(2026, 11, 20), calendar, {"due_on": FRIDAY}) == date(2026, 12, 1)
    call_at = datetime(2026, 11, 28, 15, tzinfo=UTC)
    assert DEFAULT_TREE.get("call_back").next_on(FRIDAY, calendar, {"call_at": call_at}) == date(2026, 12, 1)


@pytest.mark.covers("S1-11c")
def test_the_tree_survives_being_stored_as_data() -> None:
    assert tree_from_data(tree_as_data(DEFAULT_TREE), CONTACT_LABELS) == DEFAULT_TREE


def test_broken_data_names_its_row() -> None:
    rows = tree_as_data(DEFAULT_TREE)
    del rows[1]["label"]
    with pytest.raises(BadOutcomeTree, match=r"outcome 2 \(promise\)"):
        tree_from_data(rows)
