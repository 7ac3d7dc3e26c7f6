"""Gestures on what the law adds to a late document: claim what is derived, give up what was posted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aldia.access.permissions import Permission
from aldia.payments import services
from aldia.web.desk.doors import staff
from aldia.web.desk.views.space import go_on, sheet_of
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest


@require_POST
@staff(Permission.WORK_CASES)
def claim(request: StaffRequest, case_id: int) -> HttpResponse:
    """Post what is derived by today: from now on it is owed. Claimed twice, it is posted once."""
    sheet_of(request, case_id)
    posted = services.claim_legal_charges(actor=request.actor, case_id=case_id, clock=request.clock)
    if posted:
        toasts.say(request, _("Recargos de ley reclamados: ya son parte de la deuda"))
    else:
        toasts.say(request, _("No había recargos por reclamar"))
    return go_on(request, case_id)


@require_POST
@staff(Permission.REVERSE_RECEIPTS)
def waive(request: StaffRequest, case_id: int, document_id: int) -> HttpResponse:
    """Give up what was posted of one document, for good."""
    sheet_of(request, case_id)
    services.waive_legal_charges(
        actor=request.actor, case_id=case_id, document_id=document_id, clock=request.clock
    )
    toasts.say(request, _("Recargo dejado sin efecto: no vuelve a sumarse"))
    return go_on(request, case_id)


urls: list[URLPattern] = [
    path("clientes/<int:case_id>/recargos/", claim, name="legal-charges"),
    path("clientes/<int:case_id>/recargos/<int:document_id>/dejar/", waive, name="legal-charge-waive"),
]
