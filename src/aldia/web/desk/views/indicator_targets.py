"""Screen: the targets of a month. How far each is, how far it should be today, and a form for who may set them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.domain.measures import Unit
from aldia.domain.periods import add_months, first_of_month
from aldia.kpi import selectors as kpi
from aldia.kpi import services
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.payments import read_amount
from aldia.web.desk.views.indicators import tabs
from aldia.web.ui import formats, toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

PAGE = "desk:indicator-targets"
MOST = 6  # rows of the card on the board
MONTHS = 4  # those that can be chosen: the last, this one and the next ones


@require_safe
@staff(P.SEE_INDICATORS)
def targets(request: StaffRequest) -> HttpResponse:
    """Draw the targets of a month with their progress, and the form to set one."""
    month_on = _month(request, request.GET.get("mes", ""))
    return render(request, "desk/indicators/targets.html", _context(request, month_on))


@require_safe
@staff(P.SEE_INDICATORS)
def progress(request: StaffRequest) -> HttpResponse:
    """Draw this month's progress alone: asked for by the board and by «Hoy» once they are on screen."""
    rows = kpi.progress(request.actor, request.clock.as_of, as_of=request.clock.as_of)
    own = [row for row in rows if row.target.of == "person" and row.target.of_id == request.actor.user_id]
    template = (
        "desk/indicators/_target_line.html" if "corta" in request.GET else "desk/indicators/_target_card.html"
    )
    house = [row for row in rows if row.target.of != "person"] or rows
    return render(request, template, {"rows": own if "corta" in request.GET else house[:MOST], "own": own})


@require_POST
@staff(P.EDIT_STRATEGIES)
def save(request: StaffRequest) -> HttpResponse:
    """Keep a target; a mistake gives the form back as it was filled."""
    month_on = _month(request, request.POST.get("mes", ""))
    try:
        kept = services.set_target(
            actor=request.actor, goal=_goal(request, month_on), value=_value(request), clock=request.clock
        )
    except (services.BadTarget, ValidationError) as refusal:
        text = refusal.messages[0] if isinstance(refusal, ValidationError) else str(refusal)
        context = {**_context(request, month_on), "problem": text, "given": request.POST}
        return render(request, "desk/indicators/targets.html", context, status=422)
    toasts.say(request, _("Objetivo guardado") if kept.value else _("Objetivo quitado"))
    return HttpResponseRedirect(f"{reverse(PAGE)}?mes={month_on.isoformat()[:7]}")


def _context(request: StaffRequest, month_on: date) -> dict[str, Any]:
    this = first_of_month(request.clock.as_of)
    months = [add_months(this, ahead) for ahead in range(-1, MONTHS - 1)]
    currencies = kpi.currencies(request.actor) or [request.organisation.currency]
    return {
        "tabs": tabs(request, "targets"), "rows": kpi.progress(request.actor, month_on, as_of=request.clock.as_of),
        "month_on": month_on, "month_word": formats.month(month_on), "is_current": month_on == this,
        "months": [(each.isoformat()[:7], formats.month(each)) for each in months],
        "may_edit": request.actor.may(P.EDIT_STRATEGIES), "sees_team": request.actor.may(P.SEE_TEAM),
        "subjects": [(f"{of}:{of_id}", name) for (of, of_id), name in kpi.subjects(request.actor).items()],
        "aims": [(aim.key, aim.label) for aim in kpi.AIMS.values()],
        "currencies": [(code, code) for code in currencies], "currency": request.organisation.currency,
    }  # fmt: skip


def _month(request: StaffRequest, text: str) -> date:
    """The month that an address says, as its first day; this one when it says none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return first_of_month(request.clock.as_of)


def _goal(request: StaffRequest, month_on: date) -> services.Goal:
    of, _colon, of_id = request.POST.get("de", "").partition(":")
    is_number = of_id.isascii() and of_id.isdigit() and len(of_id) < 19
    currency = request.POST.get("moneda", "")
    return services.Goal(
        of, int(of_id) if is_number else -1, request.POST.get("medida", ""), month_on, currency[:3]
    )


def _value(request: StaffRequest) -> int:
    """The value typed: an amount in minor units or a count; nothing is zero, which takes the target away."""
    text, aim = request.POST.get("valor", "").strip(), kpi.AIMS.get(request.POST.get("medida", ""))
    if text in {"", "0"}:
        return 0
    if aim and aim.unit is Unit.MONEY:
        return read_amount(text, request.POST.get("moneda", "")[:3], request.organisation.locale)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValidationError(_("Escribe un número entero, como 40."))
    return int(text)


urls: list[URLPattern] = [
    path("indicadores/objetivos/", targets, name="indicator-targets"),
    path("indicadores/objetivos/avance/", progress, name="indicator-progress"),
    path("indicadores/objetivos/guardar/", save, name="indicator-target-save"),
]
