"""The nights of an organisation: when they ran, and what they left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.db.prepared import prepared
from aldia.strategy.models import Run, RunState


@dataclass(frozen=True)
class RunView:
    """One run: its day, state, who started it, and the counts of `RunReport.to_json`."""

    id: int
    as_of: date
    state: str
    state_label: str
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    report: dict[str, Any]

    @property
    def is_night(self) -> bool:
        """Whether it looked at everybody, and is not what the events of a day left."""
        return self.state != RunState.INTRADAY


def runs(actor: Actor, *, before_id: int | None = None, limit: int = 30) -> list[RunView]:
    """Return a keyset page of the runs, newest first. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    rows = Run.objects.of(actor.organisation_id)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return [_view(row) for row in rows.order_by("-id")[:limit]]


def run_report(actor: Actor, run_id: int) -> RunView:
    """Return one run. Raises Run.DoesNotExist, NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    return _view(Run.objects.of(actor.organisation_id).get(pk=run_id))


def latest_run_on(organisation_id: int) -> date | None:
    """Return the last day that was lived whole, or None; a live organisation's rehearsals do not count."""
    return next(iter(_latest_lived(organisation_id)), None)


@prepared
def _latest_lived(organisation_id: int) -> Any:
    rows = Run.objects.of(organisation_id).filter(
        state=RunState.DONE, is_rehearsal=F("organisation__is_sandbox")
    )
    return rows.order_by("-as_of").values_list("as_of", flat=True)[:1]


def _view(row: Run) -> RunView:
    return RunView(
        row.pk,
        row.as_of,
        row.state,
        str(RunState(row.state).label),
        row.started_by,
        row.started_at,
        row.finished_at,
        row.report,
    )
