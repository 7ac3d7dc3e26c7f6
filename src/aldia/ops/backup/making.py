"""Makes a backup, and believes it only after restoring it whole in a disposable place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.core.files.storage import default_storage
from django.db import connection
from django.utils.translation import gettext as _

import aldia
from aldia.db import copying
from aldia.ops.backup import archive

Tell = Callable[[str], None]


class UnableToBackUp(Exception):
    """Raised when the file cannot be written, or when what was written does not restore to the same books."""


@dataclass(frozen=True)
class Backup:
    """A backup that was restored and verified: where it is, its bytes, and what came back from it."""

    path: Path
    bytes: int
    rows: int
    files: int
    postings: int


def back_up(*, folder: Path, now: datetime, tell: Tell = lambda text: None) -> Backup:
    """Return a new, verified backup in the folder. Raises UnableToBackUp; nothing is left behind then."""
    path = folder / archive.name_of(now)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        tell(_("Copiando la base y los archivos …"))
        _write(path, now)
        path.chmod(0o600)
        tell(_("Restaurando la copia aparte para comprobarla …"))
        found = _restored_apart(path, folder)
    except OSError as error:
        raise UnableToBackUp(
            _("No se pudo escribir la copia en %(folder)s: %(error)s. No quedó nada a medias.")
            % {"folder": folder, "error": error.strerror or error}
        ) from error
    if not found.get("ok"):
        path.unlink()
        raise UnableToBackUp(
            _("La copia no se recupera igual y se descartó: %(found)s")
            % {"found": found.get("problem") or found}
        )
    return Backup(path, path.stat().st_size, found["rows"], found["files"], found["postings"])


def _write(path: Path, now: datetime) -> None:
    with tempfile.TemporaryDirectory(prefix=".copia-", dir=path.parent) as made:
        database = Path(made) / archive.DATABASE
        database.mkdir()
        rows = copying.copy_out(database)
        manifest = archive.Manifest(
            now.isoformat(), aldia.__version__, connection.vendor, copying.applied_migrations(), rows
        )
        # The files come after the rows that name them, so none of those is missing.
        archive.pack(path, manifest=manifest, database=database, files=Path(default_storage.path("")))


def _restored_apart(path: Path, folder: Path) -> dict[str, Any]:
    """Run `aldia restore` in a data folder and a database of its own; return what it answered."""
    with (
        tempfile.TemporaryDirectory(prefix=".prueba-", dir=folder) as home,
        _database_apart(Path(home)) as url,
    ):
        env = {**os.environ, "ALDIA_HOME": home, "ALDIA_DATABASE_URL": url}
        env["DJANGO_SETTINGS_MODULE"] = "aldia.config.settings"
        words = [sys.executable, "-m", "django", "restore", str(path), "--json"]
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"ok": False, "problem": done.stderr[-500:]}
    return answer


@contextmanager
def _database_apart(home: Path) -> Iterator[str]:
    """An empty database: a file in the folder, or a schema beside ours that is dropped afterwards."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{home / 'db.sqlite3'}"
        return
    schema = f"aldia_prueba_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {schema}")
    try:
        yield _url_with_schema(schema)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {schema} CASCADE")


def _url_with_schema(schema: str) -> str:
    own = connection.settings_dict
    options = {**own["OPTIONS"], "options": f"-c search_path={schema}"}
    if own["HOST"]:
        options["host"] = own["HOST"]
    who = f"{quote(own['USER'], '')}:{quote(own['PASSWORD'], '')}"
    return f"postgresql://{who}@:{own['PORT']}/{quote(own['NAME'])}?{urlencode(options, quote_via=quote)}"
