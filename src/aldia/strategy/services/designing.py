"""A draft changed piece by piece: a step put, moved or taken away, a stage renamed. Nothing is published."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.engine.strategy import Problem
from aldia.strategy.models import Strategy
from aldia.strategy.services.publishing import UnknownStrategy, save_draft

Document = dict[str, Any]


class StepRefused(ValueError):
    """Raised when a step cannot be put: its key is another's, or its stage does not exist."""


def put_step(
    *, actor: Actor, strategy_key: str, step: Document, stage: str, replaces: str = "", now: datetime
) -> tuple[Problem, ...]:
    """Put a step in a stage (empty: in all of them) in the place of another or as a new one; return the draft's problems.

    The steps of a group stay in the order of their days. Raises StepRefused, UnknownStrategy, NotAllowed.
    """

    def change(document: Document) -> None:
        taken = {one.get("key") for group in _groups(document).values() for one in group}
        if step["key"] != replaces and step["key"] in taken:
            raise StepRefused(_("Ya hay un paso con la clave «%(key)s».") % {"key": step["key"]})
        _take_out(document, replaces)
        if stage not in _groups(document):
            raise StepRefused(_("Esa etapa no existe."))
        group = _groups(document)[stage]
        group.append(step)
        _in_order(group)

    return _edit(actor, strategy_key, change, now)


def move_step(*, actor: Actor, strategy_key: str, step: str, days: int, now: datetime) -> tuple[Problem, ...]:
    """Move a step so many days; return the draft's problems. Raises StepRefused, UnknownStrategy, NotAllowed."""

    def change(document: Document) -> None:
        group, found = _found(document, step)
        found["offset"] = int(found.get("offset") or 0) + days
        _in_order(group)

    return _edit(actor, strategy_key, change, now)


def remove_step(*, actor: Actor, strategy_key: str, step: str, now: datetime) -> tuple[Problem, ...]:
    """Take a step out of the draft; return its problems. Raises StepRefused, UnknownStrategy, NotAllowed."""

    def change(document: Document) -> None:
        _found(document, step)
        _take_out(document, step)

    return _edit(actor, strategy_key, change, now)


def put_stage(
    *, actor: Actor, strategy_key: str, stage: str, changes: Document, now: datetime
) -> tuple[Problem, ...]:
    """Write a stage's name, entry and exit, or add it after the others; an empty rule is none. Return the draft's problems.

    Raises UnknownStrategy, NotAllowed.
    """

    def change(document: Document) -> None:
        stages = document.setdefault("stages", [])
        row = next((one for one in stages if one.get("key") == stage), None)
        if row is None:
            row = {"key": stage, "steps": []}
            stages.append(row)
        row |= changes
        for rule in ("entry", "exit"):
            if not row.get(rule):
                row.pop(rule, None)

    return _edit(actor, strategy_key, change, now)


@transaction.atomic
def _edit(actor: Actor, key: str, change: Callable[[Document], None], now: datetime) -> tuple[Problem, ...]:
    actor.check(Permission.EDIT_STRATEGIES)
    row = Strategy.objects.of(actor.organisation_id).select_for_update(of=("self",)).filter(key=key).first()
    if row is None:
        raise UnknownStrategy(key)
    document = copy.deepcopy(row.draft)
    change(document)
    return save_draft(actor=actor, strategy_id=row.pk, document=document, now=now)


def _groups(document: Document) -> dict[str, list[Document]]:
    """The steps by stage; those of every stage under the empty key."""
    always = document.setdefault("always", [])
    return {"": always, **{one["key"]: one.setdefault("steps", []) for one in document.get("stages", [])}}


def _found(document: Document, step: str) -> tuple[list[Document], Document]:
    for group in _groups(document).values():
        for one in group:
            if one.get("key") == step:
                return group, one
    raise StepRefused(_("Ese paso ya no está en el borrador."))


def _take_out(document: Document, step: str) -> None:
    for group in _groups(document).values():
        group[:] = [one for one in group if one.get("key") != step]


def _in_order(group: list[Document]) -> None:
    group.sort(key=lambda one: int(one.get("offset") or 0))
