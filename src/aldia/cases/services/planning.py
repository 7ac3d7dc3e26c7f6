"""Many cases moved by the strategies: their stages, and their next steps where nobody has planned anything himself."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import polars as pl
from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.cases.models import Case, StageChange
from aldia.cases.steps import CONTACT, NOTICE_MARK, WAIT
from aldia.cases.totals import among, lock_cases, moving
from aldia.db.frames import read_frame, update_from_frame, write_frame
from aldia.db.partitions import Partition, within

STAGE_LENGTH: Final = 40
_WRITTEN: Final = ("stage", "stage_since_on", "next_step", "next_on", "next_at")
_HEADS: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "party_id": pl.Int64, "is_open": pl.Boolean, "oldest_due_on": pl.Date, "stage": pl.String,
    "stage_since_on": pl.Date, "next_step": pl.String, "next_on": pl.Date, "next_at": pl.Datetime("us", "UTC"),
}  # fmt: skip
_PLAN: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "offset": pl.Int64, "on": pl.Date, "title": pl.String, "due_on": pl.Date,
}  # fmt: skip


def step_plans(
    *, organisation_id: int, notices: pl.DataFrame, tasks: pl.DataFrame, as_of: date, partition: Partition
) -> pl.DataFrame:
    """Return, for each case of the partition whose next step should be another one: party_id and its plan, as `move_cases`
    takes it.

    `notices` has case_id, offset and on: the days from the due date of the next notice, and its day; empty when none is left,
    which gives a case in arrears back to people. `tasks` (case_id, title, due_on) come first, the earliest of a case: so a
    call that a night asks for is in somebody's queue on its day.
    """
    first = tasks.sort("due_on", maintain_order=True).unique("case_id", keep="first", maintain_order=True)
    plans = notices.join(first.select("case_id", "title", "due_on"), on="case_id", how="left")
    heads = _heads(organisation_id, *within("party_id", partition))
    changes = _steps(heads, plans, as_of).select("case_id")
    return plans.join(changes, on="case_id", how="semi").join(
        heads.select("case_id", "party_id"), on="case_id"
    )


@transaction.atomic
def change_stages(
    *, actor: Actor, stages: Mapping[int, str], as_of: date, now: datetime, reason: str = ""
) -> int:
    """Put cases in their stages (case id -> stage), keeping the history; return how many moved. Those already there stay."""
    asked = pl.DataFrame(list(stages.items()), schema={"case_id": pl.Int64, "stage": pl.String}, orient="row")
    return move_cases(
        actor=actor, stages=asked, plans=pl.DataFrame(schema=_PLAN), as_of=as_of, now=now, reason=reason
    )


@transaction.atomic
def move_cases(
    *, actor: Actor, stages: pl.DataFrame, plans: pl.DataFrame, as_of: date, now: datetime, reason: str
) -> int:
    """Put cases in their stages (case_id, stage) and write a task, else «Aviso D+10», and its day as their next step.

    `plans`: case_id, offset, on, title, due_on, see `step_plans`. What a person planned stays. Each case is written once; the
    history keeps its stages. Return how many changed stage.
    """
    ids = pl.concat([stages["case_id"], plans["case_id"]]).unique().sort().to_list()
    lock_cases(actor.organisation_id, ids)
    before = _heads(actor.organisation_id, f" AND {among('account_id', ids)}")
    entered = stages.select("case_id", after=pl.col("stage").str.slice(0, STAGE_LENGTH))
    moved = before.join(entered, on="case_id").filter(pl.col("after") != pl.col("stage"))
    staged = moved.select("case_id", stage="after", stage_since_on=pl.lit(as_of))
    planned = _steps(before, plans, as_of).with_columns(next_at=pl.lit(None, _HEADS["next_at"]))
    changed = pl.concat([staged["case_id"], planned["case_id"]]).unique().to_frame()
    after = before.join(changed, on="case_id", how="semi").update(staged, on="case_id")
    after = after.update(planned, on="case_id", include_nulls=True)
    moved_ids = moved["case_id"].to_list()
    with moving(actor.organisation_id, moved_ids):
        frame = after.rename({"case_id": "account_id"})
        update_from_frame(Case, frame, key="account_id", columns=_WRITTEN)
    if moved_ids:
        _keep_history(actor, moved, as_of, now, reason)
    return len(moved_ids)


def _keep_history(actor: Actor, moved: pl.DataFrame, as_of: date, now: datetime, reason: str) -> None:
    write_frame(StageChange, moved.select(
        "case_id", "after", before="stage", organisation_id=pl.lit(actor.organisation_id, pl.Int64), field=pl.lit("stage"),
        on=pl.lit(as_of), at=pl.lit(now), actor=pl.lit(actor.label), reason=pl.lit(reason[:200]),
    ))  # fmt: skip
    stages = moved["after"].unique().sort().to_list()
    named = moved["case_id"][0] if moved.height == 1 else "many"
    audit.record(actor=actor, verb="cases.case.stage", object_type="case", object_id=named, now=now,
                 data={"cases": moved.height, "stages": stages, "reason": reason})  # fmt: skip


def _heads(organisation_id: int, where: str, params: list[int] | None = None) -> pl.DataFrame:
    columns = ", ".join("account_id" if name == "case_id" else name for name in _HEADS)
    sql = f"SELECT {columns} FROM cases_case WHERE organisation_id = %s{where}"
    return read_frame(sql, [organisation_id, *(params or [])], _HEADS)


def _steps(heads: pl.DataFrame, plans: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The open cases whose step is aldia's own and not yet as planned: case_id, next_step, next_on."""
    was, was_on = pl.col("next_step"), pl.col("next_on")
    is_over = was.str.contains(NOTICE_MARK)  # should there be no other
    both = heads.filter("is_open", was.is_in([CONTACT, WAIT]) | is_over).join(plans, on="case_id")
    sign = pl.when(pl.col("offset") >= 0).then(pl.lit("+")).otherwise(pl.lit("-"))
    notice = pl.concat_str(pl.lit("Aviso D"), sign, pl.col("offset").abs().cast(pl.String))
    late = pl.when(pl.col("oldest_due_on").is_not_null()).then(pl.lit(CONTACT)).otherwise(pl.lit(WAIT))
    has_task, has_notice = pl.col("due_on").is_not_null(), pl.col("on").is_not_null()
    step = pl.when(has_task).then(pl.col("title").str.slice(0, 200)).when(has_notice).then(notice)
    day = pl.when(has_task).then("due_on").when(has_notice).then("on").when(is_over).then(pl.lit(as_of))
    planned = both.with_columns(step=step.when(is_over).then(late).otherwise(was), day=day.otherwise(was_on))
    is_new = (pl.col("step") != was) | (pl.col("day") != was_on)
    return planned.filter(is_new).select("case_id", next_step="step", next_on="day")
