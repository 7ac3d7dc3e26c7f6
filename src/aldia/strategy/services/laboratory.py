"""The laboratory's writes: what acts cost, and the simulations that the worker answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.engine.contact_rules import CHANNELS
from aldia.engine.strategy import StrategyInvalid
from aldia.strategy.lab.answers import TooThin
from aldia.strategy.lab.effort import SETTING
from aldia.strategy.lab.opening import NotInLab
from aldia.strategy.lab.simulating import simulation
from aldia.strategy.models import SimulationAsked, SimulationState, Strategy

DAY: int = 24
LONGEST_TASK = 480  # minutes


class EffortRefused(ValueError):
    """A figure that cannot be: says which, what was found and what is expected."""


@dataclass(frozen=True)
class EffortDraft:
    """Minutes by kind of task, hours a day by team key, price of a thousand messages by channel in minor units."""

    minutes: Mapping[str, int] = field(default_factory=dict)
    hours: Mapping[str, float] = field(default_factory=dict)
    per_thousand_minor: Mapping[str, int] = field(default_factory=dict)


def set_effort(*, actor: Actor, draft: EffortDraft, now: datetime) -> None:
    """Keep what acts cost; what is not told goes back to the usual. Raises EffortRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    sizes = {team.key: DAY * max(1, len(access.members(actor))) for team in access.teams(actor)}
    for name, told, most in (
        *((kind, minutes, LONGEST_TASK) for kind, minutes in draft.minutes.items()),
        *((key, hours, sizes.get(key, -1)) for key, hours in draft.hours.items()),
        *((key, price, 10**9 if key in CHANNELS else -1) for key, price in draft.per_thousand_minor.items()),
    ):
        if not 0 <= told <= most:
            raise EffortRefused(
                _("%(name)s: se encontró %(found)s y va de 0 a %(most)s.")
                % {"name": name, "found": told, "most": max(most, 0)}
            )
    settings = {
        SETTING: {
            "minutes": dict(draft.minutes),
            "hours": dict(draft.hours),
            "per_thousand_minor": dict(draft.per_thousand_minor),
        }
    }
    access_services.change_settings(actor=actor, now=now, settings=settings)


MOST_DAYS = 180


class SimulationRefused(ValueError):
    """What was asked cannot be simulated: says why."""


@transaction.atomic
def ask_simulation(*, actor: Actor, first: str, second: str = "", days: int, clock: Clock) -> SimulationAsked:
    """Return the request that the worker takes up; with `second`, both strategies side by side, in their latest versions.

    Raises SimulationRefused, NotAllowed.
    """
    actor.check(Permission.SEE_STRATEGIES)
    known = set(Strategy.objects.of(actor.organisation_id).values_list("key", flat=True))
    for key in (first, second):
        if key and key not in known:
            raise SimulationRefused(_("No hay una estrategia «%(key)s».") % {"key": key})
    if not 1 <= days <= MOST_DAYS:
        raise SimulationRefused(_("Los días van de 1 a %(most)s.") % {"most": MOST_DAYS})
    row: SimulationAsked = SimulationAsked.objects.create(
        organisation_id=actor.organisation_id, first_key=first, second_key="" if second == first else second, days=days,
        as_of=clock.as_of, asked_by=actor.label, asked_at=clock.now,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="strategy.simulation.ask", object_type="simulation", object_id=row.pk, now=clock.now,
        data={"first": first, "second": second, "days": days},
    )  # fmt: skip
    return row


def answer_simulation(*, actor: Actor, now: datetime) -> SimulationAsked | None:
    """Live the oldest request that waits and keep its answer; return it, or None when nothing waits. The same again is another."""
    row: SimulationAsked | None = (
        SimulationAsked.objects.of(actor.organisation_id)
        .filter(state=SimulationState.ASKED)
        .order_by("id")
        .first()
    )
    if row is None:
        return None
    tried = [(key, None) for key in (row.first_key, row.second_key) if key]
    try:
        row.result = simulation(actor, tried, as_of=row.as_of, days=row.days).to_json()
        row.state = SimulationState.DONE
    except (TooThin, NotInLab, StrategyInvalid) as refusal:
        row.refused, row.state = str(refusal), SimulationState.REFUSED
    row.finished_at = now
    row.save(update_fields=["result", "refused", "state", "finished_at"])
    return row
