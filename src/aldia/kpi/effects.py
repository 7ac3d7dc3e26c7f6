"""What each person's work brings: how much was done, in how much time, and the money credited to whoever spoke last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import polars as pl
from django.db.models import Count, Q, Sum

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.cases.selectors import team as cases_team
from aldia.kpi.dashboard import DashboardQuery, in_query, own
from aldia.kpi.models import ActivityDay, PromiseDay
from aldia.kpi.rows import cash_rows
from aldia.outcomes.spoken import spoken_frame

CREDIT_DAYS: Final = 14
"""Money is credited to the last contact with the client in these days up to the payment, its own day included."""


@dataclass(frozen=True)
class Effect:
    """One person in a period. `seconds`: at work with clients, as was written down. Amounts in minor units of one currency."""

    user_id: int
    name: str
    days: int = 0
    attempts: int = 0
    calls: int = 0
    call_seconds: int = 0
    right_party: int = 0
    made: int = 0
    kept: int = 0
    fallen_due: int = 0
    credited_minor: int = 0
    cases: int = 0
    overdue: int = 0

    @property
    def attempts_a_day(self) -> float | None:
        """Attempts for each day with any; None without one."""
        return self.attempts / self.days if self.days else None

    @property
    def minutes_a_call(self) -> float | None:
        """Minutes that a call takes; None where no time was written."""
        return self.call_seconds / 60 / self.calls if self.calls and self.call_seconds else None


def effects(actor: Actor, query: DashboardQuery) -> list[Effect]:
    """Return who did, holds or brought something, who brought most first; alone, who does not see the team. Raises NotAllowed."""
    query = own(actor, query)
    done = _done(actor, query)
    credited = credited_by_user(actor.organisation_id, query)
    held = {row.user_id: row for row in cases_team.loads(actor)}
    rows = []
    for member in access.members(actor):
        if query.user_id not in (None, member.user_id):
            continue
        told = done.get(member.user_id, {})
        money, load = credited.get(member.user_id, 0), held.get(member.user_id)
        if told or money or load:
            rows.append(
                Effect(
                    member.user_id, member.user.name, **told, credited_minor=money,
                    cases=load.cases if load else 0, overdue=load.overdue if load else 0,
                )
            )  # fmt: skip
    return sorted(rows, key=lambda row: (-row.credited_minor, -row.attempts, row.name))


def _done(actor: Actor, query: DashboardQuery) -> dict[int, dict[str, int]]:
    """What each person did, from the roll-ups."""
    found: dict[int, dict[str, int]] = {}
    is_call = Q(channel="call")
    acts = in_query(ActivityDay.objects.of(actor.organisation_id), query).exclude(user_id=None).order_by()
    promises = in_query(PromiseDay.objects.of(actor.organisation_id), query).filter(currency=query.currency)
    sums: tuple[tuple[Any, dict[str, Any]], ...] = (
        (acts, {
            "n_days": Count("on", distinct=True), "n_attempts": Sum("attempts"), "n_right_party": Sum("right_party"),
            "n_calls": Sum("attempts", filter=is_call), "n_call_seconds": Sum("seconds", filter=is_call),
        }),
        (promises.exclude(user_id=None).order_by(), {f"n_{name}": Sum(name) for name in ("made", "kept", "fallen_due")}),
    )  # fmt: skip
    for rows, wanted in sums:
        for row in rows.values("user_id").annotate(**wanted):
            told = found.setdefault(row["user_id"], {})
            told.update({name.removeprefix("n_"): int(row[name] or 0) for name in wanted})
    return found


def credited_by_user(organisation_id: int, query: DashboardQuery) -> dict[int, int]:
    """Return the money of the period by who spoke last with the client before it came, in minor units."""
    credited = with_credit(organisation_id, query)
    people = credited.filter(pl.col("user_id").is_not_null()).group_by("user_id")
    return dict(people.agg(pl.col("amount_minor").sum()).iter_rows())


def with_credit(organisation_id: int, query: DashboardQuery) -> pl.DataFrame:
    """Return the cash of the period, each row with the user_id and channel of the last contact that it is credited to."""
    window = timedelta(days=CREDIT_DAYS)
    spoken = spoken_frame(
        organisation_id, from_on=query.period.start - window, to_on=query.last_on + timedelta(days=1)
    )
    cash = cash_rows(organisation_id, query).sort("on")
    return cash.join_asof(
        spoken.sort("on", maintain_order=True), on="on", by="case_id", strategy="backward", tolerance=window,
        check_sortedness=False,
    )  # fmt: skip
