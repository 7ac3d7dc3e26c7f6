"""Screen: why this and why not that in a case: the fate of each step, every decision, and which version worked it on a past day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from aldia.access.permissions import Permission
from aldia.strategy import selectors as strategy
from aldia.strategy.selectors.absences import fates
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.outcome import day_of
from aldia.web.desk.views import words
from aldia.web.desk.views.case_history import READ
from aldia.web.desk.views.space import sheet_of

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

_TONES: Final = {"taken": "ok", "withheld": "warn", "missed": "bad"}


@require_safe
@staff(*READ)
def strategy_of_case(request: StaffRequest, case_id: int) -> HttpResponse:
    """Draw what the strategy did, withheld and has not done in a case, and the version of the day that is asked for."""
    sheet, language = sheet_of(request, case_id), words.language()
    found = fates(request.actor, case_id, as_of=request.clock.as_of, language=language)
    decisions = strategy.why(request.actor, case_id, language=language)
    context = {
        "sheet": sheet, "past": _past(request, case_id),
        "steps": [(row, _TONES.get(row.state, "neutral")) for row in found.steps] if found else [],
        "name": {**_address(request, found.key, found.version), "name": found.name} if found else None,
        "rows": [(row, _TONES.get(row.state, "neutral"), _address(request, row.strategy, row.version)) for row in decisions],
    }  # fmt: skip
    return render(request, "desk/case/strategy.html", context)


def _past(request: StaffRequest, case_id: int) -> dict[str, Any] | None:
    on = day_of(request, request.GET.get("dia", ""))
    if on is None:
        return None
    found = strategy.version_of_case(request.actor, case_id, on)
    return {"on": on, "version": _address(request, *found) if found else None}


def _address(request: StaffRequest, key: str, number: int) -> dict[str, Any]:
    """A version with where it is read, for who may."""
    address = f"{reverse('desk:strategy', args=[key])}?version={number}"
    may = request.actor.may(Permission.SEE_STRATEGIES) or request.actor.may(Permission.READ_EVERYTHING)
    return {"key": key, "number": number, "address": address if may else ""}


urls: list[URLPattern] = [
    path("clientes/<int:case_id>/estrategia/", strategy_of_case, name="case-strategy"),
]
