"""What is wrong with a rule or a strategy is told in the reader's language, pointed at, with its repair."""

import ast
import copy
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

import aldia.engine
from aldia.engine.rules import RuleError, check
from aldia.engine.rules.scan import _CODES
from aldia.engine.strategy import StrategyInvalid
from aldia.engine.strategy_reading import load_strategy
from aldia.strategy import checking
from aldia.strategy.complaints import FIELDS, RULE_TEXTS, STRATEGY_TEXTS, pointed, problem_views
from aldia.strategy.shipped import shipped_documents
from tests.engine.hostile_rules import hostile_rules

ENGINE = Path(aldia.engine.__file__).parent
LANGUAGES = ("es", "en", "pt-br")
_CALLS = {"RuleError": 0, "Remark": 0, "_refuse": 1, "Problem": 1, "note": 1}


def codes_in(*paths: Path) -> set[str]:
    """The codes that these sources give to a refusal: every text in the place of the code."""
    calls = [
        node
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    ]
    found: set[str] = set()
    for call in calls:
        position = _CALLS.get(getattr(call.func, "id", getattr(call.func, "attr", "")))
        if position is not None and len(call.args) > position:
            place = call.args[position]
            told = [place.body, place.orelse] if isinstance(place, ast.IfExp) else [place]
            found |= {str(each.value) for each in told if isinstance(each, ast.Constant)}
    return found


def test_every_code_of_a_rule_has_its_words_and_no_words_are_idle() -> None:
    assert codes_in(*(ENGINE / "rules").glob("*.py")) | set(_CODES.values()) | {"foreign_symbol"} == set(
        RULE_TEXTS
    )


def test_every_code_of_a_strategy_has_its_words_and_no_words_are_idle() -> None:
    room = Path(checking.__file__)
    found = codes_in(*ENGINE.glob("strategy*.py"), room, room.parent / "services/publishing.py")
    assert found | {"repeated_stage", "repeated_step", "not_an_option", "not_a_key"} == set(
        STRATEGY_TEXTS
    ) | {"rule"}


@pytest.mark.parametrize("language", ["en", "pt-br"])
def test_every_text_is_translated(language: str) -> None:
    spanish = {key: str(text) for texts in (RULE_TEXTS, STRATEGY_TEXTS) for key, text in texts.items()}
    with translation.override(language):
        for texts in (RULE_TEXTS, STRATEGY_TEXTS):
            assert [key for key, text in texts.items() if str(text) == spanish[key]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_hostile_text_is_refused_in_words(language: str) -> None:
    with translation.override(language):
        for text in hostile_rules():
            with pytest.raises(RuleError) as refusal:
                check(text)
            told = pointed(refusal.value.remark)
            assert "%(" not in told
            assert told.endswith((".", "?")), told


@pytest.mark.parametrize(("language", "words"), [
    ("es", "Columna 11: «saldo vencido» es dinero y se compara con un texto. Escribe 1000."),
    ("en", "Column 11: “overdue balance” is money and is compared with a text. Write 1000."),
    ("pt-br", "Coluna 11: “saldo vencido” é dinheiro e é comparado com um texto. Escreva 1000."),
])  # fmt: skip
def test_a_refusal_names_the_fact_what_was_found_and_what_to_write(language: str, words: str) -> None:
    with pytest.raises(RuleError) as refusal:
        check("overdue > 'mil'")
    with translation.override(language):
        assert pointed(refusal.value.remark) == words


def broken() -> dict[str, Any]:
    document = copy.deepcopy(shipped_documents()["b2b_invoices"])
    document["stages"][0]["steps"][0]["condition"] = "documents_overdue > 1 AND overdue > 'mil'"
    document["stages"][1]["entry"] = "dpdd > 3"
    document["always"][0]["action"]["channels"] = ["fax"]
    document["colour"] = "red"
    return document


@pytest.mark.parametrize(("language", "places"), [
    ("es", ["Colour", "Etapa «Temprana», paso «Llamada por saldo grande», condición, columna 37",
            "Etapa «Tardía», cuándo se entra, columna 1", "En todas las etapas, paso «Cortesía antes del vencimiento», qué hace, canales, el n.º 1"]),
    ("en", ["Colour", "Stage “Early”, step “Call for a large balance”, condition, column 37",
            "Stage “Late”, when a case enters, column 1", "In every stage, step “Courtesy before the due date”, what it does, channels, no. 1"]),
])  # fmt: skip
def test_a_problem_says_its_place_in_words(language: str, places: list[str]) -> None:
    document = broken()
    with pytest.raises(StrategyInvalid) as refusal:
        load_strategy(document)
    with translation.override(language):
        views = problem_views(document, refusal.value.problems)
    assert [view.place for view in views] == places
    assert not any("stages" in view.place or "/" in view.text for view in views)


def test_every_part_of_a_document_has_a_name_for_people() -> None:
    named = set()
    pending: list[Any] = list(shipped_documents().values())
    while pending:
        here = pending.pop()
        if isinstance(here, dict):
            named |= {key for key in here if key not in ("es", "en", "pt")}
        pending += list(here.values()) if isinstance(here, dict) else here if isinstance(here, list) else []
    assert named <= set(FIELDS)
