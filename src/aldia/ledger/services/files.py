"""Files kept by their content: the same bytes are stored once, whoever uploads them and however often."""

import hashlib
import os
import tempfile
from datetime import datetime
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.ledger.models import Document, DocumentFile, StoredFile
from aldia.ledger.services.documents import UnknownDocument


class EmptyFile(Exception):
    """Raised when a file has no content."""


@transaction.atomic
def store_file(*, actor: Actor, name: str, content_type: str, content: bytes, now: datetime) -> StoredFile:
    """Return the stored file; the same content under the same name is the same row. Raises EmptyFile."""
    if not content:
        raise EmptyFile(_("El archivo %(name)s está vacío.") % {"name": name})
    digest = hashlib.sha256(content).hexdigest()
    _write(Path(default_storage.path(f"{digest[:2]}/{digest}")), content)
    clean = Path(name.replace("\\", "/")).name[-200:] or digest[:12]
    stored, is_new = StoredFile.objects.get_or_create(
        organisation_id=actor.organisation_id, sha256=digest, name=clean,
        defaults={"content_type": content_type[:100], "size": len(content), "created_at": now},
    )  # fmt: skip
    if is_new:
        audit.record(
            actor=actor,
            verb="ledger.file.store",
            object_type="file",
            object_id=stored.pk,
            now=now,
            data={"sha256": digest},
        )
    return stored


@transaction.atomic
def attach_file(*, actor: Actor, document_id: int, file_id: int, now: datetime | None = None) -> DocumentFile:
    """Return the link of a file to a document; attaching twice changes nothing.

    Raises UnknownDocument, StoredFile.DoesNotExist. With `now` it leaves an audit row (a person's gesture).
    """
    if not Document.objects.of(actor.organisation_id).filter(pk=document_id).exists():
        raise UnknownDocument(_("No hay un documento %(id)s en esta organización.") % {"id": document_id})
    stored = StoredFile.objects.of(actor.organisation_id).get(pk=file_id)
    link, is_new = DocumentFile.objects.of(actor.organisation_id).get_or_create(
        document_id=document_id, file=stored, defaults={"organisation_id": actor.organisation_id}
    )
    if is_new and now is not None:
        audit.record(
            actor=actor, verb="ledger.file.attach", object_type="document", object_id=document_id, now=now,
            data={"file": stored.pk},
        )  # fmt: skip
    return link


@transaction.atomic
def detach_file(*, actor: Actor, document_id: int, file_id: int, now: datetime) -> bool:
    """Take a file off a document (the file itself stays); return whether it was there."""
    rows = DocumentFile.objects.of(actor.organisation_id).filter(document_id=document_id, file_id=file_id)
    was_there = bool(rows.delete()[0])
    if was_there:
        audit.record(
            actor=actor, verb="ledger.file.detach", object_type="document", object_id=document_id, now=now,
            data={"file": file_id},
        )  # fmt: skip
    return was_there


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: written beside, synced, then renamed into place."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
