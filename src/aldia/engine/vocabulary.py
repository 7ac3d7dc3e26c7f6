"""The vocabulary: every fact that a rule may name, with what it means and who delivers it.

The list feeds the type checker, the frames' schemas, the editor and the documentation page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from aldia.domain.labels import Label
from aldia.engine import vocabulary_data

GRAINS: Final = ("document", "case", "person")
TYPES: Final = ("int", "money", "text", "bool", "date")
INT_BOUND: Final = 2**31
MONEY_BOUND: Final = 10**16
"""Largest absolute value that a frame may hold for a whole number, and for money in minor units."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its column has this name, money is in minor units of the case's currency.

    ``null`` says what an empty value means; an empty ``null`` means that the fact is never empty.
    ``values`` is the closed list of codes of a coded text; empty for free text.
    """

    key: str
    grain: str
    type: str
    unit: str
    null: str
    room: str
    label: Label
    values: tuple[str, ...] = ()

    @property
    def is_nullable(self) -> bool:
        """True when the fact may be empty."""
        return bool(self.null)

    @property
    def bound(self) -> int:
        """The largest absolute value, for range checks; 0 for facts that are not numbers."""
        return {"int": INT_BOUND, "money": MONEY_BOUND}.get(self.type, 0)


def _fact(row: tuple[str, ...]) -> Fact:
    key, grain, kind, unit, null, room, spanish, english, portuguese, *codes = row
    values = tuple(codes[0].split()) if codes else ()
    return Fact(key, grain, kind, unit, null, room, Label(spanish, english, portuguese), values)


FACTS: Final[dict[str, Fact]] = {fact.key: fact for fact in map(_fact, vocabulary_data.ROWS)}
OWN_PREFIX: Final = "own_"
"""The facts that an organisation declares begin with this, so that no new fact of the vocabulary ever meets one of them."""
NO_OWN: Final[Mapping[str, Fact]] = MappingProxyType({})


def facts_of(grain: str) -> tuple[Fact, ...]:
    """The facts delivered at one grain, in the order of the vocabulary."""
    return tuple(fact for fact in FACTS.values() if fact.grain == grain)


def visible_facts(grain: str, own: Mapping[str, Fact] = NO_OWN) -> dict[str, Fact]:
    """The facts that a rule of this grain may name, the organisation's ``own`` too: a document also sees its case and its person."""
    seen = GRAINS if grain == "document" else ("case", "person")
    return {key: fact for key, fact in (FACTS | dict(own)).items() if fact.grain in seen}


_TITLE = Label("Vocabulario de las reglas", "Vocabulary of the rules", "Vocabulário das regras")
_HEADS = Label(
    "dato|significa|tipo|unidad|vacío quiere decir|sala",
    "fact|means|type|unit|empty means|room",
    "dado|significa|tipo|unidade|vazio quer dizer|sala",
)
_GRAIN_NAMES = {
    "document": Label("Del documento", "Of the document", "Do documento"),
    "case": Label("Del caso", "Of the case", "Do caso"),
    "person": Label("De la persona", "Of the person", "Da pessoa"),
}
_TYPE_NAMES = {
    "int": Label("número entero", "whole number", "número inteiro"),
    "money": Label("importe", "amount", "valor"),
    "text": Label("texto", "text", "texto"),
    "bool": Label("sí o no", "yes or no", "sim ou não"),
    "date": Label("fecha", "date", "data"),
}
_NEVER = Label("nunca vacío", "never empty", "nunca vazio")


def type_name(kind: str, language: str) -> str:
    """The name of a type for people: ``money`` -> importe, amount, valor."""
    return _TYPE_NAMES[kind].of(language)


def _table(facts: Iterable[Fact], language: str) -> list[str]:
    heads = _HEADS.of(language).split("|")
    lines = ["| " + " | ".join(heads) + " |", "| " + " | ".join("---" for _ in heads) + " |"]
    for fact in facts:
        meaning = fact.label.of(language)
        if fact.values:
            meaning += ": " + ", ".join(f"`{value}`" for value in fact.values)
        empty = vocabulary_data.NULLS[fact.null].of(language) if fact.null else _NEVER.of(language)
        unit = vocabulary_data.UNITS[fact.unit].of(language) if fact.unit else "-"
        cells = (f"`{fact.key}`", meaning, type_name(fact.type, language), unit, empty, fact.room)
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def vocabulary_page(language: str) -> str:
    """The documentation page of the vocabulary, as Markdown, in es, en or pt."""
    lines = [f"# {_TITLE.of(language)}", ""]
    for grain in GRAINS:
        lines += [f"## {_GRAIN_NAMES[grain].of(language)}", "", *_table(facts_of(grain), language), ""]
    return "\n".join(lines)
