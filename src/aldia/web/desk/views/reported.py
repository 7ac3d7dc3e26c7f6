"""What clients say they paid, to be confirmed or not with the file at hand; and the papers of payments."""

from __future__ import annotations

from typing import Any, Final

from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.contact.certificates import StillOwes, letterhead
from aldia.contact.statements import statement_of_case
from aldia.ledger import selectors as ledger
from aldia.payments import papers, services
from aldia.payments import selectors as payments
from aldia.payments.running import owed_today
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.once import once
from aldia.web.desk.views import words
from aldia.web.desk.views.receipts import READERS, case_of, receipt_of
from aldia.web.ui import toasts

_MEANS: Final = dict(words.MEANS)
_REFUSALS: Final = (
    services.UnknownReceipt,
    services.UnknownReport,
    services.AlreadyAnswered,
    services.BadReport,
    services.BadReceipt,
    services.DifferentReceipt,
)


@require_safe
@staff(*READERS)
def reported(request: StaffRequest) -> HttpResponse:
    """Draw what clients say they paid, the first to verify first, and the one in view."""
    is_open = request.GET.get("ver") != "respondidos"
    rows = list(payments.reported(request.actor, is_open=is_open)[:100])
    asked = request.GET.get("informe", "")
    chosen = next((row for row in rows if str(row.pk) == asked), rows[0] if rows else None)
    context = {
        "rows": [(row, row.verify_on < request.clock.as_of) for row in rows],
        "chosen": chosen,
        "is_open": is_open,
        "is_picked": bool(asked),
        "counts": payments.waiting_counts(request.actor),
        "means": _MEANS,
        "may_answer": request.actor.may(P.REGISTER_RECEIPTS),
        "means_word": str(_MEANS.get(chosen.means, chosen.means)) if chosen else "",
        "likely": _likely(request, chosen) if chosen else [],
    }
    return render(request, "desk/payments/reported.html", context)


@require_POST
@staff(P.REGISTER_RECEIPTS)
@once
def answer(request: StaffRequest, reported_id: int) -> HttpResponse:
    """Say whether a reported payment arrived; with a receipt named, it is that one and no new one is made."""
    is_received, receipt_id = request.POST.get("llego") == "si", request.POST.get("cobro", "")
    try:
        services.answer_reported(
            actor=request.actor,
            id=reported_id,
            is_received=is_received,
            clock=request.clock,
            receipt_id=int(receipt_id) if receipt_id.isdigit() else None,
        )
    except _REFUSALS as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(
            request, _("Pago confirmado") if is_received else _("Anotado: no llegó. El caso vuelve a la cola")
        )
    return HttpResponseRedirect(reverse("desk:reported"))


@require_safe
@staff(*READERS)
def proof(request: StaffRequest, reported_id: int) -> HttpResponse:
    """Download the file that a client gave with «ya pagué»."""
    row = payments.reported(request.actor, is_open=None).filter(pk=reported_id).first()
    if row is None or row.file_id is None:
        raise Http404
    stored, location = ledger.open_file(request.actor, row.file_id)
    return FileResponse(  # type: ignore[return-value]
        location.open("rb"), as_attachment=True, filename=stored.name, content_type="application/octet-stream"
    )


@require_safe
@staff(*READERS)
def receipt_pdf(request: StaffRequest, receipt_id: int) -> HttpResponse:
    """Download the receipt."""
    row = receipt_of(request, receipt_id).receipt
    try:
        content = papers.receipt_paper(request.actor, row.pk, as_of=request.clock.as_of)
    except papers.NobodysReceipt as refusal:
        toasts.warn(request, str(refusal))
        return HttpResponseRedirect(reverse("desk:receipt", args=[receipt_id]))
    return _pdf(content, f"{_('recibo')}-{row.pk}")


@require_safe
@staff(*READERS)
def no_debt_pdf(request: StaffRequest, case_id: int) -> HttpResponse:
    """Download the certificate of no debt, when nothing is owed."""
    card = case_of(request, case_id)
    try:
        content = papers.no_debt_paper(request.actor, case_id, as_of=request.clock.as_of)
    except StillOwes as refusal:
        toasts.warn(request, str(refusal))
        return HttpResponseRedirect(reverse("desk:case", args=[case_id]))
    return _pdf(content, f"{_('paz-y-salvo')}-{slugify(card.name)}")


@require_safe
@staff(*READERS)
def statement_pdf(request: StaffRequest, case_id: int) -> HttpResponse:
    """Download the statement of account."""
    card = case_of(request, case_id)
    language = letterhead(request.actor, case_id, as_of=request.clock.as_of).language
    as_of = request.clock.as_of
    lines = owed_today(request.actor, case_id, as_of=as_of)
    content = statement_of_case(request.actor, case_id=case_id, as_of=as_of, language=language, lines=lines)
    return _pdf(content, f"{_('estado-de-cuenta')}-{slugify(card.name)}")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


def _likely(request: StaffRequest, row: Any) -> list[Any]:
    """Receipts of the client that could be the reported one: same amount and currency."""
    return [
        kept
        for kept in payments.receipts_of_case(request.actor, row.case_id)
        if kept.amount_minor == row.amount_minor
        and kept.currency == row.currency
        and kept.state != "REVERSED"
    ]


urls = [
    path("pagos/informados/", reported, name="reported"),
    path("pagos/informados/<int:reported_id>/responder/", answer, name="reported-answer"),
    path("pagos/informados/<int:reported_id>/comprobante/", proof, name="reported-file"),
    path("pagos/<int:receipt_id>/recibo.pdf", receipt_pdf, name="receipt-pdf"),
    path("clientes/<int:case_id>/estado-de-cuenta.pdf", statement_pdf, name="statement-pdf"),
    path("clientes/<int:case_id>/paz-y-salvo.pdf", no_debt_pdf, name="no-debt-pdf"),
]
