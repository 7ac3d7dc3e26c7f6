"""What the rules of alarms read, for every case at once: the cases, and what is open in them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
from django.db import models

from aldia.access.actors import system
from aldia.cases import selectors as cases
from aldia.db.frames import read_queryset
from aldia.db.partitions import Partition, of_people
from aldia.domain.alarms import Thresholds
from aldia.domain.instruments import PROTESTED, InstrumentKind, protest_until
from aldia.engine.alarms import THINGS, is_large
from aldia.ledger import facts as ledger
from aldia.ledger.selectors import portfolios
from aldia.outcomes.models import Dispute, DisputeState, Promise, PromiseState, Task, TaskState

_FAILED: Final = (PromiseState.BROKEN.value, PromiseState.PARTIAL.value)
_CHEQUE: Final = "cheque"
_NEWS: Final = timedelta(days=60)  # how long a note that nobody protested is still told
_OWNED: Final = {**THINGS, "owner_id": pl.Int64}
_PROMISE: Final[dict[str, Any]] = {
    "id": pl.Int64, "case_id": pl.Int64, "plan_id": pl.Int64, "state": pl.String, "due_on": pl.Date, "decided_on": pl.Date,
    "amount_minor": pl.Int64, "currency": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AlarmInputs:
    """`engine.alarms.HEADS` with each case's holder_id, and THINGS with the owner_id of those that have one of their own."""

    heads: pl.DataFrame
    things: pl.DataFrame


def alarm_inputs(
    organisation_id: int, *, as_of: date, limits: Thresholds, timezone: str, partition: Partition
) -> AlarmInputs:
    """Return the open cases of a partition and what is open in them that may deserve an alarm that day. `timezone` turns
    contacts into days.

    Necessary conditions only are looked at here; `engine.alarms.due_alarms` decides.
    """
    heads, mine = _heads(organisation_id, timezone, partition), of_people("case__party", partition)
    disputes = Dispute.objects.of(organisation_id).filter(
        mine, state=DisputeState.OPEN, deadline_on__lt=as_of
    )
    tasks = Task.objects.of(organisation_id).filter(mine, state=TaskState.OPEN, due_on__lt=as_of)
    promises = Promise.objects.of(organisation_id).filter(mine).exclude(state=PromiseState.CANCELLED)
    parts = (
        _promises(promises, heads),
        _dated(disputes, "disputes", "dispute", "deadline_on"),
        _dated(tasks, "tasks", "task", "due_on"),
        _documents(organisation_id, as_of, limits, partition),
    )
    things = pl.concat(
        [part.select(pl.col(name).cast(kind) for name, kind in _OWNED.items()) for part in parts]
    )
    return AlarmInputs(heads, things.join(heads, on="case_id", how="semi", maintain_order="left"))


def _heads(organisation_id: int, timezone: str, partition: Partition) -> pl.DataFrame:
    schema: dict[str, Any] = {
        "account_id": pl.Int64, "holder_id": pl.Int64, "arrears_since_on": pl.Date, "oldest_due_on": pl.Date,
        "last_contact_at": pl.Datetime("us", "UTC"),
    }  # fmt: skip
    rows = cases.scope(system(organisation_id)).filter(of_people("party", partition), is_open=True)
    since = pl.when(pl.col("oldest_due_on").is_not_null()).then(
        pl.coalesce("arrears_since_on", "oldest_due_on")
    )
    return read_queryset(rows, schema).select(
        pl.col("account_id").alias("case_id"), "holder_id", overdue_since=since,
        last_contact_on=pl.col("last_contact_at").dt.convert_time_zone(timezone).dt.date(),
    )  # fmt: skip


def _promises(promises: models.QuerySet[Any], heads: pl.DataFrame) -> pl.DataFrame:
    """Open ones; and the last one of a case when it failed, nothing was promised since and the debt is there."""
    rows = read_queryset(promises, _PROMISE)
    is_open = pl.col("state") == PromiseState.OPEN.value
    waiting = rows.filter(is_open).with_columns(list=pl.lit("open_promises"))
    decided = rows.filter(pl.col("decided_on").is_not_null()).sort("decided_on", "id")
    overdue = heads.filter(pl.col("overdue_since").is_not_null())
    failed = (
        decided.unique("case_id", keep="last", maintain_order=True)
        .filter(pl.col("state").is_in(_FAILED))
        .join(overdue, on="case_id", how="semi", maintain_order="left")
        .join(waiting, on="case_id", how="anti", maintain_order="left")
    )
    missed = pl.when(pl.col("plan_id").is_null()).then(pl.lit("broken_promises"))
    failed = failed.with_columns(list=missed.otherwise(pl.lit("missed_instalments")))
    return pl.concat([waiting, failed]).select(
        "case_id", "list", "currency", subject=pl.format("promise:{}", "id"), on="due_on", minor="amount_minor",
        owner_id=pl.lit(None),
    )  # fmt: skip


def _dated(rows: models.QuerySet[Any], name: str, kind: str, day: str) -> pl.DataFrame:
    schema: dict[str, Any] = {"id": pl.Int64, "case_id": pl.Int64, day: pl.Date, "owner_id": pl.Int64}
    return read_queryset(rows, schema).select(
        "case_id", "owner_id", list=pl.lit(name), subject=pl.format(f"{kind}:{{}}", "id"), on=day, minor=pl.lit(0),
        currency=pl.lit(""),
    )  # fmt: skip


def _documents(organisation_id: int, as_of: date, limits: Thresholds, partition: Partition) -> pl.DataFrame:
    cheques_to = limits.calendar.add_business_days(as_of, limits.cheque_business_days_ahead)
    prescribing_to = as_of + timedelta(days=limits.prescription_days_ahead)
    issued_from = as_of - timedelta(days=limits.new_debt_days)
    protests_to = limits.calendar.add_business_days(as_of, limits.protest_business_days_ahead)
    rows = ledger.notable_documents(
        organisation_id, as_of=as_of, cheques_to=cheques_to, prescribing_to=prescribing_to, issued_from=issued_from,
        notes_in=(as_of - _NEWS, protests_to), partition=partition,
    )  # fmt: skip
    rows = rows.filter(pl.col("open_minor") > 0).rename({"open_minor": "minor"})
    rows = _with_protest_day(organisation_id, rows, limits)
    chosen = (
        ("cheques", "due_on", (pl.col("kind") == _CHEQUE) & (pl.col("due_on") <= cheques_to)),
        ("notes", "protest_on", pl.col("protest_on").is_not_null()),
        ("documents", "prescribes_on", pl.col("prescribes_on") <= prescribing_to),
        ("new_debts", "issued_on", is_large(limits) & (pl.col("issued_on") >= issued_from)),
    )
    return pl.concat(
        rows.filter(holds).select(
            "case_id", "minor", "currency", list=pl.lit(name), subject=pl.format("document:{}", "document_id"), on=day,
            owner_id=pl.lit(None),
        )
        for name, day, holds in chosen
    )  # fmt: skip


def _with_protest_day(organisation_id: int, rows: pl.DataFrame, limits: Thresholds) -> pl.DataFrame:
    """The documents with the last day to protest each note or bill, where the law of its portfolio's country is known."""
    notes = rows.filter(pl.col("kind").is_in([kind.value for kind in PROTESTED]))
    countries = (
        {row.pk: row.country or row.creditor.country for row in portfolios(system(organisation_id))}
        if notes.height
        else {}
    )
    days = [
        (
            document_id,
            protest_until(InstrumentKind(kind), countries.get(portfolio_id, ""), due_on, limits.calendar),
        )
        for document_id, portfolio_id, kind, due_on in notes.select(
            "document_id", "portfolio_id", "kind", "due_on"
        ).iter_rows()
    ]
    told = pl.DataFrame(days, schema={"document_id": pl.Int64, "protest_on": pl.Date}, orient="row")
    return rows.join(told, on="document_id", how="left", maintain_order="left")
