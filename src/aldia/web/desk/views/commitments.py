"""Commitments: promises by when they fall due, plans by how far they got, disputes with who answers them and by when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aldia.access import selectors as access
from aldia.access.permissions import Permission as P
from aldia.domain.outcome_tree import DISPUTE_REASONS
from aldia.ledger import selectors as ledger
from aldia.outcomes import selectors as outcomes
from aldia.outcomes import services
from aldia.outcomes.selectors import CommitmentFilter
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms import commitments as forms
from aldia.web.desk.views import words
from aldia.web.ui import formats, toasts

READERS: Final = (P.WORK_CASES, P.READ_EVERYTHING)
STATES: Final = {
    "open": (gettext_lazy("Vigente"), "info", "clock"),
    "kept": (gettext_lazy("Cumplida"), "ok", "check"),
    "partial": (gettext_lazy("Parcial"), "warn", "minus"),
    "broken": (gettext_lazy("No cumplida"), "bad", "close"),
    "cancelled": (gettext_lazy("Anulada"), "neutral", "undo"),
}
_TODAY: Final = (gettext_lazy("Vence hoy"), "warn", "clock")
_LATE: Final = (gettext_lazy("En gracia"), "warn", "clock")
_DISPUTE_STATES: Final = {
    "open": (gettext_lazy("Abierta"), "info", "clock"),
    "accepted": (gettext_lazy("Tenía razón"), "ok", "check"),
    "rejected": (gettext_lazy("Se mantiene la deuda"), "neutral", "close"),
    "cancelled": (gettext_lazy("Anulada"), "neutral", "undo"),
}
_MEANS: Final = dict(words.MEANS)
_DEPARTMENTS: Final = dict(forms.DEPARTMENTS)


@require_safe
@staff(*READERS)
def promises(request: StaffRequest) -> HttpResponse:
    """Draw the promises of a view: due today, late, broken, to come, kept, all."""
    counts = outcomes.commitment_counts(request.actor, as_of=request.clock.as_of)
    view = request.GET.get("ver", "")
    page = outcomes.promises(request.actor, _filter(request, view), request.GET.get("pagina"))
    rows = [(line, _promise_state(line, request), str(_MEANS.get(line.means, "–"))) for line in page.rows]
    context = {
        "rows": rows,
        "next": page.next_cursor,
        "previous": page.previous_cursor,
        "view": view,
        "tabs": tabs(counts, view),
        "counts": counts,
        "may_work": request.actor.may(P.WORK_CASES),
    }
    return render(request, "desk/commitments/promises.html", context)


@require_safe
@staff(*READERS)
def plans(request: StaffRequest) -> HttpResponse:
    """Draw the payment plans, with what was paid of each and the next instalment."""
    state = request.GET.get("estado", "open")
    state = state if state in STATES else "open"
    counts = outcomes.commitment_counts(request.actor, as_of=request.clock.as_of)
    page = outcomes.plans(request.actor, request.GET.get("pagina"), state=state)
    rows = [
        (line, STATES[line.state], round(line.paid_minor * 100 / line.total_minor) if line.total_minor else 0)
        for line in page.rows
    ]
    context = {
        "rows": rows,
        "next": page.next_cursor,
        "previous": page.previous_cursor,
        "tabs": tabs(counts, "planes"),
        "state": state,
        "states": [(key, word, None) for key, (word, _tone, _icon) in STATES.items() if key != "partial"],
    }
    return render(request, "desk/commitments/plans.html", context)


@require_safe
@staff(*READERS)
def disputes(request: StaffRequest) -> HttpResponse:
    """Draw the disputes of a view, and the one in view with the form of its answer."""
    return _inbox(request)


@require_POST
@staff(P.WORK_CASES)
def cancel(request: StaffRequest, promise_id: int) -> HttpResponse:
    """Leave a promise without effect, from the list."""
    if not _sees(request, promise_id):
        raise Http404
    try:
        services.cancel_promise(actor=request.actor, promise_id=promise_id, clock=request.clock)
    except services.UnknownPromise as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(request, _("La promesa quedó sin efecto y el caso tiene un próximo paso"))
    return HttpResponseRedirect(reverse("desk:promises"))


@require_POST
@staff(P.WORK_CASES)
def answer(request: StaffRequest, dispute_id: int) -> HttpResponse:
    """Answer a dispute: the client was right, or the debt stays."""
    line, form = _dispute(request, dispute_id), forms.AnswerForm(request.POST)
    if not form.is_valid():
        return _inbox(request, chosen=line, form=form)
    is_accepted = form.cleaned_data["decision"] == "accept"
    try:
        services.answer_dispute(
            actor=request.actor,
            dispute_id=dispute_id,
            is_accepted=is_accepted,
            answer=form.cleaned_data["answer"],
            clock=request.clock,
        )
    except services.DisputeRefused as refusal:
        form.add_error("answer", str(refusal))
        return _inbox(request, chosen=line, form=form)
    except services.UnknownDispute as refusal:
        toasts.warn(request, str(refusal))
    else:
        told = (
            _("%(name)s tenía razón: queda la tarea de la nota de crédito")
            if is_accepted
            else _("%(name)s: la deuda se mantiene. Cuéntaselo")
        )
        toasts.say(request, told % {"name": line.debtor_name})
    return HttpResponseRedirect(reverse("desk:disputes"))


@require_POST
@staff(P.WORK_CASES)
def hand_over(request: StaffRequest, dispute_id: int) -> HttpResponse:
    """Give a dispute to another department or person, or another deadline."""
    line = _dispute(request, dispute_id)
    form = forms.HandOverForm(request.POST, request=request, members=_members(request))
    if form.is_valid():
        told = form.cleaned_data
        try:
            services.hand_over_dispute(
                actor=request.actor,
                dispute_id=dispute_id,
                department=told["department"],
                owner_id=int(told["owner"]) if told["owner"] else None,
                deadline_on=told["deadline_on"],
                clock=request.clock,
            )
        except services.DisputeRefused as refusal:
            form.add_error("deadline_on", str(refusal))
        except services.UnknownDispute as refusal:
            toasts.warn(request, str(refusal))
            return HttpResponseRedirect(reverse("desk:disputes"))
        else:
            toasts.say(request, _("Disputa derivada"))
            return HttpResponseRedirect(f"{reverse('desk:disputes')}?disputa={dispute_id}")
    return _inbox(request, chosen=line, over=form)


def _filter(request: StaffRequest, view: str) -> CommitmentFilter:
    today, day = request.clock.as_of, timedelta(days=1)
    by_view = {
        "hoy": CommitmentFilter(state="open", from_on=today, to_on=today + day),
        "gracia": CommitmentFilter(state="open", to_on=today),
        "proximas": CommitmentFilter(state="open", from_on=today + day),
        "no-cumplidas": CommitmentFilter(state="broken"),
        "cumplidas": CommitmentFilter(state="kept"),
        "todas": CommitmentFilter(),
    }
    return by_view.get(view, CommitmentFilter(state="open"))


def tabs(counts: outcomes.CommitmentCounts, view: str) -> list[dict[str, Any]]:
    """Return the tabs of the commitments with their counts; `view` is the one that is open."""
    base = reverse("desk:promises")
    told = (
        ("", _("Vigentes"), counts.today + counts.late + counts.upcoming),
        ("hoy", _("Vencen hoy"), counts.today),
        ("gracia", _("En gracia"), counts.late),
        ("proximas", _("Próximas"), counts.upcoming),
        ("no-cumplidas", _("No cumplidas"), counts.broken),
        ("cumplidas", _("Cumplidas"), counts.kept),
    )
    return [
        *(
            {
                "label": word,
                "href": f"{base}?ver={key}" if key else base,
                "count": count,
                "is_on": view == key,
            }
            for key, word, count in told
        ),
        {
            "label": _("Planes"),
            "href": reverse("desk:plans"),
            "count": counts.plans,
            "is_on": view == "planes",
        },
        {
            "label": _("Acuerdos"),
            "href": reverse("desk:agreements"),
            "count": counts.agreements,
            "is_on": view == "acuerdos",
        },
        {"label": _("Disputas"), "href": reverse("desk:disputes"), "count": counts.disputes, "is_on": False},
    ]


def _promise_state(line: outcomes.PromiseLine, request: StaffRequest) -> tuple[Any, str, str]:
    if line.state == "open" and line.due_on == request.clock.as_of:
        return _TODAY
    return _LATE if line.state == "open" and line.due_on < request.clock.as_of else STATES[line.state]


def _sees(request: StaffRequest, promise_id: int) -> bool:
    """A promise of a case that is not the actor's does not exist for the actor."""
    return outcomes.promise_is_seen(request.actor, promise_id)


def _inbox(
    request: StaffRequest,
    *,
    chosen: Any = None,
    form: forms.AnswerForm | None = None,
    over: forms.HandOverForm | None = None,
) -> HttpResponse:
    view = request.GET.get("ver", "")
    counts = outcomes.commitment_counts(request.actor, as_of=request.clock.as_of)
    page = outcomes.disputes(
        request.actor,
        _dispute_filter(request, view),
        request.GET.get("pagina"),
        as_of=request.clock.as_of,
    )
    asked = request.GET.get("disputa", "")
    chosen = chosen or next((line for line in page.rows if str(line.id) == asked), None)
    if chosen is None and asked.isdigit():
        chosen = _dispute(request, int(asked))
    chosen = chosen or (page.rows[0] if page.rows else None)
    context = {
        "rows": [
            (line, reason_word(line.reason), _when(line, request), _DISPUTE_STATES[line.state])
            for line in page.rows
        ],
        "next": page.next_cursor,
        "previous": page.previous_cursor,
        "kinds": _kinds(counts, view),
        "chosen": chosen,
        "view": view,
        "is_picked": bool(asked or form or over),
        "detail": _detail(request, chosen) if chosen else None,
        "form": form,
        "over": over,
        "answers": words.options(forms.ANSWERS),
        "departments": words.options(forms.DEPARTMENTS),
        "members": [("", _("Quien lleva el caso")), *_members(request)] if chosen else [],
        "may_work": request.actor.may(P.WORK_CASES),
    }
    return render(request, "desk/commitments/disputes.html", context, status=422 if form or over else 200)


def _dispute_filter(request: StaffRequest, view: str) -> CommitmentFilter:
    by_view = {
        "mias": CommitmentFilter(state="open", owner_id=request.actor.user_id),
        "vencidas": CommitmentFilter(state="open", to_on=request.clock.as_of),
        "aceptadas": CommitmentFilter(state="accepted"),
        "mantenidas": CommitmentFilter(state="rejected"),
    }
    return by_view.get(view, CommitmentFilter(state="open"))


def _kinds(counts: outcomes.CommitmentCounts, view: str) -> dict[str, Any]:
    base = reverse("desk:disputes")
    told = (
        ("", _("Abiertas"), "dispute", counts.disputes),
        ("mias", _("Mías"), "customer", ""),
        ("vencidas", _("Con plazo vencido"), "clock", counts.disputes_overdue),
    )
    after = (("aceptadas", _("Tenían razón"), "check"), ("mantenidas", _("No tenían razón"), "close"))
    return {
        "now": [
            {
                "word": word,
                "icon": icon,
                "count": count,
                "href": f"{base}?ver={key}" if key else base,
                "is_on": view == key,
            }
            for key, word, icon, count in told
        ],
        "after": [
            {"word": word, "icon": icon, "count": "", "href": f"{base}?ver={key}", "is_on": view == key}
            for key, word, icon in after
        ],
    }


def _when(line: outcomes.DisputeLine, request: StaffRequest) -> str:
    if line.state != "open":
        return formats.day(line.opened_on, request.clock.as_of)
    left = (line.deadline_on - request.clock.as_of).days
    if left < 0:
        return _("vencida")
    return _("hoy") if left == 0 else formats.day(line.deadline_on, request.clock.as_of)


def reason_word(reason: str) -> str:
    """Return the words of a reason of dispute; one of the organisation's own, by its key."""
    told = {one.key: one.label.of(words.language()) for one in DISPUTE_REASONS}
    return told.get(reason, reason.replace("_", " ").capitalize())


def _detail(request: StaffRequest, line: outcomes.DisputeLine) -> dict[str, Any]:
    """What the dispute is about, with its documents and amounts."""
    every = ledger.documents(request.actor, case_id=line.case_id, as_of=request.clock.as_of)
    about = [row for row in every if row.id in line.document_ids] or [
        row for row in every if row.open_minor > 0
    ]
    totals = ledger.total_open(about)
    return {
        "reason": reason_word(line.reason),
        "department": str(_DEPARTMENTS.get(line.department, line.department)),
        "documents": about[:8],
        "more": max(len(about) - 8, 0),
        "is_whole": not line.document_ids,
        "state": _DISPUTE_STATES[line.state],
        "totals": [(currency, total.minor) for currency, total in totals.items()],
        "deadline": formats.day(line.deadline_on, request.clock.as_of),
    }


def _members(request: StaffRequest) -> list[tuple[str, str]]:
    return [(str(row.user_id), row.user.name) for row in access.members(request.actor)]


def _dispute(request: StaffRequest, dispute_id: int) -> outcomes.DisputeLine:
    try:
        return outcomes.dispute(request.actor, dispute_id, as_of=request.clock.as_of)
    except ObjectDoesNotExist as refusal:
        raise Http404 from refusal


urls = [
    path("compromisos/", promises, name="promises"),
    path("compromisos/planes/", plans, name="plans"),
    path("compromisos/disputas/", disputes, name="disputes"),
    path("compromisos/promesas/<int:promise_id>/anular/", cancel, name="promise-drop"),
    path("compromisos/disputas/<int:dispute_id>/responder/", answer, name="dispute-answer"),
    path("compromisos/disputas/<int:dispute_id>/derivar/", hand_over, name="dispute-hand-over"),
]
