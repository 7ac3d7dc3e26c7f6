"""The navigation map as data: what each permission brings to the side bar and, on a phone, to the bottom bar."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aldia.access.actors import Actor
from aldia.access.permissions import Permission as P
from aldia.ledger.loans import lending_portfolios

Text = str | Promise


@dataclass(frozen=True)
class Entry:
    """One place of the product, drawn for whoever has one of the permissions."""

    word: Text
    icon: str
    route: str
    permissions: frozenset[P]
    group: Text = ""
    count_key: str = ""
    is_for_lenders: bool = False  # drawn only where a portfolio lends
    hides_when_empty: bool = False  # drawn only while something waits there


_ANY_WORK = frozenset({P.WORK_CASES, P.READ_EVERYTHING})
_PORTFOLIO, _RECOVERY, _DATA = _("Cartera"), _("Recupero"), _("Datos")

ENTRIES: tuple[Entry, ...] = (
    Entry(_("Hoy"), "today", "desk:today", frozenset({P.WORK_CASES}), count_key="today"),
    Entry(
        _("Visitas"),
        "place",
        "desk:visits",
        frozenset({P.WORK_CASES}),
        count_key="visits",
        hides_when_empty=True,
    ),
    Entry(_("Alarmas"), "alarm", "desk:alarms", frozenset({P.WORK_CASES}), count_key="alarms"),
    Entry(_("Conversaciones"), "chat", "desk:conversations", _ANY_WORK, count_key="conversations"),
    Entry(_("Buzón"), "mail", "desk:mailbox", frozenset({P.SEE_TEAM, P.READ_EVERYTHING})),
    Entry(_("Clientes"), "customers", "desk:customers", _ANY_WORK, _PORTFOLIO),
    Entry(_("Compromisos"), "promise", "desk:promises", _ANY_WORK, _PORTFOLIO),
    Entry(_("Pagos"), "payment", "desk:payments", _ANY_WORK, _PORTFOLIO),
    Entry(_("Préstamos"), "card", "desk:loans", _ANY_WORK, _PORTFOLIO, is_for_lenders=True),
    Entry(_("Estrategias"), "strategy", "desk:strategies", frozenset({P.SEE_STRATEGIES}), _RECOVERY),
    Entry(_("Campañas"), "campaign", "desk:campaigns", frozenset({P.SEE_STRATEGIES}), _RECOVERY),
    Entry(_("Indicadores"), "kpi", "desk:indicators", frozenset({P.SEE_INDICATORS}), _RECOVERY),
    Entry(_("Importar"), "import", "desk:import", frozenset({P.LOAD_FILES}), _DATA),
    Entry(_("Carteras"), "bank", "agency:portfolios", frozenset({P.SEE_OWN_PORTFOLIOS})),
    Entry(_("Casos"), "customers", "agency:cases", frozenset({P.SEE_OWN_PORTFOLIOS, P.WORK_PLACED})),
    Entry(_("Cobros"), "payment", "agency:receipts", frozenset({P.SEE_OWN_PORTFOLIOS})),
    Entry(_("Promesas"), "promise", "agency:promises", frozenset({P.SEE_OWN_PORTFOLIOS})),
    Entry(_("Reclamos"), "dispute", "agency:complaints", frozenset({P.SEE_OWN_PORTFOLIOS})),
    Entry(_("Rendiciones"), "bank", "agency:remittances", frozenset({P.SEE_OWN_PORTFOLIOS})),
    Entry(_("Actividades"), "import", "agency:activities", frozenset({P.WORK_PLACED})),
    Entry(_("Comisión"), "payment", "agency:commission", frozenset({P.WORK_PLACED})),
    Entry(_("Auditoría"), "audit", "desk:audit", frozenset({P.SEE_AUDIT}), _DATA),
)
SETTINGS = Entry(
    _("Ajustes"), "settings", "desk:settings",
    frozenset({P.EDIT_SETTINGS, P.EDIT_PEOPLE, P.EDIT_STRATEGIES, P.SEE_TEAM, P.WORK_CASES, P.READ_EVERYTHING}),
)  # fmt: skip

ASIDE: dict[str, Text] = {
    "desk:agenda": _("Agenda"),
    "desk:cash-boxes": _("Caja"),
    "desk:loans": _("Préstamos"),
    "desk:manual": _("Manual"),
    "desk:notifications": _("Novedades"),
    "desk:search": _("Buscar"),
}
"""Pages without an entry of their own, for the phone's top bar."""

HOMES: dict[str, str] = {
    "COLLECTOR": "desk:today", "SUPERVISOR": "desk:today", "MANAGER": "desk:indicators",
    "ADMINISTRATOR": "desk:import", "AUDITOR": "desk:audit",
    "AGENCY": "agency:cases", "CREDITOR": "agency:portfolios",
}  # fmt: skip
_BOTTOM = ("desk:today", "desk:visits", "desk:customers", "desk:alarms", "desk:indicators")


@dataclass(frozen=True)
class Link:
    """An entry as drawn: its address, whether the page is inside it, and how many things wait there."""

    word: Text
    icon: str
    route: str
    url: str
    group: Text
    is_current: bool
    count: int


def links(actor: Actor | None, request: HttpRequest, counts: dict[str, int]) -> list[Link]:
    """Return what the actor may open, in order."""
    return [link for entry in ENTRIES if (link := _link(entry, actor, request, counts))]


def settings_link(actor: Actor | None, request: HttpRequest) -> Link | None:
    """Return the entry at the foot of the bar, or None without permission."""
    return _link(SETTINGS, actor, request, {})


def bottom(drawn: list[Link]) -> list[Link]:
    """Return the four entries of the phone's bottom bar; «Más» is the fifth."""
    wanted = [link for route in _BOTTOM for link in drawn if link.route == route]
    others = [link for link in drawn if link not in wanted]
    return (wanted + others)[:4]


def home_of(actor: Actor) -> str:
    """Return the address where the role begins its day."""
    return reverse(HOMES.get(actor.role, "desk:today"))


def _link(entry: Entry, actor: Actor | None, request: HttpRequest, counts: dict[str, int]) -> Link | None:
    if actor is None or not entry.permissions & actor.permissions:
        return None
    if entry.is_for_lenders and not lending_portfolios(actor):
        return None
    try:
        url = reverse(entry.route)
    except NoReverseMatch:
        return None
    is_current = request.path == url or (url != "/" and request.path.startswith(url))
    if entry.hides_when_empty and not is_current and not counts.get(entry.count_key):
        return None
    return Link(
        entry.word, entry.icon, entry.route, url, entry.group, is_current, counts.get(entry.count_key, 0)
    )
