"""The indicators: every figure with its formula, the numbers put in, its trend and the rows behind it."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aldia.access.permissions import Permission as P
from aldia.domain.measures import Unit
from aldia.domain.periods import Period, first_of_month, previous_month
from aldia.kpi import selectors as kpi
from aldia.kpi.rows import FAMILIES
from aldia.ledger import selectors as ledger
from aldia.outcomes import selectors as outcomes
from aldia.strategy import selectors as strategy
from aldia.web.desk.doors import staff
from aldia.web.desk.views import words
from aldia.web.desk.views.indicator_charts import (
    ageing_buckets,
    by_channel,
    cash_chart,
    debt_chart,
    funnel,
)
from aldia.web.ui import formats

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

PERIODS: Final = {
    "30": gettext_lazy("últimos 30 días"), "90": gettext_lazy("últimos 90 días"), "mes": gettext_lazy("este mes"),
    "mes-anterior": gettext_lazy("mes anterior"), "365": gettext_lazy("último año"),
}  # fmt: skip
USUAL: Final = "30"
FIRST: Final = (
    "dso_simple",
    "cei",
    "recovered",
    "promise_kept_count",
    "overdue",
    "dso_countback",
    "contactability",
    "rpc_rate",
)
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@staff(P.SEE_INDICATORS)
def indicators(request: StaffRequest) -> HttpResponse:
    """Draw the dashboard of the chosen period, currency and portfolio."""
    query, chosen = asked(request)
    board = kpi.dashboard(request.actor, query)
    told = kpi.tiles(board, kpi.dashboard(request.actor, query.before()))
    sees_money = request.actor.may(P.SEE_TEAM)
    wanted = FIRST if sees_money and board.latest else kpi.PEOPLE
    regional = formats.regional_of(request)
    labels = outcomes.outcome_labels(request.actor, words.language())
    context = {
        **chosen, "tabs": tabs(request, "board"), "board": board, "currency": query.currency, "sees_money": sees_money and board.latest is not None,
        "buckets": ageing_buckets(board), "tiles": [_tile(request, told[key], query) for key in wanted if key in told],
        "ageing_rows": reverse("desk:indicator-rows", args=["delinquency_ratio"]) + _kept(request),
        "cash": cash_chart(board, regional), "debt": debt_chart(board, regional), "channels": by_channel(board),
        "people": [row for row in board.by_collector if row["name"]],
        "funnel": funnel(board), "results": [(labels.get(key, key), total) for key, total in list(board.by_outcome.items())[:8]],
        "may_export": request.actor.may(P.EXPORT), "strategies": _strategies(request, query),
        "period_text": _period_text(query, regional),
    }  # fmt: skip
    return render(request, "desk/indicators/board.html", context)


@require_safe
@staff(P.SEE_INDICATORS)
def rows(request: StaffRequest, measure: str) -> HttpResponse:
    """Draw the rows behind a figure."""
    if measure not in FAMILIES:
        raise Http404
    query, chosen = asked(request)
    page = kpi.rows_behind(request.actor, measure, query, request.GET.get("pagina", ""))
    board = kpi.dashboard(request.actor, query)
    tile = kpi.tiles(board).get(measure)
    labels = outcomes.outcome_labels(request.actor, words.language())
    for row in page.rows:
        row["step"] = step_of(row)
        row["outcome_label"] = labels.get(row.get("outcome", ""), _("Aviso automático"))
        row["channel_label"] = words.channel(row.get("channel", ""))[0]
        row["state_word"] = dict(words.PROMISE_STATES).get(row.get("state", ""), row.get("state", ""))
    regional = formats.regional_of(request)
    context = {
        **chosen, "page": page, "tile": _tile(request, tile, query) if tile else None, "currency": query.currency,
        "period_text": _period_text(query, regional), "back": reverse("desk:indicators") + _kept(request),
    }  # fmt: skip
    return render(request, "desk/indicators/rows.html", context)


@require_safe
@staff(P.EXPORT)
def export(request: StaffRequest) -> HttpResponse:
    """Give the dashboard as a workbook."""
    query, _chosen = asked(request)
    content = kpi.export_xlsx(
        actor=request.actor, query=query, language=words.language(), data_at=request.clock.now
    )
    response = HttpResponse(content, content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="indicadores-{query.last_on.isoformat()}.xlsx"'
    return response


def asked(request: StaffRequest) -> tuple[kpi.DashboardQuery, dict[str, Any]]:
    """Return the question that the address asks, and its chips. What is not understood falls back to the usual."""
    period = request.GET.get("periodo", "")
    period = period if period in PERIODS else USUAL
    last_on = kpi.kept_on(request.actor, request.clock.as_of) or request.clock.as_of
    query, chosen = choice(request, _period(period, last_on))
    return query, {
        **chosen, "periods": [(key, str(word)) for key, word in PERIODS.items()], "period_on": str(PERIODS[period]),
        "last_on": last_on,
    }  # fmt: skip


def choice(request: StaffRequest, period: Period) -> tuple[kpi.DashboardQuery, dict[str, Any]]:
    """Return the question of a period about the currency and the portfolio that the address chooses, and their chips."""
    currencies = kpi.currencies(request.actor) or [request.organisation.currency]
    own = request.organisation.currency
    usual = own if own in currencies else currencies[0]
    currency = request.GET.get("moneda", "")
    currency = currency if currency in currencies else usual
    portfolios = [(str(row.pk), row.name) for row in ledger.portfolios(request.actor)]
    portfolio = request.GET.get("cartera", "")
    portfolio = portfolio if portfolio in dict(portfolios) else ""
    query = kpi.DashboardQuery(period, currency, frozenset({int(portfolio)}) if portfolio else None)
    return query, {
        "currencies": currencies, "currency_on": currency, "portfolios": portfolios,
        "portfolio_on": dict(portfolios).get(portfolio, ""),
    }  # fmt: skip


def tabs(request: StaffRequest, current: str) -> list[dict[str, Any]]:
    """Return the views of the indicators that the reader may open."""
    pages = [
        ("board", _("Tablero"), "desk:indicators"),
        ("people", _("Personas"), "desk:indicator-people"),
        ("targets", _("Objetivos"), "desk:indicator-targets"),
        ("quality", _("Calidad"), "desk:quality"),
    ]
    if request.actor.may(P.SEE_TEAM):
        pages[1:1] = [
            ("cut", _("Cortes"), "desk:indicator-cut"),
            ("work", _("Proceso"), "desk:indicator-work"),
            ("rolls", _("Rodamiento"), "desk:indicator-rolls"),
        ]
        pages.append(("insurance", _("Seguro"), "desk:indicator-insurance"))
    return [{"label": word, "href": reverse(route), "is_on": key == current} for key, word, route in pages]


def _period(key: str, last_on: date) -> Period:
    if key == "mes":
        return Period.through(first_of_month(last_on), last_on)
    if key == "mes-anterior":
        return previous_month(last_on)
    return Period.through(last_on - timedelta(days=int(key) - 1), last_on)


def _kept(request: StaffRequest) -> str:
    params = request.GET.copy()
    params.pop("pagina", None)
    return f"?{params.urlencode()}" if params else ""


def _period_text(query: kpi.DashboardQuery, regional: formats.Regional) -> str:
    return _("%(first)s al %(last)s, con los datos al cierre de ese día") % {
        "first": formats.day(query.period.start, regional.today, weekday=False),
        "last": formats.day(query.last_on, regional.today, weekday=False),
    }


def _tile(request: StaffRequest, tile: kpi.Tile, query: kpi.DashboardQuery) -> dict[str, Any]:
    locale, language = request.organisation.locale, words.language()
    value, unit = _figure(tile.value, tile.measure.unit, query.currency, locale)
    numbers = [f"{one.label} {_plain(one.value, one.unit, query.currency, locale)}" for one in tile.inputs]
    is_share = tile.measure.unit is Unit.PERCENT and tile.value is not None
    return {
        "key": tile.key, "name": tile.measure.label.of(language), "formula": tile.measure.formula.of(language),
        "sentence": tile.sentence, "value": value, "unit": unit, "numbers": " · ".join(numbers),
        "result": f"{value} {unit}".strip(), "change": _change(tile, locale), "tone": _tone(tile), "trend": list(tile.trend),
        "share": min(round(float(tile.value or 0)), 100) if is_share else None, "reference": _reference(tile, locale),
        "rows": reverse("desk:indicator-rows", args=[tile.key]) + _kept(request),
    }  # fmt: skip


def _figure(value: Fraction | int | None, unit: Unit, currency: str, locale: str) -> tuple[str, str]:
    if value is None:
        return "–", ""
    if unit is Unit.MONEY:
        return formats.money_short(int(value), currency, locale), ""
    if unit is Unit.COUNT:
        return formats.number(int(value), locale), ""
    return formats.number(float(value), locale, digits=1), "%" if unit is Unit.PERCENT else _("días")


def _plain(value: Fraction | int, unit: Unit, currency: str, locale: str) -> str:
    if unit is Unit.MONEY:
        return formats.money(int(value), currency, locale, cents=False)
    return formats.number(int(value), locale)


def _change(tile: kpi.Tile, locale: str) -> str:
    change, unit = tile.change, tile.measure.unit
    if not change:
        return ""
    if unit in (Unit.MONEY, Unit.COUNT):
        return (
            formats.percent(float(Fraction(change) / tile.before), locale, digits=0, sign=True)
            if tile.before
            else ""
        )
    text = formats.number(float(change), locale, digits=1, sign=True)
    if text in {"0,0", "0.0", "+0,0", "+0.0"}:
        return ""
    return f"{text} {_('pts') if unit is Unit.PERCENT else _('días')}"


def _tone(tile: kpi.Tile) -> str:
    return {True: "good", False: "bad", None: ""}[tile.is_good]


def _reference(tile: kpi.Tile, locale: str) -> str:
    """The one thing worth reading beside the figure."""
    counted = {str(one.label): one for one in tile.inputs if one.unit is Unit.COUNT}
    if tile.measure.unit is Unit.PERCENT and len(counted) == 2:
        part, whole = (formats.number(int(one.value), locale) for one in counted.values())
        return _("%(part)s de %(whole)s") % {"part": part, "whole": whole}
    return ""


def _strategies(request: StaffRequest, query: kpi.DashboardQuery) -> list[tuple[str, str]]:
    """The strategies of the portfolios in view: what is behind these figures (S0-1c)."""
    if not request.actor.may(P.SEE_STRATEGIES):
        return []
    chosen = [
        row
        for row in ledger.portfolios(request.actor)
        if query.portfolio_ids is None or row.pk in query.portfolio_ids
    ]
    used = {row.strategy_key for row in chosen}
    return [
        (card.name, reverse("desk:strategy", args=[card.key]))
        for card in strategy.strategies(request.actor)
        if card.key in used
    ]


def step_of(row: dict[str, Any]) -> int:
    """Return the step of the ramp of a document, by its days past due."""
    if "dpd" not in row or row["dpd"] is None:
        return 0
    return next((step for step, last in ((0, 0), (1, 30), (2, 60), (4, 90)) if row["dpd"] <= last), 5)


urls: list[URLPattern] = [
    path("indicadores/", indicators, name="indicators"),
    path("indicadores/exportar/", export, name="indicators-export"),
    path("indicadores/<slug:measure>/filas/", rows, name="indicator-rows"),
]
