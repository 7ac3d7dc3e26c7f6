"""What was decided before: acts taken, missed or failed for good, and the reason that last withheld each one."""

import json
from datetime import date
from typing import Any, Final

import polars as pl

from aldia.cases.facts import through_cases
from aldia.contact import facts as contact
from aldia.db.frames import read_frame
from aldia.db.known import Known
from aldia.db.partitions import Partition
from aldia.engine.frames import TAKEN

IDENTITY: Final = ("strategy", "step", "subject_kind", "subject_id", "cycle", "attempt")
_COLUMNS: Final[dict[str, Any]] = {
    "strategy": pl.String, "step": pl.String, "subject_kind": pl.String, "subject_id": pl.Int64, "cycle": pl.Int64,
    "attempt": pl.Int64, "anchor_on": pl.Date, "state": pl.String,
}  # fmt: skip
_SAME_LIFE: Final = (
    " AND t.is_rehearsal = (SELECT o.is_sandbox FROM access_organisation AS o WHERE o.id = %s)"
)
"""What the sandbox decided is not known to the live organisation: nobody got it."""
_SELECTED: Final = "t.strategy_key, t.step, t.subject_kind, t.subject_id, t.cycle, t.attempt, t.anchor_on"


def taken_frame(
    organisation_id: int,
    withheld: pl.DataFrame,
    *,
    partition: Partition | None,
    known: Known | None = None,
) -> pl.DataFrame:
    """Return `engine.frames.TAKEN`: each act with its state; an act whose message failed for good is `failed`.

    `withheld`: what `withheld_frame` told. As `known` before a run, when given.
    """
    source, where, params = _before(organisation_id, partition, known)
    rows = read_frame(
        f"SELECT {_SELECTED}, t.state, t.act FROM {source}"
        f" WHERE {where} AND t.state <> 'withheld'{_SAME_LIFE}",
        [*params, organisation_id],
        {**_COLUMNS, "act": pl.String},
    )
    failed = contact.failed_identities(organisation_id, partition=partition, known=known)["identity"]
    state = pl.when(pl.col("state") == "missed").then(pl.lit("missed")).otherwise(pl.lit("take"))
    if len(failed):
        state = pl.when(pl.col("act").is_in(failed.implode())).then(pl.lit("failed")).otherwise(state)
    final = rows.with_columns(state=state).drop("act")
    begun = withheld.with_columns(state=pl.lit("withheld"))
    return pl.concat([final, begun.select(final.columns)]).select(*TAKEN.dtypes)


def withheld_frame(
    organisation_id: int, *, partition: Partition | None, known: Known | None = None
) -> pl.DataFrame:
    """Return the last reason that withheld each act: IDENTITY, anchor_on, reason, reason_args (canonical), on."""
    source, where, params = _before(organisation_id, partition, known)
    rows = read_frame(
        f'SELECT {_SELECTED}, t.state, t.reason, CAST(t.reason_args AS text), t."on", t.id FROM {source}'
        f" WHERE {where} AND t.state = 'withheld'{_SAME_LIFE}",
        [*params, organisation_id],
        {**_COLUMNS, "reason": pl.String, "reason_args": pl.String, "on": pl.Date, "id": pl.Int64},
    )
    last = rows.sort("id").unique([*IDENTITY, "anchor_on"], keep="last", maintain_order=True)
    return canonical(last.drop("id", "state"))


def _before(
    organisation_id: int, partition: Partition | None, known: Known | None
) -> tuple[str, str, list[int]]:
    source, where, params = through_cases("strategy_decision", organisation_id, partition)
    return (
        (source, where, params)
        if known is None
        else (source, f"{where} AND t.run_id < %s", [*params, known.run_id])
    )


def begins_or_changes(rows: pl.DataFrame, before: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Return the withheld rows that are news: not withheld before, or for another reason.

    On the same day, one cap instead of another is no news: it is the same budget, now used by what left.
    """
    keys = [*IDENTITY, "anchor_on"]
    told = before.select(*keys, was="reason", was_args="reason_args", was_on="on")
    both = canonical(rows).join(told, on=keys, how="left", nulls_equal=True, maintain_order="left")
    is_same_budget = (pl.col("reason") == "cap") & (pl.col("was_on") == as_of)
    is_same = (pl.col("reason") == pl.col("was")) & (
        is_same_budget | (pl.col("reason_args") == pl.col("was_args"))
    )
    return both.filter(~is_same.fill_null(False)).select(rows.columns)


def canonical(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with their JSON arguments written in one way: each database writes it in its own."""
    seen = rows["reason_args"].unique().drop_nulls().to_list()
    plain = {text: json.dumps(json.loads(text), sort_keys=True) for text in seen}
    told = pl.col("reason_args").replace_strict(plain, default=None, return_dtype=pl.String)
    return rows.with_columns(reason_args=told)


def acts_of_run(organisation_id: int, known: Known) -> list[str]:
    """Return the acts that a run raised alarms for: they were not there yet when it decided."""
    sql = "SELECT act FROM strategy_decision WHERE organisation_id = %s AND run_id = %s AND action = 'alarm' AND act <> ''"
    return read_frame(sql, [organisation_id, known.run_id], {"act": pl.String})["act"].unique().to_list()


def run_frame(organisation_id: int, run_id: int) -> pl.DataFrame:
    """Return what a run decided and kept: IDENTITY, case_id, version, action, channel (empty: null), state (take …), reason."""
    sql = """
        SELECT strategy_key, step, subject_kind, subject_id, cycle, attempt, case_id, version, action, channel, state, reason
        FROM strategy_decision WHERE organisation_id = %s AND run_id = %s
    """
    schema = {
        **{name: _COLUMNS[name] for name in IDENTITY}, "case_id": pl.Int64, "version": pl.Int64, "action": pl.String,
        "channel": pl.String, "state": pl.String, "reason": pl.String,
    }  # fmt: skip
    rows = read_frame(sql, [organisation_id, run_id], schema)
    return rows.with_columns(
        state=pl.col("state").replace("taken", "take"), channel=pl.col("channel").replace("", None)
    )
