"""Brings a backup back into an empty installation, and derives every balance again before calling it good."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.utils import DatabaseError
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import system
from aldia.db import copying, creation
from aldia.ops.backup import archive
from aldia.ops.verifying import Verified, verify

Tell = Callable[[str], None]


class UnableToRestore(Exception):
    """Raised when the installation is not empty, or the file is no backup, of another kind of database, or too new."""


@dataclass(frozen=True)
class Restored:
    """What came back, and whether it is what left."""

    made_at: str
    rows: int
    files: int
    verified: Verified
    paused: tuple[str, ...]  # live organisations, paused until somebody is sure that the original is off


def restore(*, source: Path, now: datetime, tell: Tell = lambda text: None) -> Restored:
    """Restore the backup here and return what came back. Raises UnableToRestore, before anything is written."""
    if not creation.is_empty() and access.organisations().exists():
        raise UnableToRestore(
            _(
                "Aquí ya hay datos y no se tocan. Restaura en otra carpeta: ALDIA_HOME=./recuperada ./aldia restore …"
            )
        )
    settings.HOME.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restaurar-", dir=settings.HOME) as folder:
        tell(_("Abriendo la copia …"))
        manifest = _opened(source, Path(folder))
        tell(_("Llenando la base …"))
        _fill(Path(folder) / archive.DATABASE, manifest)
        missing = _missing_rows(manifest)
        files = _bring_files(Path(folder) / archive.FILES)
    copying.bring_up_to_date()
    verified = verify(access.organisations(), tell=tell)
    verified.differences += missing
    return Restored(manifest.made_at, sum(manifest.rows.values()), files, verified, _pause_live(now))


def _opened(source: Path, folder: Path) -> archive.Manifest:
    try:
        manifest = archive.unpack(source, folder)
    except archive.NotABackup as error:
        raise UnableToRestore(
            _("%(name)s no es una copia entera de aldia: %(error)s") % {"name": source.name, "error": error}
        ) from error
    if not copying.can_come_from(manifest.vendor):
        raise UnableToRestore(
            _("La copia es de %(made)s y esta base es %(here)s: solo se pasa de SQLite a PostgreSQL.")
            % {"made": manifest.vendor, "here": connection.vendor}
        )
    return manifest


def _fill(database: Path, manifest: archive.Manifest) -> None:
    try:
        copying.copy_in(database, migrations=manifest.migrations)
    except copying.FromNewerVersion as error:
        raise UnableToRestore(
            _(
                "La copia es de aldia %(version)s, más nuevo que este: actualiza antes. Migraciones desconocidas: %(names)s"
            )
            % {"version": manifest.version, "names": error}
        ) from error
    except (DatabaseError, OSError) as error:
        raise UnableToRestore(_("La base no aceptó la copia: %(error)s") % {"error": error}) from error


def _bring_files(unpacked: Path) -> int:
    if not unpacked.exists():
        return 0
    shutil.copytree(unpacked, default_storage.path(""), dirs_exist_ok=True)
    return sum(path.is_file() for path in unpacked.rglob("*"))


def _missing_rows(manifest: archive.Manifest) -> list[dict[str, object]]:
    """Tables that came back with another number of rows than left."""
    found = copying.count_rows()
    return [
        {"kind": "rows", "name": table, "expected": rows, "found": found.get(table, 0)}
        for table, rows in manifest.rows.items()
        if found.get(table, 0) != rows
    ]


def _pause_live(now: datetime) -> tuple[str, ...]:
    """A restored copy must not write to anybody while the original may be at work."""
    live = [house for house in access.organisations() if not house.is_sandbox and not house.is_paused]
    for house in live:
        access_services.set_paused(actor=system(house.pk), is_paused=True, now=now)
    return tuple(house.name for house in live)
