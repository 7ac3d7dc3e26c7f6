"""The pack: the evidence as signed JSON and as a PDF, its manifest, and the script that checks it all without us."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.kpi.evidence import paper, sealing
from aldia.kpi.evidence.gathering import Gathered, gather

FORMAT: Final = "aldia-evidence/1"
SCRIPT: Final = Path(__file__).parent / "verify_evidence.py"
_STAMP: Final = (2020, 1, 1, 0, 0, 0)  # the same evidence packs to the same bytes, whatever the hour


class NobodyThere(LookupError):
    """Raised when the person has no case that the actor may see."""


@dataclass(frozen=True)
class Pack:
    """The ZIP with its name, how many records each section has, and the fingerprint of the key that signed it."""

    name: str
    content: bytes
    counts: dict[str, int]
    fingerprint: str


@transaction.atomic
def pack_of_person(*, actor: Actor, party_id: int, clock: Clock, language: str = "es") -> Pack:
    """Return the evidence of a person, and keep that it was taken out. Raises NobodyThere, NotAllowed, VaultClosed."""
    actor.check(Permission.EXPORT)
    if not cases.scope(actor).filter(party_id=party_id).exists():
        raise NobodyThere(_("Esa persona no tiene ningún caso que puedas ver."))
    gathered = gather(actor, party_id, clock=clock)
    public = sealing.public_key(actor, now=clock.now)
    with translation.override(language):
        files = _files(gathered, public, language, access.organisation_of(actor).locale)
    manifest = sealing.canonical(_manifest(gathered, files, public))
    files |= {
        "manifest.json": manifest,
        "manifest.sig": sealing.sign(actor, manifest, now=clock.now).encode(),
    }
    counts = dict(Counter({name: len(section) for name, section in gathered.sections.items()}))
    audit.record(
        actor=actor, verb="kpi.evidence.take", object_type="party", object_id=party_id, now=clock.now,
        data={"manifest": sealing.digest(manifest), "counts": counts},
    )  # fmt: skip
    return Pack(
        f"evidencia-{party_id}-{clock.as_of:%Y%m%d}.zip", _zipped(files), counts, sealing.fingerprint(public)
    )


def _files(gathered: Gathered, public: str, language: str, locale: str) -> dict[str, bytes]:
    body = sealing.canonical({"head": gathered.head, "sections": gathered.sections})
    printed = paper.evidence_pdf(
        gathered,
        locale=locale,
        language=language,
        digest=sealing.digest(body),
        key=sealing.fingerprint(public),
    )
    read_me = _(
        "Evidencia de contacto.\n\n"
        "evidence.pdf se lee; evidence.json dice lo mismo, entero, para una máquina.\n"
        "Para comprobar que nadie cambió nada, con Python 3.9 o más nuevo y sin red:\n\n"
        "    python3 verify_evidence.py ESTE.zip --key %(key)s\n\n"
        "La clave se la pides a la organización por otro camino: sin ella, la firma solo prueba que el paquete está entero.\n"
    ) % {"key": public}
    return {
        "evidence.json": body,
        "evidence.pdf": printed,
        "LEEME.txt": read_me.encode(),
        "verify_evidence.py": SCRIPT.read_bytes(),
    }


def _manifest(gathered: Gathered, files: dict[str, bytes], public: str) -> dict[str, Any]:
    """What is signed: each file by its hash, and each record by its own, so that a change is found and named."""
    return {
        "format": FORMAT,
        "head": gathered.head,
        "public_key": public,
        "files": {
            name: {"sha256": sealing.digest(content), "size": len(content)} for name, content in files.items()
        },
        "records": {
            name: [sealing.digest(sealing.canonical(record)) for record in section]
            for name, section in gathered.sections.items()
        },
    }


def _zipped(files: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(zipfile.ZipInfo(name, _STAMP), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()
