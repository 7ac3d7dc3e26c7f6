"""A text in the three languages of the product, as data.

Used where a rule's own catalogue (measures, outcomes, alarms, reasons) must carry its words with it.
"""

from dataclasses import dataclass

LANGUAGES = ("es", "en", "pt")


@dataclass(frozen=True, slots=True)
class Label:
    """One text in Spanish (the source), English and Brazilian Portuguese."""

    es: str
    en: str
    pt: str

    def __post_init__(self) -> None:
        if not (self.es and self.en and self.pt):
            raise ValueError(f"a label needs its three languages: {self!r}")

    def of(self, language: str) -> str:
        """The text for a language tag: ``pt-BR`` -> pt, ``en-US`` -> en, anything else -> es."""
        return {"en": self.en, "pt": self.pt}.get(base_language(language), self.es)

    def as_data(self) -> dict[str, str]:
        """``{"es": ..., "en": ..., "pt": ...}``."""
        return {"es": self.es, "en": self.en, "pt": self.pt}


def base_language(tag: str) -> str:
    """The language part of a tag, in lower case: ``pt-BR`` -> ``pt``, ``es_AR`` -> ``es``."""
    return tag.replace("_", "-").split("-", 1)[0].lower()
