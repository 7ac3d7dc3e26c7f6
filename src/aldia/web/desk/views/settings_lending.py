"""Settings of lending: which portfolios lend, and what each lends by default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aldia.access.permissions import Permission as P
from aldia.domain.money import MoneyError
from aldia.ledger import loans as reading
from aldia.ledger import selectors as ledger
from aldia.ledger import services as ledger_services
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms.loans import NewPortfolioForm, ProductForm
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.ledger.models import Portfolio


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def lending(request: StaffRequest) -> HttpResponse:
    """Draw the portfolios that lend and those that could; make a new one."""
    form = NewPortfolioForm(request.POST or None, initial={"currency": request.organisation.currency})
    if request.method == "POST" and form.is_valid():
        try:
            row = _made(request, form.cleaned_data)
        except MoneyError as refusal:
            form.add_error("currency", str(refusal))
        else:
            return HttpResponseRedirect(reverse("desk:settings-product", args=[row.pk]))
    rows = [row for row in ledger.portfolios(request.actor) if row.authority == "ALDIA"]
    context = {
        **index(request, "lending"), "rows": [(row, "lending" in row.settings) for row in rows], "form": form,
        "may_edit": request.actor.may(P.EDIT_SETTINGS),
    }  # fmt: skip
    return render(request, "desk/settings/lending.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def product(request: StaffRequest, portfolio_id: int) -> HttpResponse:
    """Say what a portfolio lends by default."""
    row = _found(request, portfolio_id)
    form = ProductForm(request.POST or None, initial=reading.product_of(row), request=request)
    if request.method == "POST" and form.is_valid():
        ledger_services.change_portfolio(
            actor=request.actor,
            portfolio_id=row.pk,
            settings={"lending": form.typed()},
            now=request.clock.now,
        )
        toasts.say(request, _("Guardado: %(name)s presta") % {"name": row.name})
        return HttpResponseRedirect(reverse("desk:settings-lending"))
    context = {
        **index(request, "lending"),
        "row": row,
        "form": form,
        "may_edit": request.actor.may(P.EDIT_SETTINGS),
    }
    return render(request, "desk/settings/product.html", context, status=422 if form.errors else 200)


def _made(request: StaffRequest, told: dict[str, Any]) -> Portfolio:
    owners = ledger.creditors(request.actor)
    own = owners.first() or ledger_services.ensure_creditor(
        actor=request.actor, key="propia", name=request.organisation.name, now=request.clock.now
    )
    return ledger_services.ensure_portfolio(
        actor=request.actor, creditor_id=own.pk, key=slugify(told["name"]), name=told["name"], currency=told["currency"],
        now=request.clock.now, country=request.organisation.country,
    )  # fmt: skip


def _found(request: StaffRequest, portfolio_id: int) -> Portfolio:
    try:
        row = ledger.portfolio(request.actor, portfolio_id)
    except ObjectDoesNotExist as refusal:
        raise Http404 from refusal
    if row.authority != "ALDIA":
        raise Http404
    return row


urls: list[URLPattern] = [
    path("ajustes/prestamos/", lending, name="settings-lending"),
    path("ajustes/prestamos/<int:portfolio_id>/", product, name="settings-product"),
]
