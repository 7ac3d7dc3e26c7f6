"""Everything that the dialogue may say has words, in the three languages, with its values and without blanks."""

from datetime import date

import pytest
from django.utils import translation

from aldia.chat.words import Voice, for_staff, told
from aldia.domain.chat.talk import NEUTRAL, Line, PlanOption, Say

TODAY = date(2026, 3, 3)
PLAN = PlanOption(3, 400_00, 1_200_00, TODAY, down_minor=100_00, discount_minor=50_00)
VALUES = {
    "amount": (1_200_50, "ARS"), "least": (12_00, "ARS"), "most": (1_200_50, "ARS"), "totals": (("ARS", 1_200_50),),
    "oldest_on": TODAY, "is_overdue": True, "on": TODAY, "last_on": TODAY, "asked": TODAY, "plans": (PLAN,), "plan": PLAN,
    "currency": "ARS", "reasons": ("amount_wrong", "other"),
}  # fmt: skip


@pytest.mark.parametrize("language", ["es", "en", "pt-br"])
def test_every_line_has_its_words(language: str) -> None:
    with translation.override(language):
        voice = Voice("es_AR", language, TODAY)
        said = {say: told(Line(say, VALUES), voice) for say in Say}
    assert all(text.strip() and "%(" not in text for text in said.values())
    assert len(set(said.values())) == len(said)
    assert not any(digit in said[say] for say in NEUTRAL for digit in "1200")


def test_no_language_speaks_another() -> None:
    told_in = {}
    for language in ("es", "en", "pt-br"):
        with translation.override(language):
            told_in[language] = {told(Line(say, VALUES), Voice("es_AR", language, TODAY)) for say in Say}
    assert not told_in["es"] & told_in["en"] and not told_in["en"] & told_in["pt-br"]


def test_the_team_does_not_read_addresses() -> None:
    assert for_staff("aquí: ../pagar/") == "aquí: (enlace a su página)"
