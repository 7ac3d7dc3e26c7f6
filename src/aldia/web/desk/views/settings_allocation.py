"""Settings of a portfolio's money: in what order a payment covers debts, tried at once on an example, and the charges of the law."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aldia.access.permissions import Permission as P
from aldia.domain import balances
from aldia.domain.allocation import AllocationOrder, OpenItem, allocate
from aldia.domain.money import exponent_of
from aldia.ledger import selectors as ledger
from aldia.ledger import services as ledger_services
from aldia.outcomes.legal_charges import SETTING, switched_on
from aldia.web.desk.doors import staff
from aldia.web.desk.forms import allocation as forms
from aldia.web.desk.forms.days import day_text
from aldia.web.desk.forms.negotiation import COMPONENT_WORDS
from aldia.web.desk.forms.payments import read_amount
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.ledger.models import Portfolio
    from aldia.web.desk.doors import StaffRequest

_DEBTS: Final = (
    ("A", 60, balances.COLLECTION_COST, 50), ("A", 60, balances.LATE_INTEREST, 30), ("A", 60, balances.PRINCIPAL, 400),
    ("B", 20, balances.COMPENSATORY_INTEREST, 40), ("B", 20, balances.PRINCIPAL, 400), ("C", -10, balances.PRINCIPAL, 300),
    ("N", 5, balances.PRINCIPAL, -100),
)  # fmt: skip
"""The example: document, days late, concept, whole units; N is a credit note."""


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def allocation(request: StaffRequest, portfolio_id: int) -> HttpResponse:
    """Draw how a portfolio spreads money, what a payment would do with it as it is written, and keep it."""
    try:
        row = ledger.portfolio(request.actor, portfolio_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    first = forms.shown(row.order) | {"legal_since": day_text(switched_on(row), request)}
    form = forms.AllocationForm(request.POST or None, initial=first, request=request)
    is_told = request.method == "POST" and form.is_valid()
    order = form.order() if is_told else row.order
    if "mirar" in request.POST:
        return render(
            request, "desk/settings/_allocation_example.html", {"form": form, **_example(request, row, order)}
        )
    if is_told and _keep(request, row, form):
        return HttpResponseRedirect(reverse("desk:settings-portfolios"))
    context = {
        **index(request, "portfolios"), **_example(request, row, order), "row": row, "form": form,
        "may_edit": request.actor.may(P.EDIT_SETTINGS),
    }  # fmt: skip
    return render(request, "desk/settings/allocation.html", context, status=422 if form.errors else 200)


def _keep(request: StaffRequest, row: Portfolio, form: forms.AllocationForm) -> bool:
    since = form.cleaned_data["legal_since"]
    if since and row.authority != "ALDIA":
        form.add_error(
            "legal_since", _("El saldo de esta cartera lo dice otro sistema: allí se suman los recargos.")
        )
        return False
    ledger_services.change_portfolio(
        actor=request.actor, portfolio_id=row.pk, now=request.clock.now, allocation=forms.kept(form.order()),
        settings={SETTING: {"since": since.isoformat()} if since else {}},
    )  # fmt: skip
    toasts.say(request, _("Guardado: así se reparte cada cobro de %(name)s") % {"name": row.name})
    return True


def _example(request: StaffRequest, row: Portfolio, order: AllocationOrder) -> dict[str, Any]:
    """What a payment would cover of the example's debts, in the portfolio's money."""
    text = request.POST.get("paid", "") or "500"
    try:
        paid = read_amount(text, row.currency, request.organisation.locale)
    except ValidationError:
        paid = 0
    items = [
        OpenItem(
            name, major * 10 ** exponent_of(row.currency), request.clock.as_of - timedelta(days=late), component, row.currency
        )
        for name, late, component, major in _DEBTS
    ]  # fmt: skip
    done = allocate(paid, items, order)
    given = {(each.document, each.component): each.minor for each in done.items}
    rows = [
        {
            "name": item.document, "word": _("Nota de crédito") if item.open_minor < 0 else COMPONENT_WORDS[item.component],
            "due_on": item.due_on, "open_minor": item.open_minor, "given_minor": given.get((item.document, item.component), 0),
        }
        for item in items
    ]  # fmt: skip
    return {"debts": rows, "paid": text, "left_minor": done.unapplied_minor, "currency": row.currency}


urls: list[URLPattern] = [
    path("ajustes/carteras/<int:portfolio_id>/imputacion/", allocation, name="settings-allocation"),
]
