"""The organisation's outcome tree: contact -> result -> reason, as the domain reads it."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from django.db.models import TextField
from django.db.models.functions import Cast

from aldia.access.actors import Actor
from aldia.db.memory import remembered
from aldia.db.prepared import prepared
from aldia.domain.labels import Label
from aldia.domain.outcome_tree import CONTACT_LABELS, DEFAULT_TREE
from aldia.domain.outcomes import ContactLevel, OutcomeTree, tree_from_data
from aldia.outcomes.models import OutcomeType

BRANCH: Final = "contact."
"""What the key of a level of contact begins with; a reason's key is `<outcome>.<reason>`."""
_PLAIN: Final = ("pk", "parent_id", "key", "shortcut", "is_active")
_JSON: Final = ("labels", "asks", "effects", "next_step")


def outcome_tree(actor: Actor) -> OutcomeTree:
    """Return the organisation's tree in the order of the screen, inactive outcomes too; the one that ships when it has none."""
    return tree_of(actor.organisation_id)


@remembered
def tree_of(organisation_id: int) -> OutcomeTree:
    """Return the tree of an organisation; see `outcome_tree`."""
    return _built(tuple(_types(organisation_id)))


@prepared
def _types(organisation_id: int) -> Any:
    texts = {f"{name}_text": Cast(name, TextField()) for name in _JSON}
    return OutcomeType.objects.of(organisation_id).annotate(**texts).values_list(*_PLAIN, *texts)


@lru_cache(maxsize=100)
def _built(stored: tuple[tuple[Any, ...], ...]) -> OutcomeTree:
    """The tree of what is stored, whoever asks: it is read in every screen and changes once a year."""
    names = (*_PLAIN, *_JSON)
    plain = (dict(zip(names, row, strict=True)) for row in stored)
    rows = [OutcomeType(**row | {name: json.loads(row[name]) for name in _JSON}) for row in plain]
    if not rows:
        return DEFAULT_TREE
    return tree_from_data(tree_data(rows), _contact_labels(rows))


def outcome_labels(actor: Actor, language: str) -> dict[str, str]:
    """Return what each outcome is called in a language, by key, inactive ones too."""
    return {outcome.key: outcome.label.of(language) for outcome in tree_of(actor.organisation_id).outcomes}


def tree_data(rows: Iterable[OutcomeType]) -> list[dict[str, Any]]:
    """Return the rows as the plain data that `domain.outcomes.tree_from_data` reads."""
    every = list(rows)
    branches = {row.pk: row.key.removeprefix(BRANCH) for row in every if row.parent_id is None}
    results = [row for row in every if row.parent_id in branches]
    return [_result_data(row, branches[row.parent_id or 0], every) for row in results]


def _result_data(row: OutcomeType, contact: str, every: list[OutcomeType]) -> dict[str, Any]:
    reasons = [child for child in every if child.parent_id == row.pk and child.is_active]
    return {
        "key": row.key, "contact": contact, "label": row.labels, "effect": row.effects[0] if row.effects else "none",
        "letter": row.shortcut, "is_active": row.is_active, "next_step": row.next_step, "fields": row.asks,
        "reasons": [{"key": child.key.removeprefix(f"{row.key}."), "label": child.labels} for child in reasons],
    }  # fmt: skip


def _contact_labels(rows: Iterable[OutcomeType]) -> Mapping[ContactLevel, Label]:
    own = {
        ContactLevel(row.key.removeprefix(BRANCH)): Label(**row.labels)
        for row in rows
        if row.parent_id is None
    }
    return {**CONTACT_LABELS, **own}
