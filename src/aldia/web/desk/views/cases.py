"""Screen: one case. Its 360, the outcomes with their panels, and what undoes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission
from aldia.cases import selectors as cases_read
from aldia.domain.outcomes import OutcomeEffect, UnknownOutcome
from aldia.outcomes import selectors as outcomes_read
from aldia.outcomes import services as outcomes
from aldia.parties import services as parties
from aldia.web.desk.doors import staff
from aldia.web.desk.forms import outcome as forms
from aldia.web.desk.views import (
    case_claim,
    case_gestures,
    case_history,
    case_instruments,
    case_points,
    case_script,
    case_strategy,
    today,
    visits,
    words,
)
from aldia.web.desk.views.space import go_on, panel, sheet_of, show
from aldia.web.ui import formats, toasts

if TYPE_CHECKING:
    from aldia.domain.outcomes import Outcome
    from aldia.web.desk.doors import StaffRequest
    from aldia.web.desk.views.case_sheet import CaseSheet

READ = (Permission.WORK_CASES, Permission.READ_EVERYTHING)
UNPROCESSABLE = 422


@require_safe
@staff(*READ)
def case(request: StaffRequest, case_id: int) -> HttpResponse:
    """The 360 of a case."""
    return show(request, sheet_of(request, case_id))


@staff(Permission.WORK_CASES)
def outcome(request: StaffRequest, case_id: int, key: str) -> HttpResponse:
    """Ask what an outcome needs; when it is sent, save it and go on: the next case in a round."""
    sheet, kind = sheet_of(request, case_id), _kind(request, key)
    if request.method != "POST":
        return panel(request, "outcome", sheet, form=forms.panel_of(sheet, kind), current=key)
    answers, problems = forms.answers_of(request, forms.asked(sheet, kind))
    try:
        if problems:
            raise outcomes.OutcomeRefused(problems)
        return _saved(request, sheet, kind, answers)
    except outcomes.OutcomeRefused as refusal:
        form = forms.panel_of(sheet, kind, request.POST, refusal.fields)
        return panel(request, "outcome", sheet, form=form, current=key, status=UNPROCESSABLE)


def _saved(request: StaffRequest, sheet: CaseSheet, kind: Outcome, answers: dict[str, Any]) -> HttpResponse:
    """Save the outcome and show what comes next. What the next case waits for, the disk, is waited for once."""
    said = _said(request, kind, cases_read.debtor_name(request.actor, sheet.case_id))
    with transaction.atomic():
        saved = outcomes.log_outcome(
            actor=request.actor,
            case_id=sheet.case_id,
            draft=outcomes.OutcomeDraft(
                type_key=kind.key,
                channel=request.POST.get("channel", "call"),
                answers=answers,
                client_id=request.POST.get("client_id", ""),
                is_inbound="is_inbound" in request.POST,
            ),
            clock=request.clock,
        )
        request.session["last_outcome"] = {"id": saved.pk, "case_id": sheet.case_id, "said": said}
        following = today.reserve_next(request) if sheet.in_queue else None
        today.keep_session(request)
    toasts.say(request, said, undo=reverse("desk:outcome-undo", args=[saved.pk]))
    if sheet.visit_id:
        return visits.to_visits(request)
    return today.draw_next(request, *following) if following else go_on(request, sheet.case_id)


def _kind(request: StaffRequest, key: str) -> Outcome:
    try:
        return outcomes_read.outcome_tree(request.actor).get(key)
    except UnknownOutcome as unknown:
        raise Http404(str(unknown)) from unknown


def _said(request: StaffRequest, kind: Outcome, name: str) -> str:
    """What the toast repeats: «Promesa para el vie 27 nov»."""
    label = kind.label.of(words.language())
    dated = {
        OutcomeEffect.MAKE_PROMISE: "due_on", OutcomeEffect.PAUSE: "until_on", OutcomeEffect.SCHEDULE_CALL: "call_at",
        OutcomeEffect.MAKE_PLAN: "first_on",
    }.get(kind.effect)  # fmt: skip
    on = forms.day_of(request, request.POST.get(dated, "")) if dated else None
    if on is None:
        return _("%(outcome)s: %(name)s") % {"outcome": label, "name": name}
    day = formats.day(on, request.clock.as_of)
    told = {
        OutcomeEffect.MAKE_PROMISE: _("Promesa para el %(on)s"), OutcomeEffect.PAUSE: _("En pausa hasta el %(on)s"),
        OutcomeEffect.SCHEDULE_CALL: _("Llamada para el %(on)s"), OutcomeEffect.MAKE_PLAN: _("Plan desde el %(on)s"),
    }  # fmt: skip
    return told[kind.effect] % {"on": day}


@require_POST
@staff(Permission.WORK_CASES)
def undo(request: StaffRequest, outcome_id: int) -> HttpResponse:
    """Take an outcome back and show its case as it was."""
    last = request.session.pop("last_outcome", None) or {}
    try:
        void = outcomes.undo_outcome(actor=request.actor, outcome_id=outcome_id, clock=request.clock)
    except outcomes.UndoRefused as refusal:
        toasts.warn(request, str(refusal))
        return go_on(request, last["case_id"]) if last else today.to_today()
    toasts.say(request, _("Deshecho. El caso quedó como estaba."))
    return go_on(request, void.case_id)


@require_safe
@staff(Permission.WORK_CASES)
def reading(request: StaffRequest, case_id: int, key: str) -> HttpResponse:
    """Say how a date was understood, inside its field, and what saving will then do."""
    sheet, kind = sheet_of(request, case_id), _kind(request, key)
    asked = request.GET.get("campo", "")
    context = {
        "sheet": sheet, "reading": forms.reading_of(request, request.GET.get(asked, "")), "asked": asked,
        "effects": forms.effects_of(sheet, kind, request.GET),
    }  # fmt: skip
    return render(request, "desk/case/_reading.html", context)


@require_safe
@staff(Permission.WORK_CASES)
def others(request: StaffRequest, case_id: int) -> HttpResponse:
    """The outcomes that have no letter of their own."""
    return panel(request, "others", sheet_of(request, case_id))


@require_POST
@staff(Permission.WORK_CASES)
def reveal(request: StaffRequest, case_id: int) -> HttpResponse:
    """Show the whole tax id to somebody who needs it now; the audit keeps who and when."""
    sheet = sheet_of(request, case_id)
    tax_id = parties.reveal_tax_id(actor=request.actor, party_id=sheet.card.party_id, now=request.clock.now)
    return render(request, "desk/case/_tax_id.html", {"sheet": sheet, "tax_id": tax_id})


urls: list[URLPattern] = [
    path("clientes/<int:case_id>/", case, name="case"),
    path("clientes/<int:case_id>/resultado/", others, name="outcomes"),
    path("clientes/<int:case_id>/resultado/<str:key>/", outcome, name="outcome"),
    path("clientes/<int:case_id>/resultado/<str:key>/fecha/", reading, name="outcome-reading"),
    path("resultados/<int:outcome_id>/deshacer/", undo, name="outcome-undo"),
    path("clientes/<int:case_id>/documento/", reveal, name="reveal"),
    *case_claim.urls,
    *case_gestures.urls,
    *case_instruments.urls,
    *case_points.urls,
    *case_history.urls,
    *case_strategy.urls,
    *case_script.urls,
]
