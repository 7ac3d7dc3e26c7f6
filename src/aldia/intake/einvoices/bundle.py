"""Many files as one: a folder or a handful of documents travels, is kept and is undone as one ZIP."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

_DAY: Final = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes
DOCUMENT_SUFFIXES: Final = frozenset({".xml", ".csv"})


def documents_in(folder: Path) -> list[Path]:
    """Return the files of a folder and its folders that may be electronic documents, by name."""
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in DOCUMENT_SUFFIXES
    )


def bundled(paths: Sequence[Path], into: Path, names: Sequence[str] | None = None) -> Path:
    """Return `into`, made a ZIP of the files, each under its name; a name that repeats is numbered."""
    taken: set[str] = set()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for place, path in enumerate(paths):
            name = names[place] if names else path.name
            if name in taken:
                name = f"{place + 1}-{name}"
            taken.add(name)
            archive.writestr(zipfile.ZipInfo(name, _DAY), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return into


def contents(path: Path, names: Collection[str], *, limit: int) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes of these members of a ZIP, or of the file itself. Only members that the limited child has read whole are
    asked for; none may be larger than `limit`."""
    if not zipfile.is_zipfile(path):
        yield path.name, path.read_bytes()
        return
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename in names and member.file_size <= limit:
                yield member.filename, archive.read(member)
