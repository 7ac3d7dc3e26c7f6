"""Which reader understands a file, by its content; new formats are one module and one line here."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from aldia.intake.readers.refusals import Refused, refusal

HEAD_BYTES = 64 * 1024
# In order: the first that claims the file reads it. Tables claim whatever is left, so they stay last.
MODULES: list[str] = ["aldia.intake.checking.tabular"]

Normalised = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FormatReader:
    """`claims(head, path)` looks at the first bytes; `read(path, options)` gives the normalised dictionary."""

    name: str
    claims: Callable[[bytes, Path], bool]
    read: Callable[[Path, Any], Normalised]


def readers() -> list[FormatReader]:
    """All readers in order; each module of `MODULES` offers one as `READER`."""
    return [cast(FormatReader, import_module(module).READER) for module in MODULES]


def reader_of(path: Path | str) -> FormatReader:
    """The reader of this file. Raises FileRefused when nobody claims it."""
    path = Path(path)
    if not path.is_file():
        raise refusal("not_found", {"path": str(path)})
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    for reader in readers():
        if reader.claims(head, path):
            return reader
    raise refusal("unsupported_format", {"kind": path.suffix.lstrip(".").upper() or "?"})


def normalised(path: Path | str, options: Any = None) -> Normalised:
    """`{format, dialect, mapping, records, problems}` of any supported file, JSON-able, nothing stored.

    A file that cannot be read gives no records and its refusal as the one problem.
    """
    try:
        return reader_of(path).read(Path(path), options)
    except Refused as refused:
        return {
            "format": None,
            "dialect": None,
            "mapping": None,
            "records": [],
            "problems": [refused.as_problem()],
        }
