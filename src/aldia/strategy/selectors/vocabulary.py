"""The vocabulary of an organisation: the facts of aldia and its own, and the columns of its files that may become facts."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.domain.labels import Label
from aldia.engine.vocabulary import GRAINS, Fact, facts_of, type_name
from aldia.engine.vocabulary_data import NULLS, UNITS
from aldia.ledger import facts as ledger
from aldia.strategy.models import OwnFact
from aldia.strategy.own_facts import Writing, fact_of, own_facts, values_of

_LOOKED_AT = 5_000
_SHOWN = 5
_MOST = 0.6
_NEVER = Label("nunca vacío", "never empty", "nunca vazio")


@dataclass(frozen=True)
class FactView:
    """One fact for people: its key, what it means, its type, unit and what empty means; `values` its closed list of codes."""

    key: str
    label: str
    type: str
    unit: str
    empty: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class ColumnView:
    """A column of the files that is no field of aldia: in how many of the newest documents it says something, and what."""

    name: str
    filled: int
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """How the cells of the newest documents read with a declaration: how many say something, how many read, some that do not."""

    filled: int
    read: int
    unread: tuple[str, ...]


def vocabulary(actor: Actor, language: str) -> dict[str, list[FactView]]:
    """Return the facts of aldia by grain: document, case, person. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    return {grain: [_view(fact, language) for fact in facts_of(grain)] for grain in GRAINS}


def own_vocabulary(actor: Actor, language: str) -> list[tuple[OwnFact, FactView]]:
    """Return the declared facts by key, each with its declaration. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    rows = OwnFact.objects.of(actor.organisation_id).order_by("key")
    return [(row, _view(fact_of(row), language)) for row in rows]


def rule_facts(actor: Actor) -> dict[str, Fact]:
    """Return the facts that the organisation declared, as a rule editor needs them."""
    return own_facts(actor.organisation_id)


def free_columns(actor: Actor) -> list[ColumnView]:
    """Return the columns of the newest documents that nothing declares yet, the fullest first. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    taken = set(OwnFact.objects.of(actor.organisation_id).values_list("column", flat=True))
    cells = ledger.newest_attributes(actor.organisation_id, limit=_LOOKED_AT)
    found = []
    for name, told in cells.items():
        said = [cell for cell in told if cell.strip()]
        if said and name not in taken:
            found.append(
                ColumnView(name, len(said), tuple(dict.fromkeys(cell[:40] for cell in said))[:_SHOWN])
            )
    return sorted(found, key=lambda column: (-column.filled, column.name))


def reading_of(actor: Actor, writing: Writing) -> Reading:
    """Return how the cells read with a declaration, saved or not. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    told = ledger.newest_attributes(actor.organisation_id, limit=_LOOKED_AT).get(writing.column, [])
    cells = pl.Series("cell", [cell for cell in told if cell.strip()], dtype=pl.String)
    values = values_of(cells, writing, pl.Series("currency", ["USD"] * len(cells), dtype=pl.String))
    unread = cells.filter(values.is_null())
    return Reading(
        len(cells), len(cells) - len(unread), tuple(unread.unique(maintain_order=True).head(_SHOWN))
    )


def likely_type(actor: Actor, column: str) -> str:
    """Return the first type that reads most cells of a column: date, yes or no, whole number, amount; else text."""
    for kind in ("date", "bool", "int", "money"):
        told = reading_of(actor, Writing(column, kind))
        if told.filled and told.read >= _MOST * told.filled:
            return kind
    return "text"


def _view(fact: Fact, language: str) -> FactView:
    unit = UNITS[fact.unit].of(language) if fact.unit else ""
    empty = NULLS[fact.null].of(language) if fact.null else _NEVER.of(language)
    return FactView(
        fact.key, fact.label.of(language), type_name(fact.type, language), unit, empty, fact.values
    )
