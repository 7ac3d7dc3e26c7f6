"""Recordings of calls: fetched when a call ends, sealed on our disk, heard by who may, each time on record, gone after their day."""

from __future__ import annotations

import hashlib
import logging
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, system
from aldia.access.permissions import NotAllowed, Permission
from aldia.contact.calls.lines import Line
from aldia.contact.calls.models import PhoneCall, Recording
from aldia.contact.providers.protocol import ProviderError
from aldia.db.vault import seal_bytes, unseal_bytes
from aldia.db.whole_files import write_whole

log = logging.getLogger(__name__)
WAV: Final = "audio/wav"
_FOLDER: Final = "recordings"


class RecordingGone(LookupError):
    """Raised when there is no recording to hear: there never was, its day has passed, or its file is not what was kept."""


def fetch(call: PhoneCall, line: Line, *, now: datetime) -> Recording | None:
    """Return the recording of a call, brought from the exchange once and taken off it; None when it has none, or does not answer."""
    known = Recording.objects.of(call.organisation_id).filter(call=call).first()
    if known is not None:
        return known
    try:
        with line.exchange() as exchange:
            sound = exchange.recording(call.reference)
            if not sound:
                return None
            kept = keep(call, sound, kept_days=line.kept_days, now=now)
            exchange.forget_recording(call.reference)
    except ProviderError as error:
        log.warning("the recording of call %s stays in the exchange: %s", call.pk, error)
        return None
    return kept


@transaction.atomic
def keep(call: PhoneCall, sound: bytes, *, kept_days: int, now: datetime) -> Recording:
    """Return the recording, its file sealed and whole on the disk before its row."""
    sealed = seal_bytes(sound)
    write_whole(_path(call), sealed)
    row: Recording = Recording.objects.create(
        organisation_id=call.organisation_id, call=call, content_type=WAV, size=len(sound),
        sha256=hashlib.sha256(sealed).hexdigest(), kept_at=now, expires_on=call.on + timedelta(days=kept_days),
    )  # fmt: skip
    _record(system(call.organisation_id), "contact.recording.keep", call, now)
    return row


def open_recording(*, actor: Actor, call_id: int, now: datetime) -> tuple[bytes, str]:
    """Return what was said and its content type, and leave on record who heard it.

    Whoever talked may hear it, and whoever sees the team or reads everything. Raises NotAllowed, RecordingGone, VaultClosed.
    """
    rows = Recording.objects.of(actor.organisation_id).select_related("call")
    row = rows.filter(call_id=call_id, deleted_at__isnull=True).first()
    if row is None:
        raise RecordingGone(_("De esta llamada no hay grabación, o ya se borró."))
    if not may_hear(actor, row.call.user_id):
        raise NotAllowed(Permission.SEE_TEAM)
    path = _path(row.call)
    sealed = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(sealed).hexdigest() != row.sha256:
        raise RecordingGone(_("El archivo de la grabación falta o cambió: no se puede escuchar."))
    _record(actor, "contact.recording.play", row.call, now)
    return unseal_bytes(sealed), row.content_type


def may_hear(actor: Actor, user_id: int | None) -> bool:
    """Return whether somebody may hear the calls of a person."""
    mine = user_id is not None and actor.user_id == user_id and actor.may(Permission.WORK_CASES)
    return mine or actor.may(Permission.SEE_TEAM) or actor.may(Permission.READ_EVERYTHING)


def delete_expired(*, organisation_id: int, as_of: date, now: datetime) -> int:
    """Delete the files of the recordings whose days have passed by `as_of`; return how many. Each leaves a line of audit."""
    due = Recording.objects.of(organisation_id).filter(expires_on__lte=as_of, deleted_at__isnull=True)
    deleted = 0
    for row in due.select_related("call").order_by("pk").iterator(chunk_size=500):
        _path(row.call).unlink(missing_ok=True)  # before the row says so: a day cut short begins here again
        with transaction.atomic():
            row.deleted_at = now
            row.save(update_fields=["deleted_at"])
            _record(system(organisation_id), "contact.recording.delete", row.call, now)
        deleted += 1
    return deleted


def _path(call: PhoneCall) -> Path:
    return Path(default_storage.path(f"{_FOLDER}/{call.reference[:2]}/{call.reference}"))


def _record(actor: Actor, verb: str, call: PhoneCall, now: datetime) -> None:
    audit.record(
        actor=actor, verb=verb, object_type="call", object_id=call.pk, now=now, data={"case": call.case_id}
    )
