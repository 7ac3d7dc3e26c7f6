"""Screen: today. The next case for who collects, the board of the team for who leads it, and the agenda of both."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aldia.access import selectors as access
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases_read
from aldia.cases import services as cases
from aldia.cases.selectors import team as cases_team
from aldia.outcomes import selectors as outcomes_read
from aldia.outcomes import services as outcomes
from aldia.outcomes.selectors import team as outcomes_team
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.outcome import day_of
from aldia.web.desk.views import words
from aldia.web.desk.views.case_sheet import CaseSheet
from aldia.web.desk.views.space import in_place
from aldia.web.ui import formats, toasts
from aldia.web.ui.context import counter

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock
    from aldia.web.desk.doors import StaffRequest

AFTER = "queue_after"
PAUSED = "queue_paused"
AGENDA_DAYS = 7
NAV_SECONDS = 10
BOARD_ROWS = 8


@counter
def waiting(actor: Actor, clock: Clock) -> dict[str, int]:
    """The number beside «Hoy» in the side bar, as it was some seconds ago."""
    if actor.role != "COLLECTOR" or actor.user_id is None:
        return {}
    key = _waiting_key(actor, clock)
    count = cache.get_or_set(key, lambda: len(cases_read.next_cases(actor, clock)), NAV_SECONDS)
    return {"today": count or 0}


def _waiting_key(actor: Actor, clock: Clock) -> str:
    return f"waiting:{actor.organisation_id}:{actor.user_id}:{clock.as_of}"


@require_safe
@staff(Permission.WORK_CASES)
def today(request: StaffRequest) -> HttpResponse:
    """The next case of the round; the team's board for who leads it."""
    if request.actor.may(Permission.SEE_TEAM) and "cola" not in request.GET:
        return render(request, "desk/today/board.html", _board(request))
    asked = request.GET.get("caso", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        return _this_one(request, int(asked))
    request.session.pop(PAUSED, None)
    return next_space(request)


def _this_one(request: StaffRequest, case_id: int) -> HttpResponse:
    """Begin with a certain case; when somebody else is in it, say who and give the next."""
    try:
        cases.reserve(actor=request.actor, case_id=case_id, now=request.clock.now)
    except cases.AlreadyReserved as taken:
        names = {row.user_id: row.user.name for row in access.members(request.actor)}
        who = names.get(taken.by, _("Otra persona"))
        toasts.say(request, _("%(name)s está en este caso. Te damos el siguiente.") % {"name": who})
        return next_space(request)
    except cases.UnknownCase as unknown:
        toasts.warn(request, str(unknown))
        return next_space(request)
    return draw_next(request, case_id, len(cases_read.next_cases(request.actor, request.clock)))


def next_space(request: StaffRequest) -> HttpResponse:
    """Reserve the next case of the round and draw it; with none left, the calm page."""
    return draw_next(request, *reserve_next(request))


def reserve_next(request: StaffRequest) -> tuple[int | None, int]:
    """Reserve the next case of the round; return it, or None with none left, and how many waited."""
    mark = request.session.get(AFTER) or {}
    after = mark.get("case_id") if mark.get("on") == request.clock.as_of.isoformat() else None
    waiting = cases_read.next_cases(request.actor, request.clock)
    first = () if after else waiting  # what waits is read once, to count it and to take the first
    case_id = cases.take_next(actor=request.actor, clock=request.clock, after=after, waiting=first)
    if case_id is None and after is not None:
        request.session.pop(AFTER, None)  # the end of the round: what was skipped comes again
        case_id = cases.take_next(actor=request.actor, clock=request.clock)
    return case_id, len(waiting)


def keep_session(request: StaffRequest) -> None:
    """Write the session inside the transaction of what it tells: the disk is waited for once, not again at the end."""
    request.session.save()
    request.session.modified = False


def draw_next(request: StaffRequest, case_id: int | None, left: int) -> HttpResponse:
    """Draw a case that is reserved, or the calm page, with how the round goes."""
    sheet = CaseSheet(request, case_id, in_queue=True) if case_id is not None else None
    done = outcomes_team.worked_today(request.actor, request.clock)
    cache.set(_waiting_key(request.actor, request.clock), left, NAV_SECONDS)
    context = {
        "sheet": sheet,
        "round": {"done": done, "total": done + left, "share": round(100 * done / max(done + left, 1))},
        "next_day": next_day(request),
    }
    if not request.htmx or request.htmx.boosted:
        return render(request, "desk/today/page.html", context)
    address = reverse("desk:today") + "?cola=1" * request.actor.may(Permission.SEE_TEAM)
    response = render(request, "desk/today/_space.html", context | {"is_swap": True})
    return in_place(request, response, address)


def to_today() -> HttpResponse:
    """Go to the beginning of the day."""
    return HttpResponseRedirect(reverse("desk:today"))


@require_POST
@staff(Permission.WORK_CASES)
def skip(request: StaffRequest, case_id: int) -> HttpResponse:
    """Leave this case for later and take the one after it."""
    with transaction.atomic():
        cases.release_reservation(actor=request.actor, case_id=case_id)
        request.session[AFTER] = {"case_id": case_id, "on": request.clock.as_of.isoformat()}
        following = reserve_next(request)
        keep_session(request)
    return draw_next(request, *following)


@require_POST
@staff(Permission.WORK_CASES)
def pause(request: StaffRequest, case_id: int) -> HttpResponse:
    """Stop the round: the case is free for the others."""
    cases.release_reservation(actor=request.actor, case_id=case_id)
    request.session[PAUSED] = True
    return HttpResponseRedirect(reverse("desk:agenda"))


@require_safe
@staff(Permission.WORK_CASES)
def agenda(request: StaffRequest) -> HttpResponse:
    """What there is to do, day by day, what is late first; a supervisor may look at anybody's."""
    chosen = request.GET.get("de", "")
    leads = request.actor.may(Permission.SEE_TEAM)
    user_id = int(chosen) if leads and chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None
    days = outcomes_read.agenda(
        request.actor,
        request.clock,
        days=AGENDA_DAYS,
        user_id=user_id,
        is_everybody=leads and user_id is None and chosen != "mia",
    )
    names = {row.user_id: row.user.name for row in access.members(request.actor)}
    context = {
        "days": [part for day in days for part in _parts(day, names)],
        "moves": [request.clock.as_of + timedelta(days=ahead) for ahead in range(1, 15)],
        "leads": leads,
        "chosen": chosen,
        "people": sorted(names.items(), key=lambda pair: pair[1]) if leads else [],
        "paused": bool(request.session.get(PAUSED)),
        "total": sum(len(day.items) for day in days),
        "next_day": next_day(request),
    }
    return render(request, "desk/today/agenda.html", context)


def _parts(day: outcomes_read.AgendaDay, names: dict[int, str]) -> list[dict[str, Any]]:
    """A day as it is drawn: what is late apart from what is for that day."""
    late = [_item(item, names) for item in day.items if item.is_overdue]
    due = [_item(item, names) for item in day.items if not item.is_overdue]
    parts = [{"on": day.on, "rows": late, "is_late": True}, {"on": day.on, "rows": due, "is_late": False}]
    return [part for part in parts if part["rows"]]


def _item(item: outcomes_read.AgendaItem, names: dict[int, str]) -> dict[str, Any]:
    icons = {"task": "done", "promise": "promise", "dispute": "dispute", "step": "callback"}
    kinds = {
        "call": "phone",
        "send_message": "mail",
        "find_contact": "search",
        "verify_payment": "payment",
        "visit": "visit",
    }
    title = {"promise": _("Vence la promesa"), "dispute": _("Responder la disputa")}.get(
        item.kind, item.title
    )
    return {
        "item": item,
        "icon": kinds.get(item.task_kind, icons[item.kind]),
        "title": title,
        "owner": words.short_name(names.get(item.owner_id or 0, "")),
    }


@require_POST
@staff(Permission.WORK_CASES)
def finish(request: StaffRequest, task_id: int) -> HttpResponse:
    """Mark a task as done."""
    try:
        outcomes.finish_task(actor=request.actor, task_id=task_id, clock=request.clock)
    except outcomes.UnknownTask as unknown:
        toasts.warn(request, str(unknown))
    else:
        toasts.say(request, _("Tarea hecha"))
    return _back(request)


@require_POST
@staff(Permission.WORK_CASES)
def reschedule(request: StaffRequest, task_id: int) -> HttpResponse:
    """Put a task on another day, said in words."""
    on = day_of(request, request.POST.get("on", ""))
    try:
        if on is None:
            raise outcomes.BadTask(_("Di qué día: «mañana», «vie» o 27/11."))
        outcomes.reschedule_task(actor=request.actor, task_id=task_id, due_on=on, clock=request.clock)
    except (outcomes.BadTask, outcomes.UnknownTask) as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(request, _("Queda para el %(on)s") % {"on": formats.day(on, request.clock.as_of)})
    return _back(request)


def _back(request: StaffRequest) -> HttpResponse:
    chosen = request.POST.get("de", "")
    return HttpResponseRedirect(reverse("desk:agenda") + (f"?de={chosen}" if chosen.isalnum() else ""))


def _board(request: StaffRequest) -> dict[str, Any]:
    """Each person's day in one row, and what is late in the whole team."""
    held = {row.user_id: row for row in cases_team.loads(request.actor)}
    shares = outcomes_team.shares(request.actor, request.clock)
    as_of, in_hand = request.clock.as_of, cases_team.in_hand(request.actor, request.clock.now)
    rows = [
        {
            "member": row, "in_hand": in_hand.get(row.user_id), "held": held.get(row.user_id), "share": shares.get(row.user_id),
            "is_away": bool(row.absent_from_on and row.absent_until_on and row.absent_from_on <= as_of < row.absent_until_on),
        }
        for row in access.members(request.actor)
        if row.role in {"COLLECTOR", "SUPERVISOR"} or row.user_id in held
    ]  # fmt: skip
    late = outcomes_read.agenda(request.actor, request.clock, days=1, is_everybody=True)
    names = {row.user_id: row.user.name for row in access.members(request.actor)}
    return {
        "rows": rows,
        "nobody": held.get(None),
        "late": [_item(item, names) for item in late[0].items[:BOARD_ROWS]],
        "late_total": len(late[0].items),
        "totals": {
            "late": sum(share.late for share in shares.values()),
            "due": sum(share.due for share in shares.values()),
            "worked": sum(share.worked for share in shares.values()),
            "cases": sum(load.cases for load in held.values()),
        },
        "next_day": next_day(request),
    }


def next_day(request: StaffRequest) -> str:
    """Return where to post for the sandbox's next day, or nothing: live, without permission, or not wired."""
    if not request.organisation.is_sandbox or not request.actor.may(Permission.RUN_DAY):
        return ""
    try:
        return reverse("desk:next_day")
    except NoReverseMatch:
        return ""


urls: list[URLPattern] = [
    path("hoy/", today, name="today"),
    path("hoy/<int:case_id>/saltar/", skip, name="skip"),
    path("hoy/<int:case_id>/pausar/", pause, name="pause"),
    path("agenda/", agenda, name="agenda"),
    path("agenda/<int:task_id>/hecha/", finish, name="task-finish"),
    path("agenda/<int:task_id>/mover/", reschedule, name="task-move"),
]
