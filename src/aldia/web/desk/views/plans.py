"""Policies and collection plans: their versions, what they name, what changed from one to another, and a plan against what was done."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aldia.access.permissions import Permission as P
from aldia.domain.periods import Period, add_months, first_of_month, next_month
from aldia.kpi import selectors as kpi
from aldia.ledger import selectors as ledger
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.strategy.plan_parts import PARTS
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.strategies import PolicyForm
from aldia.web.ui import formats, toasts

if TYPE_CHECKING:
    from aldia.strategy.models import PolicyDocument
    from aldia.web.desk.doors import StaffRequest

KINDS: Final = {"policy": gettext_lazy("Política"), "plan": gettext_lazy("Plan de cobranza")}
STATES: Final = {
    "taken": gettext_lazy("Pasos dados"), "withheld": gettext_lazy("Retenidos"), "missed": gettext_lazy("No hechos a tiempo"),
}  # fmt: skip
MONTHS: Final = 6
_PLACES: Final = {
    "outcomes": "desk:settings-outcomes", "house_rules": "desk:settings-rules", "alarms": "desk:settings-alarms",
    "live": "desk:settings-live", "board": "desk:indicators", "work": "desk:indicator-work", "rolls": "desk:indicator-rolls",
    "people": "desk:indicator-people", "targets": "desk:indicator-targets", "quality": "desk:quality",
}  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff(P.SEE_STRATEGIES)
def policy(request: StaffRequest, kind: str, key: str) -> HttpResponse:
    """Draw a policy or collection plan with its versions and what each changed, and write the next one."""
    if kind not in KINDS:
        raise Http404
    found = strategy.policy_versions(request.actor, kind, key)
    if not found and key != "nueva":
        raise Http404
    latest = found[0] if found else None
    known = strategy.plan_choices(request.actor, on=request.clock.as_of) if kind == "plan" else {}
    portfolios = [
        ("", _("Todas las carteras")),
        *((str(row.pk), row.name) for row in ledger.portfolios(request.actor)),
    ]
    form = PolicyForm(
        request.POST or None, initial=_values(latest), portfolios=portfolios, request=request,
        parts={part: [(one.key, one.name) for one in rows] for part, rows in known.items()},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            written = services.write_policy(
                actor=request.actor, clock=request.clock, policy=_draft(form, kind, latest)
            )
        except ValueError as refusal:
            form.add_error("title", str(refusal))
        else:
            toasts.say(request, _("Versión %(number)s guardada") % {"number": written.version})
            return HttpResponseRedirect(reverse("desk:policy", args=[kind, written.key]))
    context = {
        "kind": kind, "kind_word": KINDS[kind], "key": key, "latest": latest, "form": form, "portfolios": portfolios,
        "versions": _history(request, found), "parts": _parts(request, latest) if kind == "plan" and latest else [],
        "choices": _choices(form, known), "may_edit": request.actor.may(P.EDIT_STRATEGIES), "may_measure": request.actor.may(P.SEE_TEAM),
    }  # fmt: skip
    return render(request, "desk/strategies/policy.html", context, status=422 if form.errors else 200)


@require_safe
@staff(P.SEE_TEAM)
def actual(request: StaffRequest, key: str) -> HttpResponse:
    """Draw what a plan asked of a month against what was done, strategy by strategy; and the acts behind a figure."""
    found = strategy.policy_versions(request.actor, "plan", key)
    if not found:
        raise Http404
    as_of = request.clock.as_of
    month_on = _month(request.GET.get("mes", ""), first_of_month(as_of))
    month = Period(month_on, next_month(month_on).start)
    plan = next(
        (row for row in found if row.effective_on <= min(as_of, month.last or as_of)), found[-1]
    )  # the version that held at the end of the month
    lines = kpi.plan_lines(request.actor, plan, month_on, as_of=as_of)
    chosen, state = request.GET.get("estrategia", ""), request.GET.get("actos", "")
    is_asked = state in STATES and chosen in {line.strategy.key for line in lines}
    context = {
        "plan": plan, "lines": [(line, _acts(line)) for line in lines], "measured_on": min(as_of, month.last or as_of),
        "month": month_on.isoformat()[:7], "month_word": formats.month(month_on),
        "months": [(each.isoformat()[:7], formats.month(each)) for each in _months(as_of)],
        "rows": strategy.acts_of(request.actor, chosen, state, month) if is_asked else [],
        "asked": {"state": STATES[state], "strategy": chosen} if is_asked else None,
    }  # fmt: skip
    return render(request, "desk/strategies/plan_actual.html", context)


def _draft(form: PolicyForm, kind: str, latest: PolicyDocument | None) -> services.PolicyDraft:
    told = form.cleaned_data
    return services.PolicyDraft(
        kind=kind, key=latest.key if latest else told["key"], title=told["title"], body=told["body"],
        effective_on=told["effective_on"], portfolio_id=told["portfolio_id"],
        parts={part: told[part] for part in form.part_keys},
    )  # fmt: skip


def _values(latest: PolicyDocument | None) -> dict[str, Any]:
    if latest is None:
        return {"effective_on": _("hoy")}
    return {
        "key": latest.key, "title": latest.title, "body": latest.body, "effective_on": _("hoy"),
        "portfolio_id": str(latest.portfolio_id or ""),
        **{part: [text.partition(":")[0] for text in kept] for part, kept in latest.parts.items()},
    }  # fmt: skip


def _history(request: StaffRequest, found: list[PolicyDocument]) -> list[dict[str, Any]]:
    """The versions, newest first, each with what it changed of the one before."""
    before = [*found[1:], None][: len(found)]  # of a new one there is none yet
    return [
        {
            "row": row,
            "changes": strategy.plan_changes(request.actor, old, row, on=request.clock.as_of) if old else [],
        }
        for row, old in zip(found, before, strict=True)
    ]


def _parts(request: StaffRequest, latest: PolicyDocument) -> list[dict[str, Any]]:
    told = strategy.plan_parts(request.actor, latest, on=request.clock.as_of)
    return [
        {"title": PARTS[part], "rows": [(one, _address(part, one.key)) for one in rows]}
        for part, rows in told.items()
    ]


def _address(part: str, key: str) -> str:
    """Where the living thing is."""
    if part == "policies":
        return reverse("desk:policy", args=["policy", key])
    if part == "offers":
        return reverse("desk:settings-negotiation", args=[key])
    if part == "strategies":
        return reverse("desk:strategy", args=[key])
    return reverse(_PLACES[key]) if key in _PLACES else ""


def _choices(form: PolicyForm, known: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Each part with what may be named and whether it is, as the form stands."""
    return [
        {"part": part, "title": PARTS[part], "rows": [(one, one.key in (form[part].value() or [])) for one in rows]}
        for part, rows in known.items()
        if rows
    ]  # fmt: skip


def _acts(line: kpi.PlanLine) -> list[tuple[str, Any, int]]:
    return [(state, word, line.acts[state]) for state, word in STATES.items()]


def _months(as_of: date) -> list[date]:
    return [add_months(first_of_month(as_of), -back) for back in range(MONTHS)]


def _month(text: str, usual: date) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return usual


urls: list[URLPattern] = [
    path("estrategias/documentos/plan/<slug:key>/avance/", actual, name="plan-actual"),
    path("estrategias/documentos/<slug:kind>/<slug:key>/", policy, name="policy"),
]
