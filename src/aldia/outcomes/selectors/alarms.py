"""Alarms as a list, and how many of each kind wait."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext

from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.db.pages import Page, paged
from aldia.domain.alarms import LABELS, AlarmKind
from aldia.outcomes.models import Alarm
from aldia.outcomes.words import ALARMS_OF_EVENTS


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """An alarm. `on` is the date it is about; `subject` names what (`promise:7`); money in minor units where it has any."""

    id: int
    case_id: int
    debtor_name: str
    kind: str
    label: str
    subject: str
    on: date
    minor: int
    currency: str
    owner_id: int | None
    state: str
    raised_at: datetime
    resolved_at: datetime | None
    data: dict[str, Any]
    postponed_until_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class AlarmFilter:
    """Each field narrows the list; None does not. Without `state`, the resolved ones are left out. `owner_id`: own, and of
    nobody on cases that person holds."""

    kind: str | None = None
    state: str | None = None
    owner_id: int | None = None
    case_id: int | None = None
    portfolio_id: int | None = None
    as_of: date | None = None  # leaves out those postponed beyond that day
    is_postponed: bool = False  # only those, instead


def alarms(
    actor: Actor,
    filters: AlarmFilter | None = None,
    cursor: str | None = None,
    *,
    language: str = "es",
    limit: int = 50,
) -> Page[AlarmLine]:
    """Return a page of alarms, the newest date first. Raises BadCursor."""
    rows = _narrowed(actor, filters or AlarmFilter()).annotate(
        debtor_name=F("case__debtor_name"), holder_id=F("case__holder_id")
    )
    return paged(
        rows, by="on", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: _line(row, language)
    )


def alarm_counts(actor: Actor, filters: AlarmFilter | None = None) -> dict[str, int]:
    """Return how many alarms there are of each kind, by kind."""
    rows = _narrowed(actor, filters or AlarmFilter())
    return dict(
        rows.order_by("kind").values_list("kind").annotate(count=Count("pk")).values_list("kind", "count")
    )


def alarm_label(kind: str, language: str) -> str:
    """Return what a kind of alarm is called; one that a strategy or another room raised, by its own key in words."""
    if kind in AlarmKind._value2member_map_:
        return LABELS[AlarmKind(kind)].of(language)
    if kind in ALARMS_OF_EVENTS:
        return gettext(ALARMS_OF_EVENTS[kind])
    return kind.replace("_", " ").replace("-", " ").capitalize()


def _narrowed(actor: Actor, filters: AlarmFilter) -> Any:
    rows = cases.of_seen_cases(actor, Alarm.objects.of(actor.organisation_id))
    exact = {
        "kind": filters.kind,
        "state": filters.state,
        "case_id": filters.case_id,
        "case__portfolio_id": filters.portfolio_id,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value is not None})
    if filters.state is None:
        rows = rows.exclude(state="resolved")
    if filters.as_of is not None:
        later = Q(postponed_until_on__gt=filters.as_of)
        rows = rows.filter(later) if filters.is_postponed else rows.exclude(later)
    if filters.owner_id is not None:
        rows = rows.filter(Q(owner_id=filters.owner_id) | Q(owner=None, case__holder_id=filters.owner_id))
    return rows


def _line(row: Any, language: str) -> AlarmLine:
    return AlarmLine(
        row.pk, row.case_id, row.debtor_name, row.kind, alarm_label(row.kind, language), row.data.get("subject", ""), row.on,
        row.data.get("minor", row.data.get("amount_minor", 0)), row.data.get("currency", ""), row.owner_id or row.holder_id,
        row.state, row.raised_at, row.resolved_at, row.data, row.postponed_until_on, row.note,
    )  # fmt: skip
