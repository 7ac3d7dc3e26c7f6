"""Reads of the room: loads, their problems, the rejected rows as a file to correct and send again."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping as JsonLike
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Count, Q, QuerySet
from polars import Series

from aldia.access.actors import Actor
from aldia.db.pages import Page, paged
from aldia.domain.cells import inert
from aldia.intake.einvoices.oddities import LABELS
from aldia.intake.mapping.fields import FIELDS, REQUIRED, Kind
from aldia.intake.mapping.mapping import Mapping
from aldia.intake.mapping.propose import propose_for
from aldia.intake.mapping.reports import as_list
from aldia.intake.models import (
    EINVOICES,
    ActivityFile,
    DeliveryState,
    Link,
    LinkDelivery,
    Load,
    LoadProblem,
    LoadState,
    RejectedRow,
    Source,
)
from aldia.intake.readers.refusals import Refused
from aldia.intake.readers.registry import reader_of
from aldia.intake.readers.table import read_table
from aldia.intake.readers.text_file import Request


def loads(actor: Actor, cursor: str | None = None, *, limit: int = 50) -> Page[Load]:
    """Return a page of the loads, newest first. Raises BadCursor."""
    rows = Load.objects.of(actor.organisation_id).select_related("source__portfolio", "file")
    return paged(rows, by="pk", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row)


def load(actor: Actor, load_id: int) -> Load:
    """Return one load with its source and file. Raises Load.DoesNotExist."""
    row: Load = (
        Load.objects.of(actor.organisation_id).select_related("source__portfolio", "file").get(pk=load_id)
    )
    return row


def last_merged(actor: Actor, *, portfolio: str = "") -> Load | None:
    """Return the newest load that was carried out and not undone, of the portfolio of that name or key when one is given."""
    rows = Load.objects.of(actor.organisation_id).filter(state=LoadState.MERGED)
    if portfolio:
        rows = rows.filter(Q(source__name=portfolio) | Q(source__key=portfolio))
    row: Load | None = rows.select_related("source__portfolio", "file").order_by("-pk").first()
    return row


def sources(actor: Actor) -> QuerySet[Source]:
    """Return where files come from, by name."""
    rows: QuerySet[Source] = (
        Source.objects.of(actor.organisation_id).select_related("portfolio").order_by("name")
    )
    return rows


def problems(
    actor: Actor,
    load_id: int,
    cursor: str | None = None,
    *,
    limit: int = 100,
    code: str = "",
    field: str = "",
) -> Page[LoadProblem]:
    """Return a page of a load's problems, errors and warnings, in the order of the file. Raises BadCursor."""
    rows = LoadProblem.objects.of(actor.organisation_id).filter(load_id=load_id)
    rows = rows.filter(code=code) if code else rows
    rows = rows.filter(field=field) if field else rows
    return paged(rows, by="pk", is_newest_first=False, cursor=cursor, limit=limit, made=lambda row: row)


def is_electronic(path: Path) -> bool:
    """Return whether the file is of electronic documents, which have no columns to name. A file nobody reads is not."""
    try:
        return reader_of(path).name == "records"
    except Refused:
        return False


@dataclass(frozen=True)
class WrongCell:
    """A cell of a rejected row: what the file says, what is written over it, and what was expected. `column` empty: it has no
    place in the file, or the row itself is broken."""

    field: str
    column: str
    text: str
    found: str
    expected: str
    hint: str


@dataclass(frozen=True)
class LeftOut:
    """A row that did not enter, with what names it and its wrong cells."""

    id: int
    row: int
    who: str
    cells: tuple[WrongCell, ...]


def left_out(
    actor: Actor, load_id: int, cursor: str | None = None, *, limit: int = 50, code: str = "", field: str = ""
) -> Page[LeftOut]:
    """Return a page of the rejected rows of a load, or of those with one problem, in the order of the file. Raises BadCursor."""
    of = actor.organisation_id
    columns: dict[str, str] = load(actor, load_id).mapping.get("columns", {})
    errors = LoadProblem.objects.of(of).filter(load_id=load_id, is_error=True)
    rows = RejectedRow.objects.of(of).filter(load_id=load_id)
    if code:
        rows = rows.filter(row__in=errors.filter(code=code, field=field).values("row"))
    page = paged(rows, by="row", is_newest_first=False, cursor=cursor, limit=limit, made=lambda row: row)
    wrong: dict[int, dict[str, LoadProblem]] = {}
    for problem in errors.filter(row__in=[row.row for row in page.rows]).order_by("pk"):
        wrong.setdefault(problem.row, {}).setdefault(problem.field, problem)
    shown = tuple(_left_out(row, columns, wrong.get(row.row, {})) for row in page.rows)
    return Page(shown, page.next_cursor, page.previous_cursor)


def _left_out(row: RejectedRow, columns: JsonLike[str, str], wrong: JsonLike[str, LoadProblem]) -> LeftOut:
    names = (columns.get(name, "") for name in ("document_number", "customer_name", "customer_id"))
    who = " · ".join(str(row.cells[name]).strip() for name in names if row.cells.get(name))
    cells = tuple(
        WrongCell(
            field=problem.field,
            column=(column := columns.get(problem.field, "")),
            text=str(row.repaired.get(column, row.cells.get(column) or "")),
            found=problem.found,
            expected=problem.expected,
            hint=problem.hint,
        )
        for problem in wrong.values()
    )
    return LeftOut(row.pk, row.row, who, cells)


def repair_of(actor: Actor, row: Load) -> tuple[int, Load | None]:
    """Return how many rejected rows of a load can be corrected here, and the load that took them, merged, if there is one.

    Electronic documents are corrected by who issued them, never here.
    """
    if row.kind == EINVOICES:
        return 0, None
    kept = RejectedRow.objects.of(actor.organisation_id).filter(load=row).count()
    taken: Load | None = (
        Load.objects.of(actor.organisation_id).filter(repairs=row, state=LoadState.MERGED).first()
    )
    return (0 if taken or row.state != LoadState.MERGED else kept), taken


def problems_by_repair(actor: Actor, load_id: int) -> list[dict[str, Any]]:
    """Return the problems grouped by what repairs them: code, field, is_error, expected, hint, an example and how many."""
    rows = LoadProblem.objects.of(actor.organisation_id).filter(load_id=load_id)
    grouped = (
        rows.values("code", "field", "is_error", "hint")
        .annotate(count=Count("id"))
        .order_by("-is_error", "-count")
    )
    return [
        {**group, **_example(rows.filter(code=group["code"], field=group["field"], hint=group["hint"]))}
        for group in grouped
    ]


def rejected_csv(actor: Actor, load_id: int) -> str:
    """Return the problems of a load as CSV: row, field, found, expected, repair. What looks like a formula is inert."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["archivo", "fila", "campo", "encontrado", "esperado", "arreglo", "rechazada"])
    rows = LoadProblem.objects.of(actor.organisation_id).filter(load_id=load_id).order_by("pk")
    for problem in rows.iterator(chunk_size=2_000):
        found = [problem.field, problem.found, problem.expected, problem.hint]
        writer.writerow(
            [inert(problem.file), problem.row, *map(inert, found), "sí" if problem.is_error else "no"]
        )
    return out.getvalue()


def _example(rows: QuerySet[LoadProblem]) -> dict[str, Any]:
    first = rows.order_by("pk").first()
    return (
        {"row": first.row, "file": first.file, "found": first.found, "expected": first.expected}
        if first
        else {}
    )


@dataclass(frozen=True)
class Column:
    """One column of a file: its heading and some of its cells, as they are written."""

    name: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """What a file looks like before anybody says what its columns are."""

    columns: tuple[Column, ...]
    rows: int
    format: str
    proposed: Mapping


def sheet(path: Path, *, kind: str, told: JsonLike[str, Any] | None = None, samples: int = 3) -> Sheet:
    """Return the columns of a file with some cells of each, and what they seem to be; nothing has to be whole yet.

    `told` is what a person already said of it (`LoadRequest.mapping`). Raises FileRefused, SheetNeeded, MappingRefused.
    """
    told = told or {}
    asked = Request(told.get("encoding"), told.get("separator"), told.get("header_row"), told.get("sheet"))
    table = read_table(path, request=asked)
    table = as_list(table) if kind == Kind.DOCUMENTS else table
    try:
        frame = table.sample(400)
        columns = tuple(Column(name, _filled(frame[name], samples)) for name in table.columns)
        given = Mapping.from_dict(told, kind=kind) if told else None
        proposed = propose_for(table.columns, frame, Kind(kind), given=given, is_partial=True)
        return Sheet(columns, table.rows, table.dialect.format, proposed)
    finally:
        table.close()


def fields_of(kind: str) -> list[tuple[str, str, bool]]:
    """Return what a kind of file may bring: (name, label, whether one like it has to be there)."""
    if kind == EINVOICES:
        return [(name, str(label), False) for name, label in LABELS.items()]
    needed = {name for group in REQUIRED[Kind(kind)] for name in group}
    return [(field.name, str(field.label), field.name in needed) for field in FIELDS[Kind(kind)]]


def _filled(cells: Series, most: int) -> tuple[str, ...]:
    kept = [str(cell).strip() for cell in cells.drop_nulls().unique(maintain_order=True).head(60)]
    return tuple(cell[:60] for cell in kept if cell)[:most]


@dataclass(frozen=True)
class LinkView:
    """The link as a screen may show it: never its secret. `unsettled`: the receipts that the other system has not taken, newest first."""

    row: Link
    delivered: int
    taken_back: int
    unsettled: tuple[LinkDelivery, ...]

    def as_data(self) -> dict[str, Any]:
        """Return it as the command prints it."""
        row = self.row
        return {
            "system": row.system, "url": row.url, "database": row.database, "user": row.user, "portfolio": row.portfolio_name,
            "is_on": row.is_on, "tried_at": row.tried_at, "synced_at": row.synced_at, "last": row.counts, "problem": row.problem or None,
            "delivered": self.delivered, "taken_back": self.taken_back,
            "unsettled": [{"receipt": each.receipt_id, "state": each.state, **each.problem} for each in self.unsettled],
        }  # fmt: skip


def link_of(actor: Actor, *, most: int = 50) -> LinkView | None:
    """Return the organisation's link with another system's books, or None."""
    row: Link | None = Link.objects.of(actor.organisation_id).first()
    if row is None:
        return None
    counts = dict(row.deliveries.values_list("state").annotate(Count("id")))
    unsettled = row.deliveries.filter(state__in=[DeliveryState.REFUSED, DeliveryState.SENDING]).order_by(
        "-receipt_id"
    )
    return LinkView(row, counts.get("delivered", 0), counts.get("taken_back", 0), tuple(unsettled[:most]))


def due_links(*, real_now: datetime, every: timedelta) -> list[int]:
    """Return the organisations whose link is on and was not tried for so long."""
    rows = Link.objects.across_organisations().filter(is_on=True)
    waiting = rows.filter(Q(tried_at__isnull=True) | Q(tried_at__lte=real_now - every))
    return list(waiting.values_list("organisation_id", flat=True))


def activity_files(actor: Actor, *, limit: int = 30) -> list[ActivityFile]:
    """Return the files in which the actor's agency told what it did, the newest first; for who sees the team, of every agency."""
    rows = ActivityFile.objects.of(actor.organisation_id).select_related("team")
    if actor.is_limited:
        rows = rows.filter(team_id=actor.agency_id)
    return list(rows[:limit])


def activity_file(actor: Actor, file_id: int) -> ActivityFile:
    """Return one of `activity_files`. Raises ActivityFile.DoesNotExist."""
    rows = ActivityFile.objects.of(actor.organisation_id)
    if actor.is_limited:
        rows = rows.filter(team_id=actor.agency_id)
    found: ActivityFile = rows.get(pk=file_id)
    return found
