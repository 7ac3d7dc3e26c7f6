"""The task or the next notice of each case, for the case's own next step."""

from __future__ import annotations

import polars as pl

from aldia.engine.strategy import Notice, Step
from aldia.engine.windows import shifted
from aldia.strategy.night.gathering import Gathered
from aldia.strategy.night.in_use import InUse, NightPlan

PLAN_SCHEMA = {"case_id": pl.Int64, "offset": pl.Int64, "on": pl.Date}


def next_step_frame(plan: NightPlan, whole: Gathered, tasks: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each open case of the partition: case_id, offset and day of its next notice, empty when none is left;
    title and due_on of its earliest task. So a call that a night asks for is in somebody's queue on its day.

    By the dates of documents that nobody disputes; whether the condition will hold then is decided on that day.
    """
    dates = [_of_strategy(plan, whole, one) for one in plan.strategies]
    soonest = pl.concat([pl.DataFrame(schema=PLAN_SCHEMA), *dates]).sort("on", "offset")
    soonest = soonest.unique("case_id", keep="first", maintain_order=True)
    first = tasks.sort("due_on", maintain_order=True).unique("case_id", keep="first", maintain_order=True)
    planned = whole.cases.select("case_id").join(soonest, on="case_id", how="left", maintain_order="left")
    return planned.join(first.select("case_id", "title", "due_on"), on="case_id", how="left")


def _of_strategy(plan: NightPlan, whole: Gathered, one: InUse) -> pl.DataFrame:
    mine = one.worked(whole.cases, whole.people)
    steps = {step.key: step for step in one.strategy.steps if _is_of_documents(step)}
    if not steps or mine.is_empty():
        return pl.DataFrame(schema=PLAN_SCHEMA)
    rows = whole.documents.filter(~pl.col("is_disputed")).select("case_id", anchor_on="due_on")
    rows = rows.unique().join(mine.select("case_id", "calendar", "stage"), on="case_id")
    days = {key: shifted(step.offset, step.unit, whole.law.calendars) for key, step in steps.items()}
    schema = {"step": pl.String, "offset": pl.Int64, "of_stage": pl.String}
    told = [(key, step.offset, step.stage) for key, step in steps.items()]
    return (
        rows.lazy()
        .select("case_id", "stage", **days)
        .unpivot(index=["case_id", "stage"], variable_name="step", value_name="on")
        .filter(pl.col("on") > plan.as_of)
        .join(pl.LazyFrame(told, schema=schema, orient="row"), on="step")
        .filter((pl.col("of_stage") == "") | (pl.col("of_stage") == pl.col("stage")))
        .select(*PLAN_SCHEMA)
        .collect()
    )


def _is_of_documents(step: Step) -> bool:
    return isinstance(step.action, Notice) and step.grain == "document" and step.anchor == "due_on"
