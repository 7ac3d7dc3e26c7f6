"""The mailbox: every message exactly as it left; and the outbox: what waits, what was withheld and why, what nobody knows."""

from __future__ import annotations

import re
from typing import Any, Final

from csp.constants import HEADER
from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aldia.access import services as access
from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.contact import gateways, services
from aldia.contact import selectors as contact
from aldia.domain.compliance.texts import REASONS
from aldia.domain.sms import segments
from aldia.ledger import selectors as ledger
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.views import words
from aldia.web.ui import toasts

STATES: Final = {
    "queued": (gettext_lazy("En cola"), "neutral", "clock"),
    "sending": (gettext_lazy("Enviando"), "info", "campaign"),
    "sent": (gettext_lazy("Enviado"), "ok", "check"),
    "failed": (gettext_lazy("Falló"), "bad", "close"),
    "unknown": (gettext_lazy("Sin confirmar"), "warn", "help"),
    "withheld": (gettext_lazy("Retenido"), "neutral", "pause"),
    "cancelled": (gettext_lazy("Anulado"), "neutral", "close"),
}
_REASONS: Final = {
    "settled": gettext_lazy("Ya no debía nada."),
    "held": gettext_lazy("El caso estaba en pausa."),
    "no_contact_point": gettext_lazy("No hay a dónde escribirle por ese canal."),
    "paid": gettext_lazy("Pagó antes de que saliera."),
    "reversed": gettext_lazy("El pago se reversó antes de que saliera."),
    "worker_died": gettext_lazy("El envío se cortó a la mitad: nadie sabe si llegó."),
    "resolved_not_sent": gettext_lazy("Alguien del equipo confirmó que no salió."),
    "went_live": gettext_lazy("Era de prueba: se anuló al pasar a envío real."),
    "no_template": gettext_lazy("No hay un texto publicado para ese aviso."),
    "text_not_approved": gettext_lazy("WhatsApp todavía no aprobó ese texto."),
    "arrived": gettext_lazy("El mensaje original sí llegó."),
    "circuit_open": gettext_lazy("El proveedor falla: se espera unos minutos."),
    "channel_slowed": gettext_lazy("El canal va despacio: espera su turno."),
    "expired": gettext_lazy("Se le pasó la fecha."),
    "channel_off": gettext_lazy("El canal estaba apagado."),
    "vault_closed": gettext_lazy(
        "La contraseña del servidor no se puede leer: escríbela otra vez en Ajustes."
    ),
    "first_days_cap": gettext_lazy("Espera a mañana: es el tope de los primeros días."),
    "provider_refused": gettext_lazy("El servidor no lo aceptó."),
    "provider_busy": gettext_lazy("El servidor pidió esperar: se vuelve a intentar."),
    "provider_silent": gettext_lazy("El servidor no contestó si lo tomó."),
    "never_rang": gettext_lazy("El teléfono del cliente no llegó a sonar."),
}
_BODY_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
)
_LINK: Final = re.compile(r"https?://[^\s<>\"']+")
_LINK_WORDS: Final = {
    "pagar": gettext_lazy("Pagar"),
    "promesa": gettext_lazy("Elegir una fecha"),
    "ya-pague": gettext_lazy("Ya pagué"),
    "desacuerdo": gettext_lazy("No estoy de acuerdo"),
    "baja": gettext_lazy("No recibir más mensajes"),
    "comprobar": gettext_lazy("Comprobar que el mensaje es nuestro"),
}


@require_safe
@staff(P.SEE_TEAM, P.READ_EVERYTHING)
def inbox(request: StaffRequest) -> HttpResponse:
    """Draw the messages, newest first, and the chosen one as its reader sees it."""
    channel, asked = request.GET.get("canal", ""), request.GET.get("mensaje", "")
    page = contact.mailbox(request.actor, channel=channel, cursor=request.GET.get("pagina"))
    shown = page.rows
    chosen = next((row for row in shown if str(row.pk) == asked), shown[0] if shown else None)
    if asked.isdigit() and (chosen is None or str(chosen.pk) != asked):
        chosen = _message(request, int(asked))
    counts = contact.outbox_counts(request.actor.organisation_id)
    seen = {row.order.case_id for row in (*shown, *([chosen] if chosen else []))}
    names = dict(cases.scope(request.actor).filter(pk__in=seen).values_list("pk", "debtor_name"))
    context = {
        "items": [
            (
                row,
                words.channel(row.channel),
                STATES[row.order.state],
                names.get(row.order.case_id, row.recipient),
            )
            for row in shown
        ],
        "who": names.get(chosen.order.case_id, "") if chosen else "",
        "channel": channel,
        "kinds": kinds(channel),
        "chosen": chosen,
        "detail": _detail(chosen) if chosen else None,
        "counts": counts,
        "next": page.next_cursor,
        "previous": page.previous_cursor,
        "is_picked": bool(asked),
    }
    return render(request, "desk/mailbox/inbox.html", context)


@require_safe
@staff(P.SEE_TEAM, P.READ_EVERYTHING)
def body(request: StaffRequest, message_id: int) -> HttpResponse:
    """Serve the HTML of a message for a sandboxed frame: no script, no request, no form can leave it."""
    found = _message(request, message_id)
    if not found.html:
        raise Http404
    response = HttpResponse(found.html)
    response[HEADER] = _BODY_POLICY
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@staff(P.SEE_TEAM, P.READ_EVERYTHING)
def attachment(request: StaffRequest, message_id: int, position: int) -> HttpResponse:
    """Download a file as it went with a message."""
    files = contact.attached(request.actor, _message(request, message_id).pk)
    if position >= len(files):
        raise Http404
    _row, location = ledger.open_file(request.actor, files[position]["file_id"])
    return FileResponse(  # type: ignore[return-value]
        location.open("rb"),
        as_attachment=True,
        filename=files[position]["name"],
        content_type="application/octet-stream",
    )


@require_safe
@staff(P.SEE_TEAM, P.READ_EVERYTHING)
def outbox(request: StaffRequest) -> HttpResponse:
    """Draw how many orders are in each state, why some were withheld, and those that somebody has to settle."""
    state = request.GET.get("estado", "")
    counts = contact.outbox_counts(request.actor.organisation_id)
    page = contact.orders(request.actor, state=state, cursor=request.GET.get("pagina"))
    withheld = contact.withheld_counts(request.actor.organisation_id)
    unknown = contact.orders(request.actor, state="unknown", limit=20).rows
    case_ids = {row.case_id for row in (*page.rows, *unknown)}
    names = dict(cases.scope(request.actor).filter(pk__in=case_ids).values_list("pk", "debtor_name"))
    notices = {
        row.key: row.title
        for row in contact.templates(request.actor, is_published=True)
        if row.language == "es"
    }
    context = {
        "states": [(key, word, tone, counts.get(key, 0)) for key, (word, tone, _icon) in STATES.items()],
        "state": state,
        "withheld": [(reason_text(reason), count) for reason, count in withheld.items()],
        "total": sum(counts.values()),
        "unknown": [(row, *_who_and_what(row, names, notices)) for row in unknown],
        "rows": [
            (
                row,
                *_who_and_what(row, names, notices),
                words.channel(row.channel),
                STATES[row.state],
                reason_text(row.reason),
            )
            for row in page.rows
        ],
        "next": page.next_cursor,
        "previous": page.previous_cursor,
        "may_act": request.actor.may(P.BULK_ACT),
    }
    return render(request, "desk/mailbox/outbox.html", context)


@require_POST
@staff(P.BULK_ACT)
def resolve(request: StaffRequest, order_id: int) -> HttpResponse:
    """Say whether a message that nobody knew about had left."""
    answer = request.POST.get("salio")
    if answer not in {"si", "no"}:
        raise Http404
    try:
        services.resolve_unknown(
            actor=request.actor, order_id=order_id, was_sent=answer == "si", now=request.clock.now
        )
    except ObjectDoesNotExist:
        toasts.warn(request, _("Ese aviso ya se resolvió."))
    else:
        toasts.say(request, _("Anotado: sí salió") if answer == "si" else _("Anotado: no salió"))
    return HttpResponseRedirect(reverse("desk:outbox"))


@require_POST
@staff(P.BULK_ACT)
def pause(request: StaffRequest) -> HttpResponse:
    """Stop every message of the organisation, or let them leave again."""
    is_paused = request.POST.get("pausa") == "1"
    access.set_paused(actor=request.actor, is_paused=is_paused, now=request.clock.now)
    if is_paused:
        toasts.say(request, _("Todo detenido: no sale ningún mensaje"))
    else:
        toasts.say(request, _("Los envíos siguen: lo que esperaba sale en cuanto la ley lo permita"))
    came_from = request.META.get("HTTP_REFERER", "")
    return HttpResponseRedirect(came_from if _is_ours(request, came_from) else reverse("desk:outbox"))


def _is_ours(request: StaffRequest, address: str) -> bool:
    return url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())


def _who_and_what(row: Any, names: dict[int, str], notices: dict[str, str]) -> tuple[str, str]:
    """The client of an order and the name of its notice."""
    return names.get(row.case_id, str(row.case_id)), notices.get(
        row.template_key, row.template_key or words.channel(row.channel)[0]
    )


def reason_text(reason: str) -> str:
    """Return why an order did not leave, in the reader's language."""
    if not reason:
        return ""
    if reason in _REASONS:
        return str(_REASONS[reason])
    if reason in REASONS:
        return re.sub(r"[^.]*\{\w+\}[^.]*\.?", "", REASONS[reason].of(words.language())).strip() or _law(
            reason
        )
    return reason.replace("_", " ").capitalize()


def _law(reason: str) -> str:
    told = {
        "cap_calendar_day": _("Ya se le había escrito ese día."),
        "cap_calendar_week": _("Ya se le había escrito esa semana."),
        "cap_rolling_days": _("Ya hubo los contactos que permite la norma."),
        "min_gap": _("Hay que dejar pasar más días desde el último."),
    }
    return told.get(reason, _("Fuera del horario que permite la norma."))


def _message(request: StaffRequest, message_id: int) -> Any:
    try:
        return contact.message(request.actor, message_id)
    except ObjectDoesNotExist as refusal:
        raise Http404 from refusal


def kinds(channel: str) -> list[dict[str, Any]]:
    """Return the entries at the left: every message, each channel's, and the mail to the staff."""
    base, own = reverse("desk:mailbox"), reverse("desk:mailbox-staff")
    every = [{"word": _("Todos"), "icon": "mail", "href": base, "is_on": not channel}]
    by_channel = [
        {"word": str(word), "icon": icon, "href": f"{base}?canal={key}", "is_on": channel == key}
        for key, (word, icon) in words.CHANNELS.items()
        if key not in {"call", "visit"}
    ]
    return [
        *every,
        *by_channel,
        {"word": _("Al equipo"), "icon": "people", "href": own, "is_on": channel == "equipo"},
    ]


def _detail(found: Any) -> dict[str, Any]:
    """What surrounds a message: its channel, its files, and the addresses that its reader could open."""
    parts = segments(found.text) if found.channel == "sms" else None
    return {
        "channel": words.channel(found.channel),
        "state": STATES[found.order.state],
        "reason": reason_text(found.order.reason),
        "segments": parts,
        "cost_minor": parts.cost_minor(gateways.price_of(found.organisation_id)) if parts else 0,
        "links": [
            (_LINK_WORDS.get(link.rstrip("/").rpartition("/")[2], link), link)
            for link in dict.fromkeys(link.rstrip(".,;)") for link in _LINK.findall(found.text))
        ],
        "files": [
            {**file, "kind": file["content_type"].rpartition("/")[2].upper()} for file in found.attachments
        ],
    }


urls = [
    path("buzon/", inbox, name="mailbox"),
    path("buzon/<int:message_id>/cuerpo/", body, name="message-body"),
    path("buzon/<int:message_id>/adjuntos/<int:position>/", attachment, name="message-file"),
    path("buzon/salida/", outbox, name="outbox"),
    path("buzon/salida/<int:order_id>/resolver/", resolve, name="order-resolve"),
    path("buzon/pausa/", pause, name="pause-everything"),
]
