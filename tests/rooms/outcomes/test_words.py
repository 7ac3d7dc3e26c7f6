"""What aldia writes into a case is read in the reader's language, what a person writes stays as it is."""

import pytest
from django.utils import translation

from aldia.cases import steps
from aldia.outcomes import words


@pytest.mark.parametrize("text", [words.NEXT_STEPS["call"], words.AFTER_BROKEN, steps.CONTACT, "Aviso D+10"])
def test_both_rooms_show_what_aldia_wrote_in_the_readers_language(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "gettext", lambda known: f"[{known}]")
    assert steps.shown(text).startswith("[") and words.shown(text).startswith("[")


def test_what_a_person_wrote_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "gettext", lambda known: f"[{known}]")
    with translation.override("en"):
        assert (
            steps.shown("Pasar por el depósito")
            == words.shown("Pasar por el depósito")
            == "Pasar por el depósito"
        )
