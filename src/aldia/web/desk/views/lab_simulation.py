"""The laboratory forward: two strategies lived by clients who answer as they did; the worker answers, the screen shows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aldia.access.permissions import Permission as P
from aldia.domain.money import to_major
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.web.desk.doors import staff
from aldia.web.desk.views import words
from aldia.web.desk.views.indicator_charts import scale_of
from aldia.web.desk.views.strategies import head, seen_strategy
from aldia.web.ui import formats, toasts
from aldia.web.ui.charts import Chart, Series

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

_SPANS = (30, 60, 90)


@require_http_methods(["GET", "POST"])
@staff(P.SEE_STRATEGIES)
def simulation(request: StaffRequest, key: str) -> HttpResponse:
    """Draw the last answer, and ask for another."""
    view, problem = seen_strategy(request, key), ""
    if request.method == "POST":
        days = request.POST.get("days", "")
        try:
            services.ask_simulation(
                actor=request.actor, first=key, second=request.POST.get("against", ""), clock=request.clock,
                days=int(days) if days.isdecimal() and len(days) < 4 else 0,
            )  # fmt: skip
        except services.SimulationRefused as refusal:
            problem = str(refusal)
        else:
            toasts.say(request, _("Pedido: tarda cerca de un minuto"))
            return HttpResponseRedirect(reverse("desk:lab-simulation", args=[key]))
    asked = strategy.simulations(request.actor, key=key)
    if "espera" in request.GET:
        is_waiting = bool(asked) and asked[0].state == "asked"
        return HttpResponse(status=204, headers={} if is_waiting else {"HX-Refresh": "true"})
    done = next((row for row in asked if row.state == "done"), None)
    cards = strategy.strategies(request.actor)
    others = [("", _("Ninguna")), *((card.key, card.name) for card in cards if card.key != key)]
    context = {
        **head(request, view, "simulation"), "problem": problem, "latest": asked[0] if asked else None, "done": done, "others": others,
        "spans": [(str(days), _("%(days)s días") % {"days": days}) for days in _SPANS],
        **(_figures(request, done.result, {card.key: card.name for card in cards}) if done else {}),
    }  # fmt: skip
    return render(request, "desk/strategies/simulation.html", context, status=422 if problem else 200)


def _figures(request: StaffRequest, told: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    currency, today = told["currency"] or request.organisation.currency, formats.regional_of(request).today
    since = date.fromisoformat(told["as_of"])
    days = [formats.day(since + timedelta(days=ahead), today, weekday=False) for ahead in range(told["days"])]
    scale, unit = scale_of([band["high"] for side in told["sides"] for band in side["by_day"]], currency)
    series = [_series(names.get(side["strategy"], side["strategy"]), side["by_day"], (currency, scale), place)
              for place, side in enumerate(told["sides"], start=1)]  # fmt: skip
    sides = [
        {**side, "name": names.get(side["strategy"], side["strategy"]), "pressure_mean": side["pressure"][0], "pressure_high": side["pressure"][1],
         "sent": [(*words.channel(key), total, side["cost_minor"].get(key)) for key, total in side["notices"].items()],
         "work": sum(side["tasks"].values())}
        for side in told["sides"]
    ]  # fmt: skip
    weekly = range(6, told["days"], 7)
    rows = [(days[place], [side["by_day"][place] for side in told["sides"]]) for place in weekly]
    return {
        "told": told, "currency": currency, "chart": Chart(days, series), "unit": unit, "sides": sides, "rows": rows,
        "better": None if told["better"] is None else round(100 * told["better"]),
        "effects": [(words.channel(key)[0], times) for key, times in told["by_contact"].items()],
    }  # fmt: skip


def _series(name: str, by_day: list[dict[str, int]], money: tuple[str, int], place: int) -> Series:
    currency, scale = money
    middle = [round(float(to_major(band["middle"], currency)) / scale, 3) for band in by_day]
    spread = [round(float(to_major(band["high"] - band["low"], currency)) / scale / 2, 3) for band in by_day]
    return Series(name, middle, colour=2 * place - 1, spread=spread)


urls: list[URLPattern] = [path("estrategias/<slug:key>/simulacion/", simulation, name="lab-simulation")]
