"""Files kept by their content: the same bytes are stored once, whoever uploads them and however often."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.db.whole_files import write_whole
from aldia.ledger.models import Document, DocumentFile, StoredFile
from aldia.ledger.services.documents import UnknownDocument

XML: Final = "application/xml"


class EmptyFile(Exception):
    """Raised when a file has no content."""


@transaction.atomic
def store_file(*, actor: Actor, name: str, content_type: str, content: bytes, now: datetime) -> StoredFile:
    """Return the stored file; the same content under the same name is the same row. Raises EmptyFile."""
    if not content:
        raise EmptyFile(_("El archivo %(name)s está vacío.") % {"name": name})
    digest = hashlib.sha256(content).hexdigest()
    _keep(digest, content)
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
def attach_received(
    *, actor: Actor, documents: Mapping[int, str], contents: Iterable[tuple[str, bytes]], now: datetime
) -> int:
    """Keep many files as they came and attach each to its documents (document id -> name of its file); return how many links
    are new. One audit row tells them all. Raises UnknownDocument."""
    owners: dict[str, list[int]] = defaultdict(list)
    for document_id, name in documents.items():
        owners[name].append(document_id)
    if Document.objects.of(actor.organisation_id).filter(pk__in=list(documents)).count() != len(documents):
        raise UnknownDocument(_("Uno de los documentos no es de esta organización."))
    rows: dict[tuple[str, str], StoredFile] = {}
    wanted: list[tuple[int, tuple[str, str]]] = []
    for name, content in contents:
        digest = hashlib.sha256(content).hexdigest()
        _keep(digest, content)
        key = (digest, Path(name.replace("\\", "/")).name[-200:] or digest[:12])
        rows[key] = StoredFile(
            organisation_id=actor.organisation_id, sha256=digest, name=key[1], content_type=XML, size=len(content), created_at=now,
        )  # fmt: skip
        wanted += [(document_id, key) for document_id in owners[name]]
    StoredFile.objects.bulk_create(rows.values(), ignore_conflicts=True)
    digests = [digest for digest, _name in rows]
    kept = (
        StoredFile.objects.of(actor.organisation_id)
        .filter(sha256__in=digests)
        .values_list("sha256", "name", "pk")
    )
    ids = {(digest, name): pk for digest, name, pk in kept}
    links = DocumentFile.objects.of(actor.organisation_id)
    before = links.count()
    DocumentFile.objects.bulk_create(
        (DocumentFile(organisation_id=actor.organisation_id, document_id=document_id, file_id=ids[key]) for document_id, key in wanted),
        ignore_conflicts=True,
    )  # fmt: skip
    made = links.count() - before
    if made:
        audit.record(
            actor=actor, verb="ledger.file.receive", object_type="document", object_id=wanted[0][0], now=now, data={"links": made},
        )  # fmt: skip
    return made


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


def _keep(digest: str, content: bytes) -> None:
    path = Path(default_storage.path(f"{digest[:2]}/{digest}"))
    if not path.exists():
        write_whole(path, content)
