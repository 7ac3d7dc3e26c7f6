"""Payments: what came in, what waits to be applied or identified, how it is identified, applied and reversed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.ledger import selectors as ledger
from aldia.ledger.indexed import NoUnitValue
from aldia.payments import certificates, reconciliation, services, signed
from aldia.payments import selectors as payments
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms import payments as forms
from aldia.web.desk.once import once
from aldia.web.desk.views import registering, reported, words
from aldia.web.desk.views.receipts import READERS, REFUSALS, case_of, receipt_of
from aldia.web.ui import toasts

STATES: Final = {
    "ACTIVE": (gettext_lazy("Aplicado"), "ok", "check"),
    "PROVISIONAL": (gettext_lazy("Provisorio"), "info", "clock"),
    "ABSORBED": (gettext_lazy("Confirmado"), "ok", "check"),
    "REVERSED": (gettext_lazy("Reversado"), "bad", "undo"),
}
_PARTLY: Final = (gettext_lazy("Sin aplicar"), "warn", "clock")
_NOBODYS: Final = (gettext_lazy("Sin identificar"), "warn", "help")
_MEANS: Final = dict(words.MEANS)


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
    except REFUSALS as refusal:
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
    due = signed.due_count(request.actor, as_of=request.clock.as_of)
    return [
        *(_tab(word, f"{base}?ver={key}" if key else base, count, view == key) for key, word, count in tabs),
        _tab(_("Informados por clientes"), reverse("desk:reported"), counts["reported"]),
        _tab(_("Valores"), reverse("desk:papers"), due, view == "valores"),
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


urls = [
    *reported.urls,
    *registering.urls,
    path("pagos/", receipts, name="payments"),
    path("pagos/<int:receipt_id>/", receipt, name="receipt"),
    path("pagos/<int:receipt_id>/identificar/", identify, name="receipt-identify"),
    path("pagos/<int:receipt_id>/aplicar/", apply, name="receipt-apply"),
    path("pagos/<int:receipt_id>/reversar/", reverse_receipt, name="receipt-reverse"),
]
