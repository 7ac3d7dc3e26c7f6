"""Screen: roll rates. Where the balance of each ageing bucket went in a month, and the documents behind each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aldia.access.permissions import Permission as P
from aldia.domain.measures import measure_of
from aldia.domain.periods import month_of
from aldia.kpi import selectors as kpi
from aldia.web.desk.doors import staff
from aldia.web.desk.views import words
from aldia.web.desk.views.indicators import choice, step_of, tabs
from aldia.web.ui import formats

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

PAGE = "desk:indicator-rolls"


@require_safe
@staff(P.SEE_TEAM)
def rolls(request: StaffRequest) -> HttpResponse:
    """Draw the matrix of the chosen month, currency and portfolio."""
    query, chosen = _query(request)
    matrix = kpi.roll_matrix(
        request.actor, month_on=query.period.start, currency=query.currency, portfolio_ids=query.portfolio_ids
    )
    ends = kpi.heading_for_the_end(matrix)
    context = {
        **chosen, "tabs": tabs(request, "rolls"), "currency": query.currency, "heads": _heads(),
        "rows": [_row(row, request) | {"end": ends.get(row.bucket)} for row in matrix], "end_word": list(words.BUCKETS.values())[-1],
        "measure": measure_of("roll_rate"),
        "name": measure_of("roll_rate").label.of(words.language()),
        "formula": measure_of("roll_rate").formula.of(words.language()),
    }  # fmt: skip
    return render(request, "desk/indicators/rolls.html", context)


@require_safe
@staff(P.SEE_TEAM)
def behind(request: StaffRequest, origin: str, end: str) -> HttpResponse:
    """Draw the documents that went from a bucket to another, or were paid."""
    if origin not in words.BUCKETS or end not in {*words.BUCKETS, kpi.PAID}:
        raise Http404
    query, chosen = _query(request)
    page = kpi.roll_rows(request.actor, query, origin, end, request.GET.get("pagina", ""))
    for row in page.rows:
        row["step"] = step_of(row)
    went = {"from": words.BUCKETS[origin], "to": words.BUCKETS.get(end, _("Pagado"))}
    context = {
        **chosen, "page": page, "currency": query.currency, "title": _("De %(from)s a %(to)s") % went,
        "back": reverse(PAGE) + _kept(request), "is_paid": end == kpi.PAID,
    }  # fmt: skip
    return render(request, "desk/indicators/roll_rows.html", context)


def _query(request: StaffRequest) -> tuple[kpi.DashboardQuery, dict[str, Any]]:
    months = kpi.roll_months(request.actor) or [month_of(request.clock.as_of).start]
    told = {on.isoformat()[:7]: on for on in months}
    on = told.get(request.GET.get("mes", ""), months[0])
    query, chosen = choice(request, month_of(on))
    return query, {
        **chosen, "month_on": on, "month_word": formats.month(on),
        "months": [(key, formats.month(each)) for key, each in told.items()],
    }  # fmt: skip


def _heads() -> list[tuple[str, Any]]:
    return [*words.BUCKETS.items(), (kpi.PAID, _("Pagado"))]


def _row(row: kpi.RollRow, request: StaffRequest) -> dict[str, Any]:
    """A bucket as it is drawn: each cell with its share of what the bucket held, and what kind of move it is."""
    places = list(words.BUCKETS)
    here = places.index(row.bucket)
    cells = []
    for key, _word in _heads():
        cell = row.cells.get(key)
        kind = (
            "paid"
            if key == kpi.PAID
            else ("stay", "roll", "cure")[(places.index(key) > here) - (places.index(key) < here)]
        )
        cells.append({
            "cell": cell, "kind": kind, "share": cell.minor / row.minor if cell and row.minor else None,
            "href": reverse("desk:indicator-roll-rows", args=[row.bucket, key]) + _kept(request),
        })  # fmt: skip
    return {
        "row": row,
        "word": words.BUCKETS[row.bucket],
        "step": words.RAMP[here],
        "cells": cells,
        "rolled": float(row.rates.roll) / 100 if row.rates else None,
    }


def _kept(request: StaffRequest) -> str:
    params = request.GET.copy()
    params.pop("pagina", None)
    return f"?{params.urlencode()}" if params else ""


urls: list[URLPattern] = [
    path("indicadores/rodamiento/", rolls, name="indicator-rolls"),
    path("indicadores/rodamiento/<str:origin>/<str:end>/", behind, name="indicator-roll-rows"),
]
