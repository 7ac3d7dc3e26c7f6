"""CSV and its cousins: streamed, in any encoding and dialect, with the row number that a spreadsheet shows."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aldia.intake.readers.dialect import Dialect, detect_dialect
from aldia.intake.readers.encoding import Encoding, detect_encoding, first_undecodable
from aldia.intake.readers.ipc import TableWriter
from aldia.intake.readers.limits import Limits
from aldia.intake.readers.shapes import find_header, trimmed, unique_names
from aldia.intake.readers.stop import Stop

SAMPLE_CHARACTERS = 256 * 1024
LOOK_ROWS = 60
FIELD_CHARACTERS = 4 * 1024 * 1024

Numbered = tuple[int, list[str] | None]


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller already knows of the file; everything else is detected."""

    encoding: str | None = None
    separator: str | None = None
    header_row: int | None = None
    sheet: str | None = None


def write_text_table(path: Path, out: Path, request: Request, limits: Limits) -> dict[str, Any]:
    """Parse the file into `out`; returns the dialect found. Raises Stop with the reason when it cannot be read."""
    encoding = _encoding(path, request)
    try:
        return _parse(path, out, request, limits, encoding)
    except UnicodeDecodeError as error:
        raise Stop(
            "wrong_encoding", encoding=encoding.name, line=first_undecodable(path, encoding.name)
        ) from error


def _encoding(path: Path, request: Request) -> Encoding:
    if not request.encoding:
        return detect_encoding(path)
    try:
        line = first_undecodable(path, request.encoding)
    except LookupError as error:
        raise Stop("no_such_encoding", encoding=request.encoding) from error
    if line is not None:
        raise Stop("wrong_encoding", encoding=request.encoding, line=line)
    return Encoding(request.encoding, 1.0)


def _parse(path: Path, out: Path, request: Request, limits: Limits, encoding: Encoding) -> dict[str, Any]:
    csv.field_size_limit(FIELD_CHARACTERS)
    dialect = _dialect(path, encoding, request)
    with path.open(encoding=encoding.name, newline="") as file:
        for _ in range(dialect.skip):
            file.readline()
        records = _records(file, dialect)
        first: list[Numbered] = []
        for record in records:
            first.append(record)
            if len(first) == LOOK_ROWS:
                break
        header, columns = _heading(first, request, limits)
        with TableWriter(out, columns, limits, typed=False) as writer:
            for number, cells in first[header + 1 :]:
                _add(writer, number, cells)
            for number, cells in records:
                _add(writer, number, cells)
    return {
        "format": "csv",
        "encoding": encoding.name,
        "certainty": encoding.certainty,
        "separator": dialect.separator,
        "quote": dialect.quote,
        "header_row": first[header][0] if header >= 0 else None,
        "title": [trimmed(cells or []) for _, cells in first[: max(header, 0)] if any(cells or [])],
        "sheet": None,
        "columns": columns,
        "rows": writer.rows,
    }


def _add(writer: TableWriter, number: int, cells: list[str] | None) -> None:
    if cells is None:
        writer.add(number, [], is_broken=True)
    elif cells and (cells[0].strip() or "".join(cells).strip()):
        writer.add(number, cells)


def _dialect(path: Path, encoding: Encoding, request: Request) -> Dialect:
    with path.open(encoding=encoding.name, newline="") as file:
        sample = file.read(SAMPLE_CHARACTERS)
        whole = not file.read(1)
    if not sample.strip("\ufeff\r\n\t ,;\x1a"):
        raise Stop("empty_file")
    found = detect_dialect(sample.replace("\r\n", "\n").replace("\r", "\n"), whole=whole)
    if request.separator:
        return Dialect(request.separator, found.quote, found.skip, found.is_wrapped)
    return found


def _records(file: Any, dialect: Dialect) -> Iterator[Numbered]:
    """Numbered rows, blank ones included; None where the quotes of a row cannot be understood."""
    reader = csv.reader(file, delimiter=dialect.separator, quotechar=dialect.quote, strict=True)
    number = dialect.skip
    while True:
        number += 1
        begin = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error) or "field larger" in str(error):
                raise Stop("unclosed_quote", line=begin + dialect.skip) from error
            yield number, None
            continue
        yield number, _unwrapped(cells, dialect) if dialect.is_wrapped else cells


def _unwrapped(cells: list[str], dialect: Dialect) -> list[str]:
    """The cells of a row that stands whole in one cell."""
    return next(csv.reader([cells[0]], delimiter=dialect.separator), []) if len(cells) == 1 else cells


def _heading(first: list[Numbered], request: Request, limits: Limits) -> tuple[int, list[str]]:
    """Position of the heading among the first rows (-1 for none) and the names of the columns."""
    rows = [cells or [] for _, cells in first]
    if request.header_row is not None:
        header = next((at for at, (number, _) in enumerate(first) if number == request.header_row), None)
        if header is None:
            raise Stop("no_such_header_row", header_row=request.header_row)
    else:
        header = find_header(rows)
    below = rows[(header + 1) if header is not None else 0 :]
    names = rows[header] if header is not None else []
    width = len(trimmed(names)) if header is not None else max((len(row) for row in below), default=0)
    width = max(width, _usual_width(below)) if header is not None else width
    if width > limits.columns:
        raise Stop("too_many_columns", found=width, limit=limits.columns)
    return (header if header is not None else -1), unique_names(names, width)


def _usual_width(rows: list[list[str]]) -> int:
    """Width that more than half of the rows fill: a heading may lack the names of the last columns."""
    widths = sorted(len(trimmed(row)) for row in rows if row)
    return widths[(len(widths) - 1) // 4] if widths else 0
