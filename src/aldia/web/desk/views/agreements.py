"""Screens of agreements: the proposal on the case, the list with what waits for approval, and one with all that may be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aldia.access import selectors as access
from aldia.access.permissions import Permission as P
from aldia.contact import services as contact
from aldia.outcomes import selectors as outcomes
from aldia.outcomes import services
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms.agreements import EVERY, OWN, proposal_of, role_word, segments_of
from aldia.web.desk.once import once
from aldia.web.desk.views import words
from aldia.web.desk.views.commitments import STATES as OF_PROMISES
from aldia.web.desk.views.commitments import tabs
from aldia.web.desk.views.space import go_on, panel, sheet_of
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.forms.agreements import ProposalForm
    from aldia.web.desk.views.case_sheet import CaseSheet

READERS: Final = (P.WORK_CASES, P.READ_EVERYTHING)
STATES: Final = {
    "approval": (gettext_lazy("Espera autorización"), "warn", "clock"),
    "offered": (gettext_lazy("Ofrecido"), "info", "mail"),
    "active": (gettext_lazy("Vigente"), "info", "plan"),
    "fulfilled": (gettext_lazy("Cumplido"), "ok", "check"),
    "fallen": (gettext_lazy("Caído"), "bad", "close"),
    "refused": (gettext_lazy("No autorizado"), "neutral", "close"),
    "expired": (gettext_lazy("Venció sin respuesta"), "neutral", "clock"),
    "withdrawn": (gettext_lazy("Retirado"), "neutral", "undo"),
}
OFFER: Final = "agreement_offer"
_CHANNELS: Final = ("email", "whatsapp", "sms")
_UNPROCESSABLE: Final = 422
_WAITING: Final = ("approval", "offered", "active")


@staff(P.WORK_CASES)
@once
def propose(request: StaffRequest, case_id: int) -> HttpResponse:
    """Choose an offer or write one's own; see its instalments; offer it, or ask who may approve it."""
    sheet = sheet_of(request, case_id)
    form = proposal_of(sheet, request.POST if request.method == "POST" else request.GET)
    if "mirar" in request.POST:
        context = {"sheet": sheet, **_panel_context(sheet, form)}
        return render(request, "desk/case/panels/_agreement_view.html", context)
    if request.method != "POST":
        return panel(request, "agreement", sheet, **_panel_context(sheet, form))
    if form.problems or form.draft is None:
        return panel(request, "agreement", sheet, status=_UNPROCESSABLE, **_panel_context(sheet, form))
    try:
        made = services.propose_agreement(
            actor=request.actor, case_id=case_id, draft=form.draft, clock=request.clock,
            segments=segments_of(request, case_id),
        )  # fmt: skip
    except services.AgreementRefused as refusal:
        form.problems.append((refusal.field, str(refusal)))
        return panel(request, "agreement", sheet, status=_UNPROCESSABLE, **_panel_context(sheet, form))
    if made.needs:
        toasts.say(request, _("Queda a la espera de %(role)s") % {"role": role_word(made.needs)})
        return go_on(request, case_id)
    toasts.say(request, _("Acuerdo listo: envíaselo o anota su respuesta"))
    return _to(request, made.pk)


def _to(request: StaffRequest, agreement_id: int) -> HttpResponse:
    """Lead to the agreement's own page, also when htmx asked."""
    address = reverse("desk:agreement", args=[agreement_id])
    if not request.htmx:
        return HttpResponseRedirect(address)
    response = HttpResponse()
    response["HX-Redirect"] = address
    return response


def _panel_context(sheet: CaseSheet, form: ProposalForm) -> dict[str, Any]:
    running = [
        row
        for row in outcomes.agreements_of_case(sheet.request.actor, sheet.case_id)
        if row.state in _WAITING
    ]
    return {
        "form": form, "own": OWN, "every": words.options(EVERY), "running": running[0] if running else None,
        "running_state": STATES[running[0].state] if running else None,
    }  # fmt: skip


@require_safe
@staff(*READERS)
def agreements(request: StaffRequest) -> HttpResponse:
    """Draw the agreements of a state; what waits for approval comes first."""
    counts = outcomes.agreement_counts(request.actor)
    state = request.GET.get("estado", "")
    if state not in STATES:
        state = "approval" if counts["approval"] else "active"
    page = outcomes.agreements(request.actor, request.GET.get("pagina"), state=state)
    context = {
        "rows": [(row, STATES[row.state], _share(row), role_word(row.needs)) for row in page.rows],
        "next": page.next_cursor, "previous": page.previous_cursor, "state": state,
        "tabs": tabs(outcomes.commitment_counts(request.actor, as_of=request.clock.as_of), "acuerdos"),
        "states": [(key, word, counts[key]) for key, (word, _tone, _icon) in STATES.items()],
    }  # fmt: skip
    return render(request, "desk/commitments/agreements.html", context)


def _share(row: outcomes.AgreementLine) -> int:
    return round(row.paid_minor * 100 / row.total_minor) if row.total_minor else 0


@require_safe
@staff(*READERS)
def agreement(request: StaffRequest, agreement_id: int) -> HttpResponse:
    """Draw one agreement: its money, its lines, its text, and what may be done with it."""
    return _page(request, _row(request, agreement_id))


def _row(request: StaffRequest, agreement_id: int) -> outcomes.AgreementLine:
    try:
        return outcomes.agreement(request.actor, agreement_id)
    except ObjectDoesNotExist as refusal:
        raise Http404 from refusal


def _page(request: StaffRequest, row: outcomes.AgreementLine, problems: Any = ()) -> HttpResponse:
    seal = outcomes.acceptance(request.actor, row.id)
    promises = [
        line for line in outcomes.promises_of_case(request.actor, row.case_id) if line.plan_id == row.plan_id
    ]
    context = {
        "row": row, "state": STATES[row.state], "needs": role_word(row.needs), "seal": seal,
        "is_genuine": bool(seal and services.is_genuine(seal, row.text)), "share": _share(row),
        "paragraphs": row.text.split("\n"), "by": _name(request, row.proposed_by),
        "lines": [(line, _paid_state(promises, line.due_on)) for line in row.lines],
        "may_decide": row.state == "approval" and services.may_approve(request.actor, row.needs)
        and row.proposed_by != request.actor.label,
        "may_work": request.actor.may(P.WORK_CASES), "may_end": request.actor.may(P.APPROVE_AGREEMENTS),
        "channels": [(key, words.channel(key)[0]) for key in _CHANNELS], "client_id": uuid4().hex,
        "problems": list(problems), "told": request.POST,
    }  # fmt: skip
    return render(
        request, "desk/commitments/agreement.html", context, status=_UNPROCESSABLE if problems else 200
    )


def _paid_state(promises: list[outcomes.PromiseLine], on: Any) -> Any:
    """What came of a line once the plan runs; nothing before."""
    found = next((line for line in promises if line.plan_id and line.due_on == on), None)
    return OF_PROMISES[found.state] if found else None


def _name(request: StaffRequest, label: str) -> str:
    names = {f"user:{row.user_id}": row.user.name for row in access.members(request.actor)}
    return names.get(label, "aldia")


@require_POST
@staff(P.APPROVE_AGREEMENTS)
@once
def decide(request: StaffRequest, agreement_id: int) -> HttpResponse:
    """Approve or refuse what somebody proposed beyond their own permission."""
    row = _row(request, agreement_id)
    is_approved = request.POST.get("decision") == "si"
    return _done(
        request, row, _("Autorizado: ya se puede ofrecer") if is_approved else _("No autorizado: quien lo propuso ya lo sabe"),
        lambda: services.decide_agreement(
            actor=request.actor, agreement_id=row.id, is_approved=is_approved, reason=request.POST.get("reason", ""),
            clock=request.clock,
        ),
    )  # fmt: skip


@require_POST
@staff(P.WORK_CASES)
@once
def accepted(request: StaffRequest, agreement_id: int) -> HttpResponse:
    """Register that the client accepted by telephone, with who, when and how."""
    row = _row(request, agreement_id)
    consent = services.Consent("phone", evidence=request.POST.get("evidence", ""))
    return _done(
        request, row, _("Acuerdo en marcha: los avisos quedan en pausa"),
        lambda: services.accept_agreement(actor=request.actor, agreement_id=row.id, consent=consent, clock=request.clock),
    )  # fmt: skip


@require_POST
@staff(P.WORK_CASES)
@once
def withdraw(request: StaffRequest, agreement_id: int) -> HttpResponse:
    """Take an offer back, or end an agreement that runs."""
    row = _row(request, agreement_id)
    return _done(
        request, row, _("Acuerdo terminado: vuelve la deuda original") if row.state == "active" else _("Propuesta retirada"),
        lambda: services.withdraw_agreement(
            actor=request.actor, agreement_id=row.id, reason=request.POST.get("reason", ""), clock=request.clock
        ),
    )  # fmt: skip


@require_POST
@staff(P.WORK_CASES)
@once
def send(request: StaffRequest, agreement_id: int) -> HttpResponse:
    """Send the offer with the link to the client's own page, at once or at the first lawful instant."""
    row, channel = _row(request, agreement_id), request.POST.get("channel", "")
    if row.state != "offered" or channel not in _CHANNELS:
        raise Http404
    draft = contact.ClaimDraft(
        channel, OFFER, request.POST.get("client_id") or uuid4().hex, has_documents=False, has_statement=False
    )
    try:
        contact.send_now(actor=request.actor, case_id=row.case_id, claim=draft, clock=request.clock)
    except LookupError as refusal:
        return _page(request, row, [("channel", str(refusal))])
    toasts.say(request, _("Propuesta enviada: sale en la próxima hora permitida"))
    return HttpResponseRedirect(reverse("desk:agreement", args=[row.id]))


def _done(request: StaffRequest, row: outcomes.AgreementLine, said: str, act: Any) -> HttpResponse:
    try:
        act()
    except services.AgreementRefused as refusal:
        return _page(request, row, [(refusal.field, str(refusal))])
    except services.UnknownAgreement as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(request, said)
    return HttpResponseRedirect(reverse("desk:agreement", args=[row.id]))


urls: list[URLPattern] = [
    path("clientes/<int:case_id>/acuerdo/", propose, name="agreement-new"),
    path("compromisos/acuerdos/", agreements, name="agreements"),
    path("compromisos/acuerdos/<int:agreement_id>/", agreement, name="agreement"),
    path("compromisos/acuerdos/<int:agreement_id>/decidir/", decide, name="agreement-decide"),
    path("compromisos/acuerdos/<int:agreement_id>/aceptado/", accepted, name="agreement-accepted"),
    path("compromisos/acuerdos/<int:agreement_id>/retirar/", withdraw, name="agreement-withdraw"),
    path("compromisos/acuerdos/<int:agreement_id>/enviar/", send, name="agreement-send"),
]
