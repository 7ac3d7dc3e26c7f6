"""Proposals of strategies that wait for an approval: late fees and write-offs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.outcomes import services
from aldia.outcomes.selectors.proposals import proposals
from aldia.web.desk.doors import staff
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest


@require_safe
@staff(P.SEE_STRATEGIES)
def waiting(request: StaffRequest) -> HttpResponse:
    """Draw what waits for an approval."""
    context = {"rows": proposals(request.actor), "may_decide": request.actor.may(P.REVERSE_RECEIPTS)}
    return render(request, "desk/strategies/proposals.html", context)


@require_POST
@staff(P.REVERSE_RECEIPTS)
def decide(request: StaffRequest, task_id: int) -> HttpResponse:
    """Approve or reject one proposal, as the button says."""
    is_approved = request.POST.get("do") == "approve"
    act = services.approve_proposal if is_approved else services.reject_proposal
    try:
        act(actor=request.actor, task_id=task_id, clock=request.clock)
    except (services.ProposalRefused, services.UnknownTask) as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(
            request,
            _("Propuesta aprobada") if is_approved else _("Propuesta rechazada: nada cambia para el cliente"),
        )
    return HttpResponseRedirect(reverse("desk:proposals"))


urls: list[URLPattern] = [
    path("estrategias/propuestas/", waiting, name="proposals"),
    path("estrategias/propuestas/<int:task_id>/", decide, name="proposal-decide"),
]
