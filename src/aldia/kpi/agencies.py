"""Agencies side by side: what each has, recovered, costs and tells, and the complaints while it had the case."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from aldia.access import selectors as access
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.outcomes import selectors as outcomes
from aldia.payments import placed

if TYPE_CHECKING:
    from aldia.access.actors import Actor


@dataclass(slots=True)
class Agency:
    """One agency over a period. Money in minor units by currency: (placed, recovered, commission)."""

    team_id: int
    name: str
    kind: str
    owner_name: str
    commission_hundredths: int
    cases: int = 0
    activities: int = 0
    last_activity_at: datetime | None = None
    is_silent: bool = False
    complaints: int = 0
    placed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    recovered: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    commission: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def money(self) -> list[tuple[str, int, int, int]]:
        """Return (currency, placed, recovered, commission) of each currency with money."""
        codes = sorted({*self.placed, *self.recovered})
        return [(code, self.placed[code], self.recovered[code], self.commission[code]) for code in codes]


def compare(actor: Actor, *, from_on: date, to_on: date, as_of: date) -> list[Agency]:
    """Return every agency over [from_on, to_on), by name. Cases and placed debt are those of today. Raises NotAllowed."""
    if not actor.may(Permission.READ_EVERYTHING):
        actor.check(Permission.SEE_TEAM)
    silent = {each.team_id for each in cases.silent_agencies(actor, as_of=as_of)}
    found = {
        team.pk: Agency(
            team.pk, team.name, team.get_kind_display(), str(team.owner), team.commission_hundredths, is_silent=team.pk in silent
        )
        for team in access.outside_teams(actor)
    }  # fmt: skip
    for row in cases.placed_sums(actor):
        _add_placed(found[row["team_id"]], row)
    for receipt in placed.recovered(actor, from_on=from_on, to_on=to_on):
        agency = found[receipt.team_id]
        agency.recovered[receipt.currency] += receipt.amount_minor
        agency.commission[receipt.currency] += receipt.commission_minor
    for complaint in outcomes.placed_complaints(actor, from_on=from_on, to_on=to_on):
        found[complaint.team_id].complaints += 1
    return sorted(found.values(), key=lambda each: each.name)


def _add_placed(agency: Agency, row: dict[str, Any]) -> None:
    agency.cases += row["cases"]
    agency.activities += row["acted"]
    agency.placed[row["currency"]] += row["placed"]
    agency.last_activity_at = max(filter(None, (agency.last_activity_at, row["last"])), default=None)
