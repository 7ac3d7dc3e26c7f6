"""A list as a file: CSV and XLSX in which no cell is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse

from aldia.contact.papers.workbook import workbook_of
from aldia.domain.cells import inert

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return the rows as CSV with a byte order mark; a text that a spreadsheet could run gets a quote before it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return _file(name + ".csv", "text/csv; charset=utf-8", ("\ufeff" + out.getvalue()).encode())


def as_xlsx(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return the rows as a workbook; every text is written as text, amounts as numbers, dates as dates."""
    return _file(name + ".xlsx", _XLSX, workbook_of([(None, head, rows)]))


def as_file(kind: str, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return the rows as a workbook where the address asks for `xlsx`, else as CSV."""
    write = as_xlsx if kind == "xlsx" else as_csv
    return write(name, head, rows)


def _cell(cell: Any) -> Any:
    return cell.isoformat(sep=" ", timespec="minutes") if isinstance(cell, datetime) else inert(cell)


def _file(name: str, kind: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
