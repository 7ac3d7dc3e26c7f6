"""Replies: what people wrote to us, what it seems to say, and the next step; those that nobody could place, apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from csp.constants import HEADER
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.chat import selectors as chat
from aldia.chat import services as chat_services
from aldia.chat.words import for_staff
from aldia.contact import inbox, services
from aldia.domain import replies as said
from aldia.domain.incoming_files import IMAGES
from aldia.ledger import selectors as ledger
from aldia.web.desk.doors import key_of, staff
from aldia.web.desk.views import words
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.contact.inbound.models import Reply
    from aldia.web.desk.doors import StaffRequest

_UNPLACED: Final = "sin-identificar"
_SHOWN: Final = 20
_FILE_POLICY: Final = "default-src 'none'; sandbox"
_WRITTEN: Final = ("portal", "whatsapp", "sms", "email")  # where a person may answer from here
_KINDS: Final = (
    ("", gettext_lazy("Por atender"), "chat"),
    (_UNPLACED, gettext_lazy("Sin identificar"), "help"),
    ("cerradas", gettext_lazy("Atendidas"), "check"),
)


@dataclass(frozen=True)
class Suggestion:
    """What a reply seems to say, and the gesture that answers it: an outcome of the case by its key."""

    word: Any
    tone: str
    gesture: Any
    outcome: str
    advice: Any


SUGGESTIONS: Final = {
    said.OPT_OUT: Suggestion(
        gettext_lazy("No quiere mensajes"), "warn", gettext_lazy("No escribirle más por aquí"), "",
        gettext_lazy("Se guarda su decisión con este mensaje como constancia, y el canal queda cerrado."),
    ),
    said.PAID: Suggestion(
        gettext_lazy("Dice que pagó"), "ok", gettext_lazy("Anotar el pago informado"), "already_paid",
        gettext_lazy("Los avisos esperan mientras se verifica. Pídele el comprobante si no lo envió."),
    ),
    said.PROMISE: Suggestion(
        gettext_lazy("Quiere pagar"), "ok", gettext_lazy("Registrar promesa"), "promise",
        gettext_lazy("Anota el importe y la fecha que dice; si faltan, pregúntalos."),
    ),
    said.DISPUTE: Suggestion(
        gettext_lazy("No está de acuerdo"), "warn", gettext_lazy("Abrir disputa"), "dispute",
        gettext_lazy("Los avisos de lo que discute se pausan hasta responderle."),
    ),
    said.WRONG_PERSON: Suggestion(
        gettext_lazy("No es la persona"), "warn", gettext_lazy("Anotar que es otra persona"), "third_party",
        gettext_lazy("No le cuentes nada de la deuda y revisa ese dato de contacto."),
    ),
    said.PERSON: Suggestion(
        gettext_lazy("Pide hablar"), "info", gettext_lazy("Agendar la llamada"), "call_back",
        gettext_lazy("Llámalo cuando te dijo, o en el próximo horario permitido."),
    ),
    said.HARDSHIP: Suggestion(
        gettext_lazy("Algo delicado"), "warn", gettext_lazy("Anotar la situación"), "hardship",
        gettext_lazy("Contesta con calma. Ya hay una semana sin avisos mientras lo ves."),
    ),
    said.DECEASED: Suggestion(
        gettext_lazy("Falleció"), "warn", gettext_lazy("Anotar el fallecimiento"), "deceased",
        gettext_lazy("Da el pésame y no hables de la deuda por aquí. Ya hay una semana sin avisos."),
    ),
    said.YES: Suggestion(
        gettext_lazy("Dijo que sí"), "info", gettext_lazy("Registrar promesa"), "promise",
        gettext_lazy("Mira a qué mensaje responde antes de anotarlo."),
    ),
    said.NO: Suggestion(
        gettext_lazy("Dijo que no"), "info", gettext_lazy("Anotar el resultado"), "refuses",
        gettext_lazy("Mira a qué mensaje responde antes de anotarlo."),
    ),
}  # fmt: skip
_MATCHED: Final = {
    "token": gettext_lazy("por la dirección del mensaje"), "message": gettext_lazy("por el mensaje que responde"),
    "address": gettext_lazy("por quien escribe"), "person": gettext_lazy("lo indicó alguien del equipo"),
}  # fmt: skip


@require_safe
@staff(P.WORK_CASES, P.READ_EVERYTHING)
def conversations(request: StaffRequest) -> HttpResponse:
    """Draw the replies, newest first, and the chosen one with what it seems to say."""
    kind, asked = request.GET.get("ver", ""), request.GET.get("respuesta", "")
    page = inbox.replies(request.actor, kind=kind, cursor=request.GET.get("pagina"))
    chosen = next((row for row in page.rows if str(row.pk) == asked), page.rows[0] if page.rows else None)
    names = _names(request, page.rows)
    counts = inbox.reply_counts(request.actor)
    context = {
        "kinds": [
            {"word": word, "icon": icon, "href": f"{reverse('desk:conversations')}?ver={key}", "is_on": key == kind,
             "count": counts.get(key, 0)}
            for key, word, icon in _KINDS
        ],
        "items": [
            (row, names.get(row.case_id) or row.name or row.sender, words.channel(row.channel), SUGGESTIONS.get(row.suggestion))
            for row in page.rows
        ],
        "kind": kind, "chosen": chosen, "detail": _detail(request, chosen) if chosen else None,
        "next": page.next_cursor, "previous": page.previous_cursor, "is_picked": bool(asked),
        "may_act": request.actor.may(P.WORK_CASES),
    }  # fmt: skip
    return render(request, "desk/conversations/inbox.html", context)


def _names(request: StaffRequest, rows: Any) -> dict[int | None, str]:
    case_ids = {row.case_id for row in rows if row.case_id}
    return dict(cases.scope(request.actor).filter(pk__in=case_ids).values_list("pk", "debtor_name"))


def _detail(request: StaffRequest, reply: Reply) -> dict[str, Any]:
    """What surrounds a reply: its client and who is there now, or the clients that it may be from."""
    told: dict[str, Any] = {
        "channel": words.channel(reply.channel), "suggestion": SUGGESTIONS.get(reply.suggestion),
        "matched": _MATCHED.get(reply.matched_by, ""), "is_opt_out": reply.suggestion == said.OPT_OUT,
        "files": inbox.files_of(reply.organisation_id, [reply.pk]).get(reply.pk, []),
    }  # fmt: skip
    if reply.case_id is None:
        text = request.GET.get("buscar", "") or reply.sender
        found = cases.search(request.actor, text, as_of=request.clock.as_of, limit=8)
        return told | {"search": request.GET.get("buscar", ""), "found": [each.case for each in found]}
    card = cases.case(request.actor, reply.case_id, as_of=request.clock.as_of)
    is_there = card.reserved_until_at and card.reserved_until_at > request.clock.now
    is_other = card.reserved_by_id not in (None, request.actor.user_id)
    outcome = told["suggestion"].outcome if told["suggestion"] else ""
    saved = chat.saved_replies(request.actor)
    return told | {
        "held": chat.holding_of(request.actor, reply.case_id), "bubbles": _bubbles(request, reply.case_id),
        "saved": saved, "written": next((row.text for row in saved if str(row.pk) == request.GET.get("guardada")), ""),
        "may_write": reply.channel in _WRITTEN, "user_id": request.actor.user_id,
        "card": card, "busy": card.reserved_by_name if is_there and is_other else "",
        "address": reverse("desk:outcome", args=[card.id, outcome]) if outcome else reverse("desk:case", args=[card.id]),
    }  # fmt: skip


def _bubbles(request: StaffRequest, case_id: int) -> list[chat.Bubble]:
    rows = chat.transcript(request.actor, case_id, limit=_SHOWN)
    return [replace(row, text=for_staff(row.text)) for row in rows]


@require_POST
@staff(P.WORK_CASES)
def close(request: StaffRequest, reply_id: int) -> HttpResponse:
    """Leave a reply answered; with «baja», the person's wish to stop is kept with it."""
    act = services.stop_by_reply if request.POST.get("baja") else services.close_reply
    try:
        reply = act(actor=request.actor, reply_id=reply_id, now=request.clock.now)
        if reply.case_id is not None:
            chat_services.finish(
                actor=request.actor, reply_id=reply_id, case_id=reply.case_id, clock=request.clock
            )
    except services.UnknownReply:
        toasts.warn(request, _("Esa respuesta ya la atendió alguien."))
    else:
        toasts.say(
            request,
            _("Guardado: no se le escribe más por ahí")
            if request.POST.get("baja")
            else _("Respuesta atendida"),
        )
    return _back(request)


@require_POST
@staff(P.WORK_CASES)
def identify(request: StaffRequest, reply_id: int) -> HttpResponse:
    """Put a reply to the case of whoever wrote it."""
    case_id = key_of(request.POST.get("caso", ""))
    if case_id is None:
        raise Http404
    try:
        services.identify_reply(
            actor=request.actor, reply_id=reply_id, case_id=case_id, now=request.clock.now
        )
    except (services.UnknownReply, ObjectDoesNotExist, LookupError):
        toasts.warn(request, _("Esa respuesta ya no espera, o ese cliente no es tuyo."))
        return _back(request)
    toasts.say(request, _("La respuesta está ahora con su cliente"))
    return HttpResponseRedirect(f"{reverse('desk:conversations')}?respuesta={reply_id}")


@require_POST
@staff(P.WORK_CASES)
def answer(request: StaffRequest, reply_id: int) -> HttpResponse:
    """Write to whoever wrote, on the same channel; the conversation is then of who wrote, and the assistant is silent."""
    text = request.POST.get("texto", "")
    try:
        chat_services.say_as_person(
            actor=request.actor,
            reply_id=reply_id,
            text=text,
            clock=request.clock,
            is_forced="igual" in request.POST,
        )
    except chat_services.HeldByOther as other:
        toasts.warn(request, f"{other} {_('Si igual quieres contestar, tómala primero.')}")
    except (ValueError, ObjectDoesNotExist) as refusal:
        toasts.warn(request, str(refusal) or _("Esa respuesta ya no espera, o ese cliente no es tuyo."))
    else:
        toasts.say(request, _("Respuesta enviada"))
    return HttpResponseRedirect(f"{reverse('desk:conversations')}?respuesta={reply_id}")


@require_POST
@staff(P.WORK_CASES)
def hold(request: StaffRequest, reply_id: int) -> HttpResponse:
    """Take the conversation, or give it back to the assistant."""
    try:
        reply = inbox.reply(request.actor, reply_id)
        if reply.case_id is None:
            raise Http404
        if "devolver" in request.POST:
            chat_services.to_bot(actor=request.actor, case_id=reply.case_id, clock=request.clock)
            toasts.say(request, _("El asistente vuelve a contestar"))
        else:
            chat_services.take(
                actor=request.actor, case_id=reply.case_id, clock=request.clock, is_forced=True
            )
            toasts.say(request, _("La conversación es tuya: el asistente calla"))
    except (ObjectDoesNotExist, LookupError) as refusal:
        raise Http404 from refusal
    return HttpResponseRedirect(f"{reverse('desk:conversations')}?respuesta={reply_id}")


@require_safe
@staff(P.WORK_CASES, P.READ_EVERYTHING)
def file(request: StaffRequest, file_id: int) -> HttpResponse:
    """Show an image that a person sent, or give back any other file to save: nothing of it can run here."""
    try:
        row = inbox.inbound_file(request.actor, file_id)
        stored, where = ledger.open_file(request.actor, row.file_id or 0)
        content = where.read_bytes()
    except (ObjectDoesNotExist, OSError) as missing:
        raise Http404(str(missing)) from missing
    is_image = row.kind in IMAGES
    answer = HttpResponse(content, content_type=row.kind if is_image else "application/octet-stream")
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=not is_image, filename=stored.name) or ""
    )
    answer[HEADER] = _FILE_POLICY
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@staff(P.WORK_CASES)
def file_again(request: StaffRequest, file_id: int) -> HttpResponse:
    """Ask its provider once more for a file that it did not give."""
    try:
        services.fetch_again(actor=request.actor, file_id=file_id, now=request.clock.now)
        toasts.say(request, _("Se pide otra vez: se muestra cuando llegue"))
    except services.UnknownFile:
        toasts.warn(request, _("Ese archivo ya no espera que lo pidas."))
    return HttpResponseRedirect(reverse("desk:conversations"))


def _back(request: StaffRequest) -> HttpResponse:
    kind = request.POST.get("ver", "")
    known = {key for key, _word, _icon in _KINDS}
    return HttpResponseRedirect(f"{reverse('desk:conversations')}?ver={kind if kind in known else ''}")


urls: list[URLPattern] = [
    path("respuestas/", conversations, name="conversations"),
    path("respuestas/<int:reply_id>/atendida/", close, name="reply-close"),
    path("respuestas/<int:reply_id>/cliente/", identify, name="reply-identify"),
    path("respuestas/<int:reply_id>/contestar/", answer, name="reply-answer"),
    path("respuestas/<int:reply_id>/tomar/", hold, name="reply-hold"),
    path("respuestas/archivos/<int:file_id>/", file, name="reply-file"),
    path("respuestas/archivos/<int:file_id>/pedir/", file_again, name="reply-file-again"),
]
