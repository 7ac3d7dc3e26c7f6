"""The four habits: how each stands, what its switch changes, and the switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aldia.access.permissions import Permission as P
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.web.desk.doors import staff
from aldia.web.desk.views.settings_index import READERS, index
from aldia.web.ui import toasts

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

_WORDS: Final = {
    "review": (
        gettext_lazy("Revisar cada día lo vencido"),
        gettext_lazy("Cada mañana, a su hora, cada persona recibe lo que cambió: quién entró en mora, quién empeoró y quién se puso al día."),
        "desk:notifications", gettext_lazy("Mi hora"),
    ),
    "attention": (
        gettext_lazy("Atender primero por importe y antigüedad"),
        gettext_lazy("Un saldo mediano y viejo pasa delante de uno grande y reciente. Apagado, cuenta solo el importe."),
        "desk:settings-portfolios", gettext_lazy("Cuánto pesa en cada cartera"),
    ),
    "staff": (
        gettext_lazy("Que cada cliente en mora tenga un responsable"),
        gettext_lazy("Cada noche se reparte lo que no es de nadie, según la capacidad de cada persona y sus ausencias."),
        "desk:people", gettext_lazy("Personas y capacidad"),
    ),
    "plan": (
        gettext_lazy("Un plan para cada clase de deuda"),
        gettext_lazy("Cada cartera trabaja con la estrategia hecha para lo que se debe y para quién debe."),
        "desk:strategies", gettext_lazy("Estrategias"),
    ),
}  # fmt: skip


@require_safe
@staff(*READERS)
def habits(request: StaffRequest) -> HttpResponse:
    """Draw the four habits with what each switch would change."""
    found = strategy.habits(request.actor, as_of=request.clock.as_of)
    rows = [
        {"habit": habit, "title": title, "text": text, "href": reverse(route), "word": word}
        for habit in found
        for title, text, route, word in [_WORDS[habit.key]]
    ]
    context = {
        **index(request, "habits"), "rows": rows, "on": sum(habit.is_on for habit in found),
        "may_edit": request.actor.may(P.EDIT_SETTINGS),
    }  # fmt: skip
    return render(request, "desk/settings/habits.html", context)


@require_POST
@staff(P.EDIT_SETTINGS)
def switch(request: StaffRequest, habit: str) -> HttpResponse:
    """Leave a habit on or off."""
    is_on = request.POST.get("encender") == "1"
    try:
        services.switch_habit(actor=request.actor, habit=habit, is_on=is_on, clock=request.clock)
    except services.UnknownHabit as missing:
        raise Http404 from missing
    toasts.say(request, _("Encendido: vale desde la próxima noche") if is_on else _("Apagado"))
    return HttpResponseRedirect(reverse("desk:settings-habits"))


urls: list[URLPattern] = [
    path("ajustes/habitos/", habits, name="settings-habits"),
    path("ajustes/habitos/<slug:habit>/", switch, name="settings-habit-switch"),
]
