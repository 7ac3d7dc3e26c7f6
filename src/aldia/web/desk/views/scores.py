"""Where the next minute is best spent, why, and how good the score behind it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.engine.score_fitting import LEAST_EVENTS, LEAST_ROWS, TooThin
from aldia.strategy.selectors.next_best import fact_name, next_best, score_in_use
from aldia.strategy.services.scoring import learn_score
from aldia.web.desk.doors import staff
from aldia.web.desk.views import words
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

_TRAITS: Final = {
    "kind": gettext_lazy("Persona o empresa"),
    "region": gettext_lazy("Región"),
    "language": gettext_lazy("Idioma"),
}
_SETTLED, _MOVED = (
    0.1,
    0.25,
)  # the usual readings of the index: under a tenth the same people, over a quarter others


@require_safe
@staff(P.WORK_CASES)
def best(request: StaffRequest) -> HttpResponse:
    """Draw the cases by expected recovery per minute, each with its reasons, and the score's own report."""
    used, language = score_in_use(request.actor), words.language()
    context: dict[str, Any] = {
        "rows": next_best(request.actor, as_of=request.clock.as_of, language=language), "used": used, "told": used.told,
        "drift": _drift(used.told.get("drift")), "may_learn": request.actor.may(P.EDIT_STRATEGIES),
        "may_see_strategies": request.actor.may(P.SEE_STRATEGIES),  # a link that answers 403 is a broken one
        "points": [(fact_name(one.name, language), one.weight, one.bins) for one in used.card.characteristics],
        "groups": [{**group, "trait": _TRAITS.get(group["trait"], group["trait"])} for group in used.told.get("fairness", [])],
        "least_rows": LEAST_ROWS, "least_events": LEAST_EVENTS,
    }  # fmt: skip
    return render(request, "desk/strategies/scores.html", context)


@require_POST
@staff(P.EDIT_STRATEGIES)
def learn(request: StaffRequest) -> HttpResponse:
    """Learn from the organisation's own history, where there is enough."""
    try:
        learn_score(actor=request.actor, clock=request.clock)
    except TooThin:
        text = _(
            "Todavía no hay historia bastante: hacen falta %(rows)s casos y %(events)s que pagaron y que no."
        )
        toasts.warn(request, text % {"rows": LEAST_ROWS, "events": LEAST_EVENTS})
    else:
        toasts.say(request, _("Puntaje aprendido de tu historia"))
    return HttpResponseRedirect(reverse("desk:next-best"))


def _drift(value: float | None) -> tuple[str, str] | None:
    """The index in a word and its tone."""
    if value is None:
        return None
    if value < _SETTLED:
        return _("los mismos clientes de siempre"), "ok"
    return (
        (_("algo cambió"), "warn") if value < _MOVED else (_("son otros clientes: apréndelo de nuevo"), "bad")
    )


urls: list[URLPattern] = [
    path("estrategias/puntaje/", best, name="next-best"),
    path("estrategias/puntaje/aprender/", learn, name="score-learn"),
]
