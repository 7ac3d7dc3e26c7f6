"""The facts that an organisation declares of its own, as a strategy's document carries them."""

import re
from collections.abc import Mapping
from typing import Any, Final

from aldia.domain.labels import Label
from aldia.engine.vocabulary import OWN_PREFIX, TYPES, Fact
from aldia.engine.vocabulary_data import UNITS

OWN_KEY: Final = re.compile(OWN_PREFIX + r"[a-z0-9][a-z0-9_]{0,39}")
OWN_GRAINS: Final = ("case", "document")
LANGUAGES: Final = ("es", "en", "pt")


def own_fact(key: str, told: Mapping[str, Any]) -> Fact:
    """The declared fact of this key. Raises ValueError naming the part that is wrong: key, grain, type, unit or label."""
    label, unit = told.get("label"), told.get("unit", "")
    texts = [label.get(language) for language in LANGUAGES] if isinstance(label, Mapping) else []
    is_right = {
        "key": OWN_KEY.fullmatch(key) is not None,
        "grain": told.get("grain") in OWN_GRAINS,
        "type": told.get("type") in TYPES,
        "unit": unit == "" or unit in UNITS,
        "label": bool(texts) and all(isinstance(text, str) and text.strip() for text in texts),
    }
    wrong = next((part for part, right in is_right.items() if not right), None)
    if wrong is not None:
        raise ValueError(wrong)
    return Fact(key, told["grain"], told["type"], unit, "unknown", "own", Label(*map(str, texts)))


def own_told(facts: Mapping[str, Fact]) -> dict[str, dict[str, Any]]:
    """The facts as a document carries them: `own_fact` reads each back."""
    return {
        key: {
            "grain": fact.grain, "type": fact.type, "unit": fact.unit,
            "label": {language: fact.label.of(language) for language in LANGUAGES},
        }
        for key, fact in sorted(facts.items())
    }  # fmt: skip
