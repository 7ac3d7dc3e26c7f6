"""decide(): what to do tonight with every case and document, and why; one partition at a time.

Pure: the same frames, strategy, calendars, policies and date always give the same decisions. The slow oracle
``reference.decide_reference`` says the same row by row, at less cost where the rows are few.
"""

from collections.abc import Mapping
from datetime import date

import polars as pl

from aldia.domain.calendars import Calendar
from aldia.engine.budget import over_budget
from aldia.engine.contact_rules import DayPolicy
from aldia.engine.frames import DECISIONS, Frames
from aldia.engine.night import FINAL_STATES, Night, open_night
from aldia.engine.steps import step_rows
from aldia.engine.strategy import Strategy

_ORDER = ("case_id", "step_no", "subject_id")


def decide(
    frames: Frames,
    strategy: Strategy,
    calendars: Mapping[str, Calendar],
    policies: Mapping[str, DayPolicy],
    *,
    as_of: date,
) -> pl.DataFrame:
    """The decisions of a day (schema ``frames.DECISIONS``), in order of case, step and subject.

    ``frames.cases`` are the open cases that follow this strategy; ``frames.contacts`` holds what was sent or queued
    before. Raises FrameError, RuleError, YearNotCovered.
    """
    night = open_night(frames, strategy, calendars, policies, as_of=as_of)
    proposals = [step_rows(night, step, number) for number, step in enumerate(strategy.steps, start=1)]
    rows = pl.concat([_stage_rows(night), *pl.collect_all(proposals)], how="diagonal")
    rows = _within_budget(rows, night)
    return (
        rows.sort(_ORDER)
        .with_columns(
            strategy=pl.lit(strategy.key, pl.String), version=pl.lit(strategy.version, pl.Int64)
        )
        .select(pl.col(name).cast(dtype) for name, dtype in DECISIONS.dtypes.items())
    )  # fmt: skip


def _stage_rows(night: Night) -> pl.DataFrame:
    """A row for each case that enters another stage tonight by that stage's condition."""
    moved = night.cases.filter(
        pl.col("stage").is_not_null() & pl.col("stage").ne_missing(pl.col("stage_before"))
    )
    moved = moved.with_columns(step=pl.concat_str(pl.lit("stage:"), "stage"), subject_id=pl.col("case_id"))
    theirs = night.taken.filter(pl.col("subject_id").is_in(moved["subject_id"].implode()))
    counted = theirs.filter((pl.col("subject_kind") == "case") & pl.col("state").is_in(FINAL_STATES))
    last = counted.group_by("step", "subject_id", "cycle").agg(last=pl.col("attempt").max())
    moved = moved.join(last, on=["step", "subject_id", "cycle"], how="left")
    before = pl.when(pl.col("stage_before").is_null()).then(pl.lit("null")).otherwise(
        pl.concat_str(pl.lit('"'), "stage_before", pl.lit('"'))
    )  # fmt: skip
    return moved.select(
        "case_id", "party_id", "creditor_id", "policy",
        pl.lit(0, pl.Int64).alias("step_no"),
        "step",
        pl.lit("case").alias("subject_kind"),
        "subject_id", "cycle",
        (pl.col("last").fill_null(0) + 1).alias("attempt"),
        pl.lit(None, pl.Date).alias("anchor_on"),
        pl.lit("stage").alias("action"),
        pl.lit(None, pl.String).alias("channel"),
        pl.lit(None, pl.String).alias("template"),
        pl.col("stage").alias("target"),
        pl.lit(night.as_of).alias("due_on"),
        pl.lit("stage_entry").alias("reason"),
        pl.concat_str(pl.lit('{"from":'), before, pl.lit("}")).alias("reason_args"),
        pl.lit(0, pl.Int64).alias("priority"),
        pl.concat_str(pl.col("case_id").cast(pl.String), pl.lit(":"), "step").alias("group"),
        pl.lit("take").alias("state"),
    )  # fmt: skip


def _within_budget(rows: pl.DataFrame, night: Night) -> pl.DataFrame:
    """The same rows, those of messages beyond the person's budget withheld."""
    is_message = (pl.col("channel").is_not_null() & (pl.col("state") == "take")).alias("is_message")
    with_message, others = (rows.filter(test) for test in (is_message, ~is_message))
    messages = (
        with_message.select("case_id", "party_id", "creditor_id", "policy", "channel", "step_no", "priority")
        .sort("priority", "case_id", "step_no", descending=[True, False, False])
        .filter(
            pl.any_horizontal(pl.col("case_id", "step_no").ne_missing(pl.col("case_id", "step_no").shift(1)))
        )
    )
    stopped = over_budget(messages, night.contacts, night.policies, as_of=night.as_of)
    if stopped.is_empty():
        return rows
    caps = stopped.select("case_id", "step_no", "cap_rule", "cap_max")
    withheld = with_message.join(caps, on=["case_id", "step_no"], how="inner")
    why = pl.concat_str(
        pl.lit('{"rule":"'), "cap_rule", pl.lit('","max":'), pl.col("cap_max").cast(pl.String), pl.lit("}")
    )
    withheld = withheld.with_columns(state=pl.lit("withheld"), reason=pl.lit("cap"), reason_args=why)
    taken = with_message.join(caps, on=["case_id", "step_no"], how="anti")
    return pl.concat([others, taken, withheld.select(others.columns)])
