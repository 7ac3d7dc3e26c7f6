"""Reads of the room: the indicators of a day, the dashboard from the roll-ups, the rows behind a figure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet

from aldia.access.actors import Actor
from aldia.domain import formulas
from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.domain.periods import Period
from aldia.kpi.figures import Figures, figures, trailing
from aldia.kpi.models import ActivityDay, PortfolioDay, PromiseDay
from aldia.ledger import selectors as ledger

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


@dataclass(frozen=True)
class DashboardQuery:
    """What a dashboard shows: a period, one currency, and some portfolios or all."""

    period: Period
    currency: str
    portfolio_ids: frozenset[int] | None = None


@dataclass(frozen=True)
class Point:
    """One day of a trend."""

    on: date
    total_minor: int
    overdue_minor: int
    billed_minor: int
    received_minor: int
    buckets: dict[str, list[int]]


@dataclass(frozen=True)
class Dashboard:
    """Everything the indicators screen shows, from the roll-ups alone."""

    query: DashboardQuery
    points: list[Point]
    promises: dict[str, Any]
    contacts: dict[str, Any]
    by_channel: dict[str, dict[str, int]]
    by_outcome: dict[str, int]
    by_collector: list[dict[str, Any]] = field(default_factory=list)

    @property
    def latest(self) -> Point | None:
        """The last day that has figures."""
        return self.points[-1] if self.points else None

    @property
    def recovered_minor(self) -> int:
        """Money received over the period, reversals taken off."""
        return sum(point.received_minor for point in self.points)


def dashboard(actor: Actor, query: DashboardQuery) -> Dashboard:
    """Return the dashboard of a period; milliseconds whatever the size of the portfolio, since it reads roll-ups only."""
    activity = _in_scope(ActivityDay.objects.of(actor.organisation_id), query.period, query.portfolio_ids)
    promises = _in_scope(PromiseDay.objects.of(actor.organisation_id), query.period, query.portfolio_ids)
    channels: dict[str, Counter[str]] = {}
    outcomes: Counter[str] = Counter()
    for row in activity:
        channel = channels.setdefault(row.channel, Counter())
        channel.update(attempts=row.attempts, contacts=row.contacts, right_party=row.right_party)
        if row.outcome:
            outcomes[row.outcome] += row.attempts
    return Dashboard(
        query=query,
        points=_points(actor, query),
        promises=_promise_totals(list(promises.filter(currency=query.currency))),
        contacts=_contact_totals(channels.values()),
        by_channel={channel: dict(counts) for channel, counts in sorted(channels.items())},
        by_outcome=dict(outcomes.most_common()),
        by_collector=_by_collector(list(activity), list(promises.filter(currency=query.currency))),
    )


def currencies(actor: Actor) -> list[str]:
    """Return the currencies that have figures, those of portfolios first."""
    own = [portfolio.currency for portfolio in ledger.portfolios(actor)]
    seen = PortfolioDay.objects.of(actor.organisation_id).values_list("currency", flat=True).distinct()
    return list(dict.fromkeys([*own, *sorted(seen)]))


def _points(actor: Actor, query: DashboardQuery) -> list[Point]:
    rows = _in_scope(PortfolioDay.objects.of(actor.organisation_id), query.period, query.portfolio_ids)
    days: dict[date, list[PortfolioDay]] = {}
    for row in rows.filter(currency=query.currency).order_by("on"):
        days.setdefault(row.on, []).append(row)
    return [
        Point(
            on=on,
            total_minor=sum(row.total_minor for row in same),
            overdue_minor=sum(row.overdue_minor for row in same),
            billed_minor=sum(row.billed_minor for row in same),
            received_minor=sum(row.received_minor for row in same),
            buckets={
                bucket.key: [
                    sum(row.buckets.get(bucket.key, [0, 0])[part] for row in same) for part in (0, 1)
                ]
                for bucket in DEFAULT_BUCKETS.rows
            },
        )
        for on, same in days.items()
    ]


def _in_scope(rows: Any, period: Period, portfolio_ids: frozenset[int] | None) -> QuerySet[Any]:
    scope = Q(on__gte=period.start)
    if period.end is not None:
        scope &= Q(on__lt=period.end)
    if portfolio_ids is not None:
        scope &= Q(portfolio_id__in=portfolio_ids)
    chosen: QuerySet[Any] = rows.filter(scope)
    return chosen


def _promises(organisation_id: int, period: Period) -> dict[str, Any]:
    return _promise_totals(list(_in_scope(PromiseDay.objects.of(organisation_id), period, None)))


def _promise_totals(rows: list[PromiseDay]) -> dict[str, Any]:
    total = {
        name: sum(getattr(row, name) for row in rows)
        for name in ("made", "made_minor", "fallen_due", "fallen_due_minor", "kept", "kept_minor")
    }
    kept = formulas.promise_kept_count(total["kept"], total["fallen_due"])
    amount = formulas.promise_kept_amount(total["kept_minor"], total["fallen_due_minor"])
    return {**total, "kept_percent": number(kept), "kept_amount_percent": number(amount)}


def _contacts(organisation_id: int, period: Period) -> dict[str, Any]:
    rows = _in_scope(ActivityDay.objects.of(organisation_id), period, None)
    return _contact_totals(
        [Counter(attempts=r.attempts, contacts=r.contacts, right_party=r.right_party) for r in rows]
    )


def _contact_totals(counts: Any) -> dict[str, Any]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return {
        "attempts": total["attempts"],
        "contacts": total["contacts"],
        "right_party": total["right_party"],
        "contactability": number(formulas.contactability(total["contacts"], total["attempts"])),
        "rpc_rate": number(formulas.rpc_rate(total["right_party"], total["attempts"])),
    }


def _by_collector(activity: list[ActivityDay], promises: list[PromiseDay]) -> list[dict[str, Any]]:
    people: dict[int, Counter[str]] = {}
    for act in activity:
        if act.user_id is not None:
            people.setdefault(act.user_id, Counter()).update(
                attempts=act.attempts, contacts=act.contacts, right_party=act.right_party, seconds=act.seconds
            )
    for row in promises:
        if row.user_id is not None:
            people.setdefault(row.user_id, Counter()).update(
                promises=row.made, promised_minor=row.made_minor, kept=row.kept, kept_minor=row.kept_minor
            )
    return [{"user_id": user_id, **counts} for user_id, counts in sorted(people.items())]


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
