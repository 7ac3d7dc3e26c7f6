"""What the strategy does next becomes the case's next step, where nobody has planned anything himself."""

from datetime import date
from typing import Any, Final

import polars as pl

from aldia.cases.models import Case
from aldia.cases.steps import CONTACT, NOTICE_MARK, WAIT
from aldia.cases.totals import among, lock_cases
from aldia.db.frames import read_frame, update_from_frame
from aldia.db.pace import paced

_HEADS: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "was": pl.String, "was_on": pl.Date, "oldest_due_on": pl.Date,
}  # fmt: skip


def plan_steps(
    *,
    organisation_id: int,
    notices: pl.DataFrame,
    tasks: pl.DataFrame,
    as_of: date,
    partition: tuple[int, int],
) -> int:
    """Write a task, else «Aviso D+10», and its day as the next step of these cases; return how many changed.

    `notices` has case_id, offset and on: the days from the due date of the next notice, and its day; empty when none is left,
    which gives a case in arrears back to people. `tasks` (case_id, title, due_on) come first, the earliest of a case: so a
    call that a night asks for is in somebody's queue on its day. What a person planned stays. `partition`: theirs, (number, of)
    over party_id modulo.
    """
    first = tasks.sort("due_on", maintain_order=True).unique("case_id", keep="first", maintain_order=True)
    plans = notices.join(first.select("case_id", "title", "due_on"), on="case_id", how="left")
    written = 0
    number, of = partition
    before = _automatic(organisation_id, f" AND party_id %% {of:d} = {number:d}")
    for part in paced(_changes(plans, before, as_of).select("case_id")):
        ids = part["case_id"].to_list()
        lock_cases(organisation_id, ids)
        still = _automatic(organisation_id, f" AND {among('account_id', ids)}")
        frame = _changes(plans.join(part, on="case_id", how="semi"), still, as_of)
        frame = frame.with_columns(next_at=pl.lit(None, pl.Datetime("us", "UTC"))).rename(
            {"case_id": "account_id"}
        )
        written += update_from_frame(
            Case, frame, key="account_id", columns=["next_step", "next_on", "next_at"]
        )
    return written


def _automatic(organisation_id: int, where: str) -> pl.DataFrame:
    """The open cases whose next step is aldia's own: case_id, was, was_on, oldest_due_on."""
    heads = read_frame(
        "SELECT account_id, next_step, next_on, oldest_due_on FROM cases_case WHERE organisation_id = %s AND is_open"
        f" AND (next_step IN (%s, %s) OR next_step LIKE 'Aviso D%%'){where}",
        [organisation_id, CONTACT, WAIT],
        _HEADS,
    )
    return heads.filter(pl.col("was").is_in([CONTACT, WAIT]) | pl.col("was").str.contains(NOTICE_MARK))


def _changes(plans: pl.DataFrame, automatic: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The cases whose step is aldia's own and not yet as planned, with the step that they should have."""
    both = automatic.join(plans, on="case_id")
    sign = pl.when(pl.col("offset") >= 0).then(pl.lit("+")).otherwise(pl.lit("-"))
    notice = pl.concat_str(pl.lit("Aviso D"), sign, pl.col("offset").abs().cast(pl.String))
    is_over = pl.col("was").str.contains(NOTICE_MARK)  # and there is no other
    late = pl.when(pl.col("oldest_due_on").is_not_null()).then(pl.lit(CONTACT)).otherwise(pl.lit(WAIT))
    has_task, has_notice = pl.col("due_on").is_not_null(), pl.col("on").is_not_null()
    planned = both.with_columns(
        next_step=pl.when(has_task).then(pl.col("title").str.slice(0, 200)).when(has_notice).then(notice)
        .when(is_over).then(late).otherwise("was"),
        next_on=pl.when(has_task).then("due_on").when(has_notice).then("on").when(is_over).then(pl.lit(as_of))
        .otherwise("was_on"),
    )  # fmt: skip
    is_new = (pl.col("next_step") != pl.col("was")) | (pl.col("next_on") != pl.col("was_on"))
    return planned.filter(is_new).select("case_id", "next_step", "next_on")
