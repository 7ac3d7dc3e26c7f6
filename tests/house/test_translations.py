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


@pytest.mark.parametrize(
    ("tag", "is_late"),
    [
        ("{% blocktranslate trimmed count total=n %}", True),
        ("{% blocktranslate with name=x count total=n %}", True),
        ("{% blocktranslate count total=n trimmed %}", False),
        ("{% blocktranslate trimmed with total=group.count %}", False),
    ],
)
def test_a_plural_that_the_extractor_passes_over_is_named(tag: str, is_late: bool) -> None:
    assert bool(translations.LATE_COUNT.search(tag)) is is_late


def test_every_text_is_translated() -> None:
    assert not translations.problems()
