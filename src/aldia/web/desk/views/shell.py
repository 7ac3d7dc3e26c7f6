"""Screen: what surrounds every screen. Where the day begins, search, news, and which organisation one is in."""

from __future__ import annotations

import re
from functools import wraps
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.contact import selectors as contact
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties
from aldia.parties.names import fold
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.views import today, words
from aldia.web.ui import formats, navigation, toasts
from aldia.web.ui.middleware import SESSION_KEY

if TYPE_CHECKING:
    from aldia.access.models import Notification
    from aldia.ledger.models import Portfolio
    from aldia.web.desk.doors import StaffRequest, View

FOUND: Final = 8
MOST_PORTFOLIOS: Final = 4
SHORTEST: Final = 2
_CASE_ADDRESS = re.compile(r"/clientes/(\d{1,18})/")
_MATCHED: Final = {
    "tax_id": gettext_lazy("por documento"), "phone": gettext_lazy("por teléfono"), "email": gettext_lazy("por correo"),
    "document": gettext_lazy("por comprobante"),
}  # fmt: skip


def _or_window(view: View) -> View:
    """People from outside begin in their window."""

    @wraps(view)
    def begun(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and request.actor is not None and request.actor.is_limited:
            return HttpResponseRedirect(navigation.home_of(request.actor))
        return view(request, *args, **kwargs)

    return begun


@require_safe
@_or_window
@staff()
def home(request: StaffRequest) -> HttpResponse:
    """Begin the day where the role does."""
    try:
        return HttpResponseRedirect(navigation.home_of(request.actor))
    except NoReverseMatch:
        return HttpResponseRedirect(reverse("desk:customers"))


@require_safe
@staff()
def search(request: StaffRequest) -> HttpResponse:
    """Customers by name, document, phone, e-mail or invoice, and what can be done; the palette asks it while one types."""
    text = request.GET.get("q", "").strip()[:100].replace("\x00", "")
    found = _customers(request, text) if len(text) >= SHORTEST else []
    owned = _portfolios(request, text) if len(text) >= SHORTEST else []
    context = {
        "text": text,
        "found": found,
        "portfolios": owned,
        "actions": _actions(request, text),
        "here": _here(request),
    }
    return render(request, "desk/shell/_results.html" if request.htmx else "desk/shell/search.html", context)


def _customers(request: StaffRequest, text: str) -> list[dict[str, Any]]:
    if not _reads_cases(request):
        return []
    hits = cases.search(request.actor, text, as_of=request.clock.as_of, limit=FOUND)
    documents = parties.tax_ids(request.actor, [hit.case.party_id for hit in hits])
    return [
        {"row": hit.case, "matched": _MATCHED.get(hit.matched, ""), "step": words.bucket(hit.case.bucket)[2],
         "document": documents.get(hit.case.party_id, ("", ""))}
        for hit in hits
    ]  # fmt: skip


def _portfolios(request: StaffRequest, text: str) -> list[Portfolio]:
    """The portfolios with that in their name, each the list of its customers."""
    if not _reads_cases(request):
        return []
    return [row for row in ledger.portfolios(request.actor) if fold(text) in fold(row.name)][:MOST_PORTFOLIOS]


def _reads_cases(request: StaffRequest) -> bool:
    return request.actor.may(Permission.WORK_CASES) or request.actor.may(Permission.READ_EVERYTHING)


def _here(request: StaffRequest) -> int | None:
    """The case of the page from which the palette was opened."""
    address = getattr(request.htmx, "current_url", "") or ""
    found = _CASE_ADDRESS.search(address)
    return int(found[1]) if found else None


def _actions(request: StaffRequest, text: str) -> list[dict[str, str]]:
    """What can be done, with its key; what cannot stays, with its reason."""
    folded = text.casefold()
    places = [row for row in _places(request) if not folded or folded in row["name"].casefold()]
    return [*_case_actions(request), *places][:18]


def _case_actions(request: StaffRequest) -> list[dict[str, str]]:
    case_id = _here(request)
    if (
        case_id is None
        or not request.actor.may(Permission.WORK_CASES)
        or not cases.scope(request.actor).filter(pk=case_id).exists()
    ):
        return []
    answers = {
        row.channel: row
        for row in contact.may_contact_now(
            request.actor, case_id, clock=request.clock, language=words.language()
        )
    }
    rows = [
        _action(_("Enviar estado de cuenta"), "campaign", "desk:claim", case_id, key="E"),
        _action(_("Registrar promesa"), "promise", "desk:outcome", case_id, "promise", key="P"),
        _action(_("Anotar"), "note", "desk:note", case_id, key="O"),
        {
            **_action(_("Alarmas del caso"), "alarm", "desk:alarms"),
            "href": f"{reverse('desk:alarms')}?caso={case_id}",
        },
    ]
    for channel in ("whatsapp", "sms"):
        name, icon = words.channel(channel)
        answer = answers[channel]
        row = _action(_("Enviar %(channel)s") % {"channel": name}, icon, "desk:claim", case_id)
        row["href"] += f"?channel={channel}&has_statement=1"
        rows.append(row if answer.is_allowed else {**row, "reason": answer.text or _("Sin dato de contacto")})
    return rows


def _action(name: str, icon: str, route: str, *args: Any, key: str = "") -> dict[str, str]:
    return {"name": name, "icon": icon, "href": reverse(route, args=args), "key": key, "reason": ""}


def _places(request: StaffRequest) -> list[dict[str, str]]:
    """The sections of the product; those of other roles say so."""
    rows = []
    for entry in navigation.ENTRIES:
        try:
            href = reverse(entry.route)
        except NoReverseMatch:
            continue
        may = bool(entry.permissions & request.actor.permissions)
        reason = "" if may else _("Tu rol no lo incluye")
        rows.append(
            {
                "name": _("Ir a %(place)s") % {"place": entry.word},
                "icon": entry.icon,
                "href": href,
                "key": "",
                "reason": reason,
            }
        )
    return rows


@require_safe
@staff()
def notifications(request: StaffRequest) -> HttpResponse:
    """The news of the reader, the newest first."""
    rows = access.notifications(request.actor, limit=50)
    return render(
        request,
        "desk/shell/notifications.html",
        {
            "days": _by_day(request, rows),
            "unread": sum(row.read_at is None for row in rows),
            "next_day": today.next_day(request),
            "mine": access.membership_of(request.actor),
            "hours": [(hour, f"{hour}:00") for hour in range(5, 22)],
        },
    )


def _by_day(request: StaffRequest, rows: list[Notification]) -> list[tuple[str, list[Notification]]]:
    """The news under the day they came on, as people call it: «Hoy», «Ayer», «vie 20 nov»."""
    regional = formats.regional_of(request)
    return [
        (name[:1].upper() + name[1:], list(same))
        for name, same in groupby(rows, key=lambda row: formats.near_day(row.created_at, regional))
    ]


def own(view: View) -> View:
    """Let in any member, the auditor too, with POST: for what touches nobody but the reader."""

    @require_POST
    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(reverse("desk:home"))
        if request.actor is None:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded.needs = ()  # type: ignore[attr-defined]
    return guarded


@own
def read(request: StaffRequest) -> HttpResponse:
    """Mark the reader's news as read."""
    access_services.read_notifications(actor=request.actor, now=real_now())
    return HttpResponseRedirect(reverse("desk:notifications"))


@own
def digest(request: StaffRequest) -> HttpResponse:
    """Keep whether and when the reader wants the digest of the morning."""
    hour = request.POST.get("hora", "")
    try:
        access_services.set_digest(
            actor=request.actor, is_on="quiere" in request.POST, hour=int(hour) if hour.isdecimal() else -1
        )
    except ValueError as refusal:
        toasts.warn(request, str(refusal))
    else:
        toasts.say(request, _("Cambios guardados"))
    return HttpResponseRedirect(reverse("desk:notifications"))


@own
def switch(request: StaffRequest) -> HttpResponse:
    """Go to another organisation of the same person."""
    chosen = request.POST.get("organisation", "")
    mine = {str(row.organisation_id) for row in request.memberships}  # type: ignore[attr-defined]
    if chosen in mine:
        request.session[SESSION_KEY] = int(chosen)
        for name in ("last_outcome", today.AFTER, today.PAUSED):
            request.session.pop(name, None)
    return HttpResponseRedirect(reverse("desk:home"))


urls: list[URLPattern] = [
    path("", home, name="home"),
    path("buscar/", search, name="search"),
    path("novedades/", notifications, name="notifications"),
    path("novedades/leidas/", read, name="notifications-read"),
    path("novedades/resumen/", digest, name="digest"),
    path("organizacion/", switch, name="switch"),
]
