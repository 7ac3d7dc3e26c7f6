"""What the organisation says that acts cost: minutes by task, hours by team, price by channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.engine.contact_rules import CHANNELS
from aldia.strategy.lab.effort import SETTING

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
