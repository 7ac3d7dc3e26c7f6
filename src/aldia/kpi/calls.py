"""Calls of a period: how many each person made and how long they talked, by kind of debt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Sum

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.kpi.dashboard import DashboardQuery, in_query, own
from aldia.kpi.models import ActivityDay
from aldia.ledger import selectors as ledger


@dataclass(frozen=True)
class CallsLine:
    """One person's calls about one kind of debt (empty: nobody said which); `seconds` of talk."""

    user_id: int
    name: str
    debt_kind: str
    calls: int
    seconds: int


def calls_by_kind(actor: Actor, query: DashboardQuery) -> list[CallsLine]:
    """Return who called about which kind of debt, by name and then the most calls; alone, who does not see the team. Raises NotAllowed."""
    query = own(actor, query)
    kinds = {portfolio.pk: portfolio.debt_kind or "" for portfolio in ledger.portfolios(actor)}
    calls: Counter[tuple[int, str]] = Counter()
    seconds: Counter[tuple[int, str]] = Counter()
    rows = in_query(ActivityDay.objects.of(actor.organisation_id), query).filter(channel="call")
    summed = rows.exclude(user_id=None).order_by().values_list("user_id", "portfolio_id")
    for user_id, portfolio_id, made, talked in summed.annotate(made=Sum("attempts"), talked=Sum("seconds")):
        key = (user_id, kinds.get(portfolio_id, ""))
        calls[key] += made or 0
        seconds[key] += talked or 0
    names = {row.user_id: row.user.name for row in access.members(actor)}
    lines = [
        CallsLine(user_id, names.get(user_id, ""), kind, count, seconds[user_id, kind])
        for (user_id, kind), count in calls.items()
    ]
    return sorted(lines, key=lambda line: (line.name, -line.calls, line.debt_kind))
