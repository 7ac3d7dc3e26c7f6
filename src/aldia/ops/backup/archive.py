"""The backup file: a tar with a manifest, the database of one moment and the stored files. Secrets are not in it."""

from __future__ import annotations

import json
import tarfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database"
FILES: Final = "files"
SUFFIX: Final = ".aldia.tar.gz"
_LEVEL: Final = 3  # three quarters of the gain of level 9 for a fifth of its time


class NotABackup(Exception):
    """Raised when a file is not a backup of aldia, is cut short, or is of a later format."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str
    version: str
    vendor: str
    migrations: list[str]
    rows: dict[str, int]
    format: int = FORMAT


def name_of(now: datetime) -> str:
    """Return the name of a backup made at that instant; names sort as their instants."""
    return f"aldia-{now:%Y%m%dT%H%M%SZ}{SUFFIX}"


def pack(target: Path, *, manifest: Manifest, database: Path, files: Path) -> None:
    """Write the backup beside its name and move it there whole: a file with that name is never half a backup."""
    told = database.parent / MANIFEST
    told.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    partial = target.with_name(f"{target.name}.part")
    try:
        with tarfile.open(partial, "w:gz", compresslevel=_LEVEL) as archive:
            archive.add(told, MANIFEST)
            archive.add(database, DATABASE)
            if files.exists():
                archive.add(files, FILES)
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)


def unpack(source: Path, folder: Path) -> Manifest:
    """Unpack the backup into the folder and return what it says of itself. Raises NotABackup."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")  # no link, no path out of the folder
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if told.get("format") != FORMAT:
            raise NotABackup(f"format {told.get('format')!r}, expected {FORMAT}")
        return Manifest(**told)
    except (tarfile.TarError, EOFError, OSError, ValueError, TypeError) as error:
        raise NotABackup(str(error)) from error
