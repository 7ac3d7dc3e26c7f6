"""The index at the left of every settings page: what the reader may open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aldia.access.permissions import Permission as P

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

READERS: Final = (P.EDIT_SETTINGS, P.EDIT_STRATEGIES, P.SEE_TEAM)
PAGES: Final = (
    ("organisation", _("Organización"), "desk:settings-organisation", "company", READERS),
    ("habits", _("Cuatro hábitos"), "desk:settings-habits", "today", READERS),
    ("portfolios", _("Carteras y acreedores"), "desk:settings-portfolios", "bank", READERS),
    ("lending", _("Préstamos"), "desk:settings-lending", "card", READERS),
    ("paying", _("Cobro en línea"), "desk:settings-paying", "payment", READERS),
    ("negotiation", _("Negociación"), "desk:settings-negotiation", "promise", READERS),
    ("rules", _("Normas de contacto"), "desk:settings-rules", "rule", READERS),
    ("templates", _("Plantillas"), "desk:settings-templates", "template", READERS),
    ("channels", _("Canales"), "desk:settings-channels", "integration", READERS),
    ("chat", _("Asistente"), "desk:settings-chat", "robot", READERS),
    ("webhooks", _("Avisos a sistemas"), "desk:settings-webhooks", "external", (P.EDIT_SETTINGS,)),
    ("link", _("Enlace contable"), "desk:settings-link", "link", (P.EDIT_SETTINGS,)),
    ("tokens", _("API"), "desk:settings-tokens", "key", (P.EDIT_SETTINGS,)),
    ("live", _("En vivo"), "desk:settings-live", "play", READERS),
    ("outcomes", _("Resultados de gestión"), "desk:settings-outcomes", "done", READERS),
    ("alarms", _("Alarmas"), "desk:settings-alarms", "alarm", READERS),
    ("holidays", _("Feriados"), "desk:settings-holidays", "calendar", READERS),
    ("rates", _("Cotizaciones"), "desk:settings-rates", "payment", READERS),
    ("people", _("Personas"), "desk:people", "people", (P.SEE_TEAM, P.EDIT_PEOPLE)),
    ("agencies", _("Agencias y estudios"), "desk:agencies", "agency", (P.SEE_TEAM, P.EDIT_PEOPLE)),
    ("matrix", _("Permisos"), "desk:permissions", "lock", tuple(P)),
)  # fmt: skip


def index(request: StaffRequest, current: str) -> dict[str, Any]:
    """Return `index`: (word, address, icon, is current) of each page that the reader may open."""
    return {"index": pages(request, current)}


def pages(request: StaffRequest, current: str) -> list[tuple[Any, str, str, bool]]:
    """Return the pages of the settings that the reader may open, in order."""
    return [
        (word, reverse(route), icon, key == current)
        for key, word, route, icon, needed in PAGES
        if any(request.actor.may(permission) for permission in needed) or request.actor.may(P.READ_EVERYTHING)
    ]
