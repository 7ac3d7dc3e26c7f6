"""Screens: the indicators cut by what tells debts apart, what each person brings, and how the work goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aldia.access import selectors as access
from aldia.access.permissions import Permission as P
from aldia.contact.calls import words as call_words
from aldia.domain.calendars import subdivision_name
from aldia.domain.periods import Period
from aldia.kpi import cuts, effects, insured, process, retention
from aldia.kpi import selectors as kpi
from aldia.kpi.calls import calls_by_kind
from aldia.ledger import selectors as ledger
from aldia.strategy.lab.effort import effort_of
from aldia.web.desk.doors import staff
from aldia.web.desk.forms.settings import word
from aldia.web.desk.views import words
from aldia.web.desk.views.indicators import asked, tabs

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

WORDS: Final = {
    "portfolio_id": gettext_lazy("Cartera"), "stage": gettext_lazy("Etapa"), "region": gettext_lazy("Provincia o región"),
    "party_kind": gettext_lazy("Tipo de cliente"), "holder_id": gettext_lazy("Gestor"), "team_id": gettext_lazy("Equipo o agencia"),
}  # fmt: skip
_KINDS: Final = {"COMPANY": gettext_lazy("Empresa"), "PERSON": gettext_lazy("Persona")}
_FILTERS: Final = {"portfolio_id": "portfolio_id", "stage": "stage"}
"""The cuts by which the list of clients can be narrowed, and its name for each."""

MOST_INSURED: Final = 200


@require_safe
@staff(P.SEE_TEAM)
def cut(request: StaffRequest) -> HttpResponse:
    """Draw what is owed and what came in, by the chosen cut."""
    query, chosen = asked(request)
    told = {key: str(word) for key, word in WORDS.items()}
    told |= {cuts.COLUMN + name: name for name in cuts.columns(request.actor)}
    by = request.GET.get("por", "")
    by = by if by in told else "region"
    rows = cuts.cut(request.actor, query, by)
    names, shown = _names(request, by, [row.value for row in rows]), rows[: cuts.MOST_ROWS]
    then = {row.value: row.overdue_index for row in cuts.cut(request.actor, _until(query), by)}
    most = max((row.overdue_minor for row in rows), default=0)
    context = {
        **chosen, "tabs": tabs(request, "cut"), "currency": query.currency, "cuts": list(told.items()), "cut_on": told[by],
        "rows": [_cut_row(row, names, by, most) | {"before": _share(then.get(row.value))} for row in shown],
        "hidden": len(rows) - len(shown),
        "total": sum(row.total_minor for row in rows), "overdue": sum(row.overdue_minor for row in rows),
        "has_cash": not by.startswith(cuts.COLUMN), "received": sum(row.received_minor or 0 for row in rows),
    }  # fmt: skip
    return render(request, "desk/indicators/cut.html", context)


@require_safe
@staff(P.SEE_INDICATORS)
def people(request: StaffRequest) -> HttpResponse:
    """Draw how much each person did, in how much time, and what it brought."""
    query, chosen = asked(request)
    rows = effects.effects(request.actor, query)
    context = {
        **chosen, "tabs": tabs(request, "people"), "currency": query.currency, "rows": rows, "credit_days": effects.CREDIT_DAYS,
        "credited": sum(row.credited_minor for row in rows), "attempts": sum(row.attempts for row in rows),
        "calls": sum(row.calls for row in rows),
        "by_kind": [
            (line, word(line.debt_kind) if line.debt_kind else _("Sin decir"), call_words.lasted(line.seconds))
            for line in calls_by_kind(request.actor, query)
        ],
    }  # fmt: skip
    return render(request, "desk/indicators/people.html", context)


@require_safe
@staff(P.SEE_TEAM)
def work(request: StaffRequest) -> HttpResponse:
    """Draw how soon clients are reached and pay, who is forgotten, where work waits, and what channels cost."""
    query, chosen = asked(request)
    board = kpi.dashboard(request.actor, query)
    acts, channels = board.contacts, _channels(request, board)
    lost = process.given_up(request.actor, query)
    owed = board.latest.total_minor if board.latest else 0
    spent = sum(row.cost_minor or 0 for _word, row, _part in channels)
    done = acts["attempts"] + acts["messages"]
    context = {
        **chosen, "tabs": tabs(request, "work"), "currency": query.currency, "now": process.pace(request.actor, query),
        "before": process.pace(request.actor, query.before()), "parts": _parts(request, query),
        "queues": [(words.stage(row.stage), row) for row in process.queues(request.actor, query)],
        "cost_share": spent / board.recovered_minor if spent and board.recovered_minor > 0 else None,
        "channels": channels, "spent": spent, "net": board.recovered_minor - spent, "lost_total": sum(lost.values()),
        "lost": [(words.bucket_of(key)[1], minor) for key, minor in lost.items()],
        "lost_share": sum(lost.values()) / owed if owed > 0 else None,
        "curve": [(point, _share(point.share)) for point in process.curve(request.actor, query)],
        "quarters": [(row, _share(row.overdue_index)) for row in process.quarters(request.actor, query)],
        "alone": acts["messages"] / done if done else None, "messages": acts["messages"], "cohort_days": process.COHORT_DAYS,
        "credit_days": effects.CREDIT_DAYS,
    }  # fmt: skip
    return render(request, "desk/indicators/work.html", context)


@require_safe
@staff(P.SEE_TEAM)
def insurance(request: StaffRequest) -> HttpResponse:
    """Draw what credit insurance covers and until when each default may be declared."""
    rows = insured.insured(request.actor, as_of=request.clock.as_of)
    totals: dict[str, list[int]] = {}
    for row in rows:
        sums = totals.setdefault(row.currency, [0, 0])
        sums[0] += row.insured_minor
        sums[1] += row.uninsured_minor
    context = {
        "tabs": tabs(request, "insurance"), "rows": rows[:MOST_INSURED], "hidden": len(rows[MOST_INSURED:]), "totals": totals.items(),
        "has_contract": bool(insured.contracts(request.actor)), "may_take": request.actor.may(P.EXPORT),
    }  # fmt: skip
    return render(request, "desk/indicators/insurance.html", context)


def _share(percent: Fraction | None) -> float | None:
    """A figure in percent as the share that screens write."""
    return None if percent is None else float(percent) / 100


def _until(query: kpi.DashboardQuery) -> kpi.DashboardQuery:
    """The same question at the end of the eve of its period."""
    eve = query.period.start - timedelta(days=1)
    return replace(query, period=Period.through(eve, eve))


def _channels(
    request: StaffRequest, board: kpi.Dashboard
) -> list[tuple[tuple[str, str], process.ChannelCost, float | None]]:
    prices = effort_of(request.actor).per_thousand_minor
    rows = process.channel_costs(request.actor, board, prices)
    return [(words.channel(row.channel), row, _share(row.cost_rate)) for row in rows]


def _parts(request: StaffRequest, query: kpi.DashboardQuery) -> list[dict[str, Any]]:
    return [
        {"part": part, "share": part.reached / part.cases if part.cases else None}
        for part in process.coverage(request.actor, query)
    ]


def _cut_row(row: cuts.CutRow, names: dict[str, str], by: str, most: int) -> dict[str, Any]:
    word = subdivision_name(row.value) if by == "region" else names.get(row.value, row.value)
    link = ""
    if by in _FILTERS and row.value:
        link = f"{reverse('desk:customers')}?{urlencode({_FILTERS[by]: row.value})}"
    return {
        "row": row, "word": word or _("Sin dato"), "href": link,
        "index": _share(row.overdue_index), "width": round(100 * max(row.overdue_minor, 0) / most) if most > 0 else 0,
    }  # fmt: skip


def _names(request: StaffRequest, by: str, used: list[str]) -> dict[str, str]:
    """The words of the parts of a cut; those that are not there are told by their own key."""
    if by == "portfolio_id":
        return {str(row.pk): row.name for row in ledger.portfolios(request.actor)}
    if by == "holder_id":
        people = {str(row.user_id): row.user.name for row in access.members(request.actor)}
        return {"": _("Sin asignar"), **people}
    if by == "team_id":
        return {"": _("Sin asignar"), **{str(row.pk): row.name for row in access.teams(request.actor)}}
    if by == "party_kind":
        return {key: str(word) for key, word in _KINDS.items()}
    if by == "stage":
        return {row: words.stage(row).word for row in used}
    return {}


@require_safe
@staff(P.SEE_TEAM)
def stay(request: StaffRequest) -> HttpResponse:
    """Draw whether clients stay after they are collected: a part of the process page, asked for once that is on screen."""
    query, _chosen = asked(request)
    found = retention.retention(request.actor, query)
    context = {
        "rows": [(_("Pagaron tarde"), found.collected), (_("Pagaron a tiempo"), found.in_time)],
        "within": retention.WITHIN,
    }
    return render(request, "desk/indicators/_retention.html", context)


urls: list[URLPattern] = [
    path("indicadores/proceso/permanencia/", stay, name="indicator-stay"),
    path("indicadores/cortes/", cut, name="indicator-cut"),
    path("indicadores/personas/", people, name="indicator-people"),
    path("indicadores/proceso/", work, name="indicator-work"),
    path("indicadores/seguro/", insurance, name="indicator-insurance"),
]
