"""XLSX, XLSM, XLSB, XLS and ODS through calamine: native numbers and dates become exact ISO text."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from aldia.intake.readers.ipc import TableWriter
from aldia.intake.readers.limits import Limits
from aldia.intake.readers.shapes import find_header, trimmed, unique_names
from aldia.intake.readers.stop import Stop
from aldia.intake.readers.text_file import Request

LOOK_ROWS = 60
TEXT, NUMBER, DATE, TRUTH = "t", "n", "d", "b"


def write_workbook_table(path: Path, out: Path, request: Request, limits: Limits) -> dict[str, Any]:
    """Parse the chosen sheet into `out`; returns the dialect. Raises Stop, `sheet_needed` among its reasons."""
    try:
        book = _book(path)
        sheet, first = _choose(book, request, limits)
    except PasswordError as error:
        raise Stop("password_protected") from error
    except (CalamineError, OSError) as error:
        raise Stop("damaged_file") from error
    header, columns = _heading(first, request, limits)
    with TableWriter(out, columns, limits, typed=True) as writer:
        for number, row in enumerate(sheet.iter_rows(), start=1):
            if number <= header:
                continue
            cells, types = as_text(row[: len(columns)])
            if "".join(cells).strip():
                writer.add(number, cells, types=types)
    return {
        "format": "workbook",
        "encoding": None,
        "certainty": 1.0,
        "separator": None,
        "quote": None,
        "header_row": header or None,
        "title": [trimmed(row) for row in first[: max(header - 1, 0)] if any(row)],
        "sheet": sheet.name,
        "columns": columns,
        "rows": writer.rows,
    }


def _book(path: Path) -> CalamineWorkbook:
    """The workbook by its content: given a path, the library believes the extension, and many systems call an XLSX «.xls»."""
    with path.open("rb") as file:
        return CalamineWorkbook.from_filelike(file)


def as_text(row: list[Any]) -> tuple[list[str], str]:
    """The cells as text and one letter per cell for its native type."""
    cells: list[str] = []
    types: list[str] = []
    for value in row:
        text, kind = _cell(value)
        cells.append(text)
        types.append(kind)
    return cells, "".join(types)


def _cell(value: Any) -> tuple[str, str]:
    if isinstance(value, str):
        return value, TEXT
    if isinstance(value, bool):
        return ("true" if value else "false"), TRUTH
    if isinstance(value, (int, float)):
        return _number(value), NUMBER
    if isinstance(value, datetime):
        return (value.date().isoformat() if value.time() == time() else value.isoformat(" ")), DATE
    if isinstance(value, (date, time)):
        return value.isoformat(), DATE
    if isinstance(value, timedelta):
        return str(value), TEXT
    return ("" if value is None else str(value)), TEXT


def _number(value: float) -> str:
    """Plain digits without exponent; a spreadsheet holds 15 digits, the rest is binary noise."""
    if value == int(value) and abs(value) < 1e18:
        return str(int(value))
    return format(Decimal(f"{value:.15g}"), "f")


def _choose(
    book: CalamineWorkbook, request: Request, limits: Limits
) -> tuple[CalamineSheet, list[list[str]]]:
    names = book.sheet_names
    if request.sheet is not None:
        if request.sheet not in names:
            raise Stop("no_such_sheet", sheet=request.sheet, sheets=names[:50])
        return _open(book, request.sheet, limits)
    shown = [meta.name for meta in book.sheets_metadata if meta.visible == SheetVisibleEnum.Visible] or names
    found = []
    for name in shown[:50]:
        sheet, first = _open(book, name, limits)
        if sum(1 for row in first if any(cell.strip() for cell in row)) >= 2:
            found.append((sheet, first))
    if not found:
        raise Stop("empty_file")
    if len(found) > 1:
        tables = [
            {"sheet": sheet.name, "columns": _columns(first), "rows": sheet.total_height}
            for sheet, first in found
        ]
        raise Stop("sheet_needed", sheets=[table["sheet"] for table in tables], tables=tables)
    return found[0]


def _open(book: CalamineWorkbook, name: str, limits: Limits) -> tuple[CalamineSheet, list[list[str]]]:
    sheet = book.get_sheet_by_name(name)
    height = sheet.end[0] + 1 if sheet.end else 0
    width = sheet.end[1] + 1 if sheet.end else 0
    if width > limits.columns:
        raise Stop("too_many_columns", found=width, limit=limits.columns)
    if height > limits.workbook_rows + LOOK_ROWS:
        raise Stop("too_many_rows", found=height, limit=limits.workbook_rows)
    return sheet, [as_text(row)[0] for row in islice(sheet.iter_rows(), LOOK_ROWS)]


def _columns(first: list[list[str]]) -> list[str]:
    header = find_header(first)
    return unique_names(first[header], len(trimmed(first[header]))) if header is not None else []


def _heading(first: list[list[str]], request: Request, limits: Limits) -> tuple[int, list[str]]:
    """Row number of the heading (0 for none) and the names of the columns."""
    if request.header_row is not None:
        if not 1 <= request.header_row <= len(first):
            raise Stop("no_such_header_row", header_row=request.header_row)
        header: int | None = request.header_row - 1
    else:
        header = find_header(first)
    below = first[(header + 1) if header is not None else 0 :]
    width = max(
        (len(trimmed(row)) for row in ([first[header], *below] if header is not None else below)), default=0
    )
    if width > limits.columns:
        raise Stop("too_many_columns", found=width, limit=limits.columns)
    return (header + 1 if header is not None else 0), unique_names(
        first[header] if header is not None else [], width
    )
