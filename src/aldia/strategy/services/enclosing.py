"""What goes with an order besides its documents: the promise that it is about, and the pauses that it may pass."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from aldia.access.actors import system
from aldia.outcomes import selectors as outcomes

if TYPE_CHECKING:
    from aldia.engine.strategy import Step

ABOUT_PROMISE = "promise_due_on"


def extras_of(groups: pl.DataFrame, steps: dict[tuple[str, str], Step], organisation_id: int) -> pl.Series:
    """Return, for each message (strategy, step, case_id, anchor_on), the JSON that `contact` reads when it composes and
    re-checks it: promise_on, promise_minor, currency; through_holds."""
    told = []
    for key, step_key, case_id, anchor_on in groups.select(
        "strategy", "step", "case_id", "anchor_on"
    ).iter_rows():
        step = steps[key, step_key]
        extra: dict[str, Any] = {"through_holds": list(step.through_holds)} if step.through_holds else {}
        if step.anchor == ABOUT_PROMISE:
            extra |= _promise(organisation_id, case_id, anchor_on)
        told.append(json.dumps(extra))
    return pl.Series("extra", told, dtype=pl.String)


def _promise(organisation_id: int, case_id: int, due_on: date) -> dict[str, Any]:
    """The newest promise of the case for that day."""
    for promise in outcomes.promises_of_case(system(organisation_id), case_id):
        if promise.due_on == due_on:
            return {
                "promise_on": due_on.isoformat(),
                "promise_minor": promise.amount_minor,
                "currency": promise.currency,
            }
    return {}
