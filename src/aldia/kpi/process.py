"""How the work goes: how soon clients are reached and pay, whether small ones are forgotten, where work waits, what each channel
costs and brings, and what part of the debts of an age is paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

import polars as pl

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases.facts import change_frame
from aldia.cases.traits import trait_frame
from aldia.contact import facts as contact
from aldia.domain import formulas
from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.kpi.dashboard import Dashboard, DashboardQuery
from aldia.kpi.effects import with_credit
from aldia.kpi.models import PortfolioDay
from aldia.kpi.rows import in_scope
from aldia.ledger.facts import bucket_expressions
from aldia.ledger.lives import covered_frame, fallen_due_frame, given_up_frame, settled_frame

CURVE_DAYS: Final = (0, 15, 30, 60, 90, 180)
COHORT_DAYS: Final = 180  # how long a time of due dates each point of the curve looks at
PARTS: Final = 10
QUARTERS: Final = 5
LEGAL: Final = "legal"
"""The stage of the cases that are in court."""


@dataclass(frozen=True)
class Pace:
    """Over a period: cases that fell into arrears, how many were reached by somebody or something and after how many days
    (median); debts settled, days from issue to settled (mean by money), and those late with their days past due (median)."""

    entered: int
    reached: int
    days_to_reach: float | None
    settled: int
    days_to_collect: float | None
    settled_late: int
    days_to_cure: float | None


@dataclass(frozen=True)
class SizePart:
    """A tenth of the overdue cases by what they owe, the smallest first, and how many of them were reached in the period."""

    place: int
    cases: int
    reached: int
    overdue_minor: int


@dataclass(frozen=True)
class Queue:
    """The overdue cases of a stage and the days they have been in it: the middle one and the longest."""

    stage: str
    cases: int
    days: float
    longest: int


@dataclass(frozen=True)
class ChannelCost:
    """What left by a channel, what it cost where the organisation says a price, and the money that came within
    `effects.CREDIT_DAYS` of a contact by it."""

    channel: str
    acts: int
    cost_minor: int | None
    credited_minor: int

    @property
    def cost_rate(self) -> Fraction | None:
        """Cost of each hundred of money that came, percent."""
        if self.cost_minor is None or not self.credited_minor:
            return None
        return Fraction(100 * self.cost_minor, self.credited_minor)


@dataclass(frozen=True)
class CurvePoint:
    """Of the money that fell due in the COHORT_DAYS that were so many `days` old by the end of the period, what was paid by then,
    percent; None where nothing fell due."""

    days: int
    documents: int
    share: Fraction | None


@dataclass(frozen=True)
class Quarter:
    """What was owed and overdue on the last day kept of a quarter, and how many cases went to court in it."""

    on: date
    total_minor: int
    overdue_minor: int
    to_court: int

    @property
    def overdue_index(self) -> Fraction | None:
        """What part was overdue, percent."""
        return formulas.delinquency_ratio(self.overdue_minor, self.total_minor)


def pace(actor: Actor, query: DashboardQuery) -> Pace:
    """Return how soon clients were reached and paid in the period. Raises NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    start, end = query.period.start, query.last_on + timedelta(days=1)
    changes = change_frame(actor.organisation_id, from_on=start, to_on=end, field="cycle")
    entered = changes.filter(pl.col("reason") == "arrears")
    entered = _mine(actor, entered.select("case_id", "on").sort("on").unique("case_id", keep="first"), query)
    first = entered.join(_reached(actor, query), on="case_id").filter(pl.col("touched_on") >= pl.col("on"))
    waits = first.group_by("case_id").agg(days=(pl.col("touched_on") - pl.col("on")).dt.total_days().min())
    settled = in_scope(settled_frame(actor.organisation_id, from_on=start, to_on=end), query).with_columns(
        days=(pl.col("on") - pl.col("issued_on")).dt.total_days(), late=(pl.col("on") - pl.col("due_on")).dt.total_days()
    )  # fmt: skip
    late = settled.filter(pl.col("late") > 0)
    weight = int(settled["original_minor"].sum())
    return Pace(
        entered.height, waits.height, _median(waits["days"]), settled.height,
        int((settled["days"] * settled["original_minor"]).sum()) / weight if weight else None,
        late.height, _median(late["late"]),
    )  # fmt: skip


def coverage(actor: Actor, query: DashboardQuery) -> list[SizePart]:
    """Return the overdue cases in tenths by size, and how many of each were reached in the period. Raises NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    owing = in_scope(trait_frame(actor.organisation_id), query).filter(pl.col("overdue_minor") > 0)
    touched = _reached(actor, query).select("case_id").unique().with_columns(is_reached=pl.lit(value=True))
    ranked = owing.sort("overdue_minor", "case_id").with_row_index("place").join(
        touched, on="case_id", how="left", maintain_order="left"
    )  # fmt: skip
    parts = min(PARTS, ranked.height)
    tenths = ranked.group_by(place=pl.col("place").cast(pl.Int64) * parts // max(ranked.height, 1) + 1).agg(
        cases=pl.len().cast(pl.Int64), reached=pl.col("is_reached").fill_null(value=False).sum().cast(pl.Int64),
        overdue_minor=pl.col("overdue_minor").sum(),
    )  # fmt: skip
    return [SizePart(*row) for row in tenths.sort("place").iter_rows()]


def queues(actor: Actor, query: DashboardQuery) -> list[Queue]:
    """Return how long the overdue cases have been in their stage, the slowest stage first. Raises NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    owing = in_scope(trait_frame(actor.organisation_id), query).filter(pl.col("overdue_minor") > 0)
    waits = owing.with_columns(days=(pl.lit(query.last_on) - pl.col("stage_since_on")).dt.total_days())
    stages = waits.with_columns(pl.col("days").clip(0)).group_by("stage").agg(
        cases=pl.len().cast(pl.Int64), middle=pl.col("days").median(), longest=pl.col("days").max()
    )  # fmt: skip
    return [Queue(*row) for row in stages.sort("middle", "stage", descending=[True, False]).iter_rows()]


def channel_costs(actor: Actor, board: Dashboard, prices: Mapping[str, int]) -> list[ChannelCost]:
    """Return cost and credited money by channel; `prices`: of a thousand acts, in minor units. Raises NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    spoken = with_credit(actor.organisation_id, board.query).filter(pl.col("channel").is_not_null())
    came = dict(spoken.group_by("channel").agg(pl.col("amount_minor").sum()).iter_rows())
    rows = []
    for channel in sorted({*board.by_channel, *came}):
        told: Mapping[str, Any] = board.by_channel.get(channel, {})
        acts = told.get("attempts", 0) + told.get("messages", 0)
        cost = round(acts * prices[channel] / 1000) if channel in prices else None
        rows.append(ChannelCost(channel, acts, cost, came.get(channel, 0)))
    return rows


def curve(actor: Actor, query: DashboardQuery) -> list[CurvePoint]:
    """Return what part of the money is paid by each age since it fell due. Raises NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    end = query.last_on + timedelta(days=1)
    since = end - timedelta(days=COHORT_DAYS + CURVE_DAYS[-1])
    due = in_scope(fallen_due_frame(actor.organisation_id, due_from=since, due_to=end), query)
    paid = in_scope(covered_frame(actor.organisation_id, due_from=since, due_to=end), query)
    return [_point(due, paid, end - timedelta(days=days), days) for days in CURVE_DAYS]


def quarters(actor: Actor, query: DashboardQuery) -> list[Quarter]:
    """Return the last quarters that have a day kept, the oldest first. Raises NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    rows = PortfolioDay.objects.of(actor.organisation_id).filter(
        currency=query.currency, on__lte=query.last_on
    )
    if query.portfolio_ids is not None:
        rows = rows.filter(portfolio_id__in=query.portfolio_ids)
    days = rows.exclude(buckets={}).order_by("-on").values_list("on", flat=True).distinct()
    last: dict[tuple[int, int], date] = {}
    for on in days:
        last.setdefault(_quarter_of(on), on)
        if len(last) > QUARTERS:
            break
    days_kept = sorted(last.values())[-QUARTERS:]
    courts = _to_court(actor, query, days_kept[0]) if days_kept else {}
    found = []
    for on in days_kept:
        same = list(rows.filter(on=on).exclude(buckets={}))
        total, overdue = sum(row.total_minor for row in same), sum(row.overdue_minor for row in same)
        found.append(Quarter(on, total, overdue, courts.get(_quarter_of(on), 0)))
    return found


def _quarter_of(on: date) -> tuple[int, int]:
    return on.year, (on.month - 1) // 3


def _to_court(actor: Actor, query: DashboardQuery, since: date) -> dict[tuple[int, int], int]:
    """How many cases entered the legal stage in each quarter, from the one of a day on."""
    first = since.replace(month=_quarter_of(since)[1] * 3 + 1, day=1)
    end = query.last_on + timedelta(days=1)
    went = change_frame(actor.organisation_id, from_on=first, to_on=end, field="stage", after=LEGAL)
    days = _mine(actor, went.select("case_id", "on"), query)["on"].to_list()
    return Counter(_quarter_of(on) for on in days)


def given_up(actor: Actor, query: DashboardQuery) -> dict[str, int]:
    """Return what was written off in the period by the ageing bucket that it had reached, in minor units. Raises NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    frame = given_up_frame(
        actor.organisation_id, from_on=query.period.start, to_on=query.last_on + timedelta(days=1)
    )
    aged = in_scope(frame, query).with_columns(dpd=(pl.col("on") - pl.col("due_on")).dt.total_days())
    bucket, _position = bucket_expressions(DEFAULT_BUCKETS)
    found = dict(aged.group_by(bucket=bucket).agg(pl.col("amount_minor").sum()).iter_rows())
    return {key: found[key] for key in DEFAULT_BUCKETS.keys if key in found}


def _point(due: pl.DataFrame, paid: pl.DataFrame, before: date, days: int) -> CurvePoint:
    """The debts that fell due in the COHORT_DAYS before a day, and what was paid of them within `days` of their due date."""
    is_old = pl.col("due_on").is_between(before - timedelta(days=COHORT_DAYS), before, closed="left")
    is_in_time = (pl.col("on") - pl.col("due_on")).dt.total_days() <= days
    debts = due.filter(is_old)
    owed, came = int(debts["original_minor"].sum()), int(paid.filter(is_old & is_in_time)["paid_minor"].sum())
    return CurvePoint(days, int(debts["documents"].sum()), Fraction(100 * came, owed) if owed else None)


def _reached(actor: Actor, query: DashboardQuery) -> pl.DataFrame:
    """The days of the period on which our side reached, or wrote to, each case: case_id, touched_on."""
    touches = contact.touch_frame(actor.organisation_id, since_on=query.period.start)
    ours = touches.filter(pl.col("is_contact") & ~pl.col("is_inbound") & (pl.col("on") <= query.last_on))
    return ours.select("case_id", touched_on="on")


def _mine(actor: Actor, frame: pl.DataFrame, query: DashboardQuery) -> pl.DataFrame:
    traits = trait_frame(actor.organisation_id).select("case_id", "portfolio_id", "currency")
    return in_scope(frame.join(traits, on="case_id"), query)


def _median(values: pl.Series) -> float | None:
    middle = values.median()
    return float(middle) if isinstance(middle, int | float) else None
