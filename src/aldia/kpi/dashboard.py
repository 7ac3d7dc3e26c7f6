"""The dashboard of a period, from the roll-ups alone: milliseconds whatever the size of the portfolio."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet, Sum

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.domain.periods import Period, first_of_month
from aldia.kpi.figures import COUNTBACK_DAYS, NOT_DUE
from aldia.kpi.models import ActivityDay, PortfolioDay, PromiseDay
from aldia.outcomes import selectors as outcomes

_PROMISES = ("made", "made_minor", "fallen_due", "fallen_due_minor", "kept", "kept_minor")
AHEAD_DAYS = 28  # how far ahead a promise enters the forecast of cash
_ACTS = ("attempts", "contacts", "right_party", "seconds")


@dataclass(frozen=True)
class DashboardQuery:
    """What a dashboard shows: a period with an end, one currency, some portfolios or all, and one person or everybody."""

    period: Period
    currency: str
    portfolio_ids: frozenset[int] | None = None
    user_id: int | None = None

    @property
    def last_on(self) -> date:
        """The last day of the period."""
        if self.period.last is None:
            raise ValueError("a dashboard needs a period with an end")
        return self.period.last

    def before(self) -> DashboardQuery:
        """The same question about the period of the same length just before."""
        length = timedelta(days=self.period.days or 1)
        return replace(self, period=Period(self.period.start - length, self.period.start))


@dataclass(frozen=True)
class Point:
    """One day of a trend; the money figures are those of its end, in minor units."""

    on: date
    total_minor: int
    overdue_minor: int
    billed_minor: int
    received_minor: int
    cases_overdue: int
    buckets: dict[str, list[int]]

    @property
    def current_minor(self) -> int:
        """What is not past due."""
        return self.total_minor - self.overdue_minor


@dataclass(frozen=True)
class Dashboard:
    """Everything the indicators screen shows. `opening` is the last day kept before the first of `points`; `promised_minor`,
    what clients promise for the days from its end on."""

    query: DashboardQuery
    points: list[Point]
    opening: Point | None
    received_minor: int
    billed_minor: int
    sales_by_month: dict[date, int]
    promises: Counter[str]
    by_channel: dict[str, Counter[str]]
    by_outcome: dict[str, int]
    by_collector: list[dict[str, Any]] = field(default_factory=list)
    promised_minor: dict[date, int] = field(default_factory=dict)

    @property
    def latest(self) -> Point | None:
        """The last day that has figures."""
        return self.points[-1] if self.points else None

    @property
    def recovered_minor(self) -> int:
        """Money received over the period, reversals taken off."""
        return self.received_minor

    @cached_property
    def contacts(self) -> Counter[str]:
        """Attempts, contacts and right-party contacts of people, and `messages` that left by themselves."""
        total: Counter[str] = Counter()
        for counts in self.by_channel.values():
            total.update(counts)
        return total


def dashboard(actor: Actor, query: DashboardQuery) -> Dashboard:
    """Return the dashboard. Who does not see the team sees only what he did himself. Raises NotAllowed."""
    query = own(actor, query)
    promises = in_query(PromiseDay.objects.of(actor.organisation_id), query).filter(currency=query.currency)
    activity = in_query(ActivityDay.objects.of(actor.organisation_id), query)
    money = _Money(actor.organisation_id, query)
    return Dashboard(
        query=query,
        points=money.points(),
        opening=money.opening(),
        received_minor=money.moved("received_minor"),
        billed_minor=money.moved("billed_minor"),
        sales_by_month=money.sales_by_month(),
        promises=Counter(_sums(promises, _PROMISES)),
        by_channel=_by_channel(activity),
        by_outcome=dict(
            activity.exclude(outcome="").order_by().values_list("outcome").annotate(n=Sum("attempts")).order_by("-n", "outcome")
        ),
        by_collector=_by_collector(actor, activity, promises),
        promised_minor=outcomes.promised_minor(
            actor, currency=query.currency, from_on=query.last_on, days=AHEAD_DAYS, portfolio_ids=query.portfolio_ids
        ),
    )  # fmt: skip


def own(actor: Actor, query: DashboardQuery) -> DashboardQuery:
    """Return the question as the actor may ask it. Raises NotAllowed."""
    actor.check(Permission.SEE_INDICATORS)
    return query if actor.may(Permission.SEE_TEAM) else replace(query, user_id=actor.user_id)


class _Money:
    """The days of receivables: those lived whole have buckets, the others only what moved."""

    def __init__(self, organisation_id: int, query: DashboardQuery) -> None:
        self._query = query
        rows = PortfolioDay.objects.of(organisation_id).filter(currency=query.currency)
        self._all: QuerySet[PortfolioDay] = (
            rows if query.portfolio_ids is None else rows.filter(portfolio_id__in=query.portfolio_ids)
        )

    def points(self) -> list[Point]:
        days: dict[date, list[PortfolioDay]] = {}
        for row in self._inside().exclude(buckets={}).order_by("on"):
            days.setdefault(row.on, []).append(row)
        return [_point(on, same) for on, same in days.items()]

    def opening(self) -> Point | None:
        before = self._all.filter(on__lt=self._query.period.start).exclude(buckets={})
        on = before.order_by("-on").values_list("on", flat=True).first()
        return _point(on, list(before.filter(on=on))) if on else None

    def moved(self, field_name: str) -> int:
        return int(self._inside().aggregate(total=Sum(field_name))["total"] or 0)

    def sales_by_month(self) -> dict[date, int]:
        last_on = self._query.last_on
        since = first_of_month(last_on - timedelta(days=COUNTBACK_DAYS))
        rows = (
            self._all.filter(on__gte=since, on__lte=last_on)
            .values_list("on")
            .annotate(total=Sum("billed_minor"))
        )
        months: Counter[date] = Counter()
        for on, total in rows.order_by():
            months[first_of_month(on)] += total
        return dict(months)

    def _inside(self) -> QuerySet[PortfolioDay]:
        return self._all.filter(on__gte=self._query.period.start, on__lte=self._query.last_on)


def _point(on: date, same: list[PortfolioDay]) -> Point:
    return Point(
        on=on,
        total_minor=sum(row.total_minor for row in same),
        overdue_minor=sum(row.overdue_minor for row in same),
        billed_minor=sum(row.billed_minor for row in same),
        received_minor=sum(row.received_minor for row in same),
        cases_overdue=sum(row.cases_overdue for row in same),
        buckets={
            row.key: [sum(day.buckets.get(row.key, [0, 0])[part] for day in same) for part in (0, 1)]
            for row in DEFAULT_BUCKETS.rows
        },
    )


def in_query(rows: Any, query: DashboardQuery) -> QuerySet[Any]:
    """Return the rows of a roll-up by day that the question is about."""
    scope = Q(on__gte=query.period.start, on__lte=query.last_on)
    if query.portfolio_ids is not None:
        scope &= Q(portfolio_id__in=query.portfolio_ids)
    if query.user_id is not None:
        scope &= Q(user_id=query.user_id)
    chosen: QuerySet[Any] = rows.filter(scope)
    return chosen


def _sums(rows: QuerySet[Any], names: tuple[str, ...]) -> dict[str, int]:
    return {
        name: int(total or 0) for name, total in rows.aggregate(**{name: Sum(name) for name in names}).items()
    }


def _by_channel(activity: QuerySet[Any]) -> dict[str, Counter[str]]:
    """Per channel; what the machine sent has no outcome and is counted as `messages`, not as an attempt of anybody."""
    found: dict[str, Counter[str]] = {}
    is_machine = Q(outcome="")
    people = (
        activity.exclude(is_machine)
        .order_by()
        .values("channel")
        .annotate(**{f"n_{name}": Sum(name) for name in _ACTS})
    )
    for row in people:
        found[row["channel"]] = Counter({name: row[f"n_{name}"] or 0 for name in _ACTS})
    for channel, total in (
        activity.filter(is_machine).order_by().values_list("channel").annotate(total=Sum("attempts"))
    ):
        found.setdefault(channel, Counter())["messages"] = total or 0
    return dict(sorted(found.items()))


def _by_collector(actor: Actor, activity: QuerySet[Any], promises: QuerySet[Any]) -> list[dict[str, Any]]:
    people: dict[int, Counter[str]] = {}
    for rows, names in ((activity, _ACTS), (promises, _PROMISES)):
        sums = {f"n_{name}": Sum(name) for name in names}
        for row in rows.exclude(user_id=None).order_by().values("user_id").annotate(**sums):
            people.setdefault(row["user_id"], Counter()).update(
                {name: row[f"n_{name}"] or 0 for name in names}
            )
    names_by_id = {row.user_id: row.user.name for row in access.members(actor)}
    listed = [
        {
            "user_id": user_id,
            "name": names_by_id.get(user_id, ""),
            **dict.fromkeys((*_ACTS, *_PROMISES), 0),
            **counts,
        }
        for user_id, counts in people.items()
    ]
    return sorted(listed, key=lambda row: (-row["contacts"], row["name"]))


__all__ = ["NOT_DUE", "Dashboard", "DashboardQuery", "Point", "dashboard", "own"]
