"""The three languages say the same."""

import polib
import pytest

from tests.house import translations


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (polib.POEntry(msgid="Hola", msgstr=""), "sin traducir"),
        (polib.POEntry(msgid="Hola", msgstr="Hello", flags=["fuzzy"]), "traducción dudosa"),
        (polib.POEntry(msgid="%(n)s casos", msgstr="%(m)s cases"), "no nombra las mismas variables"),
        (polib.POEntry(msgid="%(n)s casos", msgstr="cases"), "no nombra las mismas variables"),
        (polib.POEntry(msgid="%(n)s casos", msgstr="%(n)s cases"), ""),
    ],
)
def test_a_bad_translation_is_named(entry: polib.POEntry, reason: str) -> None:
    assert translations._reason(entry) == reason


def test_every_text_is_translated() -> None:
    assert not translations.problems()
