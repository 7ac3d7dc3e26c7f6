"""Screen: small gestures on a case, each a panel: note, pause, next step, holder, stage; and its tasks, promises and rules."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aldia.access import selectors as access
from aldia.access.permissions import Permission
from aldia.cases import services as cases
from aldia.contact import selectors as contact
from aldia.domain.periods import EmptyPeriod
from aldia.outcomes import services as outcomes
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.outcome import day_of, stored_file
from aldia.web.desk.once import once
from aldia.web.desk.views import words
from aldia.web.desk.views.settings_index import READERS
from aldia.web.desk.views.space import go_on, panel, sheet_of
from aldia.web.ui import formats, toasts

if TYPE_CHECKING:
    from datetime import date

    from aldia.web.desk.doors import StaffRequest
    from aldia.web.desk.views.case_sheet import CaseSheet

UNPROCESSABLE = 422


def _refused(
    request: StaffRequest, template: str, case_id: int, field: str, text: str, **more: Any
) -> HttpResponse:
    sheet = sheet_of(request, case_id)
    return panel(
        request, template, sheet, status=UNPROCESSABLE, problems=[(field, text)], told=request.POST, **more
    )


@staff(Permission.WORK_CASES)
@once
def note(request: StaffRequest, case_id: int) -> HttpResponse:
    """Write a note, with a file when there is one."""
    if request.method != "POST":
        return panel(request, "note", sheet_of(request, case_id))
    problems: dict[str, str] = {}
    file_id = stored_file(request, "file", problems)
    if problems:
        return _refused(request, "note", case_id, "file", problems["file"])
    try:
        cases.add_note(
            actor=request.actor,
            case_id=case_id,
            body=request.POST.get("body", ""),
            now=request.clock.now,
            file_id=file_id,
        )
    except cases.EmptyNote as refusal:
        return _refused(request, "note", case_id, "body", str(refusal))
    toasts.say(request, _("Nota guardada"))
    return go_on(request, case_id)


@staff(Permission.WORK_CASES)
@once
def hold(request: StaffRequest, case_id: int) -> HttpResponse:
    """Pause the strategy for a case until a day, with a reason."""
    if request.method != "POST":
        return panel(request, "hold", sheet_of(request, case_id))
    text, reason = request.POST.get("until", ""), request.POST.get("reason", "").strip()
    kind = "legal" if request.POST.get("legal") else "manual"
    until = day_of(request, text) if text.strip() else None
    if until is None and (kind == "manual" or text.strip()):
        return _refused(request, "hold", case_id, "until", _("Di hasta cuándo: «vie», «fin de mes» o 27/11."))
    if not reason:
        return _refused(
            request, "hold", case_id, "reason", _("Escribe por qué: quien mire el caso lo va a leer.")
        )
    try:
        draft = cases.HoldDraft(kind, request.clock.as_of, until, reason, f"desk:{request.actor.label}")
    except EmptyPeriod:
        return _refused(request, "hold", case_id, "until", _("La pausa tiene que terminar después de hoy."))
    cases.place_hold(actor=request.actor, case_id=case_id, hold=draft, now=request.clock.now)
    if until is None:
        toasts.say(request, _("Nadie lo contacta hasta que alguien termine el freno"))
    else:
        toasts.say(request, _("En pausa hasta el %(on)s") % {"on": formats.day(until, request.clock.as_of)})
    return go_on(request, case_id)


@require_POST
@staff(Permission.WORK_CASES)
def release(request: StaffRequest, case_id: int, hold_id: int) -> HttpResponse:
    """End a pause now."""
    sheet = sheet_of(request, case_id)
    try:
        if hold_id not in {row.id for row in sheet.card.holds}:
            raise cases.UnknownHold(_("Esa pausa no existe o ya terminó."))
        cases.release_hold(actor=request.actor, hold_id=hold_id, now=request.clock.now)
    except cases.UnknownHold as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(request, _("La pausa terminó: la estrategia sigue"))
    return go_on(request, case_id)


@staff(Permission.WORK_CASES)
@once
def step(request: StaffRequest, case_id: int) -> HttpResponse:
    """Plan the next contact: what, which day and, if it matters, at what time."""
    if request.method != "POST":
        sheet = sheet_of(request, case_id)
        return panel(request, "step", sheet, told={"at": _usual_hour(sheet)})
    on = day_of(request, request.POST.get("on", ""))
    if on is None or on < request.clock.as_of:
        return _refused(
            request, "step", case_id, "on", _("Di qué día, hoy o después: «mañana», «vie» o 27/11.")
        )
    hour, problem = _hour(request, on)
    if problem:
        return _refused(request, "step", case_id, "at", problem)
    try:
        cases.set_next_step(
            actor=request.actor,
            case_id=case_id,
            text=request.POST.get("text", ""),
            on=on,
            at=hour,
            now=request.clock.now,
        )
    except cases.EmptyStep as refusal:
        return _refused(request, "step", case_id, "text", str(refusal))
    toasts.say(request, _("Próximo paso para el %(on)s") % {"on": formats.day(on, request.clock.as_of)})
    return go_on(request, case_id)


def _usual_hour(sheet: CaseSheet) -> str:
    """The hour from which the client usually answers on working days, in the organisation's clock: `10:00`; else nothing."""
    request, hours = sheet.request, sheet.reach.hours
    if hours is None or hours.is_weekend:
        return ""
    zone = contact.zone_of(request.actor, sheet.case_id)
    theirs = datetime.combine(request.clock.as_of, time(hours.from_hour), zone)
    return f"{theirs.astimezone(ZoneInfo(request.organisation.timezone)):%H:%M}"


def _hour(request: StaffRequest, on: date) -> tuple[datetime | None, str]:
    text = request.POST.get("at", "").strip()
    if not text:
        return None, ""
    try:
        hour = time.fromisoformat(text if ":" in text else f"{int(text):02}:00")
    except ValueError:
        return None, _("Escribe la hora como 15:30.")
    return datetime.combine(on, hour, ZoneInfo(request.organisation.timezone)), ""


@staff(Permission.ASSIGN_CASES)
@once
def assign(request: StaffRequest, case_id: int) -> HttpResponse:
    """Give the case to a person or a team."""
    if request.method != "POST":
        return panel(request, "assign", sheet_of(request, case_id), teams=list(access.teams(request.actor)))
    kind, _colon, key = request.POST.get("holder", "").partition(":")
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else None
    user_id, team_id = (number if kind == "user" else None), (number if kind == "team" else None)
    try:
        cases.assign(
            actor=request.actor,
            case_ids=[case_id],
            user_id=user_id,
            team_id=team_id,
            as_of=request.clock.as_of,
            now=request.clock.now,
            reason=request.POST.get("reason", ""),
        )
    except cases.NotAHolder as refusal:
        return _refused(
            request, "assign", case_id, "holder", str(refusal), teams=list(access.teams(request.actor))
        )
    toasts.say(request, _("Caso asignado"))
    return go_on(request, case_id)


@staff(Permission.ASSIGN_CASES)
def stage(request: StaffRequest, case_id: int) -> HttpResponse:
    """Put the case in another stage, with a reason."""
    sheet = sheet_of(request, case_id)
    options = words.stages((sheet.card.stage,))
    if request.method != "POST":
        return panel(request, "stage", sheet, options=options)
    chosen = request.POST.get("stage", "")
    if chosen not in dict(options):
        return _refused(
            request, "stage", case_id, "stage", _("Elige una etapa de la lista."), options=options
        )
    cases.change_stage(
        actor=request.actor, case_id=case_id, stage=chosen, as_of=request.clock.as_of, now=request.clock.now,
        reason=request.POST.get("reason", ""),
    )  # fmt: skip
    toasts.say(request, _("Ahora está en %(stage)s") % {"stage": words.stage(chosen).word})
    return go_on(request, case_id)


@require_safe
@staff(Permission.WORK_CASES, Permission.READ_EVERYTHING)
def rule(request: StaffRequest, case_id: int) -> HttpResponse:
    """Tell the rule behind each channel's answer."""
    may_read = any(map(request.actor.may, READERS))
    return panel(request, "rule", sheet_of(request, case_id), may_read_rules=may_read)


@require_POST
@staff(Permission.WORK_CASES)
def cancel_promise(request: StaffRequest, case_id: int, promise_id: int) -> HttpResponse:
    """Leave a promise without effect."""
    sheet = sheet_of(request, case_id)
    try:
        if promise_id not in {line.id for line in sheet.promises}:
            raise outcomes.UnknownPromise(_("Esa promesa no existe o ya se decidió."))
        outcomes.cancel_promise(actor=request.actor, promise_id=promise_id, clock=request.clock)
    except outcomes.UnknownPromise as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(request, _("La promesa quedó sin efecto"))
    return go_on(request, case_id)


@require_safe
@staff(Permission.WORK_CASES)
def day_reading(request: StaffRequest) -> HttpResponse:
    """Say how a date was understood, for any field that takes one in words."""
    on = day_of(request, request.GET.get(request.GET.get("campo", ""), ""))
    return HttpResponse(formats.day_long(on) if on else "")


urls: list[URLPattern] = [
    path("clientes/<int:case_id>/nota/", note, name="note"),
    path("clientes/<int:case_id>/pausa/", hold, name="hold"),
    path("clientes/<int:case_id>/pausa/<int:hold_id>/terminar/", release, name="release"),
    path("clientes/<int:case_id>/proximo-paso/", step, name="step"),
    path("clientes/<int:case_id>/asignar/", assign, name="assign"),
    path("clientes/<int:case_id>/etapa/", stage, name="stage"),
    path("clientes/<int:case_id>/regla/", rule, name="rule"),
    path("clientes/<int:case_id>/promesa/<int:promise_id>/anular/", cancel_promise, name="promise-cancel"),
    path("fecha/", day_reading, name="day-reading"),
]
