"""A parsed file as text cells with their original row numbers: whole, or in pieces of bounded memory."""

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from aldia.intake.readers.ipc import CELLS, ROW, TYPES
from aldia.intake.readers.limits import DEFAULT, Limits
from aldia.intake.readers.refusals import refusal
from aldia.intake.readers.sandbox import parse_in_child
from aldia.intake.readers.sniff import Family, family_of
from aldia.intake.readers.stop import Stop
from aldia.intake.readers.text_file import Request

MARKS = (ROW, CELLS, TYPES)


@dataclass(frozen=True, slots=True)
class FileDialect:
    """How the file was written; `certainty` (0 to 1) is that of the encoding, row numbers start at 1."""

    format: str
    encoding: str | None
    certainty: float
    separator: str | None
    quote: str | None
    header_row: int | None
    sheet: str | None
    title: list[list[str]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return asdict(self)


@dataclass(slots=True, weakref_slot=True)
class RawTable:
    """The parsed file. `frame` has `_row`, `_cells`, `_types` and one text column per name of `columns`.

    `_row` counts every row of the file from 1, titles and blanks included, as a spreadsheet shows it. `_cells` is
    the number of cells found (-1: broken quotes). `_types` has one letter per column in workbooks (t, n, d, b).
    """

    columns: list[str]
    dialect: FileDialect
    rows: int
    path: Path

    def __post_init__(self) -> None:
        weakref.finalize(self, shutil.rmtree, self.path.parent, ignore_errors=True)

    @property
    def frame(self) -> pl.DataFrame:
        """All rows in memory."""
        frames = list(self.chunks())
        return pl.concat(frames, rechunk=False) if frames else self.sample(0)

    def chunks(self, size: int = 50_000) -> Iterator[pl.DataFrame]:
        """The rows in order, at most `size` at a time; memory stays bounded by one piece."""
        pending: list[pl.DataFrame] = []
        rows = 0
        for batch in self._batches():
            pending.append(batch)
            rows += batch.height
            while rows >= size:
                whole = pl.concat(pending, rechunk=True)
                yield whole.slice(0, size)
                pending, rows = [whole.slice(size)], rows - size
        if rows:
            yield pl.concat(pending, rechunk=True)

    def _batches(self) -> Iterator[pl.DataFrame]:
        with pa.OSFile(str(self.path)) as source:  # a mapped file would stay in memory page by page
            reader = pa.ipc.open_file(source)
            for index in range(reader.num_record_batches):
                frame = pl.from_arrow(pa.table(reader.get_batch(index)))
                if isinstance(frame, pl.DataFrame):
                    yield frame

    def sample(self, rows: int = 2_000) -> pl.DataFrame:
        """The first rows."""
        with pa.memory_map(str(self.path)) as source:
            reader = pa.ipc.open_file(source)
            table = (
                reader.get_batch(0).slice(0, rows)
                if reader.num_record_batches
                else reader.schema.empty_table()
            )
            frame = pl.from_arrow(pa.table(table) if isinstance(table, pa.RecordBatch) else table)
        return frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame)

    def close(self) -> None:
        """Remove the temporary file; done by itself when the table is forgotten."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


def read_table(
    path: Path | str, *, limits: Limits = DEFAULT, request: Request | None = None, sheet: str | None = None
) -> RawTable:
    """The table in a CSV, XLSX, XLS or ODS file. Raises FileRefused, SheetNeeded among them, within a second."""
    path = Path(path)
    asked = request or Request()
    if sheet is not None:
        asked = Request(asked.encoding, asked.separator, asked.header_row, sheet)
    try:
        family = family_of(path, limits)
    except Stop as stop:
        raise refusal(stop.code, stop.facts) from stop
    if family.name not in ("text", "workbook"):
        raise refusal("unsupported_format", {"kind": family.label})
    return _parsed(path, asked, limits, family)


def _parsed(path: Path, request: Request, limits: Limits, family: Family) -> RawTable:
    out = Path(tempfile.mkdtemp(prefix="aldia-read-")) / "rows.arrow"
    try:
        found = parse_in_child(path, out, request, limits, family=family.name, zipped=family.zipped)
        columns, rows = found.pop("columns"), found.pop("rows")
        if not rows:
            raise refusal("no_rows", {})
    except BaseException:
        shutil.rmtree(out.parent, ignore_errors=True)
        raise
    found["format"] = family.label.lower()
    return RawTable(columns, FileDialect(**found), rows, out)
