"""What goes with an order besides its documents: the promise that it is about, and the pauses that it may pass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from aldia.engine.strategy import Notice
from aldia.outcomes import facts as outcomes

if TYPE_CHECKING:
    from aldia.engine.strategy import Step

ABOUT_PROMISE = "promise_due_on"
_KIND = ("strategy", "step")


def with_extras(
    groups: pl.DataFrame, steps: dict[tuple[str, str], Step], organisation_id: int
) -> pl.DataFrame:
    """Return the messages (act, strategy, step, case_id, anchor_on) with `extra`, the JSON that `contact` reads when it
    composes and re-checks each: promise_on, promise_minor, currency; through_holds."""
    kinds = [
        (*key, json.dumps(_of_step(steps[key])), steps[key].anchor == ABOUT_PROMISE)
        for key in groups.select(_KIND).unique().iter_rows()
    ]
    schema = {**dict.fromkeys((*_KIND, "extra"), pl.String), "is_about": pl.Boolean}
    told = groups.join(
        pl.DataFrame(kinds, schema=schema, orient="row"), on=_KIND, how="left", maintain_order="left"
    )
    about = told.filter("is_about")
    return told if about.is_empty() else told.update(_promised(about, organisation_id), on="act")


def _of_step(step: Step) -> dict[str, Any]:
    told: dict[str, Any] = {"through_holds": list(step.through_holds)} if step.through_holds else {}
    if isinstance(step.action, Notice) and step.action.policy:
        told["offer"] = step.action.policy
    return told


def _promised(about: pl.DataFrame, organisation_id: int) -> pl.DataFrame:
    """Their extras, with the newest promise of the case for that day."""
    promises = outcomes.promise_terms(organisation_id, due_on=about["anchor_on"].unique().to_list())
    both = about.join(promises, left_on=["case_id", "anchor_on"], right_on=["case_id", "due_on"])
    rows = [
        (act, json.dumps({**json.loads(extra), "promise_on": on.isoformat(), "promise_minor": minor, "currency": currency}))
        for act, extra, on, minor, currency in both.select(
            "act", "extra", "anchor_on", "amount_minor", "currency"
        ).iter_rows()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={"act": pl.String, "extra": pl.String}, orient="row")
