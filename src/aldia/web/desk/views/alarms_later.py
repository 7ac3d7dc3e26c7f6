"""Alarms that can wait, or that somebody else should answer."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aldia.access import selectors as access
from aldia.access.permissions import Permission as P
from aldia.outcomes import services
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms.outcome import day_of
from aldia.web.desk.views.alarms import back_to_list
from aldia.web.ui import formats, toasts


@require_POST
@staff(P.WORK_CASES)
def postpone(request: StaffRequest, alarm_id: int) -> HttpResponse:
    """Silence an alarm until a day."""
    until, as_of = day_of(request, request.POST.get("until", "")), request.clock.as_of
    if until is None:
        toasts.warn(request, _("Di hasta cuándo: «vie», «fin de mes» o 27/11."))
        return HttpResponseRedirect(back_to_list(request))
    note = request.POST.get("note", "")
    try:
        alarm = services.postpone_alarm(
            actor=request.actor, alarm_id=alarm_id, until_on=until, note=note, as_of=as_of, now=request.clock.now
        )  # fmt: skip
    except services.UnknownAlarm as refusal:
        raise Http404 from refusal
    except services.AlarmRefused as refusal:
        toasts.warn(request, str(refusal))
    else:
        told = {"name": alarm.case.debtor_name, "on": formats.day(until, as_of)}
        toasts.say(request, _("%(name)s: la alarma vuelve el %(on)s") % told)
    return HttpResponseRedirect(back_to_list(request))


@require_POST
@staff(P.WORK_CASES)
def delegate(request: StaffRequest, alarm_id: int) -> HttpResponse:
    """Give an alarm to somebody else."""
    to = request.POST.get("to", "")
    member = next((row for row in access.members(request.actor) if str(row.user_id) == to), None)
    if member is None:
        toasts.warn(request, _("Elige a quién se la pasas."))
        return HttpResponseRedirect(back_to_list(request))
    note = request.POST.get("note", "")
    try:
        alarm = services.delegate_alarm(
            actor=request.actor, alarm_id=alarm_id, user_id=member.user_id, note=note, now=request.clock.now
        )
    except services.UnknownAlarm as refusal:
        raise Http404 from refusal
    told = {"name": alarm.case.debtor_name, "to": member.user.name}
    toasts.say(request, _("%(name)s: la alarma es ahora de %(to)s") % told)
    return HttpResponseRedirect(back_to_list(request))


urls = [
    path("alarmas/<int:alarm_id>/posponer/", postpone, name="alarm-postpone"),
    path("alarmas/<int:alarm_id>/pasar/", delegate, name="alarm-delegate"),
]
