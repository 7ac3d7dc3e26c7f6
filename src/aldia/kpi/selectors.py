"""Reads of the room: the indicators of a day, the dashboard from the roll-ups, the rows behind a figure."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet, Sum

from aldia.access.actors import Actor
from aldia.domain import formulas
from aldia.domain.periods import Period
from aldia.kpi.dashboard import Dashboard, DashboardQuery, Point, dashboard
from aldia.kpi.exports import export_xlsx
from aldia.kpi.figures import Figures, figures, trailing
from aldia.kpi.models import ActivityDay, PortfolioDay, PromiseDay
from aldia.kpi.plans import PlanLine, plan_lines
from aldia.kpi.rolls import PAID, RollRow, heading_for_the_end, roll_matrix, roll_months, roll_rows
from aldia.kpi.rows import RowsPage, rows_behind
from aldia.kpi.targets import AIMS, Progress, progress, subjects, targets
from aldia.kpi.tiles import MONEY, PEOPLE, Input, Tile, tiles
from aldia.ledger import selectors as ledger

__all__ = [
    "AIMS",
    "MONEY",
    "PAID",
    "PEOPLE",
    "Dashboard",
    "DashboardQuery",
    "Input",
    "PlanLine",
    "Point",
    "Progress",
    "RollRow",
    "RowsPage",
    "Tile",
    "currencies",
    "dashboard",
    "export_xlsx",
    "heading_for_the_end",
    "indicators",
    "kept_on",
    "number",
    "plan_lines",
    "progress",
    "roll_matrix",
    "roll_months",
    "roll_rows",
    "rows_behind",
    "subjects",
    "targets",
    "tiles",
]

PERIOD_DAYS = 90
MONEY_RATIOS = ("dso_simple", "dso_countback", "best_possible_dso", "add", "cei", "delinquency_ratio")


def indicators(organisation_id: int, *, as_of: date, days: int = PERIOD_DAYS) -> dict[str, Any]:
    """Return the indicators at the end of `as_of` over the `days` that end with it, ready for JSON.

    `ageing` by currency and bucket; `by_currency` every money figure; `dso`, `cei` and the like repeat those of the
    currency with most receivables, since currencies are never added; promises and contacts as counts and percentages.
    """
    period = trailing(as_of, days)
    by_currency = figures(organisation_id, period)
    main = max(by_currency.values(), key=lambda found: found.ending.total_minor, default=None)
    return {
        "as_of": as_of.isoformat(),
        "period_days": days,
        "currency": main.currency if main else None,
        "ageing": {currency: _ageing(found) for currency, found in by_currency.items()},
        **_ratios(main),
        "by_currency": {currency: _as_data(found) for currency, found in by_currency.items()},
        "promises": _promises(organisation_id, period),
        "contacts": _contacts(organisation_id, period),
    }


def currencies(actor: Actor) -> list[str]:
    """Return the currencies that have figures, those of portfolios first."""
    own = [portfolio.currency for portfolio in ledger.portfolios(actor)]
    seen = PortfolioDay.objects.of(actor.organisation_id).values_list("currency", flat=True).distinct()
    return list(dict.fromkeys([*own, *sorted(seen)]))


def kept_on(actor: Actor, day: date) -> date | None:
    """Return the last day whose figures were kept, up to that one; None when there is none yet."""
    rows = PortfolioDay.objects.of(actor.organisation_id).filter(on__lte=day).exclude(buckets={})
    found: date | None = rows.order_by("-on").values_list("on", flat=True).first()
    return found


def _in_scope(rows: QuerySet[Any], period: Period) -> QuerySet[Any]:
    return rows.filter(Q(on__gte=period.start) & Q(on__lte=period.last))


def _promises(organisation_id: int, period: Period) -> dict[str, Any]:
    names = ("made", "made_minor", "fallen_due", "fallen_due_minor", "kept", "kept_minor")
    rows = _in_scope(PromiseDay.objects.of(organisation_id), period)
    counts = rows.aggregate(**{name: Sum(name) for name in ("made", "fallen_due", "kept")})
    total = {name: counts[name] or 0 for name in ("made", "fallen_due", "kept")}
    by_currency = {
        row["currency"]: {name: row[f"n_{name}"] or 0 for name in names}
        for row in rows.order_by().values("currency").annotate(**{f"n_{name}": Sum(name) for name in names})
    }
    for sums in by_currency.values():
        amount = formulas.promise_kept_amount(sums["kept_minor"], sums["fallen_due_minor"])
        sums["kept_amount_percent"] = number(amount)
    kept = formulas.promise_kept_count(total["kept"], total["fallen_due"])
    return {**total, "kept_percent": number(kept), "by_currency": by_currency}


def _contacts(organisation_id: int, period: Period) -> dict[str, Any]:
    """What people did, and apart how many messages left by themselves (they have no outcome)."""
    rows = _in_scope(ActivityDay.objects.of(organisation_id), period)
    names = ("attempts", "contacts", "right_party")
    sums = rows.exclude(outcome="").aggregate(**{name: Sum(name) for name in names})
    total = {name: sums[name] or 0 for name in names}
    return {
        **total,
        "messages": rows.filter(outcome="").aggregate(total=Sum("attempts"))["total"] or 0,
        "contactability": number(formulas.contactability(total["contacts"], total["attempts"])),
        "rpc_rate": number(formulas.rpc_rate(total["right_party"], total["attempts"])),
    }


def _ageing(found: Figures) -> dict[str, dict[str, int]]:
    return {
        bucket: {"documents": documents, "open_minor": open_minor}
        for bucket, (documents, open_minor) in found.ending.buckets.items()
    }


def _ratios(found: Figures | None) -> dict[str, float | None]:
    ratios = {name: number(getattr(found, name)) if found else None for name in MONEY_RATIOS}
    return {"dso": ratios["dso_simple"], **ratios}


def _as_data(found: Figures) -> dict[str, Any]:
    return {
        "total_minor": found.ending.total_minor,
        "overdue_minor": found.ending.overdue_minor,
        "beginning_minor": found.beginning.total_minor,
        "sales_minor": found.sales_minor,
        "recovered_minor": found.recovered_minor,
        **_ratios(found),
    }


def number(value: Fraction | None, places: int = 2) -> float | None:
    """Return a ratio for JSON, rounded half up; never used for money."""
    rounded = formulas.rounded(value, places)
    return None if rounded is None else float(rounded)
