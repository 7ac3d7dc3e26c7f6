"""The simulations that were asked for, and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.strategy.models import SimulationAsked, SimulationState


@dataclass(frozen=True)
class SimulationView:
    """One request: which strategies, how many days, its state, and the answer (`Simulation.to_json`) once it is done."""

    id: int
    first_key: str
    second_key: str
    days: int
    as_of: date
    state: str
    state_label: str
    refused: str
    asked_at: datetime
    result: dict[str, Any]


def simulations(actor: Actor, *, key: str, limit: int = 10) -> list[SimulationView]:
    """Return the last simulations of a strategy, newest first. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    rows = SimulationAsked.objects.of(actor.organisation_id).filter(first_key=key).order_by("-id")
    return [_view(row) for row in rows[:limit]]


def _view(row: SimulationAsked) -> SimulationView:
    return SimulationView(
        row.pk, row.first_key, row.second_key, row.days, row.as_of, row.state, str(SimulationState(row.state).label),
        row.refused, row.asked_at, row.result,
    )  # fmt: skip
