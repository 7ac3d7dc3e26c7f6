"""Screen: call a client from the case. The line is asked, followed while it lasts, and then the outcome is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.http import Http404, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission
from aldia.contact import services as contact
from aldia.contact.calls import selectors as calls
from aldia.contact.calls import words as call_words
from aldia.contact.providers.protocol import ProviderError
from aldia.web.desk.doors import key_of, real_now, staff
from aldia.web.desk.views import case_contacts
from aldia.web.desk.views.space import panel, sheet_of
from aldia.web.ui import formats, toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest
    from aldia.web.desk.views.case_sheet import CaseSheet

UNPROCESSABLE = 422
_LIKELY = {"answered": ("promise", "call_back", "informed"), "bad_number": ("wrong_number", "no_answer")}
_UNANSWERED = ("no_answer", "voicemail")


@staff(Permission.WORK_CASES)
def call(request: StaffRequest, case_id: int) -> HttpResponse:
    """Ask which number; when it is sent, let it ring."""
    sheet = sheet_of(request, case_id)
    if request.method != "POST":
        return _asking(request, sheet)
    draft = contact.CallDraft(
        case_id, request.POST.get("client_id", "")[:60], key_of(request.POST.get("point", ""))
    )
    try:
        made = contact.call_now(actor=request.actor, draft=draft, clock=request.clock, real_now=real_now())
    except contact.CallRefused as refusal:
        return _asking(request, sheet, refused=str(refusal).rstrip("."), status=UNPROCESSABLE)
    return _drawn(request, sheet, made)


@require_safe
@staff(Permission.WORK_CASES)
def state(request: StaffRequest, case_id: int, call_id: int) -> HttpResponse:
    """Draw where the call stands; the panel asks every two seconds while it lasts."""
    return _drawn(request, sheet_of(request, case_id), _found(request, case_id, call_id))


@require_POST
@staff(Permission.WORK_CASES)
def hang_up(request: StaffRequest, case_id: int, call_id: int) -> HttpResponse:
    """End the call."""
    sheet, made = sheet_of(request, case_id), _found(request, case_id, call_id)
    try:
        made = contact.hang_up(actor=request.actor, call_id=call_id, now=real_now())
    except ProviderError as error:
        toasts.warn(request, _("La central no contesta: cuelga tu teléfono. %(why)s") % {"why": error})
    return _drawn(request, sheet, made)


@require_POST
@staff(Permission.WORK_CASES)
def play(request: StaffRequest, case_id: int, call_id: int) -> HttpResponse:
    """In sandbox: what the client does."""
    sheet = sheet_of(request, case_id)
    _found(request, case_id, call_id)
    try:
        made = contact.play_client(
            actor=request.actor, call_id=call_id, what=request.POST.get("hace", ""), now=real_now()
        )
    except contact.UnknownPhoneCall as unknown:
        raise Http404(str(unknown)) from unknown
    return _drawn(request, sheet, made)


@require_safe
@staff(Permission.WORK_CASES, Permission.SEE_TEAM, Permission.READ_EVERYTHING)
def recording(request: StaffRequest, call_id: int) -> HttpResponse:
    """Hear what was said; that it was heard stays on record."""
    try:
        sound, kind = contact.open_recording(actor=request.actor, call_id=call_id, now=real_now())
    except contact.RecordingGone as gone:
        raise Http404(str(gone)) from gone
    answer = HttpResponse(sound, content_type=kind)
    answer["Cache-Control"] = "no-store"
    answer["Content-Disposition"] = f'inline; filename="llamada-{call_id}.wav"'
    return answer


def _found(request: StaffRequest, case_id: int, call_id: int) -> Any:
    try:
        found = calls.call(request.actor, call_id)
    except calls.UnknownCall as unknown:
        raise Http404(str(unknown)) from unknown
    if found.case_id != case_id:
        raise Http404
    return found


def _asking(request: StaffRequest, sheet: CaseSheet, status: int = 200, **more: Any) -> HttpResponse:
    numbers = [
        (row.pk, " · ".join(part for part in (row.label, formats.phone(row.value)) if part))
        for row in sheet.points
        if row.kind == "PHONE" and row.state == "ACTIVE"
    ]
    answer = next(
        iter(case_contacts.by_answer([row for row in sheet.contacts if row["channel"] == "call"])), None
    )
    told = {
        "numbers": numbers, "answer": answer, "client_id": request.POST.get("client_id") or uuid4().hex,
        "point": request.POST.get("point") or (answer["point_id"] if answer else ""), "is_recorded": sheet.line.is_recorded,
    }  # fmt: skip
    if more.get("refused"):
        told["client_id"] = uuid4().hex  # nothing rang: the next try is another
    return panel(request, "call", sheet, status=status, **told, **more)


def _drawn(request: StaffRequest, sheet: CaseSheet, made: Any) -> HttpResponse:
    is_over = made.state == "ended"
    wanted = _LIKELY.get(made.result, _UNANSWERED)
    likely = [row for row in sheet.outcome_keys if row["key"] in wanted]
    told = {
        "call": made, "words": call_words.told(made), "number": formats.phone(made.number), "is_over": is_over,
        "lasted": call_words.lasted(made.seconds) if made.answered_at and is_over else "",
        "since": "" if is_over or not made.answered_at else _clock_of(made),
        "likely": likely, "must_tell": is_over and made.outcome_id is None and made.result not in ("agent_absent", "failed"),
    }  # fmt: skip
    return panel(request, "calling", sheet, **told)


def _clock_of(made: Any) -> str:
    """How long both have been talking: `2:05`."""
    seconds = max(0, int((real_now() - made.answered_at).total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02}"


urls: list[URLPattern] = [
    path("clientes/<int:case_id>/llamar/", call, name="call"),
    path("clientes/<int:case_id>/llamada/<int:call_id>/", state, name="call-state"),
    path("clientes/<int:case_id>/llamada/<int:call_id>/colgar/", hang_up, name="call-hang-up"),
    path("clientes/<int:case_id>/llamada/<int:call_id>/simular/", play, name="call-play"),
    path("llamadas/<int:call_id>/grabacion/", recording, name="call-recording"),
]
