"""The laboratory: a strategy tried on today's portfolio, and what its acts cost."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aldia.access.permissions import Permission as P
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.payments import amount_text, read_amount
from aldia.web.desk.views import words
from aldia.web.desk.views.strategies import head, seen_strategy, told_reasons
from aldia.web.ui import formats, toasts
from aldia.web.ui.charts import Chart, Series

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

_TASKS: Final = {
    "call": gettext_lazy("Llamada"),
    "visit": gettext_lazy("Visita"),
    "review": gettext_lazy("Revisión"),
}


@require_safe
@staff(P.SEE_STRATEGIES)
def dry_run(request: StaffRequest, key: str) -> HttpResponse:
    """Draw what a version or the draft would do in the days ahead, on today's portfolio."""
    view = seen_strategy(request, key)
    asked = request.GET.get("version", "")
    numbers = [version.number for version in view.versions]
    known = {**{str(number): number for number in numbers}, "borrador": strategy.DRAFT}
    told, refused = None, ""
    try:
        told = strategy.dry_run(
            request.actor, key, as_of=request.clock.as_of, language=words.language(), version=known.get(asked)
        )  # fmt: skip
    except services.StrategyInvalid:
        refused = _("El borrador tiene problemas: míralos en la pestaña Diseñar y vuelve.")
    context = {
        **head(request, view, "dry-run"), "told": told, "refused": refused, "asked": asked or (str(numbers[0]) if numbers else "borrador"),
        "options": [*((str(n), f"v{n}") for n in numbers), *([("borrador", _("Borrador"))] if view.card.has_draft else [])],
        **(_figures(request, told) if told else {}),
    }  # fmt: skip
    return render(request, "desk/strategies/dry_run.html", context)


def _figures(request: StaffRequest, told: strategy.DryRun) -> dict[str, Any]:
    today = formats.regional_of(request).today
    names = [formats.day(day.on, today, weekday=False) for day in told.days]
    channels = sorted(told.notices)
    series = [
        Series(words.channel(channel)[0], [day.notices.get(channel, 0) for day in told.days], "bar", 1 + place % 5)
        for place, channel in enumerate(channels)
    ]  # fmt: skip
    hours = Chart(names, [Series(_("Horas"), [round(day.minutes / 60, 1) for day in told.days], "bar")])
    rows = [
        (day.on, [day.notices.get(channel, 0) for channel in channels], sum(day.tasks.values()), day.minutes / 60, day.withheld)
        for day in told.days
    ]  # fmt: skip
    return {
        "volumes": Chart(names, series), "hours": hours, "rows": rows,
        "channels": [words.channel(channel)[0] for channel in channels],
        "costs": [(*words.channel(channel), total, told.cost_minor.get(channel)) for channel, total in told.notices.most_common()],
        "withheld": told_reasons(told.withheld_by), "tasks": sum(sum(day.tasks.values()) for day in told.days),
        "minutes": sum(day.minutes for day in told.days) // 60, "is_sample": told.share < 1,
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff(P.SEE_STRATEGIES)
def effort(request: StaffRequest) -> HttpResponse:
    """Draw, and keep, what acts cost: minutes by task, hours by team, price by channel."""
    told, problem = strategy.effort_of(request.actor), ""
    if request.method == "POST":
        try:
            services.set_effort(actor=request.actor, draft=_draft(request, told), now=request.clock.now)
        except ValidationError as refusal:
            problem = " ".join(refusal.messages)
        except services.EffortRefused as refusal:
            problem = str(refusal)
        else:
            toasts.say(request, _("Costos y tiempos guardados"))
            return HttpResponseRedirect(reverse("desk:lab-effort"))
    posted = request.POST if problem else {}
    context = {
        "problem": problem, "currency": told.currency, "may_edit": request.actor.may(P.EDIT_SETTINGS),
        "minutes": [(f"minutes-{kind}", str(word), posted.get(f"minutes-{kind}", told.minutes_of(kind))) for kind, word in _TASKS.items()],
        "teams": [(f"hours-{team.key}", team.name, posted.get(f"hours-{team.key}", f"{team.hours:g}")) for team in told.teams],
        "prices": [(f"price-{key}", words.channel(key)[0], posted.get(f"price-{key}", _price(request, told, key))) for key in words.CHANNELS
                   if key not in ("call", "visit")],
    }  # fmt: skip
    return render(request, "desk/strategies/effort.html", context, status=422 if problem else 200)


def _price(request: StaffRequest, told: strategy.Effort, channel: str) -> str:
    minor = told.per_thousand_minor.get(channel)
    return "" if minor is None else amount_text(minor, told.currency, request.organisation.locale)


def _draft(request: StaffRequest, told: strategy.Effort) -> services.EffortDraft:
    """Raises ValidationError naming the field that cannot be read."""
    minutes = {kind: round(_number(request, f"minutes-{kind}", str(word))) for kind, word in _TASKS.items()}
    hours = {team.key: _number(request, f"hours-{team.key}", team.name) for team in told.teams}
    prices = {
        key: read_amount(text, told.currency, request.organisation.locale)
        for key in words.CHANNELS
        if (text := request.POST.get(f"price-{key}", "").strip())
    }
    return services.EffortDraft(minutes, hours, prices)


def _number(request: StaffRequest, name: str, word: str) -> float:
    text = request.POST.get(name, "").strip().replace(",", ".")
    try:
        return float(Decimal(text))
    except (InvalidOperation, OverflowError) as wrong:
        said = _("%(name)s: «%(found)s» no es un número.") % {"name": word, "found": text[:30]}
        raise ValidationError(said) from wrong


urls: list[URLPattern] = [
    path("estrategias/laboratorio/costos/", effort, name="lab-effort"),
    path("estrategias/<slug:key>/ensayo/", dry_run, name="lab-dry-run"),
]
