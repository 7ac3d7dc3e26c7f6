"""Attention: amount against age, and a score that explains itself."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.attention import (
    AttentionFacts,
    AttentionRule,
    BadAttentionRule,
    Priority,
    PromiseSignal,
    ReasonKind,
    Weights,
    priority,
)

OLD = AttentionFacts(1_200_00, 45, days_since_contact=0)
LARGE = AttentionFacts(5_000_00, 2, days_since_contact=0)
FACTS = st.builds(
    AttentionFacts,
    overdue_minor=st.integers(-(10**6), 10**15),
    dpd=st.integers(-400, 4000),
    promise=st.sampled_from(PromiseSignal),
    days_since_contact=st.none() | st.integers(0, 4000),
)


@pytest.mark.covers("S2-14")
def test_age_outranks_amount_when_so_configured() -> None:
    rule = AttentionRule(age_percent=60)
    assert (rule.share_of(1_200_00, 45), rule.share_of(5_000_00, 2)) == (348, 213)
    assert priority(OLD, rule).score > priority(LARGE, rule).score


@pytest.mark.covers("S2-14")
def test_amount_outranks_age_when_so_configured() -> None:
    rule = AttentionRule(age_percent=0)
    assert priority(OLD, rule).score < priority(LARGE, rule).score


def test_the_reasons_are_told_with_their_points() -> None:
    found = priority(AttentionFacts(1_200_00, 45, PromiseSignal.BROKEN, None))
    assert found.score == 20 + 20 + 20
    assert [(reason.kind, reason.points) for reason in found.reasons] == [
        (ReasonKind.AMOUNT_AND_AGE, 20),
        (ReasonKind.PROMISE_BROKEN, 20),
        (ReasonKind.NEVER_CONTACTED, 20),
    ]


def test_a_reason_speaks_three_languages() -> None:
    (silence,) = [
        r
        for r in priority(replace(OLD, days_since_contact=12)).reasons
        if r.kind is ReasonKind.NO_CONTACT_SINCE
    ]
    assert silence.text("es") == "sin contacto hace 12 días"
    assert silence.text("en-US") == "no contact for 12 days"
    assert silence.text("pt-BR") == "sem contato há 12 dias"


@pytest.mark.parametrize(
    "facts", [replace(OLD, dpd=0), replace(OLD, overdue_minor=0), replace(OLD, overdue_minor=-5)]
)
def test_a_debt_that_is_not_due_scores_nothing(facts: AttentionFacts) -> None:
    assert priority(facts) == Priority(0, ())


@given(FACTS)
def test_the_score_stays_from_0_to_100_and_reasons_are_sorted(facts: AttentionFacts) -> None:
    found = priority(facts)
    points = [reason.points for reason in found.reasons]
    assert 0 <= sum(points) <= found.score <= 100
    assert points == sorted(points, reverse=True)
    assert all(reason.text("es") for reason in found.reasons)


@given(FACTS, st.integers(0, 10**9), st.integers(0, 400))
def test_more_money_or_more_age_never_lowers_the_score(facts: AttentionFacts, money: int, days: int) -> None:
    more = replace(facts, overdue_minor=facts.overdue_minor + money, dpd=facts.dpd + days)
    assert priority(more).score >= priority(facts).score


@pytest.mark.parametrize(
    "limits",
    [
        {"age_percent": 101},
        {"age_percent": -1},
        {"full_dpd": 0},
        {"full_amount_minor": 0},
    ],
)
def test_rules_out_of_range_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(BadAttentionRule):
        AttentionRule(**limits)


@pytest.mark.parametrize("weights", [(60, 20, 21), (110, -10, 0)])
def test_weights_must_add_up_to_100(weights: tuple[int, int, int]) -> None:
    with pytest.raises(BadAttentionRule):
        Weights(*weights)
