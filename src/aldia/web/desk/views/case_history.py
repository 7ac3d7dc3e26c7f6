"""Screen: the whole history of a case, narrowed as one likes, and the same rows as a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aldia.access.permissions import Permission
from aldia.domain.money import to_major
from aldia.outcomes.selectors import TimelineFilter
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.outcome import day_of
from aldia.web.desk.views import words
from aldia.web.desk.views.case_sheet import HISTORY_SHOWN
from aldia.web.desk.views.space import sheet_of
from aldia.web.ui import export

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest
    from aldia.web.desk.views.case_sheet import CaseSheet

READ = (Permission.WORK_CASES, Permission.READ_EVERYTHING)


@require_safe
@staff(*READ)
def history(request: StaffRequest, case_id: int) -> HttpResponse:
    """The history: beside the case as its latest lines, or whole on its own page."""
    sheet = sheet_of(request, case_id)
    wanted = _wanted(request)
    if request.htmx and "corta" in request.GET:
        return render(
            request,
            "desk/case/_history.html",
            {"sheet": sheet, "events": sheet.events(wanted)[:HISTORY_SHOWN]},
        )
    context = {"sheet": sheet, "events": sheet.events(wanted), "filters": _filters(request, sheet)}
    return render(request, "desk/case/_events.html" if request.htmx else "desk/case/history.html", context)


@require_safe
@staff(Permission.EXPORT)
def exported(request: StaffRequest, case_id: int, kind: str) -> HttpResponse:
    """The rows that the screen shows, in the same order, as CSV or XLSX."""
    sheet = sheet_of(request, case_id)
    head = [_("Cuándo"), _("Qué"), _("Detalle"), _("Canal"), _("Quién"), _("Importe"), _("Moneda")]
    zone = ZoneInfo(request.organisation.timezone)
    rows = [
        [event["at"].astimezone(zone), event["title"], event["detail"], event["channel"], event["actor"],
         to_major(event["minor"], event["currency"]) if event["minor"] and event["currency"] else None, event["currency"]]
        for event in sheet.events(_wanted(request))
    ]  # fmt: skip
    return export.as_file(kind, f"historia-{case_id}", head, rows)


def _wanted(request: StaffRequest) -> TimelineFilter:
    """The filter that the address says; what cannot be read narrows nothing."""
    kind, until = request.GET.get("tipo", ""), day_of(request, request.GET.get("hasta", ""))
    return TimelineFilter(
        kinds=(kind, "plan")
        if kind == "promise"
        else (kind, "touch")
        if kind == "message"
        else (kind,)
        if kind in words.EVENT_KINDS
        else None,
        channel=request.GET.get("canal") or None,
        author=request.GET.get("quien") or None,
        outcome=request.GET.get("resultado") or None,
        from_on=_past_day(request, "desde"),
        to_on=until + timedelta(days=1) if until else None,
    )


def _past_day(request: StaffRequest, name: str) -> date | None:
    """A day said in words looks forward; in a history the year goes back when it lands in the future."""
    on = day_of(request, request.GET.get(name, ""))
    if on and on > request.clock.as_of and not request.GET[name].strip()[-4:].isdigit():
        return on.replace(year=on.year - 1) if (on.month, on.day) != (2, 29) else on - timedelta(days=366)
    return on


def _filters(request: StaffRequest, sheet: CaseSheet) -> dict[str, Any]:
    every = [("", _("Todo"))]
    return {
        "tipo": [*every, *words.options(words.EVENT_KINDS.items())],
        "canal": [*every, *((key, str(name)) for key, (name, _icon) in words.CHANNELS.items())],
        "quien": [*every, *((f"user:{row.user_id}", row.user.name) for row in sheet.team)],
        "resultado": [*every, *((each.key, each.label.of(words.language())) for each in sheet.outcomes)],
        "told": {
            name: request.GET.get(name, "")
            for name in ("tipo", "canal", "quien", "resultado", "desde", "hasta")
        },
    }


urls: list[URLPattern] = [
    path("clientes/<int:case_id>/historia/", history, name="history"),
    path("clientes/<int:case_id>/historia.<str:kind>", exported, name="history-export"),
]
