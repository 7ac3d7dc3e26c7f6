"""The funnel of each campaign, from what was decided to what was paid, and what did not leave, by reason; with the rows behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
from django.core.cache import cache

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.contact import campaign_facts as contact
from aldia.ledger import facts as ledger
from aldia.strategy import selectors as strategy
from aldia.strategy.selectors.campaigns import unwritten

UNWRITTEN: Final = ("withheld_by_strategy", "missed")
NOT_SENT: Final = ("withheld", "failed", "cancelled", *UNWRITTEN)
WAITING: Final = ("queued", "sending")
LARGE: Final = 20_000
"""Rows from which what the screen counts is kept some seconds instead of read at every look."""
KEPT_SECONDS: Final = 10
MOST_RUNS: Final = 31

_STATE = pl.col("state")
STAGES: Final[dict[str, pl.Expr]] = {
    "placed": ~_STATE.is_in(UNWRITTEN),
    "waiting": _STATE.is_in(WAITING),
    "sent": _STATE == "sent",
    "arrived": pl.col("has_arrived"),
    "read": pl.col("was_read"),
    "answered": pl.col("was_answered"),
    "paid": pl.col("has_paid"),
    "unknown": _STATE == "unknown",
    "not_sent": _STATE.is_in(NOT_SENT),
    "lost": pl.col("was_lost"),
}
"""What each figure of a funnel counts: the same condition gives the figure and the rows behind it."""


class UnknownStage(LookupError):
    """Raised when a figure is asked for that no funnel has."""


@dataclass(frozen=True)
class Funnel:
    """The figures of one campaign by one channel, in the order of STAGES."""

    campaign: str
    channel: str
    placed: int
    waiting: int
    sent: int
    arrived: int
    read: int
    answered: int
    paid: int
    unknown: int
    not_sent: int
    lost: int


@dataclass(frozen=True)
class Unsent:
    """So many notices that did not leave, for one reason. `state`: who stopped them (`withheld`, `failed`, `missed` …)."""

    state: str
    reason: str
    count: int


@dataclass(frozen=True)
class Monitor:
    """The campaigns of some nights, and what did not leave, the most frequent first."""

    funnels: tuple[Funnel, ...]
    unsent: tuple[Unsent, ...]
    waiting: tuple[Unsent, ...]

    def total(self, stage: str) -> int:
        """Return one figure over all campaigns. Raises KeyError."""
        return sum(asdict(one)[stage] for one in self.funnels)


@dataclass(frozen=True)
class Behind:
    """Which rows of some nights: those of a figure, of a campaign (all when empty), a channel, a state and a reason."""

    stage: str
    campaign: str = ""
    channel: str = ""
    state: str = ""
    reason: str | None = None


def chosen_runs(actor: Actor, *, run_id: int | None, days: int | None) -> list[strategy.RunView]:
    """Return the night asked for, or those of the last days, or the last one that left something to send, newest first. Raises
    NotAllowed."""
    runs = strategy.runs(actor, limit=MOST_RUNS)
    if run_id is not None:
        return [run for run in runs if run.id == run_id] or runs[:1]
    if days is None or not runs:
        return _last_written(actor.organisation_id, runs)
    return [run for run in runs if run.as_of > runs[0].as_of - timedelta(days=days)]


def _last_written(organisation_id: int, runs: list[strategy.RunView]) -> list[strategy.RunView]:
    """The last night that left something to send, with its day's events and with what those since have left; where no night did,
    the last one."""
    written = []
    for place, run in enumerate(runs):
        if contact.has_orders(organisation_id, f"run:{run.id}"):
            written.append(run)
            if run.is_night:
                return [each for each in runs[: place + 1] if each in written or each.as_of == run.as_of]
    night = next((place for place, run in enumerate(runs) if run.is_night), 0)
    return runs[: night + 1]


def monitor(actor: Actor, runs: Sequence[strategy.RunView], *, campaign: str = "") -> Monitor:
    """Return the funnels of some nights, of one campaign or of all. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    frame = _kept_frame(actor.organisation_id, runs)
    frame = frame.filter(pl.col("campaign") == campaign) if campaign else frame
    return Monitor(
        _funnels(frame), _by_reason(frame, STAGES["not_sent"]), _by_reason(frame, STAGES["waiting"])
    )


def rows_behind(
    actor: Actor, runs: Sequence[strategy.RunView], behind: Behind, *, after: int = 0, limit: int = 50
) -> tuple[list[dict[str, Any]], int, int | None]:
    """Return some of the rows of a figure with the name of each client, how many there are, and where the next page begins.

    Raises UnknownStage, NotAllowed.
    """
    actor.check(Permission.SEE_STRATEGIES)
    if behind.stage not in STAGES:
        raise UnknownStage(behind.stage)
    frame = _kept_frame(actor.organisation_id, runs).filter(STAGES[behind.stage])
    for column in ("campaign", "channel", "state"):
        if wanted := getattr(behind, column):
            frame = frame.filter(pl.col(column) == wanted)
    if behind.reason is not None:
        frame = frame.filter(pl.col("reason") == behind.reason)
    shown = frame.sort("as_of", "order_id", "case_id", descending=True).slice(after, limit).to_dicts()
    ids = {row["case_id"] for row in shown}
    names = dict(cases.scope(actor).filter(pk__in=ids).values_list("pk", "debtor_name"))
    beyond = after + len(shown)
    return (
        [{**row, "debtor": names.get(row["case_id"], "")} for row in shown],
        frame.height,
        beyond if beyond < frame.height else None,
    )


def _kept_frame(organisation_id: int, runs: Sequence[strategy.RunView]) -> pl.DataFrame:
    """The frame of some nights; a large one is read again after some seconds only, one at a time for each organisation."""
    slot, scope = f"campaigns:{organisation_id}", [run.id for run in runs]
    kept: tuple[list[int], pl.DataFrame] | None = cache.get(slot)
    if kept is not None and kept[0] == scope:
        return kept[1]
    frame = campaign_frame(organisation_id, runs)
    if frame.height > LARGE:
        cache.set(slot, (scope, frame), KEPT_SECONDS)
    return frame


def campaign_frame(organisation_id: int, runs: Sequence[strategy.RunView]) -> pl.DataFrame:
    """Return one row for each notice of some nights: what became of its order, or why the strategy did not write it."""
    orders = contact.campaign_orders(organisation_id, [f"run:{run.id}" for run in runs])
    orders = orders.with_columns(has_paid=_paid(organisation_id, orders) & (_STATE == "sent"))
    held = unwritten(organisation_id, [(run.id, run.as_of) for run in runs])
    by_strategy = pl.when(_STATE == "withheld").then(pl.lit(UNWRITTEN[0])).otherwise(_STATE)
    flags = [name for name, kind in orders.schema.items() if kind == pl.Boolean]
    held = held.with_columns(
        by_strategy.alias("state"), pl.lit(None, pl.Int64).alias("order_id"),
        *(pl.lit(value=False).alias(name) for name in flags),
    )  # fmt: skip
    return pl.concat([orders, held.select(orders.columns)])


def _paid(organisation_id: int, orders: pl.DataFrame) -> pl.Expr:
    """Whether money of the case came in on the order's day or soon after."""
    first: date | None = orders["as_of"].min()  # type: ignore[assignment]
    if first is None:
        return pl.lit(value=False)
    cash = ledger.payments_frame(organisation_id, from_on=first, case_ids=orders["case_id"].unique())
    return contact.within_days(orders, cash.filter(pl.col("amount_minor") > 0))


def _funnels(frame: pl.DataFrame) -> tuple[Funnel, ...]:
    counted = frame.group_by("campaign", "channel").agg(
        pl.len().alias("all"), *(condition.sum().alias(name) for name, condition in STAGES.items())
    )
    told = counted.sort("all", "campaign", "channel", descending=[True, False, False]).drop("all")
    return tuple(Funnel(**row) for row in told.iter_rows(named=True))


def _by_reason(frame: pl.DataFrame, condition: pl.Expr) -> tuple[Unsent, ...]:
    counted = frame.filter(condition).group_by("state", "reason").len("count")
    told = counted.sort("count", "state", "reason", descending=[True, False, False])
    return tuple(Unsent(**row) for row in told.iter_rows(named=True))
