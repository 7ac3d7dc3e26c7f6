"""The cases of whoever looks: of a creditor's portfolios, or placed with an agency, which also tells what it did."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.domain.money import to_major
from aldia.ledger import selectors as ledger
from aldia.outcomes import selectors as outcomes
from aldia.outcomes import services
from aldia.parties import selectors as parties
from aldia.web.agency.doors import WindowRequest, window
from aldia.web.ui import export, toasts

if TYPE_CHECKING:
    from aldia.cases.selectors import CaseCard

BOTH: Final = (P.SEE_OWN_PORTFOLIOS, P.WORK_PLACED)
CHANNELS: Final = (
    ("call", gettext_lazy("Llamada")), ("whatsapp", gettext_lazy("WhatsApp")), ("email", gettext_lazy("Correo")),
    ("sms", gettext_lazy("SMS")), ("letter", gettext_lazy("Carta")), ("visit", gettext_lazy("Visita")),
)  # fmt: skip
TOLD: Final = ("outcome", "promise", "plan", "dispute", "message")
"""What people from outside read of a history: what was done, never the notes nor the tasks of the house."""
OUTCOMES: Final = (
    "no_answer", "voicemail", "message_left", "third_party", "hung_up", "informed", "promise", "already_paid", "refuses", "hardship",
)  # fmt: skip
"""The outcomes of the short form, in order; a file or a call may tell any."""
MOST_EXPORTED: Final = 5_000


@require_safe
@window(*BOTH)
def case_list(request: WindowRequest) -> HttpResponse:
    """Draw the cases, the first to attend first."""
    text = request.GET.get("q", "").strip()[:80].replace("\x00", "")
    query = cases.CaseQuery(
        as_of=request.clock.as_of,
        filter=cases.CaseFilter(text=text or None),
        cursor=request.GET.get("pagina", ""),
    )
    try:
        page = cases.case_list(request.actor, query)
    except cases.BadFilter:
        return HttpResponseRedirect(request.path)
    context = {
        "rows": page.rows, "next": page.next_cursor or None, "previous": page.previous_cursor or None, "text": text,
        "count": page.count, "is_agency": request.actor.may(P.WORK_PLACED),
    }  # fmt: skip
    return render(request, "agency/cases.html", context)


@require_safe
@window(*BOTH)
def cases_file(request: WindowRequest, kind: str) -> HttpResponse:
    """Send the cases as a file."""
    head = [
        _("Caso"),
        _("Cliente"),
        _("Vencido"),
        _("Total"),
        _("Moneda"),
        _("Días de atraso"),
        _("Último resultado"),
        _("Promesa"),
    ]
    rows: list[list[Any]] = []
    cursor = ""
    while len(rows) < MOST_EXPORTED:
        query = cases.CaseQuery(as_of=request.clock.as_of, cursor=cursor, limit=200)
        page = cases.case_list(request.actor, query)
        rows += [
            [row.case_id, row.name, to_major(row.overdue_minor, row.currency), to_major(row.total_minor, row.currency), row.currency,
             row.dpd, row.last_outcome, row.promise_due_on]
            for row in page.rows
        ]  # fmt: skip
        cursor = page.next_cursor
        if not cursor:
            break
    return export.as_file(kind, "casos", head, rows)


@require_safe
@window(*BOTH)
def case(request: WindowRequest, case_id: int) -> HttpResponse:
    """Draw one case: what is owed, and what was done."""
    return _page(request, case_id)


@require_POST
@window(P.WORK_PLACED)
def tell(request: WindowRequest, case_id: int) -> HttpResponse:
    """Log what the agency did, once for a click."""
    cases.check_seen(request.actor, case_id)
    told = request.POST
    try:
        activity = services.Activity(
            case_id=case_id, at=_instant(request, told.get("at", "")), channel=told.get("channel", ""), type_key=told.get("outcome", ""),
            answers=_answers(told), client_id=f"win-{told.get('click', '')[:50]}",
        )  # fmt: skip
        services.log_activity(actor=request.actor, activity=activity, clock=request.clock)
    except services.OutcomeRefused as refusal:
        return _page(request, case_id, problems=refusal.fields)
    toasts.say(request, _("Anotado"))
    return HttpResponseRedirect(reverse("agency:case", args=[case_id]))


def _instant(request: WindowRequest, text: str) -> datetime:
    if not text:
        return request.clock.now
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(request.organisation.timezone))
    except ValueError as wrong:
        raise services.OutcomeRefused({"at": _("Un día y una hora como 2026-11-22 15:30.")}) from wrong


def _answers(told: Any) -> dict[str, str]:
    dated = {"promise": "due_on", "already_paid": "paid_on"}.get(told.get("outcome", ""))
    given = {"amount": told.get("amount", "") if dated else "", "note": told.get("note", "")}
    if dated:
        given[dated] = told.get("on", "")
    return {key: value for key, value in given.items() if value}


def _page(request: WindowRequest, case_id: int, *, problems: dict[str, str] | None = None) -> HttpResponse:
    card = cases.case(request.actor, case_id, as_of=request.clock.as_of)
    is_agency = request.actor.may(P.WORK_PLACED)
    language = get_language() or "es"
    wanted = outcomes.TimelineFilter(kinds=TOLD, limit=100)
    context = {
        "card": card, "events": outcomes.timeline(request.actor, case_id, wanted, language=language),
        "documents": ledger.documents(request.actor, case_id=case_id, as_of=request.clock.as_of, is_open=True),
        "promises": outcomes.promises_of_case(request.actor, case_id), "is_agency": is_agency, "problems": problems or {},
        "placement": cases.placement_of(request.actor, case_id) if is_agency else None,
    }  # fmt: skip
    if is_agency:
        context |= _form(request, card, language, problems or {})
    return render(request, "agency/case.html", context, status=422 if problems else 200)


def _dated(problems: dict[str, str]) -> str:
    return next((problems[name] for name in ("due_on", "paid_on") if name in problems), "")


def _form(request: WindowRequest, card: CaseCard, language: str, problems: dict[str, str]) -> dict[str, Any]:
    labels = outcomes.outcome_labels(request.actor, language)
    local = request.clock.now.astimezone(ZoneInfo(request.organisation.timezone))
    return {
        "told": request.POST, "dated_problem": _dated(problems), "channels": CHANNELS,
        "outcomes": [(key, labels[key]) for key in OUTCOMES if key in labels],
        "click": request.POST.get("click") or uuid4().hex, "at": request.POST.get("at") or local.strftime("%Y-%m-%dT%H:%M"),
        "points": [row for row in parties.points(request.actor, card.party_id, card.creditor_id) if row.kind != "ADDRESS"],
    }  # fmt: skip


urls: list[URLPattern] = [
    path("casos/", case_list, name="cases"),
    path("casos.<str:kind>", cases_file, name="cases-file"),
    path("casos/<int:case_id>/", case, name="case"),
    path("casos/<int:case_id>/anotar/", tell, name="tell"),
]
