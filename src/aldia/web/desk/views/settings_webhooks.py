"""Settings of webhooks: where the organisation's own systems are told, the secret shown once, and what was told lately."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from aldia.access.permissions import Permission as P
from aldia.contact import selectors as contact
from aldia.contact import services
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.webhooks import WebhookForm
from aldia.web.desk.views.settings_index import index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

_TONES: Final = {"delivered": "ok", "failed": "bad", "queued": "info"}


@require_http_methods(["GET", "POST"])
@staff(P.EDIT_SETTINGS)
def webhooks(request: StaffRequest) -> HttpResponse:
    """Draw where systems are told and what was told lately; a POST keeps the address."""
    kept = contact.webhook(request.actor)
    form = WebhookForm(
        request.POST or None, initial={"url": kept.url, "is_on": kept.is_on} if kept else {"is_on": True}
    )
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            secret = services.set_webhook(actor=request.actor, now=real_now(), **form.cleaned_data)
        except services.AddressRefused as refusal:
            form.add_error("url", str(refusal))
        else:
            toasts.say(request, _("Dirección guardada"))
            if not secret:
                return _back()
    context: dict[str, Any] = {
        **index(request, "webhooks"), "form": form, "secret": secret, "may_edit": request.actor.may(P.EDIT_SETTINGS),
        "calls": [(call, _TONES.get(call.state, "neutral")) for call in contact.webhook_calls(request.actor)],
    }  # fmt: skip
    return render(request, "desk/settings/webhooks.html", context, status=422 if form.errors else 200)


@require_POST
@staff(P.EDIT_SETTINGS)
def again(request: StaffRequest, call_id: int) -> HttpResponse:
    """Tell once more what could not be told."""
    try:
        services.tell_again(actor=request.actor, call_id=call_id, now=real_now())
    except services.UnknownCall as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(request, _("Vuelve a salir"))
    return _back()


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:settings-webhooks"))


urls: list[URLPattern] = [
    path("ajustes/avisos/", webhooks, name="settings-webhooks"),
    path("ajustes/avisos/<int:call_id>/otra-vez/", again, name="settings-webhook-again"),
]
