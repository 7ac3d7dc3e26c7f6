"""Which reader understands a file, by its content; new formats are one module and one line here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from aldia.intake.readers.refusals import FileRefused, Refused, refusal

HEAD_BYTES = 64 * 1024
# In order: the first that claims the file reads it. Tables claim whatever is left, so they stay last.
MODULES: list[str] = ["aldia.intake.readers.records.reader", "aldia.intake.checking.tabular"]

Normalised = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FormatReader:
    """`claims(head, path)` looks at the first bytes; `read(path, options)` gives the normalised dictionary.

    `read_many`, where a format has it, reads many files for the price of one process; a refusal is an answer there.
    """

    name: str
    claims: Callable[[bytes, Path], bool]
    read: Callable[[Path, Any], Normalised]
    read_many: Callable[[Sequence[Path]], list[Normalised | FileRefused]] | None = None


def readers() -> Iterator[FormatReader]:
    """All readers in order, each imported when asked; each module of `MODULES` offers one as `READER`."""
    for module in MODULES:
        yield cast(FormatReader, import_module(module).READER)


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
    """What any supported file says, JSON-able, nothing stored.

    A table gives `{format, dialect, mapping, records, problems}`; bank files and electronic documents give their
    statements, titles, returns and documents. A file that cannot be read gives `error` and no records of any kind.
    """
    return normalised_all([Path(path)], lambda: options)[Path(path)]


def normalised_all(
    paths: Sequence[Path], options: Callable[[], Any] = lambda: None
) -> dict[Path, Normalised]:
    """What each file says, in the order given; files of a reader that takes many are read together.

    `options` is asked only when a table needs them: what they import costs more than reading an invoice.
    """
    found: dict[Path, Normalised] = {}
    together: dict[str, tuple[FormatReader, list[Path]]] = {}
    for path in paths:
        try:
            reader = reader_of(path)
            if reader.read_many:
                together.setdefault(reader.name, (reader, []))[1].append(path)
            else:
                found[path] = reader.read(path, options())
        except Refused as refused:
            found[path] = _refused(refused)
    for reader, many in together.values():
        if reader.read_many:
            for path, answer in zip(many, reader.read_many(many), strict=True):
                found[path] = _refused(answer) if isinstance(answer, Refused) else answer
    return {path: found[path] for path in paths}


def _refused(refused: Refused) -> Normalised:
    nothing: Normalised = {name: [] for name in ("records", "statements", "titles", "returns", "documents")}
    return nothing | {
        "format": None,
        "dialect": None,
        "mapping": None,
        "error": " ".join(str(part) for part in (refused.found, refused.expected, refused.hint) if str(part)),
        "problems": [refused.as_problem()],
    }
