"""What the keypad says, as sounds of the exchange by name; their words are texts of the house."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.contact.calls.sounds import sound_of
from aldia.domain.keypad import Line

PAUSE: Final = "sound:silence/5"  # seconds in which a key may still be pressed
ASKED_FOR_A_PERSON: Final = gettext_lazy("Llamar: lo pidió por teléfono")


def sounds(organisation_id: int, line: Line, language: str) -> list[str]:
    """Return the sounds of a line: its words in the language of the call (`sound:aldia/es/menu`), and its number."""
    words = f"sound:{sound_of(organisation_id, line.say, language).name}"
    return [words] if line.number is None else [words, f"number:{line.number}"]


def in_words(organisation_id: int, line: Line, language: str) -> str:
    """Return what is heard of a line, written."""
    words = sound_of(organisation_id, line.say, language).text
    return words if line.number is None else f"{words} {line.number}"


def link_text(address: str) -> str:
    """Return what is written to whoever asked by telephone how to pay."""
    return _("Aquí ves cómo pagar, como pediste por teléfono: %(address)s") % {"address": address}
