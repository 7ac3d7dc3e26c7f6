"""What an automatic call says: texts of the house like any other, each one sound of the exchange that a person records.

A new version has a new sound, so a call never says words that nobody approved: `menu` is the first, `menu-v2` the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aldia.contact import texts
from aldia.contact.composing import template_for
from aldia.contact.models import Template
from aldia.domain.keypad import NUMBERED, Say

WORDS_A_MINUTE: Final = 150
_PREFIX: Final = "keypad_"


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound of the exchange, by name, and the words that it says."""

    name: str
    text: str


def sound_of(organisation_id: int, say: Say, language: str) -> Sound:
    """Return what a house says in a language: its published text, or ours where it has none yet."""
    row = template_for(organisation_id, f"{_PREFIX}{say}", texts.KEYPAD, language, "")
    if row is not None:
        return Sound(name_of(row), row.body)
    return Sound(_named(language, say, 1), shipped(say, language))


def name_of(template: Template) -> str:
    """Return the sound that says a version of a text, as its file is called below `sounds/`."""
    return _named(template.language, template.key.removeprefix(_PREFIX), template.version)


def has_number(template: Template) -> bool:
    """Whether the exchange says a number after the words."""
    return template.key.removeprefix(_PREFIX) in NUMBERED


def seconds_of(text: str) -> int:
    """Return about how long it takes to say a text, calmly."""
    return round(len(text.split()) * 60 / WORDS_A_MINUTE)


def shipped(say: Say, language: str) -> str:
    """Return our own words, in Spanish where there are none in that language."""
    known = _shipped()
    return known.get((f"{_PREFIX}{say}", language)) or known[f"{_PREFIX}{say}", "es"]


@lru_cache(maxsize=1)
def _shipped() -> dict[tuple[str, str], str]:
    return {(one.key, one.language): one.body for one in texts.library() if one.channel == texts.KEYPAD}


def _named(language: str, say: str, version: int) -> str:
    return f"aldia/{language}/{say}" + (f"-v{version}" if version > 1 else "")
