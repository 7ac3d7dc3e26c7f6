"""Screen: the rows that an import left out, corrected where they are and looked at again."""

from __future__ import annotations

import re
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aldia.access.permissions import Permission as P
from aldia.intake import selectors as intake
from aldia.intake import services
from aldia.intake.readers.refusals import Refused
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms import intake as drafts
from aldia.web.desk.views.intake_columns import DECIMALS, ORDERS
from aldia.web.ui import toasts

_CELL: Final = re.compile(r"celda-(\d{1,9})-([a-z_]{1,60})")
_AS_READ: Final = gettext_lazy("Como se leyó el archivo")
_ASKED_BY: Final = {
    "date_order": ("date_unreadable", "date_impossible", "date_far"),
    "decimal": ("amount_unreadable", "amount_grouping"),
    "currency": ("currency_missing",),
    "rounding": ("amount_too_fine",),
}
_QUESTIONS: Final = {
    "date_order": gettext_lazy("Todas las fechas"),
    "decimal": gettext_lazy("Todos los importes"),
    "currency": gettext_lazy("Moneda donde falta"),
    "rounding": gettext_lazy("Decimales de más"),
}


@require_http_methods(["GET", "POST"])
@staff(P.LOAD_FILES)
def correct(request: StaffRequest, load_id: int) -> HttpResponse:
    """Draw the rejected rows with their wrong cells to write over; keep what is written, and look at them again when asked."""
    try:
        load = intake.load(request.actor, load_id)
    except ObjectDoesNotExist as refusal:
        raise Http404 from refusal
    if request.method == "POST":
        return _take(request, load_id)
    code, field = request.GET.get("codigo", ""), request.GET.get("campo", "")
    page = intake.left_out(request.actor, load_id, request.GET.get("pagina"), code=code, field=field)
    kept, taken = intake.repair_of(request.actor, load)
    labels = {name: label for name, label, _needed in intake.fields_of(load.kind)}
    groups = [group for group in intake.problems_by_repair(request.actor, load_id) if group["is_error"]]
    context = {
        "load": load,
        "kept": kept,
        "taken": taken,
        "rows": [
            (row, [(cell, labels.get(cell.field, cell.field)) for cell in row.cells]) for row in page.rows
        ],
        "groups": [_group(group, labels, code, field) for group in groups],
        "chosen": next((group for group in groups if (group["code"], group["field"]) == (code, field)), None),
        "chosen_label": labels.get(field, field),
        "can_fill": field in load.mapping["columns"],
        "questions": _questions(groups),
        "next": page.next_cursor,
        "previous": page.previous_cursor,
    }
    return render(request, "desk/intake/correct.html", context)


def _take(request: StaffRequest, load_id: int) -> HttpResponse:
    cells: dict[int, dict[str, str]] = {}
    for name, text in request.POST.items():
        if found := _CELL.fullmatch(name):
            cells.setdefault(int(found[1]), {})[found[2]] = str(text)
    fill, code, field = (request.POST.get(name, "") for name in ("todas", "codigo", "campo"))
    try:
        changed = services.write_cells(actor=request.actor, load_id=load_id, cells=cells)
        if fill.strip():
            changed += services.fill_group(
                actor=request.actor, load_id=load_id, code=code, field=field, text=fill
            )
        if "revisar" in request.POST:
            answers = {name: request.POST.get(name, "") for name in services.ANSWERS}
            load = services.check_repairs(
                actor=request.actor, load_id=load_id, answers=_allowed(answers), clock=request.clock
            )
            toasts.say(request, _("Revisado otra vez: mira el resultado y confirma"))
            return HttpResponseRedirect(reverse("desk:import-load", args=[load.pk]))
    except services.UnableToRepair as refusal:
        toasts.warn(request, str(refusal))
        return HttpResponseRedirect(reverse("desk:import-load", args=[load_id]))
    except Refused as refusal:
        toasts.warn(request, f"{refusal.found} {refusal.expected}")
    else:
        toasts.say(request, _("Guardado") if changed else _("No había nada que guardar"))
    return HttpResponseRedirect(request.get_full_path())


def _group(group: dict[str, Any], labels: dict[str, str], code: str, field: str) -> dict[str, Any]:
    return {
        "code": group["code"],
        "field": group["field"],
        "label": labels.get(group["field"], group["field"]),
        "expected": group.get("expected", ""),
        "count": group["count"],
        "is_chosen": (group["code"], group["field"]) == (code, field),
    }


def _questions(groups: list[dict[str, Any]]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What may be said of all rows at once, where one of their problems asks for it: name, label, options."""
    codes = {group["code"] for group in groups}
    options: dict[str, list[tuple[str, str]]] = {
        "date_order": [(key, str(text)) for key, text in ORDERS.items()],
        "decimal": list(DECIMALS.items()),
        "currency": drafts.currencies(),
        "rounding": [("half_up", _("Redondear"))],
    }
    return [
        (name, str(_QUESTIONS[name]), [("", str(_AS_READ)), *options[name]])
        for name, asked_by in _ASKED_BY.items()
        if codes & set(asked_by)
    ]


def _allowed(answers: dict[str, str]) -> dict[str, str]:
    known = {
        "date_order": set(ORDERS), "decimal": set(DECIMALS), "currency": set(dict(drafts.currencies())), "rounding": {"half_up"},
    }  # fmt: skip
    return {name: text for name, text in answers.items() if text in known[name]}


urls = [path("importar/<int:load_id>/corregir/", correct, name="import-correct")]
