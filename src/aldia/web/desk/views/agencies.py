"""Agencies, law firms and insurers: side by side by what they recover, cost and are complained of, with the rows behind; and their terms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.permissions import OUTSIDE
from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.kpi import agencies as compared
from aldia.outcomes import selectors as outcomes
from aldia.payments import placed
from aldia.web.desk.doors import real_now, staff
from aldia.web.desk.forms.loans import read_percent
from aldia.web.desk.views.settings_index import index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

KINDS = (
    ("agency", gettext_lazy("Agencia de cobranza")), ("lawyer", gettext_lazy("Estudio jurídico")), ("insurer", gettext_lazy("Aseguradora")),
)  # fmt: skip
MONTHS = 3


@require_safe
@staff(P.SEE_TEAM)
def agencies(request: StaffRequest) -> HttpResponse:
    """Draw the agencies side by side over the last three months."""
    first, end = _span(request)
    rows = compared.compare(request.actor, from_on=first, to_on=end, as_of=request.clock.as_of)
    context = {
        **index(request, "agencies"),
        "rows": rows,
        "first": first,
        "may_edit": request.actor.may(P.EDIT_PEOPLE),
    }
    return render(request, "desk/agencies/list.html", context)


@require_safe
@staff(P.SEE_TEAM)
def agency(request: StaffRequest, team_id: int) -> HttpResponse:
    """Draw one agency: its cases, those in silence for longest first, what it recovered and the complaints."""
    first, end = _span(request)
    told = compared.compare(request.actor, from_on=first, to_on=end, as_of=request.clock.as_of)
    row = next((each for each in told if each.team_id == team_id), None)
    if row is None:
        raise Http404
    span: dict[str, Any] = {"from_on": first, "to_on": end, "team_id": team_id}
    context = {
        **index(request, "agencies"), "row": row, "first": first, "placements": cases.placements(request.actor, team_id),
        "receipts": placed.recovered(request.actor, **span)[:200], "complaints": outcomes.placed_complaints(request.actor, **span),
    }  # fmt: skip
    return render(request, "desk/agencies/one.html", context)


@require_http_methods(["GET", "POST"])
@staff(P.EDIT_PEOPLE)
def edit(request: StaffRequest, team_id: int = 0) -> HttpResponse:
    """Add an agency, or change its terms: who answers for it in the house, its commission, after how many days it rings."""
    team = next((each for each in access.outside_teams(request.actor) if each.pk == team_id), None)
    if team_id and team is None:
        raise Http404
    problem, told = "", request.POST
    if request.method == "POST":
        try:
            saved = access_services.set_outside_team(
                actor=request.actor, key=team.key if team else slugify(told.get("name", ""))[:60], name=_name(told.get("name", "")),
                terms=_terms(request), now=real_now(),
            )  # fmt: skip
        except ValidationError as refusal:
            problem = refusal.messages[0]
        except access_services.UnableToAdd as refusal:
            problem = str(refusal)
        else:
            toasts.say(request, _("Guardado: %(name)s") % {"name": saved.name})
            return HttpResponseRedirect(reverse("desk:agencies"))
    values = told if problem else _values(team)
    owners = [
        (str(row.user_id), row.user.name) for row in access.members(request.actor) if row.role not in OUTSIDE
    ]
    context = {
        **index(request, "agencies"), "team": team, "problem": problem, "told": values, "kinds": KINDS, "owners": [("", "–"), *owners],
    }  # fmt: skip
    return render(request, "desk/agencies/edit.html", context, status=422 if problem else 200)


def _span(request: StaffRequest) -> tuple[date, date]:
    """The current month and the two before it."""
    first = request.clock.as_of.replace(day=1)
    for _month in range(MONTHS - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return first, request.clock.as_of + timedelta(days=1)


def _name(text: str) -> str:
    if not slugify(text):
        raise ValidationError(_("Escribe el nombre de la agencia."))
    return " ".join(text.split())[:100]


def _terms(request: StaffRequest) -> access_services.OutsideTeam:
    told = request.POST
    percent = int(read_percent(told.get("commission", "") or "0", request.organisation.locale) * 10_000)
    if not 0 <= percent <= 10_000:
        raise ValidationError(_("La comisión va de 0 a 100 %."))
    owner, days = told.get("owner", ""), told.get("silent_days", "")
    if not (days.isdecimal() and 1 <= int(days[:4]) <= 365):
        raise ValidationError(_("Los días de silencio van de 1 a 365."))
    if not (owner.isdecimal() and len(owner) < 19):
        raise ValidationError(_("Elige quién responde por esos casos: alguien que trabaja aquí."))
    return access_services.OutsideTeam(told.get("kind", ""), int(owner), percent, int(days))


def _values(team: Any) -> dict[str, Any]:
    if team is None:
        return {"kind": "agency", "silent_days": 7}
    return {
        "name": team.name, "kind": team.kind, "owner": team.owner_id, "silent_days": team.silent_days,
        "commission": f"{team.commission_hundredths / 100:g}",
    }  # fmt: skip


urls: list[URLPattern] = [
    path("ajustes/agencias/", agencies, name="agencies"),
    path("ajustes/agencias/nueva/", edit, name="agency-new"),
    path("ajustes/agencias/<int:team_id>/", agency, name="agency"),
    path("ajustes/agencias/<int:team_id>/condiciones/", edit, name="agency-edit"),
]
