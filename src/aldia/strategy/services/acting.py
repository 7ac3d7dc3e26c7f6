"""From decided rows to what is left in other rooms: orders, tasks, stages, alarms, each with its identity."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from aldia.domain.calendars import Calendar
from aldia.engine.strategy import Notice, Step, Task
from aldia.engine.windows import END, with_window
from aldia.strategy.night.in_use import NightPlan
from aldia.strategy.night.law_of_day import LawOfDay, Place, end_of_window, first_lawful_instant
from aldia.strategy.services.enclosing import extras_of

INSTANT: Final = pl.Datetime("us", "UTC")
_PLACE: Final = ("policy", "country", "region", "timezone", "channel")
_PRIORITY_UNIT: Final = 1000  # decide() counts the step's priority in thousands, over the points of the case


@dataclass(frozen=True)
class Night:
    """What turns decisions into acts: the plan, the law of the partition, the run and the instant."""

    plan: NightPlan
    law: LawOfDay
    origin: str
    now: datetime


def with_acts(news: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with `act`: the identity of what they leave, the same for rows of one message or task.

    strategy:step:subject kind:subject or digest of the subjects:cycle:attempt:due day; stable for ever, whatever the version.
    """
    keys = ["strategy", "group"]
    subjects = pl.concat_str(
        [pl.col(name).cast(pl.String) for name in ("subject_id", "cycle", "attempt")], separator="."
    )
    groups = news.filter(pl.col("state") == "take").group_by(keys, maintain_order=True).agg(
        pl.col("step").first(), pl.col("subject_kind").first(), pl.col("subject_id").first(), pl.col("cycle").max(),
        pl.col("attempt").max(), pl.col("due_on").min(), pl.col("case_id").first(), subjects.sort().alias("subjects"),
    )  # fmt: skip
    names = [
        f"{row['strategy']}:{row['step']}:{row['subject_kind']}:{_named(row['subject_id'], row['case_id'], row['subjects'])}"
        f":{row['cycle']}:{row['attempt']}:{row['due_on'].isoformat()}"
        for row in groups.iter_rows(named=True)
    ]
    told = groups.select(keys).with_columns(pl.Series("act", names, dtype=pl.String), state=pl.lit("take"))
    return news.join(told, on=[*keys, "state"], how="left", maintain_order="left").with_columns(
        pl.col("act").fill_null("")
    )


def _named(subject_id: int, case_id: int, subjects: list[str]) -> str:
    if len(subjects) == 1:
        return str(subject_id)
    return f"{case_id}-{hashlib.sha256(','.join(subjects).encode()).hexdigest()[:16]}"


def steps_of(plan: NightPlan) -> dict[tuple[str, str], Step]:
    """Return every step of the night by strategy and key."""
    return {(one.strategy.key, step.key): step for one in plan.strategies for step in one.strategy.steps}


def orders_of(rows: pl.DataFrame, night: Night) -> pl.DataFrame:
    """Return the orders that taken notices leave, one a message, in the columns of `contact`'s frame."""
    taken = rows.filter((pl.col("action") == "notice") & (pl.col("state") == "take"))
    if taken.is_empty():
        return pl.DataFrame()
    taken = _with_ends(taken, night)
    of_documents = pl.col("subject_kind") == "document"
    groups = taken.group_by("act", maintain_order=True).agg(
        *(pl.col(name).first() for name in ("strategy", "step", "creditor_id", "portfolio_id", "case_id", "party_id",
                                             "template", *_PLACE)),
        document_ids=pl.col("subject_id").filter(of_documents).sort(), priority=pl.col("priority").max() // _PRIORITY_UNIT,
        ends_on=pl.col(END).max(), has_end=pl.col(END).is_not_null().all(), anchor_on=pl.col("anchor_on").first(),
    )  # fmt: skip
    groups = _with_hours(_with_papers(groups, night), night)
    return groups.select(
        "creditor_id", "portfolio_id", "case_id", "party_id", "channel", "document_ids", "has_statement", "has_documents",
        "priority", "not_before_at", "expires_at",
        identity="act", template_key="template", origin=pl.lit(night.origin), as_of=pl.lit(night.plan.as_of),
        extra=extras_of(groups, steps_of(night.plan), night.plan.organisation.pk), purpose=pl.lit("collection"),
    )  # fmt: skip


def _with_ends(taken: pl.DataFrame, night: Night) -> pl.DataFrame:
    """Each row with the first day on which its step is no longer due; the steps change from row to row, so step by step."""
    strategies = {one.strategy.key: one.strategy for one in night.plan.strategies}
    parts = [
        with_window(
            part.lazy(),
            strategies[str(key[0])],
            strategies[str(key[0])].step(str(key[1])),
            night.law.calendars,
        ).collect()
        for key, part in taken.partition_by("strategy", "step", as_dict=True, maintain_order=True).items()
    ]
    return pl.concat(parts)


def _with_papers(groups: pl.DataFrame, night: Night) -> pl.DataFrame:
    rows = [
        (key, step_key, "statement" in step.action.attach, "documents" in step.action.attach)
        for (key, step_key), step in steps_of(night.plan).items()
        if isinstance(step.action, Notice)
    ]
    schema = {
        "strategy": pl.String,
        "step": pl.String,
        "has_statement": pl.Boolean,
        "has_documents": pl.Boolean,
    }
    papers = pl.DataFrame(rows, schema=schema, orient="row")
    return groups.join(papers, on=["strategy", "step"], how="left", maintain_order="left")


def _with_hours(groups: pl.DataFrame, night: Night) -> pl.DataFrame:
    """When each message may leave, and when it is too late: worked out once for each kind of place."""
    ends = groups.with_columns(ends_on=pl.when("has_end").then("ends_on"))
    kinds = ends.select(*_PLACE, "ends_on").unique(maintain_order=True)
    rows = []
    for *place, ends_on in kinds.iter_rows():
        where = Place(*place)
        opens = first_lawful_instant(night.law, where, as_of=night.plan.as_of, now=night.now)
        rows.append((opens, end_of_window(where, ends_on) if ends_on else None))
    told = kinds.with_columns(
        pl.Series("not_before_at", [row[0] for row in rows], dtype=INSTANT),
        pl.Series("expires_at", [row[1] for row in rows], dtype=INSTANT),
    )
    return ends.join(told, on=[*_PLACE, "ends_on"], how="left", nulls_equal=True, maintain_order="left")


def tasks_of(rows: pl.DataFrame, night: Night) -> pl.DataFrame:
    """Return the tasks that the rows leave, in the columns of `outcomes`' frame; due on an open day."""
    taken = rows.filter((pl.col("action") == "task") & (pl.col("state") == "take"))
    groups = taken.unique("act", keep="first", maintain_order=True)
    steps = steps_of(night.plan)
    told: dict[tuple[str, str, str], tuple[str, date]] = {}
    language = night.plan.organisation.language
    for key in groups.select("strategy", "step", "calendar").unique().iter_rows():
        action = steps[key[0], key[1]].action
        if isinstance(action, Task):
            told[key] = (
                action.title.of(language),
                _open_day(night.law.calendars, key[2], night.plan.as_of, action.days),
            )
    facts = [told[key] for key in groups.select("strategy", "step", "calendar").iter_rows()]
    return groups.select(
        "case_id", pl.Series("title", [fact[0] for fact in facts], dtype=pl.String),
        pl.Series("due_on", [fact[1] for fact in facts], dtype=pl.Date), kind="target", identity="act",
        origin=pl.lit(night.origin), priority=pl.col("priority") // _PRIORITY_UNIT,
    )  # fmt: skip


def _open_day(calendars: Mapping[str, Calendar], key: str, as_of: date, days: int) -> date:
    return calendars[key].next_business_day(as_of + timedelta(days=days))


def stages_of(rows: pl.DataFrame) -> dict[int, str]:
    """Return the stage that each case enters; a step's change comes after that of the conditions."""
    moved = rows.filter((pl.col("action") == "stage") & (pl.col("state") == "take"))
    return dict(moved.select("case_id", "target").iter_rows())


def alarms_of(rows: pl.DataFrame, holders: pl.DataFrame) -> pl.DataFrame:
    """Return the alarms that the rows raise: case_id, kind, subject (the act), owner_id (who holds the case)."""
    raised = rows.filter((pl.col("action") == "alarm") & (pl.col("state") == "take"))
    raised = raised.unique("act", keep="first", maintain_order=True)
    return raised.join(holders, on="case_id", how="left", maintain_order="left").select(
        "case_id", kind="target", subject="act", owner_id="holder_id"
    )
