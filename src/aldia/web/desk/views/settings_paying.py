"""Settings of payment online: gateways and accounts of each creditor, tried in test, switched on, and what came by them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aldia.access import formats
from aldia.access.permissions import Permission as P
from aldia.domain.money import MoneyError, to_major, to_minor
from aldia.domain.spoken_amounts import plain_figure
from aldia.ledger import selectors as ledger
from aldia.payments import methods, services
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.paying import MethodForm
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.payments.models import PayMethod
    from aldia.web.desk.doors import StaffRequest

_TONES = {
    "paid": "ok", "refused": "bad", "expired": "neutral", "refunded": "warn", "charged_back": "bad", "created": "info", "started": "info",
}  # fmt: skip


@require_GET
@staff(*READERS)
def paying(request: StaffRequest) -> HttpResponse:
    """Every way to be paid, and those that can be added."""
    rows = [(row, methods.PROVIDERS[row.provider].name) for row in methods.methods_of(request.actor)]
    context = {
        **index(request, "paying"), "rows": rows, "may_edit": request.actor.may(P.EDIT_SETTINGS),
        "kinds": [(key, methods.PROVIDERS[key].name) for key in _kinds(request)],
    }  # fmt: skip
    return render(request, "desk/settings/paying.html", context)


@require_http_methods(["GET", "POST"])
@staff(P.EDIT_SETTINGS)
def new(request: StaffRequest, provider: str) -> HttpResponse:
    """Write down a gateway or an account."""
    if provider not in _kinds(request):
        raise Http404
    return _page(request, provider, None)


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def method(request: StaffRequest, method_id: int) -> HttpResponse:
    """Draw one way to be paid; a POST keeps it."""
    row = _row(request, method_id)
    if request.method == "POST":
        request.actor.check(P.EDIT_SETTINGS)
    return _page(request, row.provider, row)


@require_POST
@staff(P.EDIT_SETTINGS)
def switch(request: StaffRequest, method_id: int) -> HttpResponse:
    """Offer a way to pay on the debtor's page, or no more."""
    is_on = request.POST.get("encender") == "1"
    try:
        services.switch_method(actor=request.actor, method_id=method_id, is_on=is_on, now=real_now())
    except services.MethodRefused as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(request, _("Se ofrece a quien debe") if is_on else _("Ya no se ofrece"))
    return HttpResponseRedirect(reverse("desk:settings-pay-method", args=[method_id]))


def _page(request: StaffRequest, provider: str, row: PayMethod | None) -> HttpResponse:
    creditors = [(str(each.pk), each.name) for each in ledger.creditors(request.actor)]
    form = MethodForm(
        request.POST or None, provider=provider, creditors=creditors, initial=_begin(request, row)
    )
    if request.method == "POST" and form.is_valid():
        try:
            kept = _keep(request, provider, form, row)
        except services.MethodRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            toasts.say(request, _("Forma de pago guardada"))
            return HttpResponseRedirect(reverse("desk:settings-pay-method", args=[kept.pk]))
    context = {
        **index(request, "paying"), "form": form, "row": row, "name": methods.PROVIDERS[provider].name,
        "may_edit": request.actor.may(P.EDIT_SETTINGS), "house": request.organisation,
        "address": methods.address_of(row) if row and provider == "mercadopago" else "",
        "intents": _newest(request, row) if row else [],
    }  # fmt: skip
    return render(request, "desk/settings/pay_method.html", context, status=422 if form.errors else 200)


def _keep(request: StaffRequest, provider: str, form: MethodForm, row: PayMethod | None) -> PayMethod:
    told = dict(form.cleaned_data)
    creditor = row.creditor_id if row else int(told["creditor"]) if told["creditor"] else None
    currency = (told["currencies"].replace(",", " ").split() or [request.organisation.currency])[0].upper()
    try:
        figure = plain_figure(told["least"]) if told["least"] else "0"
        told["least_minor"] = to_minor(Decimal(figure), currency, rounding=None)
    except (InvalidOperation, MoneyError) as error:
        raise services.MethodRefused("least", _("Escribe un importe como 1500 o 1500,50.")) from error
    return services.set_method(
        actor=request.actor, provider=provider, creditor_id=creditor, told=told, now=real_now()
    )


def _begin(request: StaffRequest, row: PayMethod | None) -> dict[str, Any]:
    """What the form shows first: never a secret."""
    if row is None:
        return {"currencies": request.organisation.currency, "is_test": request.organisation.is_sandbox}
    shown = {name: value for name, value in row.config.items() if name not in methods.SEALED}
    least = to_major(row.least_minor, row.currencies[0]) if row.least_minor else ""
    return {
        **shown, "creditor": str(row.creditor_id or ""), "currencies": " ".join(row.currencies), "least": str(least),
        "is_test": row.is_test,
    }  # fmt: skip


def _newest(request: StaffRequest, row: PayMethod) -> list[dict[str, Any]]:
    locale = formats.known_locale(request.organisation.locale)
    return [
        {
            "row": each, "tone": _TONES[each.state],
            "amount": formats.money(each.amount_minor, each.currency, locale),
        }
        for each in methods.newest_intents(request.actor, row.pk)
    ]  # fmt: skip


def _kinds(request: StaffRequest) -> list[str]:
    """What may be added: the gateway of practice in a sandbox only."""
    return [key for key in methods.PROVIDERS if key != methods.PRACTICE or request.organisation.is_sandbox]


def _row(request: StaffRequest, method_id: int) -> PayMethod:
    found = next((row for row in methods.methods_of(request.actor) if row.pk == method_id), None)
    if found is None:
        raise Http404
    return found


urls: list[URLPattern] = [
    path("ajustes/cobro/", paying, name="settings-paying"),
    path("ajustes/cobro/nueva/<slug:provider>/", new, name="settings-pay-new"),
    path("ajustes/cobro/<int:method_id>/", method, name="settings-pay-method"),
    path("ajustes/cobro/<int:method_id>/interruptor/", switch, name="settings-pay-switch"),
]
