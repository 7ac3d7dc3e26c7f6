"""A rule as rows: every rule has them, and they mean the rule again."""

import pytest
from hypothesis import given, settings

from aldia.engine.rules import RuleError, check, format_rule
from aldia.engine.rules.outline import OPERATORS, RAW, Group, Outline, Row, outline, outline_text, row_text
from aldia.engine.vocabulary import FACTS
from tests.engine.rule_cases import conditions

SEGMENTS = {"vip": "overdue >= 1000"}


@settings(deadline=None)
@given(conditions())
def test_the_rows_of_any_rule_mean_the_rule_again(text: str) -> None:
    rule = check(text, grain="document")
    again = check(outline_text(outline(rule.tree)), grain="document")
    assert again.tree == rule.tree


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("TRUE", Outline("and", ())),
        ("dpd > 30", Outline("and", (Group("and", (Row("dpd", ">", "30"),)),))),
        (
            "dpd BETWEEN 1 AND 30 AND NOT dispute_open AND (region IN ('AR-C', 'AR-B') OR region IS NULL)",
            Outline(
                "and",
                (
                    Group("and", (Row("dpd", "between", "1", "30"), Row("dispute_open", "false"))),
                    Group("or", (Row("region", "in", "AR-C, AR-B"), Row("region", "null"))),
                ),
            ),
        ),
        (
            "segment('vip') OR NOT contains(holder, 'an''a') OR overdue * 2 > total",
            Outline(
                "or",
                (
                    Group(
                        "or",
                        (
                            Row("segment", "true", "vip"),
                            Row("holder", "not contains", "an'a"),
                            Row("", RAW, "overdue * 2 > total"),
                        ),
                    ),
                ),
            ),
        ),
    ],
)
def test_a_rule_reads_as_rows_and_is_written_back_as_it_was(text: str, told: Outline) -> None:
    tree = check(text, segments=SEGMENTS).tree
    assert outline(tree) == told
    assert format_rule(check(outline_text(told), segments=SEGMENTS).tree) == text


def test_every_comparison_that_is_offered_makes_a_rule() -> None:
    values = {"int": "30", "money": "1000,50", "date": "2026-01-31", "text": "person", "bool": ""}
    for fact in FACTS.values():
        value = fact.values[0] if fact.values else values[fact.type]
        for op in OPERATORS[fact.type]:
            tree = check(row_text(Row(fact.key, op, value, value)), grain="document").tree
            assert check(outline_text(outline(tree)), grain="document").tree == tree


@pytest.mark.parametrize("value", ["", "1 OR TRUE", "x'; DROP TABLE", "1) OR (1=1", "mil"])
def test_a_value_that_is_no_number_is_refused_and_never_becomes_part_of_the_rule(value: str) -> None:
    with pytest.raises(RuleError) as refusal:
        check(row_text(Row("overdue", ">", value)))
    assert refusal.value.remark.code == "types_differ"
