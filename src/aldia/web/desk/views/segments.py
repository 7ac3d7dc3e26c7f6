"""Segments: the list, one with its rule, its size and what it shares, and the rule editor that strategies use too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.outcome import day_of
from aldia.web.desk.forms.rules import Editor, editor_of, read_editor
from aldia.web.desk.views import words
from aldia.web.ui import formats, toasts
from aldia.web.ui.charts import Chart, Series

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

NEW: Final = "nuevo"
_LONGEST_NAME: Final = 120


@require_safe
@staff(P.SEE_STRATEGIES)
def segments(request: StaffRequest) -> HttpResponse:
    """Draw the segments with how many clients each has now."""
    rows = strategy.segments(request.actor, as_of=request.clock.as_of, language=words.language())
    context = {"rows": rows, "may_edit": request.actor.may(P.EDIT_STRATEGIES)}
    return render(request, "desk/segments/list.html", context)


@require_http_methods(["GET", "POST"])
@staff(P.SEE_STRATEGIES)
def segment(request: StaffRequest, key: str) -> HttpResponse:
    """Write a segment with its live count beside it; a kept one also with its history. Only the button that says so saves."""
    page = None if key == NEW else _page(request, key)
    editor = _editor(request, page.segment.rule if page else "dpd > 0", grain="case", segments={})
    name = request.POST.get("name", page.segment.name if page else "").strip()[:_LONGEST_NAME]
    problem = ""
    if request.POST.get("do") == "save":
        try:
            kept = _save(request, page.segment.key if page else "", name, editor.rule)
        except services.SegmentRefused as refusal:
            problem = str(refusal)
        else:
            toasts.say(request, _("Segmento guardado: %(name)s") % {"name": kept.name})
            return HttpResponseRedirect(reverse("desk:segment", args=[kept.key]))
    context = {
        "page": page, "name": name, "problem": problem, "editor": editor, "trial": _trial(request, editor, of="segment"),
        "may_edit": request.actor.may(P.EDIT_STRATEGIES), "chart": _chart(request, page) if page else None, "past": _past(request, page),
    }  # fmt: skip
    return render(request, "desk/segments/one.html", context, status=422 if problem else 200)


@require_POST
@staff(P.EDIT_STRATEGIES)
def delete(request: StaffRequest, key: str) -> HttpResponse:
    """Forget a segment and who was in it."""
    try:
        services.delete_segment(actor=request.actor, key=key, now=request.clock.now)
    except services.UnknownSegment as missing:
        raise Http404 from missing
    toasts.say(request, _("Segmento borrado"))
    return HttpResponseRedirect(reverse("desk:segments"))


@require_http_methods(["GET", "POST"])
@staff(P.EDIT_STRATEGIES)
def condition(request: StaffRequest, key: str, step: str) -> HttpResponse:
    """Write the condition of one step of a strategy's draft; saving it publishes nothing."""
    try:
        view = strategy.draft_step(request.actor, key, step, language=words.language())
    except LookupError as missing:
        raise Http404 from missing
    editor = _editor(request, view.rule, grain=view.grain, segments=view.segments)
    trial = _trial(request, editor, of=view.grain)
    problem = ""
    if request.POST.get("do") == "save":
        problem = trial.refusal
        if not problem:
            services.set_condition(
                actor=request.actor, strategy_key=key, step=step, rule=editor.rule, now=request.clock.now
            )
            toasts.say(request, _("Condición guardada en el borrador: falta publicarlo"))
            return HttpResponseRedirect(reverse("desk:strategy-text", args=[key]))
    context = {"view": view, "editor": editor, "trial": trial, "problem": problem, "key": key}
    return render(request, "desk/segments/condition.html", context, status=422 if problem else 200)


def _page(request: StaffRequest, key: str) -> strategy.SegmentPage:
    try:
        return strategy.segment_page(request.actor, key, as_of=request.clock.as_of, language=words.language())
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def _editor(request: StaffRequest, rule: str, *, grain: str, segments: dict[str, str]) -> Editor:
    own = strategy.rule_facts(request.actor)
    if request.method == "POST":
        return read_editor(request.POST, grain=grain, segments=segments, own=own)
    return editor_of(rule, grain=grain, segments=segments, own=own)


def _trial(request: StaffRequest, editor: Editor, *, of: str) -> strategy.Trial:
    return strategy.try_rule(
        request.actor, editor.rule, of=of, as_of=request.clock.as_of, language=words.language()
    )


def _save(request: StaffRequest, key: str, name: str, rule: str) -> Any:
    """Raises SegmentRefused, also for a name that is missing."""
    if not name:
        raise services.SegmentRefused(_("Ponle un nombre al segmento."), 0)
    if not key:
        taken = {known for known, _name in strategy.segment_names(request.actor)} | {NEW}
        first = slugify(name).replace("-", "_")[:50] or "segmento"
        key = next(
            each
            for number in range(1, 1000)
            if (each := first if number == 1 else f"{first}_{number}") not in taken
        )
    return services.save_segment(actor=request.actor, key=key, name=name, rule=rule, clock=request.clock)


def _chart(request: StaffRequest, page: strategy.SegmentPage) -> Chart:
    names = [formats.day(on, request.clock.as_of, weekday=False) for on, _cases in page.sizes]
    return Chart(names, [Series(_("Clientes"), [cases for _on, cases in page.sizes], kind="bar")])


def _past(request: StaffRequest, page: strategy.SegmentPage | None) -> dict[str, Any] | None:
    """Who was in it on the day asked for."""
    on = day_of(request, request.GET.get("dia", ""))
    if page is None or on is None:
        return None
    count, rows = strategy.segment_members(request.actor, page.segment.key, on=on, as_of=request.clock.as_of)
    return {"on": on, "count": count, "rows": rows, "is_known": page.since is not None and on >= page.since}


urls: list[URLPattern] = [
    path("estrategias/segmentos/", segments, name="segments"),
    path("estrategias/segmentos/<slug:key>/", segment, name="segment"),
    path("estrategias/segmentos/<slug:key>/borrar/", delete, name="segment-delete"),
    path("estrategias/<slug:key>/pasos/<slug:step>/condicion/", condition, name="step-condition"),
]
