"""The audit trail: who did what to which object, and whether the chain that proves it is whole."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aldia.access import audit as chain
from aldia.access import selectors as access
from aldia.access.permissions import Permission as P
from aldia.outcomes import selectors as outcomes
from aldia.web.desk.doors import staff
from aldia.web.desk.views import audit_words, words
from aldia.web.ui import formats

if TYPE_CHECKING:
    from aldia.access.models import AuditEvent
    from aldia.web.desk.doors import StaffRequest

PAGE: Final = 50
ROOMS: Final = {
    "access": gettext_lazy("Personas y organización"), "parties": gettext_lazy("Datos de clientes"), "ledger": gettext_lazy("Carteras y saldos"),
    "cases": gettext_lazy("Casos"), "contact": gettext_lazy("Mensajes y plantillas"), "outcomes": gettext_lazy("Gestiones y promesas"),
    "payments": gettext_lazy("Pagos"), "intake": gettext_lazy("Importaciones"), "strategy": gettext_lazy("Estrategias"),
    "chat": gettext_lazy("Conversaciones"), "kpi": gettext_lazy("Indicadores"),
}  # fmt: skip
_OBJECT: Final = re.compile(r"[a-z_]{1,40}")


@require_safe
@staff(P.SEE_AUDIT)
def trail(request: StaffRequest) -> HttpResponse:
    """Draw a page of events, newest first, by who, what and which object."""
    people = {f"user:{row.user_id}": row.user.name for row in access.members(request.actor)}
    asked = _asked(request, people)
    page = access.audit_events(request.actor, request.GET.get("pagina"), limit=PAGE, **asked)
    regional, labels = formats.regional_of(request), outcomes.outcome_labels(request.actor, words.language())
    object_type, object_id = request.GET.get("objeto", "")[:40], request.GET.get("id", "")[:40]
    rows = [
        {**_row(event, people), "told": audit_words.told(event.data or {}, regional, labels)}
        for event in page.rows
    ]
    context = {
        "rows": rows, "next": page.next_cursor, "previous": page.previous_cursor,
        "state": chain.chain_since_check(request.actor.organisation_id), "people": list(people.items()), "rooms": ROOMS.items(),
        "who_on": _who(asked.get("actor__exact", ""), people) if "actor__exact" in asked else "",
        "room_on": ROOMS.get(request.GET.get("que", ""), ""), "object_on": audit_words.thing(object_type, object_id) if object_type else "",
        "has_filter": bool(asked),
    }  # fmt: skip
    return render(request, "desk/audit/trail.html", context)


def _asked(request: StaffRequest, people: dict[str, str]) -> dict[str, Any]:
    """The filters of the address; an unknown person or room narrows nothing."""
    who, what = request.GET.get("quien", ""), request.GET.get("que", "")
    object_type, object_id = request.GET.get("objeto", ""), request.GET.get("id", "").replace("\x00", "")
    asked: dict[str, Any] = {}
    if who in people or who == "system":
        asked["actor__exact"] = who
    if what in ROOMS:
        asked["verb__startswith"] = f"{what}."
    if _OBJECT.fullmatch(object_type):
        asked["object_type"] = object_type
    if object_id:
        asked["object_id"] = object_id[:40]
    return asked


def _row(event: AuditEvent, people: dict[str, str]) -> dict[str, Any]:
    room, _dot, _rest = event.verb.partition(".")
    return {
        "event": event, "who": _who(event.actor, people), "room": ROOMS.get(room, ""), "deed": audit_words.deed(event.verb),
        "thing": audit_words.thing(event.object_type, event.object_id), "page": audit_words.page_of(event.object_type, event.object_id),
        "data": json.dumps(event.data, ensure_ascii=False, sort_keys=True, indent=1) if event.data else "",
    }  # fmt: skip


def _who(label: str, people: dict[str, str]) -> str:
    if label == "system":
        return str(_("aldia, por sí sola"))
    if label.startswith("debtor:"):
        return str(_("El cliente, en su página"))
    if label.startswith("token:"):
        return str(_("Otro sistema, con el token %(number)s") % {"number": label.removeprefix("token:")})
    return people.get(label, label)


urls: list[URLPattern] = [path("auditoria/", trail, name="audit")]
