"""The strategy's next notice becomes the case's next step, where nobody has planned anything himself."""

from datetime import date
from typing import Any, Final

import polars as pl
from django.db import transaction

from aldia.cases.models import Case
from aldia.cases.steps import CONTACT, NOTICE_MARK, WAIT
from aldia.cases.totals import among, lock_cases
from aldia.db.frames import read_frame, slices, update_from_frame

_HEADS: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "next_step": pl.String, "next_on": pl.Date, "oldest_due_on": pl.Date,
}  # fmt: skip


def plan_notices(*, organisation_id: int, plans: pl.DataFrame, as_of: date) -> int:
    """Write «Aviso D+10» and its day as the next step of these cases; return how many changed.

    `plans` has case_id, offset and on: the days from the due date of the next notice, and its day; empty when none is left,
    which gives a case in arrears back to people. What a person planned stays.
    """
    changed = _changes(organisation_id, plans, as_of, "")
    written = 0
    for part in slices(changed.select("case_id")):
        with transaction.atomic():
            ids = part["case_id"].to_list()
            lock_cases(organisation_id, ids)
            fresh = _changes(
                organisation_id,
                plans.join(part, on="case_id", how="semi"),
                as_of,
                f" AND {among('account_id', ids)}",
            )
            frame = fresh.with_columns(account_id="case_id", next_at=pl.lit(None, pl.Datetime("us", "UTC")))
            written += update_from_frame(
                Case, frame, key="account_id", columns=["next_step", "next_on", "next_at"]
            )
    return written


@transaction.atomic
def plan_tasks(*, organisation_id: int, tasks: pl.DataFrame) -> int:
    """Write a task of the strategy (case_id, title, due_on) as the next step of its case; return how many changed.

    So a call that a night asks for is in somebody's queue on its day. The earliest of a case counts; what a person planned
    stays.
    """
    first = tasks.sort("due_on", maintain_order=True).unique("case_id", keep="first", maintain_order=True)
    ids = first["case_id"].to_list()
    if not ids:
        return 0
    lock_cases(organisation_id, ids)
    automatic = _automatic(organisation_id, f" AND {among('account_id', ids)}")
    frame = first.join(automatic.select("case_id"), on="case_id", how="semi").select(
        account_id="case_id", next_step=pl.col("title").str.slice(0, 200), next_on="due_on",
        next_at=pl.lit(None, pl.Datetime("us", "UTC")),
    )  # fmt: skip
    return update_from_frame(Case, frame, key="account_id", columns=["next_step", "next_on", "next_at"])


def _automatic(organisation_id: int, where: str) -> pl.DataFrame:
    """The open cases whose next step is aldia's own: case_id, was, was_on, oldest_due_on."""
    heads = read_frame(
        "SELECT account_id, next_step, next_on, oldest_due_on FROM cases_case WHERE organisation_id = %s AND is_open"
        f" AND (next_step IN (%s, %s) OR next_step LIKE 'Aviso D%%'){where}",
        [organisation_id, CONTACT, WAIT],
        _HEADS,
    ).rename({"next_step": "was", "next_on": "was_on"})
    return heads.filter(pl.col("was").is_in([CONTACT, WAIT]) | pl.col("was").str.contains(NOTICE_MARK))


def _changes(organisation_id: int, plans: pl.DataFrame, as_of: date, where: str) -> pl.DataFrame:
    """The cases whose step is aldia's own and not yet as planned, with the step that they should have."""
    both = _automatic(organisation_id, where).join(plans, on="case_id")
    sign = pl.when(pl.col("offset") >= 0).then(pl.lit("+")).otherwise(pl.lit("-"))
    notice = pl.concat_str(pl.lit("Aviso D"), sign, pl.col("offset").abs().cast(pl.String))
    is_over = pl.col("on").is_null() & pl.col("was").str.contains(NOTICE_MARK)
    late = pl.when(pl.col("oldest_due_on").is_not_null()).then(pl.lit(CONTACT)).otherwise(pl.lit(WAIT))
    step = pl.when(pl.col("on").is_not_null()).then(notice).when(is_over).then(late).otherwise("was")
    day = pl.when(pl.col("on").is_not_null()).then("on").when(is_over).then(pl.lit(as_of)).otherwise("was_on")
    planned = both.with_columns(next_step=step, next_on=day)
    is_new = (pl.col("next_step") != pl.col("was")) | (pl.col("next_on") != pl.col("was_on"))
    return planned.filter(is_new).select("case_id", "next_step", "next_on")
