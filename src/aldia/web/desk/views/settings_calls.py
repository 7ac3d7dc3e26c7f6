"""Settings of calls: the exchange, whether it answers, who has which extension, and the switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from aldia.access import selectors as access
from aldia.access.permissions import Permission as P
from aldia.contact import gateways, services
from aldia.contact.calls import selectors as calls
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.calls import ExchangeForm
from aldia.web.desk.views import words
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def exchange(request: StaffRequest) -> HttpResponse:
    """Draw how the organisation calls; a POST keeps its exchange."""
    form = ExchangeForm(request.POST or None, initial=_begin(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.set_exchange(actor=request.actor, told=form.cleaned_data, now=real_now())
        except services.GatewayRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return _kept(request, _("Central guardada"))
    return _page(request, form=form, status=422 if form.errors else 200)


@require_POST
@staff(P.EDIT_SETTINGS)
def test(request: StaffRequest) -> HttpResponse:
    """Ask the exchange who it is; nothing rings."""
    return _page(request, tried=services.try_exchange(actor=request.actor, now=real_now()))


@require_POST
@staff(P.EDIT_SETTINGS)
def switch(request: StaffRequest) -> HttpResponse:
    """Let people call through the exchange, or not."""
    is_on = request.POST.get("encender") == "1"
    try:
        services.switch_channel(actor=request.actor, channel="call", is_on=is_on, now=real_now())
    except services.ChannelNotReady as refusal:
        toasts.warn(request, _("Todavía no: %(missing)s") % {"missing": refusal})
        return _page(request, status=422)
    return _kept(request, _("Llamadas encendidas") if is_on else _("Llamadas apagadas: no suena nadie"))


@require_POST
@staff(P.EDIT_SETTINGS)
def extensions(request: StaffRequest) -> HttpResponse:
    """Keep who has which extension."""
    members = access.members(request.actor)
    told = {row.user_id: request.POST.get(f"interno-{row.user_id}", "") for row in members}
    try:
        services.set_extensions(actor=request.actor, extensions=told, now=real_now())
    except services.GatewayRefused as refusal:
        return _page(request, told=told, refused=str(refusal), status=422)
    return _kept(request, _("Internos guardados"))


def _begin(request: StaffRequest) -> dict[str, Any]:
    setup = gateways.setup(request.actor, "call")
    return {**setup.told, "sender": setup.sender}


def _page(
    request: StaffRequest,
    *,
    form: Any = None,
    told: dict[int, str] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    kept = calls.extensions(request.actor)
    people = [
        (row.user_id, row.user.name, (told or {}).get(row.user_id, kept.get(str(row.user_id), "")))
        for row in access.members(request.actor)
        if row.is_active
    ]
    context = {
        **index(request, "channels"), "setup": gateways.setup(request.actor, "call"), "word": words.channel("call"), "people": people,
        "form": form or ExchangeForm(initial=_begin(request)), "may_edit": request.actor.may(P.EDIT_SETTINGS),
        "house": request.organisation, **more,
    }  # fmt: skip
    return render(request, "desk/settings/calls.html", context, status=status)


def _kept(request: StaffRequest, text: str) -> HttpResponse:
    toasts.say(request, text)
    return HttpResponseRedirect(reverse("desk:settings-calls"))


urls: list[URLPattern] = [
    path("ajustes/llamadas/", exchange, name="settings-calls"),
    path("ajustes/llamadas/prueba/", test, name="settings-calls-test"),
    path("ajustes/llamadas/interruptor/", switch, name="settings-calls-switch"),
    path("ajustes/llamadas/internos/", extensions, name="settings-calls-extensions"),
]
