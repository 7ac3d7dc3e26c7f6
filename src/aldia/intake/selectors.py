"""Reads of the room: loads, their problems, the rejected rows as a file to correct and send again."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.db.models import Count, QuerySet

from aldia.access.actors import Actor
from aldia.intake.models import Load, LoadProblem, Source


def loads(actor: Actor, *, before_id: int | None = None, limit: int = 50) -> list[Load]:
    """Return a keyset page of the loads, newest first."""
    rows = Load.objects.of(actor.organisation_id).select_related("source__portfolio", "file")
    if before_id:
        rows = rows.filter(pk__lt=before_id)
    return list(rows.order_by("-pk")[:limit])


def load(actor: Actor, load_id: int) -> Load:
    """Return one load with its source and file. Raises Load.DoesNotExist."""
    row: Load = (
        Load.objects.of(actor.organisation_id).select_related("source__portfolio", "file").get(pk=load_id)
    )
    return row


def sources(actor: Actor) -> QuerySet[Source]:
    """Return where files come from, by name."""
    rows: QuerySet[Source] = (
        Source.objects.of(actor.organisation_id).select_related("portfolio").order_by("name")
    )
    return rows


def problems(
    actor: Actor, load_id: int, *, after_id: int | None = None, limit: int = 100
) -> list[LoadProblem]:
    """Return a keyset page of a load's problems, errors and warnings, in the order of the file."""
    rows = LoadProblem.objects.of(actor.organisation_id).filter(load_id=load_id)
    if after_id:
        rows = rows.filter(pk__gt=after_id)
    return list(rows.order_by("pk")[:limit])


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
    writer.writerow(["fila", "campo", "encontrado", "esperado", "arreglo", "rechazada"])
    rows = LoadProblem.objects.of(actor.organisation_id).filter(load_id=load_id).order_by("pk")
    for problem in rows.iterator(chunk_size=2_000):
        found = [problem.field, problem.found, problem.expected, problem.hint]
        writer.writerow([problem.row, *map(inert, found), "sí" if problem.is_error else "no"])
    return out.getvalue()


def inert(text: str) -> str:
    """Return the text so that a spreadsheet never calculates it."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r", "\0"} else text


def _example(rows: QuerySet[LoadProblem]) -> dict[str, Any]:
    first = rows.order_by("pk").first()
    return {"row": first.row, "found": first.found, "expected": first.expected} if first else {}
