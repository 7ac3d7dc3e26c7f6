"""What acts cost: minutes of people by kind of task, hours at hand by team, price of a message by channel. The organisation says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.engine.contact_rules import CHANNELS

if TYPE_CHECKING:
    from aldia.access.models import Organisation

SETTING: Final = "lab"
"""The organisation's setting: {"minutes": {kind: minutes}, "hours": {team key: hours a day}, "per_thousand_minor": {channel: price}}."""
USUAL_MINUTES: Final = {"call": 6, "visit": 45, "review": 10}
OTHER_MINUTES: Final = 8
USUAL_HOURS: Final = 6  # of work on cases, in a day of one person


@dataclass(frozen=True)
class TeamHours:
    """A team and the hours of work on cases that it has in a day."""

    id: int
    key: str
    name: str
    hours: float


@dataclass(frozen=True)
class Effort:
    """Minutes of one task by kind, hours of each team, and the price of a thousand messages by channel (minor units of
    `currency`; a channel without price is not there)."""

    currency: str
    minutes: Mapping[str, int]
    teams: tuple[TeamHours, ...]
    per_thousand_minor: Mapping[str, int] = field(default_factory=dict)

    def minutes_of(self, kind: str) -> int:
        """Return the minutes that one task of a kind takes."""
        return self.minutes.get(kind, OTHER_MINUTES)

    @property
    def hours(self) -> float:
        """The hours of all the teams in a day."""
        return sum(team.hours for team in self.teams)

    def cost_minor(self, notices: Mapping[str, int]) -> dict[str, int | None]:
        """Return what the messages of each channel cost, rounded to minor units; None where its price is not written."""
        prices = self.per_thousand_minor
        return {
            channel: round(total * prices[channel] / 1000) if channel in prices else None
            for channel, total in notices.items()
        }


def effort_of(actor: Actor) -> Effort:
    """Return what the organisation says, with the usual where it says nothing: six hours a person, no price."""
    organisation: Organisation = access.organisation_of(actor)
    told: dict[str, Any] = organisation.settings.get(SETTING, {})
    people = Counter(member.team_id for member in access.members(actor) if member.role == "COLLECTOR")
    stated = told.get("hours", {})
    teams = tuple(
        TeamHours(team.pk, team.key, team.name, float(stated.get(team.key, USUAL_HOURS * people[team.pk])))
        for team in access.teams(actor)
    )
    prices = {key: int(price) for key, price in told.get("per_thousand_minor", {}).items() if key in CHANNELS}
    return Effort(organisation.currency, {**USUAL_MINUTES, **told.get("minutes", {})}, teams, prices)
