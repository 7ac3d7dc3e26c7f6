"""The audit chain: one event a service, sealed in batches by hashes that anyone can check."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from aldia.access.actors import Actor
from aldia.access.models import AuditEvent, AuditSeal
from aldia.db.locks import named_lock


def record(
    *,
    actor: Actor,
    verb: str,
    object_type: str,
    object_id: int | str,
    now: datetime,
    data: dict[str, Any] | None = None,
) -> None:
    """Keep one event; call it inside the transaction of what it tells. No personal data in `data`."""
    AuditEvent.objects.create(
        organisation_id=actor.organisation_id,
        at=now,
        actor=actor.label,
        verb=verb,
        object_type=object_type,
        object_id=str(object_id),
        data=data or {},
    )


@dataclass(frozen=True)
class ChainState:
    """Whether the chain holds, up to which event, and where it first breaks."""

    is_whole: bool
    events: int
    sealed_to: int
    broken_at: int | None = None


def seal(*, actor: Actor, now: datetime) -> int:
    """Seal the events since the last seal; return how many."""
    with transaction.atomic():
        named_lock_key = actor.organisation_id
        with named_lock("audit.seal", named_lock_key):
            latest = AuditSeal.objects.of(actor.organisation_id).order_by("-last_event").first()
            after = latest.last_event if latest else 0
            events = list(AuditEvent.objects.of(actor.organisation_id).filter(id__gt=after).order_by("id"))
            if not events:
                return 0
            previous = latest.hash if latest else ""
            AuditSeal.objects.create(
                organisation_id=actor.organisation_id,
                first_event=events[0].id,
                last_event=events[-1].id,
                events=len(events),
                sealed_at=now,
                previous_hash=previous,
                hash=_digest(previous, events),
            )
            return len(events)


def verify_chain(organisation_id: int) -> ChainState:
    """Recompute every seal; the first that does not fit is named by its first event."""
    previous, total, sealed_to = "", 0, 0
    for link in AuditSeal.objects.of(organisation_id).order_by("last_event"):
        events = list(
            AuditEvent.objects.of(organisation_id)
            .filter(id__gt=sealed_to, id__lte=link.last_event)
            .order_by("id")
        )
        if (
            link.previous_hash != previous
            or len(events) != link.events
            or _digest(previous, events) != link.hash
        ):
            return ChainState(False, total, sealed_to, link.first_event)
        previous, total, sealed_to = link.hash, total + len(events), link.last_event
    return ChainState(True, total, sealed_to)


def _digest(previous: str, events: Iterable[AuditEvent]) -> str:
    digest = hashlib.sha256(previous.encode())
    for event in events:
        line = [
            event.id, event.at.isoformat(), event.actor, event.verb, event.object_type, event.object_id, event.data,
        ]  # fmt: skip
        digest.update(json.dumps(line, sort_keys=True, separators=(",", ":")).encode())
    return digest.hexdigest()
