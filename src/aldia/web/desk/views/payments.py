"""Payments: what came in, what waits to be applied or identified, how it is registered, identified and reversed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.domain.allocation import UnknownDocument
from aldia.ledger import selectors as ledger
from aldia.ledger.indexed import NoUnitValue
from aldia.outcomes import selectors as outcomes
from aldia.payments import certificates, reconciliation, services
from aldia.payments import selectors as payments
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms import payments as forms
from aldia.web.desk.forms.deductions import kind_options
from aldia.web.desk.once import once
from aldia.web.desk.views import reported, words
from aldia.web.desk.views.receipts import READERS, case_of, receipt_of
from aldia.web.ui import formats, toasts

STATES: Final = {
    "ACTIVE": (gettext_lazy("Aplicado"), "ok", "check"),
    "PROVISIONAL": (gettext_lazy("Provisorio"), "info", "clock"),
    "ABSORBED": (gettext_lazy("Confirmado"), "ok", "check"),
    "REVERSED": (gettext_lazy("Reversado"), "bad", "undo"),
}
_PARTLY: Final = (gettext_lazy("Sin aplicar"), "warn", "clock")
_NOBODYS: Final = (gettext_lazy("Sin identificar"), "warn", "help")
_MEANS: Final = dict(words.MEANS)
_REFUSALS: Final = (
    NoUnitValue,
    services.BadReceipt,
    services.BadDeduction,
    services.DifferentReceipt,
    services.NothingOpen,
    services.AlreadyIdentified,
    services.AlreadyReversed,
    services.BadReversal,
    services.UnknownReceipt,
    services.UnknownReport,
    services.AlreadyAnswered,
    services.BadReport,
)


@require_safe
@staff(*READERS)
def receipts(request: StaffRequest) -> HttpResponse:
    """Draw the receipts, newest first, by view and conditions."""
    view = request.GET.get("ver", "")
    page = payments.receipts(request.actor, _filters(request, view), request.GET.get("pagina"))
    context = {
        "rows": _rows(request, page.rows),
        "next": page.next_cursor,
        "previous": page.previous_cursor,
        "tabs": tabs(request, view),
        "view": view,
        "chips": _chips(request),
        "may_register": request.actor.may(P.REGISTER_RECEIPTS),
    }
    return render(request, "desk/payments/list.html", context)


@require_safe
@staff(*READERS)
def receipt(request: StaffRequest, receipt_id: int) -> HttpResponse:
    """Draw one receipt: what it covered, what waits, and what may be done with it."""
    return _receipt_page(request, receipt_id)


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
        paid = form.as_paid()
        try:
            forms.check_values(request, card.id, paid)
            kept = services.register_receipt(
                actor=request.actor,
                portfolio_id=card.portfolio_id,
                case_id=case_id,
                amount_minor=paid.amount_minor,
                currency=paid.currency,
                on=paid.on,
                means=paid.means,
                source="desk",
                reference=paid.reference,
                clock=request.clock,
                document_ids=paid.document_ids or None,
                note=paid.note,
                deductions=paid.deductions,
            )
        except _REFUSALS as refusal:
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


@require_POST
@staff(P.REGISTER_RECEIPTS)
def plan(request: StaffRequest, case_id: int) -> HttpResponse:
    """Show what the money would cover as it is written; nothing is saved."""
    documents = _open_documents(request, case_id)
    codes = forms.currencies_of(case_of(request, case_id), documents)
    form = forms.ReceiptForm(request.POST, request=request, currencies=codes, documents=documents)
    return render(request, "desk/payments/_plan.html", {"plan": _plan(request, case_id, form)})


@require_POST
@staff(P.REGISTER_RECEIPTS)
@once
def identify(request: StaffRequest, receipt_id: int) -> HttpResponse:
    """Give money of nobody to its client."""
    case_id = request.POST.get("caso", "")
    if not case_id.isdigit():
        raise Http404
    try:
        kept = services.identify_receipt(
            actor=request.actor,
            receipt_id=receipt_id,
            case_id=case_of(request, int(case_id)).id,
            clock=request.clock,
        )
    except _REFUSALS as refusal:
        toasts.warn(request, str(refusal))
        return HttpResponseRedirect(reverse("desk:payments") + "?ver=sin-identificar")
    toasts.say(request, _("Cobro identificado y aplicado"))
    return HttpResponseRedirect(reverse("desk:receipt", args=[kept.pk]))


@require_POST
@staff(P.REGISTER_RECEIPTS)
@once
def apply(request: StaffRequest, receipt_id: int) -> HttpResponse:
    """Apply what waits on the client of a receipt, by the portfolio's order."""
    row = receipt_of(request, receipt_id).receipt
    if row.account_id is None:
        raise Http404
    try:
        applied = services.allocate_unapplied(
            actor=request.actor, case_id=row.account_id, clock=request.clock
        )
    except NoUnitValue as missing:
        toasts.warn(request, str(missing))
        return HttpResponseRedirect(reverse("desk:receipt", args=[receipt_id]))
    toasts.say(
        request,
        _("Aplicado a lo que debía")
        if applied
        else _("No hay nada que cubrir todavía: el dinero queda a su favor"),
    )
    return HttpResponseRedirect(reverse("desk:receipt", args=[receipt_id]))


@require_POST
@staff(P.REVERSE_RECEIPTS)
@once
def reverse_receipt(request: StaffRequest, receipt_id: int) -> HttpResponse:
    """Take a receipt back: a bounced cheque, a mistake."""
    form = forms.ReversalForm(request.POST, request=request)
    if form.is_valid():
        told = form.cleaned_data
        try:
            services.reverse_receipt(
                actor=request.actor,
                receipt_id=receipt_id,
                reason=str(dict(forms.REASONS)[told["reason"]]),
                on=told["on"],
                clock=request.clock,
            )
        except services.BadReversal as refusal:
            form.add_error("on", str(refusal))
        except (services.AlreadyReversed, services.UnknownReceipt) as refusal:
            form.add_error(None, str(refusal))
        else:
            toasts.say(request, _("Cobro reversado: la deuda vuelve a estar abierta y quedó una alarma"))
            return HttpResponseRedirect(reverse("desk:receipt", args=[receipt_id]))
    return _receipt_page(request, receipt_id, form=form)


def _filters(request: StaffRequest, view: str) -> dict[str, Any]:
    by_view: dict[str, dict[str, Any]] = {
        "sin-aplicar": {"has_unapplied": True, "is_unidentified": False},
        "sin-identificar": {"is_unidentified": True},
        "reversados": {"state": "REVERSED"},
    }
    filters = dict(by_view.get(view, {}))
    if (means := request.GET.get("medio", "")) in _MEANS:
        filters["means"] = means
    if (portfolio := request.GET.get("cartera", "")).isdigit():
        filters["portfolio_id"] = int(portfolio)
    if len(currency := request.GET.get("moneda", "")) == 3:
        filters["currency"] = currency.upper()
    return filters


def tabs(request: StaffRequest, view: str) -> list[dict[str, Any]]:
    """Return the tabs of the payments with their counts; `view` is the one that is open."""
    base, counts = reverse("desk:payments"), payments.waiting_counts(request.actor)
    tabs = (
        ("", _("Todos"), None),
        ("sin-aplicar", _("Sin aplicar"), counts["unapplied"]),
        ("sin-identificar", _("Sin identificar"), counts["unidentified"]),
        ("reversados", _("Reversados"), None),
    )
    may_remit = request.actor.may(P.REMIT) or request.actor.may(P.READ_EVERYTHING)
    remitting = [_tab(_("Rendiciones"), reverse("desk:remittances"), None, view == "rendiciones")]
    missing = certificates.pending_count(request.actor)
    return [
        *(_tab(word, f"{base}?ver={key}" if key else base, count, view == key) for key, word, count in tabs),
        _tab(_("Informados por clientes"), reverse("desk:reported"), counts["reported"]),
        _tab(_("Certificados"), reverse("desk:certificates"), missing, view == "certificados"),
        *(remitting if may_remit else []),
        *_reconciliation_tab(request),
    ]


def _tab(label: str, href: str, count: int | None, is_on: bool = False) -> dict[str, Any]:
    return {"label": label, "href": href, "count": count, "is_on": is_on}


def _reconciliation_tab(request: StaffRequest) -> list[dict[str, Any]]:
    if not (request.actor.may(P.REGISTER_RECEIPTS) or request.actor.may(P.READ_EVERYTHING)):
        return []
    waiting = reconciliation.counts(request.actor)["waiting"]
    return [_tab(_("Conciliación"), reverse("desk:reconciliation"), waiting)]


def _chips(request: StaffRequest) -> dict[str, Any]:
    portfolios = [(str(row.pk), row.name) for row in ledger.portfolios(request.actor)]
    codes = sorted({row.currency for row in ledger.portfolios(request.actor)})
    return {
        "means": words.options(words.MEANS),
        "means_on": str(_MEANS.get(request.GET.get("medio", ""), "")),
        "portfolios": portfolios,
        "portfolio_on": dict(portfolios).get(request.GET.get("cartera", ""), ""),
        "codes": codes,
        "code_on": request.GET.get("moneda", "") if request.GET.get("moneda", "") in codes else "",
    }


def _rows(request: StaffRequest, rows: Sequence[Any]) -> list[dict[str, Any]]:
    names = _names(request, [row.account_id for row in rows if row.account_id])
    return [
        {
            "row": row,
            "name": names.get(row.account_id, ""),
            "state": _state(row),
            "means": str(_MEANS.get(row.means, row.means or "–")),
            "reference": row.said,
        }
        for row in rows
    ]


def _names(request: StaffRequest, case_ids: list[int]) -> dict[int, str]:
    return dict(cases.scope(request.actor).filter(pk__in=case_ids).values_list("pk", "debtor_name"))


def _state(row: Any) -> tuple[Any, str, str]:
    if row.state in ("REVERSED", "PROVISIONAL"):
        return STATES[row.state]
    if row.account_id is None:
        return _NOBODYS
    return _PARTLY if row.unapplied_minor else STATES[row.state]


def _receipt_page(
    request: StaffRequest, receipt_id: int, form: forms.ReversalForm | None = None
) -> HttpResponse:
    card = receipt_of(request, receipt_id)
    row = card.receipt
    covered: dict[str, int] = {}
    for share in card.covered:
        covered[share.number] = covered.get(share.number, 0) + share.amount_minor
    context = {
        "row": row,
        "state": _state(row),
        "covered": [(number, minor) for number, minor in covered.items() if minor],
        "in_units": [share for share in card.covered if share.rate and share.amount_minor > 0],
        "absorbed_minor": card.absorbed_minor,
        "kept": [
            (line, line.label.of(words.language()))
            for line in certificates.deductions_of(request.actor, row.pk)
        ],
        "means": str(_MEANS.get(row.means, row.means or "–")),
        "name": _names(request, [row.account_id]).get(row.account_id, "") if row.account_id else "",
        "form": form,
        "reasons": words.options(forms.REASONS),
        "is_live": row.state in ("ACTIVE", "PROVISIONAL"),
        "may_reverse": request.actor.may(P.REVERSE_RECEIPTS),
        "may_register": request.actor.may(P.REGISTER_RECEIPTS),
    }
    return render(request, "desk/payments/receipt.html", context, status=422 if form else 200)


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
        "currency": given["currency"],
        "on": on,
        "long": formats.day_long(on),
    }


def _open_documents(request: StaffRequest, case_id: int) -> list[Any]:
    lines = ledger.documents(request.actor, case_id=case_id, as_of=request.clock.as_of, is_open=True)
    return sorted((line for line in lines if line.open_minor > 0), key=lambda line: line.due_on)


urls = [
    *reported.urls,
    path("pagos/", receipts, name="payments"),
    path("pagos/nuevo/", find, name="receipt-new"),
    path("pagos/nuevo/<int:case_id>/", register, name="receipt-register"),
    path("pagos/nuevo/<int:case_id>/reparto/", plan, name="receipt-plan"),
    path("pagos/<int:receipt_id>/", receipt, name="receipt"),
    path("pagos/<int:receipt_id>/identificar/", identify, name="receipt-identify"),
    path("pagos/<int:receipt_id>/aplicar/", apply, name="receipt-apply"),
    path("pagos/<int:receipt_id>/reversar/", reverse_receipt, name="receipt-reverse"),
]
