"""The laboratory backward: the nights that were, decided again from what was known then."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aldia.access.permissions import Permission as P
from aldia.strategy import selectors as strategy
from aldia.web.desk.doors import staff
from aldia.web.desk.views.strategies import head, seen_strategy

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

_SPANS: Final = (7, 14, 31)
_KINDS: Final = {
    "only_log": gettext_lazy("Se hizo y ahora no se haría"), "only_replay": gettext_lazy("No se hizo y ahora se haría"),
    "state": gettext_lazy("Cambia si se hace"), "channel": gettext_lazy("Cambia el canal"), "reason": gettext_lazy("Cambia el motivo"),
}  # fmt: skip


@require_safe
@staff(P.SEE_STRATEGIES)
def back_test(request: StaffRequest, key: str) -> HttpResponse:
    """Draw the last nights decided again, with the version that ran or with another."""
    view = seen_strategy(request, key)
    numbers = {str(version.number): version.number for version in view.versions}
    asked, span = request.GET.get("version", ""), request.GET.get("dias", "")
    days = int(span) if span in map(str, _SPANS) else _SPANS[0]
    to_on: date = request.clock.as_of + timedelta(days=1)
    try:
        told = strategy.back_test(
            request.actor, key, from_on=to_on - timedelta(days=days), to_on=to_on, version=numbers.get(asked)
        )
    except strategy.NotInLab:
        told = None
    listed = [(one, _KINDS[one.kind]) for one in told.listed] if told else []
    context = {
        **head(request, view, "back-test"), "told": told, "listed": listed, "asked": asked, "days": days,
        "options": [("", _("La que corrió")), *((text, f"v{text}") for text in numbers)],
        "spans": [(str(days), _("%(days)s noches") % {"days": days}) for days in _SPANS],
        "kinds": [(_KINDS[kind], total) for kind, total in told.by_kind.items()] if told else [],
        "logged": sum(day.messages_logged for day in told.days) if told else 0,
        "replayed": sum(day.messages_replayed for day in told.days) if told else 0,
    }  # fmt: skip
    return render(request, "desk/strategies/back_test.html", context)


urls: list[URLPattern] = [path("estrategias/<slug:key>/historia/", back_test, name="lab-back-test")]
