"""Screen: the queue. What is to be worked today, in its order and with the reason of each place; who leads chooses the order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.cases.rules import is_by_worth
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.web.desk.doors import staff
from aldia.web.desk.views import words
from aldia.web.desk.views.clients import drawn
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

PAGE: Final = 50


@require_safe
@staff(Permission.WORK_CASES)
def queue(request: StaffRequest) -> HttpResponse:
    """Draw a page of the actor's queue, beyond the case of `despues`."""
    asked = request.GET.get("despues", "")
    after = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
    found = cases.queue(request.actor, request.clock, after=after, limit=PAGE + 1)
    shown, by_worth = found[:PAGE], is_by_worth(request.actor)
    context = {
        "rows": [
            told | {"place": _reasons(row)}
            for row, told in zip(shown, drawn(request, shown, with_reasons=by_worth), strict=True)
        ],
        "next": f"{request.path}?despues={shown[-1].case_id}" if len(found) > PAGE else "",
        "is_first": after is None,
        "by_worth": by_worth,
        "is_learnt": strategy.score_in_use(request.actor).is_learnt,
        "may_order": request.actor.may(Permission.ASSIGN_CASES),
    }
    return render(request, "desk/today/queue.html", context)


def _reasons(row: cases.CaseRow) -> str:
    """Why the points of a case, the strongest first."""
    text = " · ".join(reason.text(words.language()) for reason in row.reasons)
    return text[:1].upper() + text[1:]


@require_POST
@staff(Permission.ASSIGN_CASES)
def order(request: StaffRequest) -> HttpResponse:
    """Choose the order of everybody's queue."""
    by_worth = request.POST.get("orden") == "minuto"
    try:
        services.order_queue(actor=request.actor, is_by_worth=by_worth, clock=request.clock)
    except services.NotLearnt as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(
            request,
            _("La cola va por cobro esperado por minuto") if by_worth else _("La cola va por prioridad"),
        )
    return HttpResponseRedirect(reverse("desk:queue"))


urls: list[URLPattern] = [
    path("hoy/cola/", queue, name="queue"),
    path("hoy/cola/orden/", order, name="queue-order"),
]
