"""The vocabulary describes itself; the vectorised priority agrees with the rule of the domain."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.domain.attention import AttentionFacts, AttentionRule, PromiseSignal, Weights, priority
from aldia.engine.priority import priority_score
from aldia.engine.vocabulary import FACTS, GRAINS, TYPES, vocabulary_page
from aldia.engine.vocabulary_data import NULLS, UNITS


def test_every_fact_is_fully_described() -> None:
    assert len(FACTS) >= 60
    for fact in FACTS.values():
        assert fact.grain in GRAINS
        assert fact.type in TYPES
        assert fact.unit in UNITS or not fact.unit
        assert fact.null in NULLS or not fact.null
        assert (fact.type == "money") == (fact.unit == "minor")


@pytest.mark.parametrize("language", ["es", "en", "pt-BR"])
def test_the_page_names_every_fact_with_its_label(language: str) -> None:
    page = vocabulary_page(language)
    for fact in FACTS.values():
        assert f"| `{fact.key}` | {fact.label.of(language)}" in page


FACTS_OF_ONE = st.builds(
    AttentionFacts,
    overdue_minor=st.integers(-10, 2_000_000), dpd=st.integers(-5, 200), promise=st.sampled_from(PromiseSignal),
    days_since_contact=st.one_of(st.none(), st.integers(0, 90)),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(FACTS_OF_ONE, min_size=1, max_size=20), st.integers(0, 100), st.integers(1, 90))
def test_priority_is_the_same_row_by_row_and_at_once(
    rows: list[AttentionFacts], age: int, silence: int
) -> None:
    rule, weights = AttentionRule(age_percent=age), Weights(45, 30, 25)
    frame = pl.DataFrame(
        [(r.overdue_minor, r.dpd, r.promise.value, r.days_since_contact) for r in rows], orient="row",
        schema={"overdue": pl.Int64, "dpd": pl.Int64, "promise_signal": pl.String, "days_since_contact": pl.Int64},
    )  # fmt: skip
    fast = frame.select(score=priority_score(rule, weights, silence))["score"].to_list()
    assert fast == [priority(row, rule, weights, silence).score for row in rows]


def test_the_default_rule_scores_the_example_of_the_domain() -> None:
    frame = pl.DataFrame(
        {"overdue": [1_200_00], "dpd": [45], "promise_signal": ["broken"], "days_since_contact": [None]},
        schema_overrides={"days_since_contact": pl.Int64},
    )  # fmt: skip
    assert frame.select(score=priority_score())["score"].to_list() == [60]
