"""The same verbs for many cases at once: what a night decides is written in sets."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.cases.models import Case, Hold
from aldia.cases.points import points_of
from aldia.cases.rules import attention_rules
from aldia.db.frames import update_from_frame
from aldia.domain.attention import DEFAULT_RULE


def release_holds_of_many(*, actor: Actor, sources: Collection[str], now: datetime) -> int:
    """End the pauses of all these sources (`promise:12`); return how many were in force. The caller audits what ended them."""
    if not sources:
        return 0
    rows = Hold.objects.of(actor.organisation_id).filter(source__in=list(sources), released_at__isnull=True)
    return int(rows.update(released_at=now))


@transaction.atomic
def set_next_steps(*, actor: Actor, steps: Mapping[int, tuple[str, date]], now: datetime) -> int:
    """Plan what comes next for many cases (case id -> words and day); return how many. Those of others are left alone."""
    own = _own(actor, steps)
    frame = pl.DataFrame(
        [(pk, steps[pk][0][:200], steps[pk][1], None) for pk in own],
        schema={"account_id": pl.Int64, "next_step": pl.String, "next_on": pl.Date, "next_at": pl.Datetime("us", "UTC")},
        orient="row",
    )  # fmt: skip
    changed = update_from_frame(Case, frame, key="account_id", columns=["next_step", "next_on", "next_at"])
    if changed:
        audit.record(
            actor=actor, verb="cases.case.plan", object_type="case", object_id="many", now=now, data={"cases": changed}
        )  # fmt: skip
    return changed


@transaction.atomic
def set_promises(*, actor: Actor, promises: Mapping[int, tuple[str, date | None]], as_of: date) -> int:
    """Mirror on many cases the state and due date of what they promised; the priority follows. Return how many.

    For `outcomes`, inside its own transaction and audit; see `set_commitments` for the states.
    """
    rules = attention_rules(actor)
    rows: list[tuple[Any, ...]] = []
    for case in _own(actor, promises).values():
        case.promise_state, case.promise_due_on = promises[case.pk]
        score = points_of(case, as_of, rules.get(case.portfolio_id, DEFAULT_RULE)).score
        rows.append((case.pk, case.promise_state, case.promise_due_on, score))
    schema: dict[str, Any] = {
        "account_id": pl.Int64, "promise_state": pl.String, "promise_due_on": pl.Date, "priority": pl.Int64,
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return update_from_frame(
        Case, frame, key="account_id", columns=["promise_state", "promise_due_on", "priority"]
    )


def _own(actor: Actor, named: Mapping[int, Any]) -> dict[int, Case]:
    return dict(Case.objects.of(actor.organisation_id).select_for_update(of=("self",)).in_bulk(list(named)))
