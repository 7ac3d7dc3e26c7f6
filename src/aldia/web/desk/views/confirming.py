"""Screen: the invoices about to fall due that nobody is known to have received, and the gesture that insists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.outcomes.selectors import confirming
from aldia.outcomes.services.confirming import insist as insist_on
from aldia.web.desk.doors import staff
from aldia.web.desk.views import words
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

MOST_ROWS = 200


@require_safe
@staff(P.SEE_STRATEGIES)
def unconfirmed(request: StaffRequest) -> HttpResponse:
    """Draw what waits to be confirmed, the first to fall due first."""
    rows = confirming.unconfirmed(request.actor, as_of=request.clock.as_of)
    context = {
        "rows": [(row, words.channel(row.channel)) for row in rows[:MOST_ROWS]], "total": len(rows),
        "waiting": sum(not row.is_asked for row in rows), "days": confirming.AHEAD_DAYS, "may_insist": request.actor.may(P.BULK_ACT),
    }  # fmt: skip
    return render(request, "desk/campaigns/unconfirmed.html", context)


@require_POST
@staff(P.BULK_ACT)
def insist(request: StaffRequest) -> HttpResponse:
    """Leave the calls and come back."""
    made = insist_on(actor=request.actor, clock=request.clock)
    text = ngettext("Quedó %(count)s llamada para hoy.", "Quedaron %(count)s llamadas para hoy.", made)
    toasts.say(request, text % {"count": made})
    return HttpResponseRedirect(reverse("desk:unconfirmed"))


urls: list[URLPattern] = [
    path("campanas/sin-acuse/", unconfirmed, name="unconfirmed"),
    path("campanas/sin-acuse/insistir/", insist, name="unconfirmed-insist"),
]
