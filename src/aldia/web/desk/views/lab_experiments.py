"""Experiments on the desk: plan and start one, watch it every day without fooling oneself, stop it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.ledger import selectors as ledger
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.web.desk.doors import staff
from aldia.web.desk.views import words
from aldia.web.ui import formats, toasts
from aldia.web.ui.charts import Chart, Series

if TYPE_CHECKING:
    from django.http import QueryDict

    from aldia.web.desk.doors import StaffRequest

_FIGURES = (
    ("challenger", 50), ("control", 0), ("base", 30), ("effect", 5), ("horizon", 30),
)  # fmt: skip
_YEAR = 365  # an experiment that would end later is one that nobody waits for


@require_http_methods(["GET", "POST"])
@staff(P.SEE_STRATEGIES)
def experiments(request: StaffRequest) -> HttpResponse:
    """Draw the experiments and the plan of the next one; start it."""
    problem = ""
    if request.method == "POST":
        try:
            row = services.start_experiment(
                actor=request.actor, draft=_draft(request.POST), clock=request.clock
            )
        except services.ExperimentRefused as refusal:
            problem = str(refusal)
        else:
            toasts.say(request, _("Empezó: cada brazo necesita %(size)s clientes") % {"size": row.size})
            return HttpResponseRedirect(reverse("desk:lab-experiment", args=[row.pk]))
    told = request.POST if problem else request.GET
    cards = sorted(strategy.strategies(request.actor), key=lambda card: not card.portfolios)
    context = {
        "problem": problem, "rows": strategy.experiments(request.actor), "may_edit": request.actor.may(P.EDIT_STRATEGIES),
        "strategies": [(card.key, card.name) for card in cards],
        "challengers": [("", _("Pasos de la misma estrategia")), *((card.key, card.name) for card in cards if card.number)],
        "name": told.get("name", ""), "strategy": told.get("strategy", ""), "challenger_key": told.get("challenger_key", ""),
        "figures": {name: told.get(name, usual) for name, usual in _FIGURES},
    }  # fmt: skip
    if "strategy" in request.GET:
        context |= _planned(request)
    return render(request, "desk/strategies/experiments.html", context, status=422 if problem else 200)


@require_safe
@staff(P.SEE_STRATEGIES)
def plan(request: StaffRequest) -> HttpResponse:
    """Draw what the plan on the form asks for."""
    return render(request, "desk/strategies/_experiment_plan.html", _planned(request))


def _planned(request: StaffRequest) -> dict[str, Any]:
    draft = _draft(request.GET)
    try:
        told = strategy.forecast(request.actor, draft, as_of=request.clock.as_of, language=words.language())
    except services.ExperimentRefused as refusal:
        return {"refusal": str(refusal)}
    return {
        "plan": told,
        "draft": draft,
        "ends_on": _ends_on(request, told.days),
        "is_long": _is_long(told.days),
    }


def _is_long(days: int | None) -> bool:
    return days is None or days > _YEAR


def _ends_on(request: StaffRequest, days: int | None) -> date | None:
    return None if _is_long(days) else request.clock.as_of + timedelta(days=days or 0)


def _draft(told: QueryDict) -> services.ExperimentDraft:
    """What cannot be read counts as zero: the room says what is wrong with it."""
    figures: dict[str, Any] = {
        name: int(text) if (text := told.get(name, "")).isdecimal() and len(text) < 4 else 0
        for name, _usual in _FIGURES
    }
    return services.ExperimentDraft(
        told.get("name", ""), told.get("strategy", ""), told.get("challenger_key", ""), **figures
    )


@require_safe
@staff(P.SEE_STRATEGIES)
def experiment(request: StaffRequest, experiment_id: int) -> HttpResponse:
    """Draw an experiment as it stands today."""
    view = _seen(request, experiment_id)
    today = formats.regional_of(request).today
    names = [formats.day(week.on, today, weekday=False) for week in view.weeks]
    series = [
        Series(_("La de siempre"), [round(100 * week.champion.share, 1) for week in view.weeks], colour=1),
        Series(_("La retadora"), [round(100 * week.challenger.share, 1) for week in view.weeks], colour=3),
    ]  # fmt: skip
    last = view.weeks[-1] if view.weeks else None
    context = {
        "view": view, "chart": Chart(names, series), "rows": list(zip(names, view.weeks, strict=True)), "last": last,
        "points": _points(last.look) if last else None, "may_edit": request.actor.may(P.EDIT_STRATEGIES),
        "tone": {"go_on": "info", "no_difference": "info", "challenger": "ok"}.get(view.verdict, "warn"),
        "brings": _brings(view), "names": _names(request, view), "may_keep": request.actor.may(P.EDIT_SETTINGS),
        "guards": [(_("Reclamos"), _points(view.guards["disputes"])), (_("Bajas de mensajes"), _points(view.guards["opt_outs"]))],
    }  # fmt: skip
    return render(request, "desk/strategies/experiment.html", context)


def _names(request: StaffRequest, view: strategy.ExperimentView) -> dict[str, str]:
    """The strategies compared and the portfolios where they are, by name; nothing where both ways are steps of one strategy."""
    if not view.challenger_key:
        return {}
    titles = {card.key: card.name for card in strategy.strategies(request.actor)}
    portfolios = [row.name for row in ledger.portfolios(request.actor) if row.pk in view.portfolio_ids]
    return {
        "champion": titles.get(view.strategy_key, view.strategy_key),
        "challenger": titles.get(view.challenger_key, view.challenger_key),
        "portfolios": ", ".join(portfolios),
    }


def _brings(view: strategy.ExperimentView) -> dict[str, int]:
    """The mean of each arm and the interval of their difference, in whole minor units."""
    told = view.amounts
    if told is None:
        return {}
    means = {"champion": told.champion.share, "challenger": told.challenger.share}
    return {
        name: round(value) for name, value in (means | {"low": told.look.low, "high": told.look.high}).items()
    }


def _points(look: Any) -> tuple[float, float, float]:
    """A difference and its interval, in points of a hundred."""
    return round(100 * look.difference, 1), round(100 * look.low, 1), round(100 * look.high, 1)


@require_POST
@staff(P.EDIT_STRATEGIES)
def stop(request: StaffRequest, experiment_id: int) -> HttpResponse:
    """Stop an experiment with the verdict of this moment: everybody goes on with the strategy in use."""
    view = _seen(request, experiment_id)
    services.stop_experiment(
        actor=request.actor, experiment_id=view.id, verdict=view.verdict, clock=request.clock
    )
    toasts.say(request, _("Experimento detenido"))
    return HttpResponseRedirect(reverse("desk:lab-experiment", args=[view.id]))


@require_POST
@staff(P.EDIT_SETTINGS)
def keep(request: StaffRequest, experiment_id: int) -> HttpResponse:
    """Stop an experiment and give its portfolios to the challenger."""
    view = _seen(request, experiment_id)
    try:
        portfolios = services.keep_challenger(
            actor=request.actor, experiment_id=view.id, verdict=view.verdict, clock=request.clock
        )
    except services.ExperimentRefused as refusal:
        toasts.warn(request, str(refusal))
    else:
        told = {"count": len(portfolios)}
        toasts.say(
            request,
            ngettext(
                "La retadora trabaja desde hoy %(count)s cartera", "La retadora trabaja desde hoy %(count)s carteras", told["count"]
            ) % told,
        )  # fmt: skip
    return HttpResponseRedirect(reverse("desk:lab-experiment", args=[view.id]))


def _seen(request: StaffRequest, experiment_id: int) -> strategy.ExperimentView:
    try:
        return strategy.experiment(
            request.actor, experiment_id, as_of=request.clock.as_of, language=words.language()
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


urls: list[URLPattern] = [
    path("estrategias/experimentos/", experiments, name="lab-experiments"),
    path("estrategias/experimentos/plan/", plan, name="lab-experiment-plan"),
    path("estrategias/experimentos/<int:experiment_id>/", experiment, name="lab-experiment"),
    path("estrategias/experimentos/<int:experiment_id>/detener/", stop, name="lab-experiment-stop"),
    path("estrategias/experimentos/<int:experiment_id>/quedarse/", keep, name="lab-experiment-keep"),
]
