"""Settings of SMS, WhatsApp and the box of replies: the provider, its door, a real message to try it, and the switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from aldia.access.permissions import Permission as P
from aldia.contact import gateways, inbox, services
from aldia.contact.providers.protocol import ProviderError
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.gateways import InboxForm, SmsForm, TryForm, WhatsAppForm
from aldia.web.desk.forms.settings import word
from aldia.web.desk.views import words
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

_FORMS: Final[dict[str, Any]] = {"sms": SmsForm, "whatsapp": WhatsAppForm}
_TONES: Final = {"APPROVED": "ok", "REJECTED": "bad", "PAUSED": "warn", "DISABLED": "bad", "PENDING": "info"}


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def gateway(request: StaffRequest, channel: str) -> HttpResponse:
    """Draw how a channel leaves; a POST keeps its provider."""
    form = _FORMS[channel](
        request.POST or None, initial=_begin(request, gateways.setup(request.actor, channel))
    )
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            services.set_gateway(
                actor=request.actor, channel=channel, provider_key=told.pop("provider", "whatsapp"),
                sender=told.pop("sender", ""), told=told, now=real_now(),
            )  # fmt: skip
        except services.GatewayRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return _kept(request, channel, _("Proveedor guardado"))
    return _page(request, channel, form=form, status=422 if form.errors else 200)


@require_POST
@staff(P.EDIT_SETTINGS)
def test(request: StaffRequest, channel: str) -> HttpResponse:
    """Send a real message to the reader's telephone and draw what the provider answered."""
    form = TryForm(request.POST)
    if not form.is_valid():
        return _page(request, channel, trying=form, status=422)
    tried = services.try_gateway(
        actor=request.actor, channel=channel, to=form.cleaned_data["to"], now=real_now()
    )
    return _page(request, channel, tried=tried, trying=form)


@require_POST
@staff(P.EDIT_SETTINGS)
def switch(request: StaffRequest, channel: str) -> HttpResponse:
    """Let a channel leave, or keep it in."""
    is_on = request.POST.get("encender") == "1"
    try:
        services.switch_channel(actor=request.actor, channel=channel, is_on=is_on, now=real_now())
    except services.ChannelNotReady as refusal:
        toasts.warn(request, _("Todavía no: %(missing)s") % {"missing": refusal})
        return _page(request, channel, status=422)
    return _kept(request, channel, _("Canal encendido") if is_on else _("Canal apagado: no sale nada"))


@require_POST
@staff(P.EDIT_SETTINGS)
def propose(request: StaffRequest) -> HttpResponse:
    """Hand the published WhatsApp texts over for approval."""
    try:
        states = services.propose_texts(actor=request.actor, now=real_now())
    except ProviderError as error:
        toasts.warn(request, _("WhatsApp no los tomó: %(why)s") % {"why": error})
    else:
        toasts.say(request, _("Textos enviados a aprobar: %(count)s") % {"count": len(states)})
    return HttpResponseRedirect(reverse("desk:settings-gateway", args=["whatsapp"]))


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def box(request: StaffRequest) -> HttpResponse:
    """Draw the box where replies and bounces come in; a POST keeps it."""
    form = InboxForm(request.POST or None, initial=inbox.box_of(request.actor))
    if request.method == "POST" and form.is_valid():
        try:
            services.set_inbox(
                actor=request.actor, server=services.InboxServer(**form.cleaned_data), now=real_now()
            )
        except services.InboxRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            toasts.say(request, _("Buzón guardado"))
            return HttpResponseRedirect(reverse("desk:settings-inbox"))
    context = {
        **index(request, "channels"), "form": form, "title": _("Buzón de respuestas"), "back": "desk:settings-mail",
        "may_edit": request.actor.may(P.EDIT_SETTINGS),
    }  # fmt: skip
    return render(request, "desk/settings/form.html", context, status=422 if form.errors else 200)


def _page(
    request: StaffRequest, channel: str, *, form: Any = None, status: int = 200, **more: Any
) -> HttpResponse:
    if channel not in _FORMS:
        raise Http404
    setup = gateways.setup(request.actor, channel)
    context = {
        **index(request, "channels"), "setup": setup, "word": words.channel(channel), "channel": channel,
        "form": form or _FORMS[channel](initial=_begin(request, setup)), "tabs": _providers(request, setup),
        "trying": more.pop("trying", None) or TryForm(), "may_edit": request.actor.may(P.EDIT_SETTINGS),
        "house": request.organisation, "texts": [(name, state, _TONES.get(state, "neutral")) for name, state in setup.texts],
        **more,
    }  # fmt: skip
    return render(request, "desk/settings/gateway.html", context, status=status)


def _chosen(request: StaffRequest, setup: gateways.GatewaySetup) -> str:
    """The provider that is asked about: the one that somebody looks at, or the one that is kept, or the first."""
    known = gateways.BY_CHANNEL[setup.channel]
    asked = request.POST.get("provider") or request.GET.get("proveedor") or setup.provider
    return asked if asked in known else known[0]


def _begin(request: StaffRequest, setup: gateways.GatewaySetup) -> dict[str, Any]:
    return {**setup.told, "provider": _chosen(request, setup), "sender": setup.sender}


def _providers(request: StaffRequest, setup: gateways.GatewaySetup) -> list[dict[str, Any]]:
    """The providers that a channel may have, each a tab; none where there is no choice."""
    keys = gateways.BY_CHANNEL[setup.channel]
    chosen = _chosen(request, setup)
    page = reverse("desk:settings-gateway", args=[setup.channel])
    return [
        {"label": word(key), "href": f"{page}?proveedor={key}", "is_on": key == chosen}
        for key in keys
        if len(keys) > 1
    ]


def _kept(request: StaffRequest, channel: str, text: str) -> HttpResponse:
    toasts.say(request, text)
    return HttpResponseRedirect(reverse("desk:settings-gateway", args=[channel]))


urls: list[URLPattern] = [
    path("ajustes/canales/whatsapp/textos/", propose, name="settings-texts-propose"),
    path("ajustes/canales/email/buzon/", box, name="settings-inbox"),
    path("ajustes/canales/<str:channel>/prueba/", test, name="settings-gateway-test"),
    path("ajustes/canales/<str:channel>/interruptor/", switch, name="settings-gateway-switch"),
    path("ajustes/proveedor/<str:channel>/", gateway, name="settings-gateway"),
]
