"""Settings of e-mail: the server, who signs for each creditor, a real message to try it, and the switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from aldia.access.permissions import Permission as P
from aldia.contact import selectors as contact
from aldia.contact import services
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.settings import MailServerForm, SenderForm
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def mail(request: StaffRequest) -> HttpResponse:
    """Draw how e-mail leaves; a POST keeps the server."""
    form = MailServerForm(request.POST or None, initial=_written(contact.mail_setup(request.actor)))
    if request.method == "POST" and form.is_valid():
        try:
            services.set_mail_server(
                actor=request.actor, server=services.MailServer(**form.cleaned_data), now=real_now()
            )
        except services.MailServerRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return _kept(request, _("Servidor guardado"))
    return _page(request, form=form)


@require_POST
@staff(P.EDIT_SETTINGS)
def sender(request: StaffRequest, creditor_id: int) -> HttpResponse:
    """Keep who signs for a creditor."""
    form = SenderForm(request.POST)
    if form.is_valid():
        try:
            services.set_sender(
                actor=request.actor, creditor_id=creditor_id, now=real_now(), **form.cleaned_data
            )
        except services.SenderRefused as refusal:
            form.add_error("address", str(refusal))
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        else:
            return _kept(request, _("Remitente guardado"))
    return _page(request, refused={creditor_id: form})


@require_POST
@staff(P.EDIT_SETTINGS)
def test(request: StaffRequest) -> HttpResponse:
    """Send the reader a real message and draw what the server answered."""
    to = request.user.email  # type: ignore[union-attr]
    return _page(request, to=to, tried=services.try_mail(actor=request.actor, to=to, now=real_now()))


@require_POST
@staff(P.EDIT_SETTINGS)
def signing(request: StaffRequest, domain: str) -> HttpResponse:
    """Make the key of a domain, or let it sign or not."""
    asked = request.POST.get("firma", "clave")
    try:
        if asked == "clave":
            services.make_signing_key(actor=request.actor, domain=domain, now=real_now())
            return _kept(request, _("Clave creada: publica su registro y después enciende la firma"))
        services.switch_signing(actor=request.actor, domain=domain, is_on=asked == "1", now=real_now())
    except services.SigningRefused as refusal:
        raise Http404(str(refusal)) from refusal
    return _kept(request, _("Firma encendida") if asked == "1" else _("Firma apagada"))


@require_POST
@staff(P.EDIT_SETTINGS)
def switch(request: StaffRequest) -> HttpResponse:
    """Let e-mail leave, or keep it in."""
    is_on = request.POST.get("encender") == "1"
    try:
        services.switch_mail(actor=request.actor, is_on=is_on, now=real_now())
    except services.MailNotReady as refusal:
        toasts.warn(request, _("Todavía no: %(missing)s") % {"missing": refusal})
        return _page(request, status=422)
    return _kept(request, _("Correo encendido") if is_on else _("Correo apagado: no sale ninguno"))


def _page(
    request: StaffRequest,
    *,
    form: MailServerForm | None = None,
    refused: dict[int, SenderForm] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    setup = contact.mail_setup(request.actor)
    bad = refused or {}
    form = form or MailServerForm(initial=_written(setup))
    senders = [
        (row, bad.get(row.creditor_id) or SenderForm(initial={"name": row.name, "address": row.address}, auto_id=f"id_{row.creditor_id}_%s"))
        for row in setup.senders
    ]  # fmt: skip
    context = {
        **index(request, "channels"), "form": form, "setup": setup, "senders": senders, "may_edit": request.actor.may(P.EDIT_SETTINGS),
        "missing": contact.missing_for_mail(request.actor), "house": request.organisation, **more,
    }  # fmt: skip
    has_errors = form.is_bound and bool(form.errors)
    return render(request, "desk/settings/mail.html", context, status=422 if has_errors or bad else status)


def _written(setup: contact.MailSetup) -> dict[str, Any]:
    """What the form begins with: the organisation's own server, or the usual port and security."""
    own = setup.server
    return {"security": "starttls", "port": 587} if own is None or own.is_installed else vars(own)


def _kept(request: StaffRequest, text: str) -> HttpResponse:
    toasts.say(request, text)
    return HttpResponseRedirect(reverse("desk:settings-mail"))


urls: list[URLPattern] = [
    path("ajustes/canales/email/", mail, name="settings-mail"),
    path("ajustes/canales/email/remitente/<int:creditor_id>/", sender, name="settings-sender"),
    path("ajustes/canales/email/firma/<str:domain>/", signing, name="settings-mail-signing"),
    path("ajustes/canales/email/prueba/", test, name="settings-mail-test"),
    path("ajustes/canales/email/interruptor/", switch, name="settings-mail-switch"),
]
