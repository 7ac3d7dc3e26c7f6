"""Stored files: attached to documents, opened, and found broken."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.ledger.models import (
    DocumentFile,
    StoredFile,
)


def files(actor: Actor, *, document_ids: Sequence[int]) -> list[tuple[int, StoredFile]]:
    """Return (document_id, file) for each file attached to these documents."""
    rows = DocumentFile.objects.of(actor.organisation_id).filter(document_id__in=document_ids)
    return [(row.document_id, row.file) for row in rows.select_related("file").order_by("document_id", "pk")]


def has_file(actor: Actor, file_id: int) -> bool:
    """Return whether the organisation has that stored file."""
    return bool(StoredFile.objects.of(actor.organisation_id).filter(pk=file_id).exists())


def open_file(actor: Actor, file_id: int) -> tuple[StoredFile, Path]:
    """Return a stored file's row and where its bytes are. Raises StoredFile.DoesNotExist, FileNotFoundError."""
    stored: StoredFile = StoredFile.objects.of(actor.organisation_id).get(pk=file_id)
    path = Path(default_storage.path(f"{stored.sha256[:2]}/{stored.sha256}"))
    if not path.exists():
        raise FileNotFoundError(
            _("Falta el contenido de %(name)s (%(sha)s).") % {"name": stored.name, "sha": stored.sha256}
        )
    return stored, path


def broken_files(organisation_id: int) -> list[tuple[str, str, str]]:
    """Return (name, sha256, `missing` or `changed`) of each stored file whose bytes are not those that were stored."""
    rows = StoredFile.objects.of(organisation_id).order_by("sha256").values_list("sha256", "name")
    names = dict(rows)
    states = {
        sha256: _state_of(Path(default_storage.path(f"{sha256[:2]}/{sha256}")), sha256) for sha256 in names
    }
    return [(names[sha256], sha256, state) for sha256, state in states.items() if state]


def _state_of(path: Path, sha256: str) -> str:
    if not path.exists():
        return "missing"
    with path.open("rb") as file:
        return "" if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else "changed"
