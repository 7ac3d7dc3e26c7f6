"""A back-test: the nights of a past period decided again from what was known then, beside the log of what was decided.

Where the version is the one that ran, both are equal to the last act; every difference is told with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final

import polars as pl
from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.db.known import Known
from aldia.engine.strategy import Strategy as StrategyValue
from aldia.strategy.lab.opening import NotInLab, bench
from aldia.strategy.models import Run, RunState
from aldia.strategy.night.deciding import decide_partition
from aldia.strategy.night.history import IDENTITY, run_frame
from aldia.strategy.night.in_use import night_plan

AS_OF_NOW: Final = (
    "contact_points", "consents", "closed_channels", "party", "portfolio", "team", "holder", "segments", "own_facts", "is_disputed", "due_on",
    "unapplied", "tasks_open", "plan_state",
)  # fmt: skip
"""What is not kept with dates yet, and counts as it is today."""
LISTED: Final = 100


@dataclass(frozen=True)
class Difference:
    """One act that the replay and the log do not tell alike. `kind`: only_log, only_replay, state, channel or reason."""

    on: date
    case_id: int
    step: str
    subject_kind: str
    subject_id: int
    kind: str
    logged: str
    replayed: str


@dataclass(frozen=True)
class ReplayedDay:
    """One night: the version that ran, how many acts the log and the replay have, how many messages, and the differences."""

    on: date
    run_id: int
    versions: tuple[int, ...]
    logged: int
    replayed: int
    messages_logged: int
    messages_replayed: int
    differences: int


@dataclass(frozen=True)
class BackTest:
    """The answer. `is_same`: on every night the version replayed was the one that ran."""

    strategy: str
    from_on: date
    to_on: date
    days: tuple[ReplayedDay, ...]
    differences: int
    by_kind: Mapping[str, int]
    listed: tuple[Difference, ...]
    is_same: bool
    as_of_now: tuple[str, ...] = AS_OF_NOW

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def back_test(actor: Actor, key: str, *, from_on: date, to_on: date, version: int | None = None) -> BackTest:
    """Return the nights in [from_on, to_on) decided again: with the version in force on each, or with one for all of them.

    Raises NotInLab, StrategyInvalid, NotAllowed.
    """
    actor.check(Permission.SEE_STRATEGIES)
    tried = bench(actor.organisation_id, key, as_of=to_on, version=version).strategy
    forced = None if version is None else tried
    days, found = [], []
    for run in _runs(actor.organisation_id, from_on, to_on):
        log = run_frame(actor.organisation_id, run.pk).filter(pl.col("strategy") == key)
        replay = _replayed(actor.organisation_id, run, key, forced)
        differences = list(_differences(run.as_of, log, replay))
        found += differences
        versions = tuple(sorted(log["version"].unique().to_list()))
        days.append(
            ReplayedDay(
                run.as_of,
                run.pk,
                versions,
                log.height,
                replay.height,
                _messages(log),
                _messages(replay),
                len(differences),
            )
        )
    if not days:
        raise NotInLab(
            _("Entre el %(from_on)s y el %(to_on)s no corrió ninguna noche.")
            % {"from_on": from_on, "to_on": to_on}
        )
    return BackTest(
        strategy=key, from_on=from_on, to_on=to_on, days=tuple(days), differences=len(found),
        by_kind=Counter(one.kind for one in found), listed=tuple(found[:LISTED]),
        is_same=forced is None or all(set(day.versions) <= {forced.version} for day in days),
    )  # fmt: skip


def _runs(organisation_id: int, from_on: date, to_on: date) -> list[Run]:
    rows = Run.objects.of(organisation_id).filter(as_of__gte=from_on, as_of__lt=to_on, state=RunState.DONE)
    return list(rows.order_by("id"))


def _replayed(organisation_id: int, run: Run, key: str, forced: StrategyValue | None) -> pl.DataFrame:
    """The news of one night: all the strategies of the night share its budget, the tried one in its version."""
    plan = night_plan(organisation_id, as_of=run.as_of)
    if forced is not None:
        used = tuple(
            replace(one, strategy=forced) if one.strategy.key == key else one for one in plan.strategies
        )
        plan = replace(plan, strategies=used)
    known = Known(run.started_at, run.pk)
    news = [decide_partition(plan, partition, known).news for partition in plan.partitions()]
    return (
        pl.concat(news).filter(pl.col("strategy") == key)
        if news
        else pl.DataFrame(schema=dict.fromkeys(IDENTITY, pl.Null))
    )


def _messages(rows: pl.DataFrame) -> int:
    taken = rows.filter((pl.col("state") == "take") & pl.col("channel").is_not_null())
    return taken.select("case_id", "step", "channel").unique().height


def _differences(on: date, log: pl.DataFrame, replay: pl.DataFrame) -> Iterator[Difference]:
    told = [*IDENTITY, "case_id", "state", "channel", "reason"]
    keys = [*IDENTITY, "case_id", "n"]
    both = (
        rows.select(told).sort(told).with_columns(n=pl.int_range(pl.len()).over(list(IDENTITY)))
        for rows in (log, replay)
    )
    first, second = both
    joined = first.with_columns(in_log=pl.lit(value=True)).join(
        second.with_columns(in_replay=pl.lit(value=True)), on=keys, how="full", coalesce=True, suffix="_again"
    )
    for row in joined.sort("case_id", "step", "subject_id").iter_rows(named=True):
        kind = _kind(row)
        if kind:
            yield Difference(
                on, row["case_id"], row["step"], row["subject_kind"], row["subject_id"], kind,
                _word(row, "", "in_log"), _word(row, "_again", "in_replay"),
            )  # fmt: skip


def _kind(row: Mapping[str, Any]) -> str:
    if not row["in_log"]:
        return "only_replay"
    if not row["in_replay"]:
        return "only_log"
    return next((name for name in ("state", "channel", "reason") if row[name] != row[f"{name}_again"]), "")


def _word(row: Mapping[str, Any], suffix: str, side: str) -> str:
    if not row[side]:
        return ""
    return " ".join(filter(None, (row[f"state{suffix}"], row[f"channel{suffix}"], row[f"reason{suffix}"])))
