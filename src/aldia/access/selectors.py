"""Reads of the room: who somebody is here, what time it is here, who works here."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet

from aldia.access.actors import Actor, Clock, member
from aldia.access.models import (
    AuditEvent,
    Membership,
    Notification,
    Organisation,
    OrganisationHoliday,
    SavedView,
    Team,
    TeamKind,
    User,
)
from aldia.access.permissions import OUTSIDE
from aldia.access.phrases import Phrase, say
from aldia.db.memory import remembered
from aldia.db.pages import Page, paged
from aldia.db.prepared import prepared


@remembered
def organisation_of(actor: Actor) -> Organisation:
    """Return the actor's organisation."""
    found: Organisation = _organisation(actor.organisation_id)[0]
    return found


@prepared
def _organisation(organisation_id: int) -> Any:
    return Organisation.objects.filter(pk=organisation_id)


def organisation(key: str) -> Organisation:
    """Return an organisation by its key. Raises Organisation.DoesNotExist."""
    return Organisation.objects.get(key=key)


def is_paused(organisation_id: int) -> bool:
    """Return whether somebody stopped every message of the organisation, as the database knows it now."""
    return bool(_paused(organisation_id))


@prepared
def _paused(organisation_id: int) -> Any:
    return Organisation.objects.filter(pk=organisation_id, is_paused=True).values_list("pk")


def organisations() -> QuerySet[Organisation]:
    """Return every organisation, the oldest first, for commands and workers."""
    return Organisation.objects.order_by("pk")


def memberships_of(user: User) -> list[Membership]:
    """Return the active memberships of a user, the first by name of organisation being the default."""
    return _memberships(user.pk)


@prepared
def _memberships(user_id: int) -> Any:
    rows = Membership.objects.across_organisations().filter(user_id=user_id, is_active=True)
    return rows.select_related("organisation", "team").order_by("organisation__name")


def actor_of(membership: Membership) -> Actor:
    """Return the member of staff as an actor."""
    return member(
        membership.organisation_id,
        user_id=membership.user_id,
        role=membership.role,
        team_id=membership.team_id,
        creditor_id=membership.creditor_id,
    )


def clock_of(organisation: Organisation, now: datetime) -> Clock:
    """Return the organisation's business date and instant: its own persisted day in sandbox, the real one when live."""
    zone = ZoneInfo(organisation.timezone)
    local = now.astimezone(zone)
    if organisation.is_sandbox and organisation.sandbox_on:
        sandbox = datetime.combine(organisation.sandbox_on, local.time(), zone)
        return Clock(organisation.sandbox_on, sandbox.astimezone(ZoneInfo("UTC")))
    return Clock(local.date(), now)


@remembered
def digests_due(
    actor: Actor, *, as_of: date, hour: int, among: QuerySet[Membership] | None = None
) -> list[Membership]:
    """Return the members whose hour for the digest of that day has come, and who were not told: never the absent ones."""
    rows: QuerySet[Membership] = Membership.objects.of(actor.organisation_id) if among is None else among
    asked = rows.filter(is_active=True, has_digest=True, digest_hour__lte=hour).exclude(role__in=OUTSIDE)
    asked = asked.select_related("user", "organisation")
    return [
        member for member in asked.order_by("pk") if member.digest_on != as_of and not member.is_away(as_of)
    ]


def membership_of(actor: Actor) -> Membership | None:
    """Return what the actor is in the organisation, or None for who is no member."""
    found: Membership | None = (
        Membership.objects.of(actor.organisation_id).filter(user_id=actor.user_id).first()
    )
    return found


@remembered
def members(actor: Actor) -> list[Membership]:
    """Return the active members of the actor's organisation, by name."""
    return _members(actor.organisation_id)


@prepared
def _members(organisation_id: int) -> Any:
    rows = Membership.objects.of(organisation_id).filter(is_active=True)
    return rows.select_related("user", "team").order_by("user__name")


def is_member(actor: Actor, user_id: int) -> bool:
    """Return whether a person works in the actor's organisation: an active member, not from outside."""
    return any(row.user_id == user_id and row.role not in OUTSIDE for row in members(actor))


@remembered
def covered_by(actor: Actor, as_of: date) -> list[int]:
    """Return the colleagues who are absent that day and whose stand-in the actor is."""
    return _covered_by(actor.organisation_id, actor.user_id, as_of) if actor.user_id is not None else []


@prepared
def _covered_by(organisation_id: int, user_id: int, as_of: date) -> Any:
    away = Membership.objects.of(organisation_id).filter(
        is_active=True, stand_in__user_id=user_id, absent_from_on__lte=as_of, absent_until_on__gt=as_of
    )
    return away.order_by("user_id").values_list("user_id", flat=True)


@remembered
def teams(actor: Actor) -> list[Team]:
    """Return the teams of the actor's organisation, by name."""
    return _teams(actor.organisation_id)


@prepared
def _teams(organisation_id: int) -> Any:
    return Team.objects.of(organisation_id)


def outside_teams(actor: Actor) -> list[Team]:
    """Return the agencies, law firms and insurers that cases may be placed with, by name, each with its owner."""
    rows = Team.objects.of(actor.organisation_id).exclude(kind=TeamKind.OWN).select_related("owner")
    return list(rows)


@remembered
def holidays(organisation_id: int) -> frozenset[date]:
    """Return the organisation's own closed days."""
    return frozenset(_holidays(organisation_id))


@prepared
def _holidays(organisation_id: int) -> Any:
    return OrganisationHoliday.objects.of(organisation_id).values_list("on", flat=True)


def holidays_listed(actor: Actor) -> QuerySet[OrganisationHoliday]:
    """Return the organisation's own closed days with their names."""
    rows: QuerySet[OrganisationHoliday] = OrganisationHoliday.objects.of(actor.organisation_id)
    return rows


def notifications(actor: Actor, *, limit: int = 20) -> list[Notification]:
    """Return the newest lines under the actor's bell, said in the language of the moment."""
    rows = Notification.objects.of(actor.organisation_id).filter(user_id=actor.user_id)
    lines = list(rows.order_by("-created_at")[:limit])
    for line in lines:
        for name, kept in line.phrases.items():
            setattr(line, name, say([Phrase(**one) for one in kept], line.GLUES[name]))
    return lines


def unread(actor: Actor) -> int:
    """Return how many lines under the actor's bell are unread."""
    return sum(_unread(actor.organisation_id, actor.user_id))


@prepared
def _unread(organisation_id: int, user_id: int | None) -> Any:
    rows = Notification.objects.of(organisation_id).filter(user_id=user_id, read_at=None)
    return rows.order_by().values("user_id").annotate(found=Count("pk")).values_list("found", flat=True)


@remembered
def saved_views(actor: Actor, screen: str) -> list[SavedView]:
    """Return the views saved for a screen by the actor or for everybody."""
    rows = _saved_views(actor.organisation_id, screen)
    return [view for view in rows if view.user_id in (None, actor.user_id)]


@prepared
def _saved_views(organisation_id: int, screen: str) -> Any:
    return SavedView.objects.of(organisation_id).filter(screen=screen)


def events_of(actor: Actor, *, verb: str, object_type: str, object_ids: Sequence[int]) -> list[AuditEvent]:
    """Return what was done to some objects under one verb, oldest first."""
    rows = AuditEvent.objects.of(actor.organisation_id).filter(verb=verb, object_type=object_type)
    return list(rows.filter(object_id__in=[str(one) for one in object_ids]).order_by("pk"))


def audit_events(
    actor: Actor, cursor: str | None = None, *, limit: int = 50, **filters: Any
) -> Page[AuditEvent]:
    """Return a page of the audit trail, newest first; filters: verb__startswith, actor, object_type, object_id.

    Raises BadCursor of `db.pages`.
    """
    rows = AuditEvent.objects.of(actor.organisation_id).filter(**filters)
    return paged(rows, by="pk", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row)
