"""Strategies: one as a timeline and as text, what it would do today and why, its versions and the nights it ran."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access import selectors as access
from aldia.access.permissions import Permission as P
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.strategies import DraftForm
from aldia.web.desk.views import words
from aldia.web.desk.views.strategy_timeline import lanes
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aldia.web.desk.doors import StaffRequest

ICONS: Final = {"task": "phone", "stage": "stage", "alarm": "alarm", "notice": "mail"}
_PLACES: Final = {
    "added": gettext_lazy("Nuevo"),
    "removed": gettext_lazy("Quitado"),
    "changed": gettext_lazy("Cambió"),
}


@require_safe
@staff(P.SEE_STRATEGIES)
def strategies(request: StaffRequest) -> HttpResponse:
    """Draw the strategies, the last nights, and the policies in force."""
    context = {
        "rows": strategy.strategies(request.actor), "nights": [_night(row) for row in strategy.runs(request.actor, limit=7)],
        "policies": strategy.policies(request.actor, on=request.clock.as_of),
        "segments": strategy.segment_names(request.actor),
        "catalogue": strategy.catalogue(request.actor, language=words.language()),
        "may_edit": request.actor.may(P.EDIT_STRATEGIES),
    }  # fmt: skip
    return render(request, "desk/strategies/list.html", context)


@require_POST
@staff(P.EDIT_STRATEGIES)
def adopt(request: StaffRequest) -> HttpResponse:
    """Take a strategy of the catalogue; it works nothing until a portfolio names it."""
    try:
        row = services.adopt(actor=request.actor, key=request.POST.get("key", ""), clock=request.clock)
    except (services.UnknownStrategy, services.StrategyInvalid) as refusal:
        raise Http404 from refusal
    toasts.say(request, _("%(name)s ya es tuya: elígela en la cartera que quieras") % {"name": row.name})
    return HttpResponseRedirect(reverse("desk:strategy", args=[row.key]))


@require_safe
@staff(P.SEE_STRATEGIES)
def one(request: StaffRequest, key: str) -> HttpResponse:
    """Draw one strategy as its timeline; the version asked for, else the latest."""
    number = request.GET.get("version", "")
    view = seen_strategy(
        request, key, int(number) if number.isascii() and number.isdigit() and len(number) < 9 else None
    )
    shown = int(number) if number.isdigit() else view.card.number
    chosen = request.GET.get("paso", "")
    steps = [step for stage in view.stages for step in stage.steps]
    context = {
        **head(request, view, "timeline"), "stages": view.stages, "lanes": lanes(view.stages), "shown": shown,
        "step": next((step for step in steps if step.key == chosen), steps[0] if steps else None), "is_picked": bool(chosen),
        "icons": ICONS, "may_edit": request.actor.may(P.EDIT_STRATEGIES),
    }  # fmt: skip
    return render(request, "desk/strategies/timeline.html", context)


@require_http_methods(["GET", "POST"])
@staff(P.SEE_STRATEGIES)
def text(request: StaffRequest, key: str) -> HttpResponse:
    """Edit the draft as text: keep it with its problems pointed at, propose it, or publish it with a note."""
    view = seen_strategy(request, key)
    written = json.dumps(view.draft, indent=2, ensure_ascii=False)
    form = DraftForm(request.POST or None, initial={"document": written})
    problems = view.problems
    if request.method == "POST" and form.is_valid():
        try:
            problems = kept(request, view, form.cleaned_data)
        except services.NeedsAnother as refusal:
            form.add_error(None, str(refusal))
        else:
            if not problems:
                after = "desk:strategy" if request.POST.get("do") == "publish" else "desk:strategy-text"
                return HttpResponseRedirect(reverse(after, args=[key]))
    context = {
        **head(request, view, "text"), "form": form, "problems": problems, "may_edit": request.actor.may(P.EDIT_STRATEGIES),
    }  # fmt: skip
    return render(
        request, "desk/strategies/text.html", context, status=422 if request.method == "POST" else 200
    )


def kept(request: StaffRequest, view: Any, told: dict[str, Any]) -> tuple[strategy.ProblemView, ...]:
    """Do what the button says with the draft, and return its problems. Raises NeedsAnother."""
    document, do = told["document"], request.POST.get("do")
    about: dict[str, Any] = {"actor": request.actor, "strategy_id": view.card.id, "document": document}
    try:
        if do == "publish":
            version = services.publish(**about, note=told["note"], clock=request.clock)
            said = _("Versión %(number)s publicada. Lo ya enviado no se repite.") % {"number": version.number}
        elif do == "propose":
            services.propose(**about, clock=request.clock)
            said = _("Versión propuesta: la publica otra persona")
        else:
            found = services.save_draft(**about, now=request.clock.now)
            if found:
                return strategy.problem_views(document, found)
            said = _("Borrador guardado, sin problemas")
    except services.StrategyInvalid as refusal:
        return strategy.problem_views(document, refusal.problems)
    toasts.say(request, said)
    return ()


@require_safe
@staff(P.SEE_STRATEGIES)
def versions(request: StaffRequest, key: str) -> HttpResponse:
    """Draw the published versions and what changed from one to another."""
    view = seen_strategy(request, key)
    numbers = [version.number for version in view.versions]
    after = _number(request.GET.get("hasta", ""), numbers, numbers[0] if numbers else 0)
    earlier = [number for number in numbers if number < after]
    before = _number(request.GET.get("desde", ""), numbers, earlier[0] if earlier else after)
    changed = strategy.changes(request.actor, key, before, after) if numbers and before != after else []
    people = {f"user:{row.user_id}": row.user.name for row in access.members(request.actor)}
    context = {
        **head(request, view, "versions"), "before": before, "after": after, "numbers": [(n, n) for n in numbers],
        "changes": told_changes(changed, named(view)),
        "rows": [(version, people.get(version.published_by, _("aldia"))) for version in view.versions],
    }  # fmt: skip
    return render(request, "desk/strategies/versions.html", context)


@require_safe
@staff(P.SEE_STRATEGIES)
def preview(request: StaffRequest) -> HttpResponse:
    """Draw what would happen today, and why; nothing is written."""
    told = strategy.preview(request.actor, request.clock.as_of, language=words.language(), limit=60)
    cells = [
        {"cell": cell, "channel": words.channel(cell.channel)[0] if cell.channel else "", "icon": _icon(cell.action, cell.channel)}
        for cell in told.cells
        if cell.state == "take"
    ]  # fmt: skip
    context = {
        "told": told, "cells": cells, "notices": [(*words.channel(channel), total) for channel, total in told.notices.items()],
        "withheld": _withheld(told), "may_run": request.actor.may(P.RUN_DAY) and request.organisation.is_sandbox,
        "taken": [row for row in told.rows if row.state == "take"], "stopped": [row for row in told.rows if row.state != "take"],
    }  # fmt: skip
    return render(request, "desk/strategies/preview.html", context)


@require_safe
@staff(P.SEE_STRATEGIES)
def night(request: StaffRequest, run_id: int) -> HttpResponse:
    """Draw what one night left."""
    try:
        found = strategy.run_report(request.actor, run_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    report = found.report
    context = {
        "night": found, "report": report, "notices": [(*words.channel(name), total) for name, total in report.get("notices", {}).items()],
        "withheld": told_reasons(report.get("withheld_by", {})),
    }  # fmt: skip
    return render(request, "desk/strategies/night.html", context)


def seen_strategy(request: StaffRequest, key: str, number: int | None = None) -> Any:
    """Return a strategy for its screens. Raises Http404."""
    try:
        return strategy.strategy(
            request.actor, key, as_of=request.clock.as_of, language=words.language(), number=number
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def head(request: StaffRequest, view: Any, tab: str) -> dict[str, Any]:
    """Return what the head of a strategy's screens shows: its card and its tabs."""
    names = (("timeline", _("Línea de tiempo"), "desk:strategy"), ("design", _("Diseñar"), "desk:strategy-design"),
             ("text", _("Texto"), "desk:strategy-text"),
             ("versions", _("Versiones"), "desk:strategy-versions"), ("dry-run", _("Ensayo"), "desk:lab-dry-run"),
             ("simulation", _("Simulación"), "desk:lab-simulation"),
             ("back-test", _("Historia"), "desk:lab-back-test"))  # fmt: skip
    tabs = [
        {"label": label, "href": reverse(route, args=[view.card.key]), "is_on": key == tab}
        for key, label, route in names
    ]
    return {"view": view, "card": view.card, "tabs": tabs}


def _icon(action: str, channel: str) -> str:
    return words.channel(channel)[1] if channel in words.CHANNELS else ICONS.get(action, "note")


def _withheld(told: strategy.Preview) -> list[tuple[str, int]]:
    """The reasons in the words of the sample where there is one, with how many each stops."""
    sums: dict[str, int] = {}
    for cell in told.cells:
        if cell.state == "withheld":
            sums[cell.reason] = sums.get(cell.reason, 0) + cell.subjects
    return told_reasons(sums)


_REASONS: Final = {
    "held_out": gettext_lazy("Grupo de control"), "hold": gettext_lazy("En pausa"),
    "closed_day": gettext_lazy("Día sin contactos por norma"), "cap": gettext_lazy("Tope de contactos"),
    "no_consent": gettext_lazy("Falta su consentimiento"),
    "unreachable": gettext_lazy("Sin dato de contacto"), "opted_out": gettext_lazy("Pidió no recibir mensajes"),
    "lapsed": gettext_lazy("Vencido sin hacer"), "already_raised": gettext_lazy("La alarma ya suena"),
}  # fmt: skip


def _reason(key: str) -> str:
    """A reason in words; `hold:promise` says which pause, `CO-FRQ-01` is a rule of the law."""
    if key.isupper():
        return _("Norma %(rule)s") % {"rule": key}
    first, _colon, rest = key.partition(":")
    word = str(_REASONS.get(first, first.replace("_", " ").capitalize()))
    return (
        f"{word}: {strategy.hold_name(rest, words.language()) if first == 'hold' else rest}" if rest else word
    )


def told_reasons(by_reason: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the reasons in words, the most frequent first."""
    return sorted(((_reason(key), total) for key, total in by_reason.items()), key=lambda pair: -pair[1])


def _night(row: strategy.RunView) -> dict[str, Any]:
    report = row.report
    return {"run": row, "notices": sum(report.get("notices", {}).values()), "tasks": report.get("tasks", 0),
            "withheld": report.get("withheld", 0), "tone": {"done": "ok", "failed": "bad", "running": "info"}.get(row.state, "neutral")}  # fmt: skip


def _number(text: str, known: list[int], usual: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) in known else usual


def named(view: Any) -> dict[str, str]:
    """Return what the stages and steps of a version are called, by where a difference places them."""
    stages = {f"stage {stage.key}": stage.name for stage in view.stages}
    return stages | {f"step {step.key}": step.name for stage in view.stages for step in stage.steps}


def told_changes(changes: Iterable[strategy.Change], names: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the differences between two documents in words; `names`: what each place is called."""
    return [
        {"place": _place(row.place, names), "kind": str(_PLACES.get(row.kind, row.kind)),
         **({"before": row.before, "after": row.after} if row.kind == "changed" else {})}
        for row in changes
    ]  # fmt: skip


def _place(place: str, names: Mapping[str, str]) -> str:
    """Where a difference is, in words: the name of the step or stage, and which of its facts."""
    of, _dot, field = place.partition(".")
    name = names.get(of) or of.partition(" ")[2] or str(_("La estrategia"))
    return f"{name}: {strategy.field_name(field)}" if field else name


urls: list[URLPattern] = [
    path("estrategias/", strategies, name="strategies"),
    path("estrategias/catalogo/", adopt, name="strategy-adopt"),
    path("estrategias/hoy/", preview, name="strategy-preview"),
    path("estrategias/noches/<int:run_id>/", night, name="strategy-night"),
    path("estrategias/<slug:key>/", one, name="strategy"),
    path("estrategias/<slug:key>/texto/", text, name="strategy-text"),
    path("estrategias/<slug:key>/versiones/", versions, name="strategy-versions"),
]
