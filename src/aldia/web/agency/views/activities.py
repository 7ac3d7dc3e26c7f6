"""What an agency tells by file, with its layout and the rows that stayed out; and the commission of what it recovered."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aldia.access.permissions import Permission as P
from aldia.intake import selectors as reads
from aldia.intake import services as intake
from aldia.intake.readers.refusals import Refused
from aldia.outcomes import selectors as outcomes
from aldia.payments import placed
from aldia.web.agency.doors import WindowRequest, window
from aldia.web.ui import export, toasts

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from aldia.intake.requests import LoadResult

MOST_BYTES = 5_000_000
LAYOUT = ("caso", "documento", "fecha", "canal", "resultado", "importe", "fecha_de_compromiso", "nota")


@require_http_methods(["GET", "POST"])
@window(P.WORK_PLACED)
def activities(request: WindowRequest) -> HttpResponse:
    """Draw the files told and the layout; a POST looks at a file, or takes it."""
    problem, result = "", None
    is_dry_run = "probar" in request.POST
    if request.method == "POST":
        try:
            result = _taken(request, request.FILES.get("archivo"), is_dry_run)
        except Refused as refusal:
            problem = str(refusal)
        else:
            if not is_dry_run:
                toasts.say(request, _("%(new)s actividades anotadas") % {"new": result.new})
                return HttpResponseRedirect(reverse("agency:activity-file", args=[result.load_id]))
    labels = outcomes.outcome_labels(request.actor, get_language() or "es")
    context: dict[str, Any] = {
        "files": reads.activity_files(request.actor), "problem": problem, "result": result, "codes": sorted(labels.items()),
        "columns": LAYOUT,
    }  # fmt: skip
    return render(request, "agency/activities.html", context, status=422 if problem else 200)


def _taken(request: WindowRequest, given: UploadedFile | None, is_dry_run: bool) -> LoadResult:
    if given is None or not given.name or (given.size or 0) > MOST_BYTES:
        raise intake.ActivitiesRefused(
            "activities_file", expected=_("Elige un archivo CSV o XLSX de hasta 5 MB.")
        )
    with tempfile.TemporaryDirectory(prefix="aldia-actividades-") as folder:
        kept = Path(folder) / "file"
        with kept.open("wb") as file:
            for chunk in given.chunks():
                file.write(chunk)
        return intake.load_activities(
            actor=request.actor, path=kept, name=given.name, is_dry_run=is_dry_run, clock=request.clock
        )


@require_safe
@window(P.WORK_PLACED)
def layout(request: WindowRequest) -> HttpResponse:
    """Send an empty file with the columns, and one row that says how to fill it."""
    told = ["123", "", "2026-11-22 15:30", "call", "promise", "1500.50", "2026-11-27", _("paga el viernes")]
    return export.as_csv("actividades-modelo", LAYOUT, [told])


@require_safe
@window(P.WORK_PLACED)
def activity_file(request: WindowRequest, file_id: int) -> HttpResponse:
    """Draw what became of a file."""
    row = reads.activity_file(request.actor, file_id)
    return render(request, "agency/activity_file.html", {"row": row})


@require_safe
@window(P.WORK_PLACED)
def rejected(request: WindowRequest, file_id: int) -> HttpResponse:
    """Send the rows that stayed out as they came, each with what to repair, ready to be sent again."""
    row = reads.activity_file(request.actor, file_id)
    rows = [[*cells, said] for _number, cells, said in row.rejected]
    return export.as_csv(f"actividades-{file_id}-rechazadas", [*row.columns, _("Qué corregir")], rows)


@require_safe
@window(P.WORK_PLACED)
def commission(request: WindowRequest) -> HttpResponse:
    """Draw what the agency recovered since the first day of last month, receipt by receipt, and its commission."""
    today = request.clock.as_of
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    rows = placed.recovered(request.actor, from_on=first, to_on=today + timedelta(days=1))
    totals: dict[str, list[int]] = {}
    for row in rows:
        sums = totals.setdefault(row.currency, [0, 0])
        sums[0] += row.amount_minor
        sums[1] += row.commission_minor
    return render(request, "agency/commission.html", {"rows": rows[:500], "totals": totals, "first": first})


urls: list[URLPattern] = [
    path("actividades/", activities, name="activities"),
    path("actividades/modelo.csv", layout, name="layout"),
    path("actividades/<int:file_id>/", activity_file, name="activity-file"),
    path("actividades/<int:file_id>/rechazadas.csv", rejected, name="rejected"),
    path("comision/", commission, name="commission"),
]
