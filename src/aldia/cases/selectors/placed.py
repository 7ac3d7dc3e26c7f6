"""Cases placed outside: with whom, since when, who answers for them in the house, and which agencies have gone silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Min, Sum

from aldia.access import selectors as access
from aldia.cases.models import Placement
from aldia.cases.selectors.filters import scope

if TYPE_CHECKING:
    from aldia.access.actors import Actor


@dataclass(frozen=True, slots=True)
class PlacementLine:
    """A case outside. `placed_minor`: its overdue debt on that day; `last_activity_at` None: nothing was done yet."""

    case_id: int
    debtor_name: str
    team_id: int
    team_name: str
    owner_name: str
    placed_on: date
    currency: str
    placed_minor: int
    overdue_minor: int
    commission_hundredths: int
    activities: int
    last_activity_at: datetime | None


@dataclass(frozen=True, slots=True)
class Silence:
    """An agency that has cases and has told nothing since a day; the case is the largest of them."""

    team_id: int
    team_name: str
    since_on: date
    case_id: int
    owner_id: int


def placement_of(actor: Actor, case_id: int) -> PlacementLine | None:
    """Return with whom a case is, or None in the house. The actor must see the case."""
    return next(iter(_lines(_open(actor).filter(case_id=case_id))), None)


def placements(actor: Actor, team_id: int, *, limit: int = 200) -> list[PlacementLine]:
    """Return the open placements of an agency, those in silence for longest first."""
    rows = _open(actor).filter(team_id=team_id).order_by("last_activity_at", "placed_on", "pk")
    return _lines(rows[:limit])


def placed_sums(actor: Actor) -> list[dict[str, Any]]:
    """Return of each agency and currency: team_id, currency, cases, placed (minor units), acted (activities), last (instant or None)."""
    sums = {
        "cases": Count("pk"),
        "placed": Sum("placed_minor"),
        "acted": Sum("activities"),
        "last": Max("last_activity_at"),
    }
    return list(_open(actor).order_by().values("team_id", "currency").annotate(**sums))


def silent_agencies(actor: Actor, *, as_of: date) -> list[Silence]:
    """Return the agencies that did nothing for longer than agreed in any case that they have."""
    told = _open(actor).values("team_id").annotate(last=Max("last_activity_at"), first=Min("placed_on"))
    since = {
        row["team_id"]: max(row["last"].date() if row["last"] else row["first"], row["first"]) for row in told
    }
    found = []
    for team in access.outside_teams(actor):
        if team.pk in since and as_of - since[team.pk] > timedelta(days=team.silent_days):
            largest: Any = _open(actor).filter(team_id=team.pk).order_by("-placed_minor", "case_id").first()
            found.append(Silence(team.pk, team.name, since[team.pk], largest.case_id, largest.owner_id))
    return found


def _open(actor: Actor) -> Any:
    rows = Placement.objects.of(actor.organisation_id).filter(ended_on__isnull=True, case__is_open=True)
    return rows.filter(case__in=scope(actor)) if actor.is_limited else rows


def _lines(rows: Any) -> list[PlacementLine]:
    return [
        PlacementLine(
            row.case_id, row.case.debtor_name, row.team_id, row.team.name, row.owner.name, row.placed_on, row.currency,
            row.placed_minor, row.case.overdue_minor, row.commission_hundredths, row.activities, row.last_activity_at,
        )
        for row in rows.select_related("case", "team", "owner")
    ]  # fmt: skip
