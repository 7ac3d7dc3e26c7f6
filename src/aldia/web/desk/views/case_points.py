"""Screen: how to reach somebody. Contact points added, changed and retired; the consent beside each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aldia.access.permissions import Permission
from aldia.parties import services as parties
from aldia.web.desk.doors import staff
from aldia.web.desk.views import words
from aldia.web.desk.views.space import go_on, panel, sheet_of
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

UNPROCESSABLE = 422


@staff(Permission.EDIT_CONTACT_POINTS)
def points(request: StaffRequest, case_id: int) -> HttpResponse:
    """List the contact points and add one."""
    sheet = sheet_of(request, case_id)
    if request.method != "POST":
        return panel(request, "points", sheet, kinds=words.options(words.POINT_KINDS))
    draft = parties.PointDraft(
        kind=request.POST.get("kind", ""), value=request.POST.get("value", ""), label=request.POST.get("label", "").strip(),
        country=sheet.card.country or request.organisation.country,
    )  # fmt: skip
    try:
        if draft.kind not in dict(words.POINT_KINDS):
            raise parties.BadPoint(_("Elige qué es: teléfono, correo o domicilio."))
        parties.add_point(
            actor=request.actor, party_id=sheet.card.party_id, point=draft, now=request.clock.now
        )
    except parties.BadPoint as refusal:
        return _refused(request, case_id, "value", str(refusal))
    toasts.say(request, _("Dato agregado"))
    return go_on(request, case_id)


@require_POST
@staff(Permission.EDIT_CONTACT_POINTS)
def change(request: StaffRequest, case_id: int, point_id: int) -> HttpResponse:
    """Correct a contact point's value or name."""
    if not _is_theirs(request, case_id, point_id):
        return _refused(request, case_id, "value", _("Ese dato de contacto no es de este cliente."))
    try:
        parties.change_point(
            actor=request.actor, point_id=point_id, value=request.POST.get("value", ""), label=request.POST.get("label", ""),
            now=request.clock.now,
        )  # fmt: skip
    except (parties.BadPoint, parties.UnknownPoint) as refusal:
        return _refused(request, case_id, f"punto-{point_id}", str(refusal), wrong=point_id)
    toasts.say(request, _("Dato corregido"))
    return go_on(request, case_id)


@require_POST
@staff(Permission.EDIT_CONTACT_POINTS)
def retire(request: StaffRequest, case_id: int, point_id: int) -> HttpResponse:
    """Stop using a contact point."""
    if not _is_theirs(request, case_id, point_id):
        return _refused(request, case_id, "value", _("Ese dato de contacto no es de este cliente."))
    parties.retire_point(actor=request.actor, point_id=point_id, now=request.clock.now)
    toasts.say(request, _("Ese dato ya no se usa"))
    return go_on(request, case_id)


def _is_theirs(request: StaffRequest, case_id: int, point_id: int) -> bool:
    return point_id in {row.pk for row in sheet_of(request, case_id).points}


def _refused(
    request: StaffRequest, case_id: int, field: str, text: str, *, wrong: int | None = None
) -> HttpResponse:
    return panel(
        request, "points", sheet_of(request, case_id), status=UNPROCESSABLE, problems=[(field, text)],
        told={} if wrong else request.POST, kinds=words.options(words.POINT_KINDS), wrong=wrong,
    )  # fmt: skip


urls: list[URLPattern] = [
    path("clientes/<int:case_id>/datos/", points, name="points"),
    path("clientes/<int:case_id>/datos/<int:point_id>/", change, name="point-change"),
    path("clientes/<int:case_id>/datos/<int:point_id>/retirar/", retire, name="point-retire"),
]
