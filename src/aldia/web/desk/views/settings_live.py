"""Going live: what is missing, what the first night would send, and the step itself, confirmed by typing a name."""

from __future__ import annotations

from datetime import date
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aldia.access.permissions import Permission as P
from aldia.ledger import selectors as ledger
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.settings import GoLiveForm
from aldia.web.desk.views import words
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts
from aldia.web.ui.export import as_xlsx

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

_PLACES: Final = {
    "mail": "desk:settings-mail", "channels": "desk:settings-channels", "strategies": "desk:strategies",
    "templates": "desk:settings-templates", "rules": "desk:settings-rules", "holidays": "desk:settings-holidays",
}  # fmt: skip
ROWS = 50


@require_safe
@staff(*READERS)
def live(request: StaffRequest) -> HttpResponse:
    """Draw what is missing and, when asked, what the first night would send."""
    checks = _checks(request)
    may_edit = request.actor.may(P.EDIT_SETTINGS)
    context: dict[str, Any] = {
        **index(request, "live"), "house": request.organisation, "checks": checks, "may_edit": may_edit,
        "may_export": request.actor.may(P.EXPORT),
        "is_ready": not any(row["check"].stops for row in checks), "may_pause": request.actor.may(P.BULK_ACT),
    }  # fmt: skip
    if may_edit and "noche" in request.GET:
        context["night"] = _night(request)
    return render(request, "desk/settings/live.html", context)


@require_safe
@staff(P.EXPORT)
def checklist(request: StaffRequest) -> HttpResponse:
    """The same list as a workbook: what is there today, what is missing, and whether it stops going live."""
    head = (_("Elemento"), _("¿Está?"), _("Qué falta"), _("¿Impide salir?"))
    rows = [
        (
            str(check.title), _("Sí") if check.is_ready else _("No"), "\n".join(map(str, check.missing)),
            _("Sí") if check.stops else _("No"),
        )
        for check in (row["check"] for row in _checks(request))
    ]  # fmt: skip
    return as_xlsx(f"autoevaluacion-{_today(request).isoformat()}", head, rows)


@require_http_methods(["GET", "POST"])
@staff(P.EDIT_SETTINGS)
def confirm(request: StaffRequest) -> HttpResponse:
    """Ask for the organisation's name, and leave the sandbox. Who only reads sees the question."""
    may_edit = request.actor.may(P.EDIT_SETTINGS)
    initial = {"cap": services.USUAL_CAP, "days": services.USUAL_DAYS}
    form = GoLiveForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            went = services.go_live(
                actor=request.actor, typed_name=told["name"], cap=told["cap"], days=told["days"], now=real_now()
            )  # fmt: skip
        except services.NameDiffers as refusal:
            form.add_error("name", str(refusal))
        except (services.NotReadyYet, services.AlreadyLive) as refusal:
            form.add_error(None, str(refusal))
        else:
            toasts.say(
                request,
                _("En vivo. Se anularon %(count)s avisos de prueba") % {"count": went.voided},
            )
            return HttpResponseRedirect(reverse("desk:settings-live"))
    context = {
        **index(request, "live"),
        "house": request.organisation,
        "form": form,
        "night": _night(request)
        if may_edit and not form.is_bound and request.organisation.is_sandbox
        else None,
    }
    return render(request, "desk/settings/live_confirm.html", context, status=422 if form.errors else 200)


@require_safe
@staff(P.SEE_TEAM)
def consents(request: StaffRequest, portfolio_id: int, channel: str) -> HttpResponse:
    """List who has not agreed to be reached by a channel."""
    try:
        portfolio = ledger.portfolio(request.actor, portfolio_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    found = strategy.cases_without_consent(request.actor, portfolio_id, channel, as_of=_today(request))
    page = Paginator(found, ROWS).get_page(request.GET.get("pagina"))
    context = {
        **index(request, "live"), "portfolio": portfolio, "channel": words.channel(channel), "page": page, "total": len(found),
    }  # fmt: skip
    return render(request, "desk/settings/consents.html", context)


def _today(request: StaffRequest) -> date:
    return real_now().astimezone(ZoneInfo(request.organisation.timezone)).date()


def _checks(request: StaffRequest) -> list[dict[str, Any]]:
    """Each check with the address where it is repaired and, of what is missing, where its rows are; empty when nowhere."""
    return [
        {
            "check": check, "address": _address(check.place),
            "missing": list(zip_longest(check.missing, map(_address, check.places), fillvalue="")),
        }
        for check in strategy.readiness(request.actor, as_of=_today(request))
    ]  # fmt: skip


def _address(place: str) -> str:
    kind, _colon, key = place.partition(":")
    if kind == "consent":
        return reverse("desk:settings-consents", args=key.split(":"))
    if kind == "portfolio":
        return reverse("desk:settings-portfolio", args=[key])
    return reverse(_PLACES[kind]) if kind in _PLACES else ""


def _night(request: StaffRequest) -> dict[str, Any]:
    told = services.first_night(actor=request.actor, now=real_now(), language=words.language())
    return {
        "told": told,
        "channels": [(words.channel(key), count) for key, count in told.notices.most_common()],
    }


urls: list[URLPattern] = [
    path("ajustes/en-vivo/", live, name="settings-live"),
    path("ajustes/en-vivo/lista.xlsx", checklist, name="settings-checklist"),
    path(
        "ajustes/en-vivo/autorizaciones/<int:portfolio_id>/<slug:channel>/",
        consents,
        name="settings-consents",
    ),
    path("ajustes/en-vivo/confirmar/", confirm, name="settings-live-confirm"),
]
