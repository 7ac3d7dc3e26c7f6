"""What strategies may ask of a case about its outcomes, promises, disputes and tasks, as of a day."""

from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from aldia.cases.facts import through_cases
from aldia.db.frames import read_frame
from aldia.db.known import Known
from aldia.db.partitions import Partition, within
from aldia.domain.periods import add_months
from aldia.outcomes.models import DisputeState, PromiseState

FACTS: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "promise_state": pl.String, "promise_due_on": pl.Date, "promise_amount": pl.Int64,
    "promise_currency": pl.String, "promises_broken_12m": pl.Int64, "promises_kept_12m": pl.Int64, "plan_state": pl.String,
    "dispute_open": pl.Boolean, "days_in_dispute": pl.Int64, "last_outcome": pl.String, "last_outcome_on": pl.Date,
    "tasks_open": pl.Int64,
}  # fmt: skip
NOTHING: Final[dict[str, Any]] = {
    "promise_state": "none", "promises_broken_12m": 0, "promises_kept_12m": 0, "plan_state": "none", "dispute_open": False, "tasks_open": 0,
}  # fmt: skip
"""What holds for a case without a row here; the other columns are empty."""
_OPEN: Final = PromiseState.OPEN.value
_BROKEN: Final = (PromiseState.BROKEN.value, PromiseState.PARTIAL.value)


def outcome_facts(
    organisation_id: int, *, as_of: date, partition: Partition | None = None, known: Known | None = None
) -> pl.DataFrame:
    """Return one row for each case about which this room knows something by the end of `as_of`; columns as FACTS.

    States are none, open, kept or broken: of the promise that is due next while one is open, else of the last decided one.
    A cancelled promise never counted. Amounts in minor units of `promise_currency`. A case without a row has NOTHING.
    Task and dispute states are those of now for days already gone; as `known` then, disputes, promises and outcomes are not.
    """
    told = [
        *_told_of(_promises(organisation_id, as_of, partition, known), as_of),
        _disputes(organisation_id, as_of, partition, known),
        _outcomes(organisation_id, as_of, partition, known),
        _tasks(organisation_id, partition),
    ]
    parts = [part for part in told if not part.is_empty()]
    if not parts:
        return pl.DataFrame(schema=FACTS)
    whole = pl.concat([part.select("case_id") for part in parts]).unique().sort("case_id")
    for part in parts:
        whole = whole.join(part, on="case_id", how="left", maintain_order="left")
    whole = pl.concat([whole, pl.DataFrame(schema=FACTS)], how="diagonal_relaxed")
    filled = whole.with_columns(pl.col(name).fill_null(value) for name, value in NOTHING.items())
    return filled.select(pl.col(name).cast(dtype) for name, dtype in FACTS.items())


def _told_of(promises: pl.DataFrame, as_of: date) -> list[pl.DataFrame]:
    """The facts that promises tell, in parts."""
    if promises.is_empty():
        return []
    latest = _latest(promises).rename(
        {"state": "promise_state", "due_on": "promise_due_on", "amount_minor": "promise_amount",
         "currency": "promise_currency"}
    )  # fmt: skip
    plans = _latest(promises.filter(pl.col("plan_id").is_not_null())).select("case_id", plan_state="state")
    return [latest, plans, _decided(promises, as_of)]


def _promises(
    organisation_id: int, as_of: date, partition: Partition | None, known: Known | None
) -> pl.DataFrame:
    """The promises made by then, each as it stood: decided later means open."""
    schema: dict[str, Any] = {
        "id": pl.Int64, "case_id": pl.Int64, "plan_id": pl.Int64, "state": pl.String, "due_on": pl.Date, "currency": pl.String,
        "amount_minor": pl.Int64, "decided_on": pl.Date,
    }  # fmt: skip
    source, where, params = through_cases("outcomes_promise", organisation_id, partition)
    by_then, at = ("", []) if known is None else (" AND t.made_at <= %s", [known.instant])
    columns = ", ".join(f"t.{name}" for name in schema)
    sql = f"SELECT {columns} FROM {source} WHERE {where} AND t.made_on <= %s{by_then}"
    frame = read_frame(sql, [*params, as_of, *at], schema)
    if frame.is_empty():
        return frame
    was_open = pl.col("decided_on").is_null() | (pl.col("decided_on") > as_of)
    return frame.with_columns(state=pl.when(was_open).then(pl.lit(_OPEN)).otherwise(pl.col("state"))).filter(
        pl.col("state") != PromiseState.CANCELLED.value
    )


def _latest(promises: pl.DataFrame) -> pl.DataFrame:
    """The open one that is due next, else the last decided; a partial one counts as broken."""
    ordered = promises.with_columns(is_open=pl.col("state") == _OPEN).sort(
        ["is_open", pl.when("is_open").then("due_on"), "decided_on", "id"],
        descending=[True, False, True, True],
        nulls_last=True,
    )
    state = pl.when(pl.col("state").is_in(_BROKEN)).then(pl.lit("broken")).otherwise(pl.col("state"))
    return ordered.unique("case_id", keep="first", maintain_order=True).select(
        "case_id", "due_on", "amount_minor", "currency", state=state
    )


def _decided(promises: pl.DataFrame, as_of: date) -> pl.DataFrame:
    since = add_months(as_of, -12)
    state = pl.col("state")
    return (
        promises.filter(state != _OPEN, pl.col("decided_on") > since)
        .group_by("case_id")
        .agg(
            promises_broken_12m=state.is_in(_BROKEN).sum().cast(pl.Int64),
            promises_kept_12m=(state == PromiseState.KEPT.value).sum().cast(pl.Int64),
        )
    )


def _disputes(
    organisation_id: int, as_of: date, partition: Partition | None, known: Known | None
) -> pl.DataFrame:
    source, where, params = through_cases("outcomes_dispute", organisation_id, partition)
    stands = "t.state = %s"
    at: list[object] = [DisputeState.OPEN.value]
    if known is not None:
        stands = "(t.answered_at IS NULL OR t.answered_at > %s) AND t.opened_at <= %s"
        at = [known.instant, known.instant]
    sql = f"SELECT t.case_id, t.opened_on FROM {source} WHERE {where} AND t.opened_on <= %s AND {stands}"
    frame = read_frame(sql, [*params, as_of, *at], {"case_id": pl.Int64, "opened_on": pl.Date})
    if frame.is_empty():
        return frame.select("case_id")
    days = (pl.lit(as_of) - pl.col("opened_on").min()).dt.total_days()
    return frame.group_by("case_id").agg(dispute_open=pl.lit(True), days_in_dispute=days)


def _outcomes(
    organisation_id: int, as_of: date, partition: Partition | None, known: Known | None
) -> pl.DataFrame:
    """The last one that stands, plain notes included: they too are work on the case."""
    scope, params = within("o.party_id", partition)
    by_then, at = ("", []) if known is None else ("AND o.at <= %s", [known.instant])
    sql = f"""
        SELECT o.case_id, o.type_key, o."on" FROM outcomes_outcome AS o JOIN (
            SELECT MAX(o.id) AS id FROM outcomes_outcome AS o
            WHERE o.organisation_id = %s AND o."on" < %s AND o.voids_id IS NULL {scope} {by_then}
              AND NOT EXISTS (SELECT 1 FROM outcomes_outcome AS v WHERE v.voids_id = o.id)
            GROUP BY o.case_id
        ) AS latest ON latest.id = o.id
    """
    schema = {"case_id": pl.Int64, "last_outcome": pl.String, "last_outcome_on": pl.Date}
    return read_frame(sql, [organisation_id, as_of + timedelta(days=1), *params, *at], schema)


def _tasks(organisation_id: int, partition: Partition | None) -> pl.DataFrame:
    source, where, params = through_cases("outcomes_task", organisation_id, partition)
    sql = f"SELECT t.case_id, COUNT(*) FROM {source} WHERE {where} AND t.state = 'open' GROUP BY t.case_id"
    return read_frame(sql, params, {"case_id": pl.Int64, "tasks_open": pl.Int64})


def last_contacts(organisation_id: int, *, known: Known, partition: Partition | None = None) -> pl.DataFrame:
    """Return (case_id, last_contact_at) of the cases whose client had been reached by then."""
    scope, params = within("o.party_id", partition)
    sql = f"""
        SELECT o.case_id, MAX(o.at) FROM outcomes_outcome AS o
        WHERE o.organisation_id = %s AND o.is_contact AND o.at <= %s {scope} GROUP BY o.case_id
    """
    schema = {"case_id": pl.Int64, "last_contact_at": pl.Datetime("us", "UTC")}
    return read_frame(sql, [organisation_id, known.instant, *params], schema)
