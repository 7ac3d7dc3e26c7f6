"""Many files as one: a folder or a handful of documents travels, is kept and is undone as one ZIP."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath
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
    """Yield the bytes of these members of a ZIP, those of an archive inside it named after both, or of the file itself.

    Only members that the limited child has read whole are asked for; none may be larger than `limit`.
    """
    if not zipfile.is_zipfile(path):
        yield path.name, path.read_bytes()
        return
    with zipfile.ZipFile(path) as archive:
        yield from _named(archive, names, limit)


def _named(
    archive: zipfile.ZipFile, names: Collection[str], limit: int, within: str = ""
) -> Iterator[tuple[str, bytes]]:
    holders = {str(parent) for name in names for parent in PurePosixPath(name).parents} if not within else ()
    for member in archive.infolist():
        name = f"{within}{member.filename}"
        if member.file_size > limit:
            continue
        if name in names:
            yield name, archive.read(member)
        elif name in holders:
            with zipfile.ZipFile(io.BytesIO(archive.read(member))) as inside:
                yield from _named(inside, names, limit, f"{name}/")
