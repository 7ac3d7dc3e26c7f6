"""The designer of a strategy: its draft as a timeline whose cards are added, moved and edited by forms, with its checks beside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.contact import selectors as contact
from aldia.strategy import selectors as strategy
from aldia.strategy.reasons import action_name
from aldia.strategy.selectors.designs import Design, design
from aldia.strategy.selectors.lawful import lawful_weeks
from aldia.strategy.selectors.segments import rules_in_words
from aldia.strategy.services import NeedsAnother, designing
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.designer import StageForm, StepForm, initial_of, told_name
from aldia.web.desk.views import words
from aldia.web.desk.views.strategies import ICONS, head, kept, named, told_changes
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

NEW: Final = "nuevo"
_MOVES: Final = {"earlier": -1, "later": 1}


@dataclass(frozen=True)
class Card:
    """A card of the timeline: a step of the draft, however incomplete. `faults`: what the checks say of it."""

    key: str
    name: str
    day: str
    stage: str
    faults: int


@require_safe
@staff(P.SEE_STRATEGIES)
def designer(request: StaffRequest, key: str) -> HttpResponse:
    """Draw the draft with the card or stage that is being edited."""
    return _page(request, _design(request, key))


@require_POST
@staff(P.EDIT_STRATEGIES)
def step(request: StaffRequest, key: str) -> HttpResponse:
    """Save, move or take away one card, as the button says."""
    found, chosen, do = _design(request, key), request.POST.get("paso", ""), request.POST.get("do", "")
    told: dict[str, Any] = {"actor": request.actor, "strategy_key": key, "now": request.clock.now}
    try:
        if do in _MOVES:
            problems = designing.move_step(**told, step=chosen, days=_MOVES[do])
        elif do == "remove":
            problems, chosen = designing.remove_step(**told, step=chosen), ""
        else:
            form = _step_form(request, found, chosen)
            if not form.is_valid():
                return _page(request, found, step_form=form, status=422)
            row = form.step(found.step(chosen) or {})
            problems = designing.put_step(**told, step=row, stage=form.cleaned_data["stage"], replaces=chosen)
            chosen = row["key"]
    except designing.StepRefused as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(
            request,
            _("Guardado en el borrador, sin problemas")
            if not problems
            else _("Guardado en el borrador: mira lo que falta"),
        )
    return _back(key, f"?paso={chosen}#paso" if chosen else "")


@require_POST
@staff(P.EDIT_STRATEGIES)
def stage(request: StaffRequest, key: str) -> HttpResponse:
    """Save a stage, or add one after the others."""
    found, chosen = _design(request, key), request.POST.get("etapa", "")
    form = StageForm(request.POST)
    if not form.is_valid():
        return _page(request, found, stage_form=form, status=422)
    name = form.key() if chosen in ("", NEW) else chosen
    changes = form.changes(found.stage(name) or {})
    designing.put_stage(
        actor=request.actor, strategy_key=key, stage=name, changes=changes, now=request.clock.now
    )
    toasts.say(request, _("Etapa guardada en el borrador"))
    return _back(key, f"?etapa={name}#paso")


@require_POST
@staff(P.EDIT_STRATEGIES)
def publish(request: StaffRequest, key: str) -> HttpResponse:
    """Publish or propose the draft as it was seen, as the button says."""
    found = _design(request, key)
    if request.POST.get("visto") != found.mark:
        toasts.warn(
            request, _("Otra persona cambió el borrador mientras lo mirabas: revisa los cambios y publica.")
        )
        return _back(key, "#publicar")
    told = {"document": found.document, "note": request.POST.get("note", "").strip()[:300]}
    try:
        problems = kept(request, found.view, told)
    except NeedsAnother as refusal:
        toasts.warn(request, str(refusal))
    else:
        if problems:
            toasts.warn(request, _("Así no se puede publicar: mira lo que falta en cada paso."))
    return _back(key, "")


def _names(found: Design) -> dict[str, str]:
    """What the parts of the draft, and of what is published, are called, by where a difference places them."""
    stages = {f"stage {row['key']}": told_name(row.get("name")) for row in found.stages()}
    return (
        named(found.view)
        | stages
        | {f"step {raw.get('key')}": told_name(raw.get("name")) for _stage, raw in found.steps()}
    )


@require_safe
@staff(P.EDIT_STRATEGIES)
def act(request: StaffRequest, key: str) -> HttpResponse:
    """The fields of what a step does, when another kind is chosen."""
    form = _step_form(request, _design(request, key), request.GET.get("paso", ""))
    return render(request, "desk/strategies/_act.html", {"form": form})


def _stages(request: StaffRequest, found: Design) -> list[dict[str, Any]]:
    """The stages of the draft by name, with who enters and who leaves in words."""
    rows = found.stages()
    written = {str(row[each]) for row in rows for each in ("entry", "exit") if row.get(each)}
    told = rules_in_words(request.actor, written, language=words.language())
    return [
        {
            "key": row["key"],
            "name": told_name(row.get("name")) or row["key"],
            "entry": told.get(str(row.get("entry")), ""),
            "exit": told.get(str(row.get("exit")), ""),
        }
        for row in rows
    ]


def _page(request: StaffRequest, found: Design, *, status: int = 200, **forms: Any) -> HttpResponse:
    chosen = request.GET.get("paso", request.POST.get("paso", ""))
    picked = request.GET.get("etapa", request.POST.get("etapa", ""))
    step_form = forms.get("step_form") or (_step_form(request, found, chosen) if chosen else None)
    stage_form = forms.get("stage_form") or (
        StageForm(initial=_stage_values(found, picked)) if picked else None
    )
    cards = list(_cards(found))
    context = {
        **head(request, found.view, "design"), "found": found, "chosen": chosen, "picked": picked, "step_form": step_form,
        "stage_form": stage_form, "lanes": _lanes(cards, found), "days": [strategy.day_name(day) if day else _("Vence") for day in _days(found)],
        "others": [card for card, raw in cards if not _is_timed(raw)], "new": NEW,
        "cards": [card for card, _raw in sorted(cards, key=_by_day)], "changes": told_changes(found.changes, _names(found)),
        "stages": _stages(request, found),
        "raw": json.dumps(found.step(chosen), indent=2, ensure_ascii=False) if found.step(chosen) else "",
        "weeks": _weeks(request, found), "weekdays": list(WEEKDAYS_ABBR.values()),
        "may_edit": request.actor.may(P.EDIT_STRATEGIES),
    }  # fmt: skip
    return render(request, "desk/strategies/designer.html", context, status=status)


def _step_form(request: StaffRequest, found: Design, chosen: str) -> StepForm:
    raw = found.step(chosen) or {}
    asked = request.POST if request.method == "POST" else request.GET
    kind = asked.get("kind") or (raw.get("action") or {}).get("kind") or "notice"
    stages = [(one["key"], told_name(one.get("name")) or one["key"]) for one in found.stages()]
    titles = {row.key: row.title for row in contact.templates(request.actor, is_published=True)}
    start = {"stage": request.GET.get("etapa", ""), "grain": "document"}
    return StepForm(
        request.POST if request.method == "POST" else None, stages=stages, templates=sorted(titles.items()), kind=kind,
        initial={**(initial_of(raw, found.stage_of(chosen)) if raw else start), "kind": kind},
    )  # fmt: skip


def _stage_values(found: Design, key: str) -> dict[str, Any]:
    row = found.stage(key) or {}
    return {"name": told_name(row.get("name")), "entry": row.get("entry", ""), "exit": row.get("exit", "")}


def _cards(found: Design) -> Iterator[tuple[Card, Mapping[str, Any]]]:
    for stage_key, raw in found.steps():
        offset, key = raw.get("offset"), str(raw.get("key", ""))
        day = strategy.day_name(offset) if isinstance(offset, int) else "?"
        yield Card(key, told_name(raw.get("name")) or key, day, stage_key, len(found.faults_of(key))), raw


def _is_timed(raw: Mapping[str, Any]) -> bool:
    return raw.get("anchor") in ("due_on", "arrears_since") and isinstance(raw.get("offset"), int)


def _by_day(pair: tuple[Card, Mapping[str, Any]]) -> tuple[bool, int]:
    """First what has a day on the timeline, from before the due date on."""
    offset = pair[1].get("offset")
    return not _is_timed(pair[1]), offset if isinstance(offset, int) else 0


def _days(found: Design) -> list[int]:
    return sorted({raw["offset"] for _stage, raw in found.steps() if _is_timed(raw)})


def _lanes(cards: list[tuple[Card, Mapping[str, Any]]], found: Design) -> list[dict[str, Any]]:
    """A row for each channel or kind of act, with its cards under each day."""
    named: dict[str, list[tuple[Card, Mapping[str, Any]]]] = {}
    for card, raw in cards:
        if _is_timed(raw):
            action = raw.get("action") or {}
            named.setdefault((action.get("channels") or [action.get("kind", "notice")])[0], []).append(
                (card, raw)
            )
    order = [name for name in (*words.CHANNELS, *named) if name in named]
    return [
        {"name": _lane_name(name), "icon": words.channel(name)[1] if name in words.CHANNELS else ICONS.get(name, "flag"),
         "cells": [[card for card, raw in named[name] if raw["offset"] == day] for day in _days(found)]}
        for name in dict.fromkeys(order)
    ]  # fmt: skip


def _weeks(request: StaffRequest, found: Design) -> list[dict[str, Any]]:
    """The hours that the law of each country gives each channel, with the channels in words."""
    weeks = lawful_weeks(request.actor, found.view.card.key, on=request.clock.as_of)
    return [
        {"country": week.country, "portfolios": week.portfolios,
         "channels": [(words.channel(name)[0], hours) for name, hours in week.channels]}
        for week in weeks
    ]  # fmt: skip


def _lane_name(name: str) -> str:
    return (
        words.channel(name)[0] if name in words.CHANNELS else action_name(name, words.language()).capitalize()
    )


def _design(request: StaffRequest, key: str) -> Design:
    try:
        return design(request.actor, key, as_of=request.clock.as_of, language=words.language())
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def _back(key: str, rest: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:strategy-design", args=[key]) + rest)


urls: list[URLPattern] = [
    path("estrategias/<slug:key>/disenar/", designer, name="strategy-design"),
    path("estrategias/<slug:key>/disenar/paso/", step, name="strategy-design-step"),
    path("estrategias/<slug:key>/disenar/etapa/", stage, name="strategy-design-stage"),
    path("estrategias/<slug:key>/disenar/publicar/", publish, name="strategy-design-publish"),
    path("estrategias/<slug:key>/disenar/acto/", act, name="strategy-design-act"),
]
