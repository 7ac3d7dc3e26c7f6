"""Reads of what came in: replies that wait, those of a case, and what became of each message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.contact import mail_server
from aldia.contact.inbound.models import Reply
from aldia.contact.models import DeliveryEvent
from aldia.db.pages import Page, paged
from aldia.domain.delivery import RANKS, Standing, standing_of


def replies(actor: Actor, *, kind: str = "", cursor: str | None = None, limit: int = 50) -> Page[Reply]:
    """Return a page of replies, newest first: those that wait, or `sin-identificar`, or `cerradas`. Raises BadCursor."""
    rows = _seen(actor).filter(is_open=kind != "cerradas")
    if kind == "sin-identificar":
        rows = rows.filter(case_id=None)
    elif kind != "cerradas":
        rows = rows.exclude(case_id=None)
    return paged(rows, by="pk", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row)


def reply_counts(actor: Actor) -> dict[str, int]:
    """Return how many replies wait with their case, and how many nobody could place."""
    waiting = _seen(actor).filter(is_open=True)
    return {
        "": waiting.exclude(case_id=None).count(),
        "sin-identificar": waiting.filter(case_id=None).count(),
    }


def _seen(actor: Actor) -> Any:
    """Whoever sees only some cases reads only their replies."""
    rows = Reply.objects.of(actor.organisation_id)
    return rows.filter(case_id__in=cases.scope(actor).values("pk")) if cases.is_narrowed(actor) else rows


def reply(actor: Actor, reply_id: int) -> Reply:
    """Return one reply. Raises Reply.DoesNotExist."""
    found: Reply = _seen(actor).get(pk=reply_id)
    return found


def replies_of_case(actor: Actor, case_id: int, *, limit: int = 500) -> list[Reply]:
    """Return what the person wrote about a case, newest first."""
    return list(Reply.objects.of(actor.organisation_id).filter(case_id=case_id).order_by("-pk")[:limit])


def to_be_answered(channels: Sequence[str], *, since: datetime, limit: int) -> list[Reply]:
    """Return what people with a case wrote on these channels since an instant and nobody has answered, the oldest first."""
    rows = Reply.objects.across_organisations().filter(is_open=True, channel__in=channels)
    rows = rows.exclude(case_id=None).filter(received_at__gte=since).select_related("organisation")
    return list(rows.order_by("pk")[:limit])


def standings(organisation_id: int, order_ids: Sequence[int]) -> dict[int, Standing]:
    """Return what became of each message of which anything was told."""
    rows = DeliveryEvent.objects.of(organisation_id).filter(order_id__in=list(order_ids), kind__in=RANKS)
    told: dict[int, list[tuple[str, str]]] = {}
    for order_id, kind, detail in rows.values_list("order_id", "kind", "detail"):
        told.setdefault(order_id, []).append((kind, detail.partition("|")[0]))
    return {order_id: standing_of(words) for order_id, words in told.items()}


def box_of(actor: Actor) -> dict[str, Any]:
    """Return the box of replies as a screen may show it: without its password."""
    setting = mail_server.setting_of(actor.organisation_id, "email")
    told = setting.config.get("inbox", {}) if setting else {}
    return {name: value for name, value in told.items() if name != "password"}
