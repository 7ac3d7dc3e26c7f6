"""The evidence of the person of a case, in one click: a signed ZIP. Taking it out is kept in the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.kpi.evidence import pack_of_person
from aldia.web.desk.doors import staff
from aldia.web.desk.views import words

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest


@require_safe
@staff(P.EXPORT)
def evidence(request: StaffRequest, case_id: int) -> HttpResponse:
    """Give the evidence of whoever owes in the case."""
    try:
        party_id = cases.scope(request.actor).get(pk=case_id).party_id
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    pack = pack_of_person(
        actor=request.actor, party_id=party_id, clock=request.clock, language=words.language()
    )
    response = HttpResponse(pack.content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{pack.name}"'
    response["Cache-Control"] = "private, no-store"
    return response


urls: list[URLPattern] = [path("clientes/<int:case_id>/evidencia/", evidence, name="evidence")]
