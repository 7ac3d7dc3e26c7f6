"""Money that somebody brings: who paid, how much, and what it covers before it is registered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.domain.allocation import UnknownDocument
from aldia.ledger import selectors as ledger
from aldia.ledger.indexed import NoUnitValue
from aldia.outcomes import selectors as outcomes
from aldia.payments import selectors as payments
from aldia.payments import services
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms import payments as forms
from aldia.web.desk.forms.deductions import kind_options
from aldia.web.desk.once import once
from aldia.web.desk.views import words
from aldia.web.desk.views.receipts import REFUSALS, case_of, receipt_of
from aldia.web.ui import formats, toasts


@require_safe
@staff(P.REGISTER_RECEIPTS)
def find(request: StaffRequest) -> HttpResponse:
    """Find the client who paid, by name, document or number of invoice."""
    text, context = request.GET.get("q", "").strip(), _goal(request)
    found = cases.search(request.actor, text, as_of=request.clock.as_of, limit=8) if len(text) >= 2 else []
    context |= {"text": text, "found": [(hit.case, words.bucket(hit.case.bucket)) for hit in found]}
    if not text and context["receipt"] is None:
        soon = outcomes.CommitmentFilter(state="open", to_on=request.clock.as_of + timedelta(days=3))
        context["expected"] = outcomes.promises(request.actor, soon, limit=8).rows
    template = "desk/payments/_found.html" if request.htmx else "desk/payments/find.html"
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
@staff(P.REGISTER_RECEIPTS)
@once
def register(request: StaffRequest, case_id: int) -> HttpResponse:
    """Register money of a client: how much, when, by what; the documents it covers are shown before."""
    card, documents = case_of(request, case_id), _open_documents(request, case_id)
    codes = forms.currencies_of(card, documents)
    told: dict[str, Any] = {"request": request, "currencies": codes, "documents": documents}
    form = forms.ReceiptForm(request.POST or None, initial=forms.first_values(request, card), **told)
    if request.method == "POST" and form.is_valid():
        try:
            kept = _registered(request, card, form.as_paid())
        except REFUSALS as refusal:
            form.add_error(
                "reference" if isinstance(refusal, services.DifferentReceipt) else None, str(refusal)
            )
        else:
            money = formats.money(kept.amount_minor, kept.currency, request.organisation.locale)
            toasts.say(
                request, _("Cobro registrado: %(money)s de %(name)s") % {"money": money, "name": card.name}
            )
            return HttpResponseRedirect(reverse("desk:receipt", args=[kept.pk]))
    context = {
        "card": card,
        "documents": documents,
        "form": form,
        "means": words.options(words.MEANS),
        "kept": kind_options(
            ledger.portfolio(request.actor, card.portfolio_id).country or request.organisation.country
        ),
        "codes": [(code, code) for code in codes],
        "plan": _plan(request, case_id, form if form.is_bound else _initial_form(told, request, card)),
        "chosen": form["document_ids"].value() or [],
    }
    return render(request, "desk/payments/register.html", context, status=422 if form.errors else 200)


def _registered(request: StaffRequest, card: Any, paid: forms.Paid) -> Any:
    """The receipt of what the form says. Raises one of `REFUSALS`."""
    forms.check_values(request, card.id, paid)
    draft = services.ReceiptDraft(
        portfolio_id=card.portfolio_id, case_id=card.id, amount_minor=paid.amount_minor, currency=paid.currency, on=paid.on,
        means=paid.means, source="desk", reference=paid.reference, document_ids=paid.document_ids or None, note=paid.note,
        deductions=paid.deductions,
    )  # fmt: skip
    return services.register_receipt(actor=request.actor, draft=draft, clock=request.clock)


@require_POST
@staff(P.REGISTER_RECEIPTS)
def plan(request: StaffRequest, case_id: int) -> HttpResponse:
    """Show what the money would cover as it is written; nothing is saved."""
    documents = _open_documents(request, case_id)
    codes = forms.currencies_of(case_of(request, case_id), documents)
    form = forms.ReceiptForm(request.POST, request=request, currencies=codes, documents=documents)
    return render(request, "desk/payments/_plan.html", {"plan": _plan(request, case_id, form)})


def _goal(request: StaffRequest) -> dict[str, Any]:
    """What finding a client is for: registering a receipt, or giving one that is of nobody."""
    asked = request.GET.get("cobro", "")
    row = receipt_of(request, int(asked)).receipt if asked.isdigit() else None
    return {"receipt": row}


def _initial_form(told: dict[str, Any], request: StaffRequest, card: Any) -> forms.ReceiptForm:
    return forms.ReceiptForm({**forms.first_values(request, card), "reference": "-"}, **told)


def _plan(request: StaffRequest, case_id: int, form: forms.ReceiptForm) -> Any:
    """What would be covered, as far as the form can be read; None when it cannot."""
    form.is_valid()
    given = form.cleaned_data
    if not given.get("amount_minor"):
        return None
    on = given.get("on") or request.clock.as_of
    try:
        planned = payments.plan_receipt(
            request.actor,
            case_id=case_id,
            amount_minor=given["amount_minor"],
            currency=given["currency"],
            on=on,
            as_of=request.clock.as_of,
            document_ids=[int(key) for key in given.get("document_ids", [])],
        )
    except NoUnitValue as missing:
        return {"problem": str(missing)}
    except UnknownDocument:
        return {"problem": _("Uno de los documentos elegidos no tiene saldo en esa moneda.")}
    return {
        "covers": planned.covers,
        "unapplied_minor": planned.unapplied_minor,
        "discount_minor": planned.discount_minor,
        "running": planned.running,
        "currency": given["currency"],
        "on": on,
        "long": formats.day_long(on),
    }


def _open_documents(request: StaffRequest, case_id: int) -> list[Any]:
    lines = ledger.documents(request.actor, case_id=case_id, as_of=request.clock.as_of, is_open=True)
    return sorted((line for line in lines if line.open_minor > 0), key=lambda line: line.due_on)


urls = [
    path("pagos/nuevo/", find, name="receipt-new"),
    path("pagos/nuevo/<int:case_id>/", register, name="receipt-register"),
    path("pagos/nuevo/<int:case_id>/reparto/", plan, name="receipt-plan"),
]
