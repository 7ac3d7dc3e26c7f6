"""The rule language: what it takes, what it refuses and how it says so."""

import sqlite3
from contextlib import closing, suppress

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.engine.rules import RuleError, check, explain, format_rule, matches, to_polars, to_sql
from tests.engine.hostile_rules import hostile_rules
from tests.engine.rule_cases import conditions

EXAMPLE = "dpd BETWEEN 1 AND 30 AND overdue >= 1000 AND region IN ('AR-C','AR-B') AND promise_state <> 'open'"


def test_three_hundred_hostile_texts_are_on_the_list() -> None:
    assert len(set(hostile_rules())) >= 300


def test_no_hostile_text_reaches_a_database() -> None:
    asked: list[str] = []
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.set_trace_callback(asked.append)
        for text in hostile_rules():
            with suppress(RuleError):
                condition = to_sql(check(text), exponent=2, dialect="sqlite", placeholder="?")
                connection.execute(f"SELECT {condition.text}", condition.parameters)
    assert asked == []


@pytest.mark.parametrize("text", hostile_rules(), ids=lambda text: ascii(text)[:40])
def test_a_hostile_text_is_refused_with_its_place_and_a_message(text: str) -> None:
    with pytest.raises(RuleError) as refusal:
        check(text)
    assert refusal.value.remark.at >= 1
    assert refusal.value.remark.code


@given(st.text(max_size=60))
def test_any_text_is_either_a_rule_or_a_refusal(text: str) -> None:
    try:
        check(text)
    except RuleError as refusal:
        assert str(refusal).startswith("column ")


@given(st.lists(st.sampled_from(
    ["dpd", "overdue", "region", "dispute_open", "AND", "OR", "NOT", "(", ")", "=", ">", "'x'", "1", "-", "*", "IN",
     "BETWEEN", "IS", "NULL", "TRUE", "DATE", "'2026-01-01'", ",", "contains", "oldest_due_on", "+"]), max_size=12))  # fmt: skip
def test_any_order_of_its_own_words_is_either_a_rule_or_a_refusal(words: list[str]) -> None:
    try:
        rule = check(" ".join(words))
    except RuleError:
        return
    assert check(format_rule(rule.tree)).tree == rule.tree


@given(conditions())
def test_what_is_written_back_reads_the_same(text: str) -> None:
    rule = check(text, grain="document")
    again = check(format_rule(rule.tree), grain="document")
    assert again.tree == rule.tree
    assert all(explain(rule, language) for language in ("es", "en", "pt-BR"))


@pytest.mark.parametrize(
    ("text", "column", "code", "told"),
    [
        (
            "overdue > 'mil'",
            11,
            "types_differ",
            {"fact": "overdue", "type": "money", "other": "text", "sample": "1000"},
        ),
        ("dpd > 3 AND dpdd = 1", 13, "near_word", {"near": "dpd"}),
        ("region LIKE 'AR%'", 8, "like", {}),
        (
            "promise_state = 'opened'",
            17,
            "not_a_code",
            {"fact": "promise_state", "codes": "none, open, kept, broken"},
        ),
        ("dpd BETWEEN 30 AND 1", 13, "never_between", {}),
        ("overdue * 0.5 > total", 11, "broken_factor", {}),
        ("oldest_due_on > '2026-02-30'", 17, "not_a_date", {}),
        ("segment('vi')", 1, "near_segment", {"near": "vip"}),
        ("dpd > 1 OR segment('old')", 12, "broken_segment", {}),
        ("segment(dpd)", 1, "segment_arguments", {}),
    ],
)
def test_an_error_points_at_the_word_and_tells_what_it_needs(
    text: str, column: int, code: str, told: dict[str, str]
) -> None:
    with pytest.raises(RuleError) as refusal:
        check(text, segments={"vip": "overdue > 9", "old": "dpdd > 3"})
    remark = refusal.value.remark
    assert (remark.at, remark.code, dict(remark.told)) == (column, code, told)


def test_a_rule_names_a_saved_segment_and_means_its_condition() -> None:
    rule = check("NOT segment('vip') AND dpd > 3", segments={"vip": "overdue >= 1000 AND has_email"})
    assert (rule.facts, rule.segments) == ({"overdue", "has_email", "dpd"}, {"vip"})
    assert format_rule(rule.tree) == "NOT segment('vip') AND dpd > 3"
    assert explain(rule, "es").startswith("no es cierto que está en el segmento «vip» y ")
    row = {"overdue": 5_00, "has_email": True, "dpd": 9}
    assert matches(rule, row, exponent=2)
    assert pl.DataFrame([row]).select(to_polars(rule, exponent=2)).item()
    assert to_sql(rule, exponent=2, dialect="sqlite").parameters == (1000_00, 3)


def test_a_rule_is_explained_in_three_languages() -> None:
    rule = check("dpd > 30 AND (dispute_open OR holder IS NULL)")
    assert explain(rule, "es") == (
        "días de atraso del documento más antiguo es mayor que 30 y "
        "(tiene una disputa abierta o responsable está vacío)"
    )
    assert explain(rule, "en").endswith("(has an open dispute or holder is empty)")
    assert explain(check("NOT dispute_open AND promise_state = 'broken'"), "es") == (
        "no es cierto que tiene una disputa abierta y estado de la promesa es no cumplida"
    )
    assert explain(rule, "pt-BR").startswith("dias de atraso do documento mais antigo é maior que 30 e ")


def test_the_author_is_warned_that_empty_never_differs() -> None:
    (warning,) = check("region <> 'AR-C'").warnings
    assert (warning.code, warning.at, warning.told) == ("may_be_empty", 1, {"fact": "region"})
    assert check(EXAMPLE).warnings == ()


def test_a_case_rule_does_not_see_documents_but_a_document_rule_sees_its_case() -> None:
    assert check("document_dpd > 3 AND dpd > 10 AND has_email", grain="document").facts == {
        "document_dpd",
        "dpd",
        "has_email",
    }
    with pytest.raises(RuleError, match=r"unknown_word|near_word"):
        check("document_dpd > 3", grain="case")
