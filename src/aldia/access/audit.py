"""The audit chain: one event a service, sealed in batches by hashes that anyone can check."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from aldia.access.actors import Actor
from aldia.access.models import AuditCheck, AuditEvent, AuditSeal
from aldia.db.locks import highest_settled, named_lock


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
    """Seal the events since the last seal; return how many. While writers never pause, none: the next call seals them."""
    horizon = highest_settled(AuditEvent)
    with transaction.atomic(), named_lock("audit.seal", actor.organisation_id):
        latest = AuditSeal.objects.of(actor.organisation_id).order_by("-last_event").first()
        after, previous = (latest.last_event, latest.hash) if latest else (0, "")
        events = _events(actor.organisation_id, after, horizon or 0)
        if not events:
            return 0
        AuditSeal.objects.create(
            organisation_id=actor.organisation_id,
            first_event=events[0][0],
            last_event=events[-1][0],
            events=len(events),
            sealed_at=now,
            previous_hash=previous,
            hash=_digest(previous, events),
        )
        return len(events)


def verify_chain(organisation_id: int) -> ChainState:
    """Recompute every seal; the first that does not fit is named by its first event."""
    return _verify(organisation_id, ChainState(True, 0, 0), "")[0]


def chain_since_check(organisation_id: int) -> ChainState:
    """Recompute the seals after the last check alone: what a screen can afford. `verify_chain` trusts no check."""
    return _verify(organisation_id, *_checked(organisation_id))[0]


def keep_check(*, actor: Actor, now: datetime) -> ChainState:
    """Recompute the seals after the last check and, when they are whole, remember up to where."""
    before = _checked(actor.organisation_id)
    state, last = _verify(actor.organisation_id, *before)
    if state.is_whole and state.sealed_to > before[0].sealed_to:
        AuditCheck.objects.get_or_create(
            organisation_id=actor.organisation_id, sealed_to=state.sealed_to,
            defaults={"checked_at": now, "events": state.events, "hash": last},
        )  # fmt: skip
    return state


def _checked(organisation_id: int) -> tuple[ChainState, str]:
    """Where the last check ended, and the hash there; the beginning when its seal is no longer the one that was checked."""
    check = AuditCheck.objects.of(organisation_id).order_by("-sealed_to").first()
    if check is not None:
        seals = AuditSeal.objects.of(organisation_id).filter(last_event=check.sealed_to, hash=check.hash)
        if seals.exists():
            return ChainState(True, check.events, check.sealed_to), check.hash
    return ChainState(True, 0, 0), ""


def _verify(organisation_id: int, state: ChainState, previous: str) -> tuple[ChainState, str]:
    """Go on from a state and its hash, seal after seal; return where it ended and the hash there."""
    seals = AuditSeal.objects.of(organisation_id).filter(last_event__gt=state.sealed_to)
    for link in seals.order_by("last_event"):
        events = _events(organisation_id, state.sealed_to, link.last_event)
        fits = link.previous_hash == previous and len(events) == link.events
        if not fits or _digest(previous, events) != link.hash:
            return ChainState(False, state.events, state.sealed_to, link.first_event), previous
        state, previous = ChainState(True, state.events + len(events), link.last_event), link.hash
    return state, previous


_SEALED = ("id", "at", "actor", "verb", "object_type", "object_id", "data")


def _events(organisation_id: int, after: int, to: int) -> list[tuple[Any, ...]]:
    rows = AuditEvent.objects.of(organisation_id).filter(id__gt=after, id__lte=to)
    return list(rows.order_by("id").values_list(*_SEALED))


def _digest(previous: str, events: Iterable[tuple[Any, ...]]) -> str:
    digest = hashlib.sha256(previous.encode())
    for event_id, at, *rest in events:
        line = [event_id, at.isoformat(), *rest]
        digest.update(json.dumps(line, sort_keys=True, separators=(",", ":")).encode())
    return digest.hexdigest()
