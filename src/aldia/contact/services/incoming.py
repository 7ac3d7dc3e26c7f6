"""Files that people send with their messages: asked of the provider soon after, looked at, kept by their content or refused."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Q

from aldia.access import audit
from aldia.access.actors import Actor, system
from aldia.access.permissions import Permission
from aldia.contact import mail_server
from aldia.contact.inbound.models import InboundFile, Reply
from aldia.contact.providers import provider
from aldia.contact.providers.protocol import MediaRefused, ProviderError
from aldia.db.vault import VaultClosed
from aldia.domain.incoming_files import kind_of, refusal_of
from aldia.ledger import services as ledger

if TYPE_CHECKING:
    from aldia.contact.providers.protocol import Arrived, MediaSource

log = logging.getLogger(__name__)
SILENT: Final = "silent"
_PAUSES: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


class UnknownFile(LookupError):
    """Raised when there is no such file that came in, or it is not one that was given up."""


def expect(reply: Reply, message: Arrived, *, provider_key: str) -> None:
    """Note the files of a message, to be fetched; told again it changes nothing."""
    for number, media in enumerate(message.media):
        InboundFile.objects.get_or_create(
            organisation_id=reply.organisation_id, reply=reply, number=number,
            defaults={
                "provider": provider_key, "media": media[:200],
                "told_kind": _at(message.media_kinds, number)[:100], "name": _at(message.media_names, number)[-200:],
            },
        )  # fmt: skip


def fetch_files(*, limit: int, now: datetime) -> Counter[str]:
    """Fetch the files that wait, the oldest first; return how many were `kept`, `refused` or `left` for later.

    A provider that does not answer is not asked again in the same pass.
    """
    due = Q(next_at=None) | Q(next_at__lte=now)
    rows = InboundFile.objects.across_organisations().filter(due, state="waiting").select_related("reply")
    counts: Counter[str] = Counter()
    silent: set[tuple[int, str]] = set()
    for row in rows.order_by("pk")[:limit]:
        house = (row.organisation_id, row.provider)
        if house not in silent:
            became = _fetch(row, now)
            counts[became] += 1
            silent |= {house} if became == "left" else set()
    return counts


@transaction.atomic
def fetch_again(*, actor: Actor, file_id: int, now: datetime) -> None:
    """Ask once more for a file that nobody gave us. Raises UnknownFile, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    rows = InboundFile.objects.of(actor.organisation_id).filter(pk=file_id, state="refused", reason=SILENT)
    if not rows.update(state="waiting", reason="", tries=0, next_at=None, settled_at=None):
        raise UnknownFile(file_id)
    audit.record(
        actor=actor, verb="contact.file.again", object_type="inbound_file", object_id=file_id, now=now
    )


def _fetch(row: InboundFile, now: datetime) -> str:
    try:
        content = _asked(row)
    except MediaRefused as refused:
        return _refuse(row, refused.reason, now)
    except (ProviderError, VaultClosed) as error:
        return _put_off(row, error, now)
    refusal = refusal_of(content, row.told_kind)
    return _refuse(row, refusal, now) if refusal else _keep(row, content, now)


def _asked(row: InboundFile) -> bytes:
    setting = mail_server.setting_of(row.organisation_id, row.reply.channel)
    carrier: Any = provider(row.provider, mail_server.open_config(setting) if setting else {})
    source: MediaSource = carrier
    try:
        return source.fetch(row.media)
    finally:
        carrier.close()


def _put_off(row: InboundFile, error: Exception, now: datetime) -> str:
    """What could not be had now is asked later; after the last pause it is given up, and a person may ask again."""
    log.warning("the file %s of a reply stays with its provider: %s", row.pk, error)
    if row.tries >= len(_PAUSES):
        return _refuse(row, SILENT, now)
    row.next_at, row.tries = now + _PAUSES[row.tries], row.tries + 1
    row.save(update_fields=["next_at", "tries"])
    return "left"


def _refuse(row: InboundFile, reason: str, now: datetime) -> str:
    row.state, row.reason, row.settled_at = "refused", reason, now
    row.save(update_fields=["state", "reason", "settled_at"])
    return "refused"


@transaction.atomic
def _keep(row: InboundFile, content: bytes, now: datetime) -> str:
    kind = kind_of(content, row.told_kind)
    stored = ledger.store_file(
        actor=system(row.organisation_id), name=row.name or f"{row.reply.channel}-{row.pk}", content_type=kind,
        content=content, now=now,
    )  # fmt: skip
    row.state, row.kind, row.file_id, row.settled_at = "kept", kind, stored.pk, now
    row.save(update_fields=["state", "kind", "file_id", "settled_at"])
    return "kept"


def _at(values: tuple[str, ...], number: int) -> str:
    return values[number] if number < len(values) else ""
