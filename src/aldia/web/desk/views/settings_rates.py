"""Settings of exchange rates: what each currency is worth now, what was said day by day, and a form to say another."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import polars as pl
from babel.numbers import NumberFormatError, parse_decimal
from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aldia.access.permissions import Permission as P
from aldia.domain.money import UnknownCurrency, currency_code
from aldia.kpi import selectors as kpi
from aldia.ledger import rates as ledger
from aldia.ledger import services as ledger_services
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.payments import read_day
from aldia.web.desk.forms.settings import Plain
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from datetime import date

    from aldia.web.desk.doors import StaffRequest

PAGE = "desk:settings-rates"
_EXACT = 10  # decimals that a rate keeps


class RateForm(Plain):
    """What one unit of a currency was worth on a day, and who says so."""

    on = forms.CharField(label=gettext_lazy("Día"), help_text=gettext_lazy("Escribe «hoy», «ayer» o 20/11."))
    currency = forms.CharField(
        label=gettext_lazy("Moneda"),
        max_length=3,
        help_text=gettext_lazy("Por ejemplo: USD, o UF, UVR, UDI, UVA."),
    )
    rate = forms.CharField(label=gettext_lazy("Cotización"), max_length=30)
    quote = forms.CharField(
        label=gettext_lazy("En qué moneda"), max_length=3, help_text=gettext_lazy("Por ejemplo: ARS.")
    )
    source = forms.CharField(
        label=gettext_lazy("¿Quién lo dice?"),
        max_length=60,
        help_text=gettext_lazy("Banco central, tesorería…"),
    )

    def __init__(self, *args: Any, request: StaffRequest, **more: Any) -> None:
        super().__init__(*args, **more)
        self._request = request

    def clean_on(self) -> date:
        return read_day(self.cleaned_data["on"], self._request)

    def clean_currency(self) -> str:
        return _code(self.cleaned_data["currency"])

    def clean_quote(self) -> str:
        return _code(self.cleaned_data["quote"])

    def clean_rate(self) -> str:
        """The rate as exact decimal text, written as the organisation writes figures."""
        text = self.cleaned_data["rate"].strip()
        try:
            found = parse_decimal(text, locale=self._request.organisation.locale, strict=True)
        except (NumberFormatError, InvalidOperation) as problem:
            raise forms.ValidationError(
                _("No entendemos «%(found)s»: escríbelo como 1.450,50 o 1450,50.") % {"found": text}
            ) from problem
        if found != round(found, _EXACT) or not 0 < found < Decimal(10) ** 13:
            raise forms.ValidationError(_("Una cotización es mayor que cero y tiene hasta diez decimales."))
        return format(found, "f")


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def rates(request: StaffRequest) -> HttpResponse:
    """Draw the rates of today and their history; keep what is said."""
    own = request.organisation.currency
    others = [code for code in kpi.currencies(request.actor) if code != own]
    initial = {"on": _("hoy"), "quote": own, "currency": others[0] if others else ""}
    form = RateForm(request.POST or None, initial=initial, request=request)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        source = told.pop("source")
        try:
            new = ledger_services.record_rates(
                actor=request.actor, rates=pl.DataFrame([told]), source=source, clock=request.clock
            )
        except ledger_services.BadRate as refusal:
            form.add_error("rate", str(refusal))
        else:
            if new:
                toasts.say(request, _("Cotización guardada"))
            else:
                toasts.warn(request, _("Esa fuente ya había dicho ese día: lo dicho no cambia."))
            return HttpResponseRedirect(reverse(PAGE))
    return render(
        request, "desk/settings/rates.html", _context(request, form), status=422 if form.errors else 200
    )


def _context(request: StaffRequest, form: RateForm) -> dict[str, Any]:
    page = ledger.told_rates(request.actor, request.GET.get("pagina"))
    return {
        **index(request, "rates"), "form": form, "may_edit": request.actor.may(P.LOAD_FILES), "page": page,
        "today": ledger.rates_today(request.actor, quote=request.organisation.currency, as_of=request.clock.as_of),
    }  # fmt: skip


def _code(text: str) -> str:
    try:
        return currency_code(text)
    except UnknownCurrency as problem:
        raise forms.ValidationError(_("«%(code)s» no es una moneda ISO.") % {"code": text}) from problem


urls: list[URLPattern] = [path("ajustes/cotizaciones/", rates, name="settings-rates")]
