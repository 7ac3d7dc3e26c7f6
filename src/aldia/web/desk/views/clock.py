"""The sandbox's clock on the screen: ask for the next day, and see it come."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aldia.access import services as access
from aldia.access.permissions import Permission
from aldia.web.desk.doors import StaffRequest, real_now, staff
from aldia.web.ui import toasts


@staff(Permission.RUN_DAY)
@require_POST
def next_day(request: StaffRequest) -> HttpResponse:
    """Ask the worker to live tomorrow; the page says so and comes back."""
    try:
        access.ask_for_day(actor=request.actor, to=request.clock.as_of + timedelta(days=1), now=real_now())
    except (access.ClockGoesForward, access.NotInSandbox) as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(request, _("Pasando al día siguiente: en unos segundos está. Actualiza la página."))
    return redirect(request.headers.get("Referer") or "/")


urls = [path("reloj/siguiente/", next_day, name="next_day")]
