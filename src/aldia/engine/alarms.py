"""The twin of `domain.alarms` over whole tables: which alarms hold on a day, for every case at once."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from aldia.domain.alarms import AlarmKind, Thresholds

HEADS: Final[Mapping[str, Any]] = {"case_id": pl.Int64, "overdue_since": pl.Date, "last_contact_on": pl.Date}
"""A row for each case; `overdue_since` is empty when nothing is overdue."""
THINGS: Final[Mapping[str, Any]] = {
    "case_id": pl.Int64, "list": pl.String, "subject": pl.String, "on": pl.Date, "minor": pl.Int64, "currency": pl.String,
}  # fmt: skip
"""What is open in the cases; `list` is the field of `domain.alarms.AlarmFacts` that it would be in, `on` the date that matters."""
ALARMS: Final[Mapping[str, Any]] = {
    "case_id": pl.Int64, "kind": pl.String, "subject": pl.String, "on": pl.Date, "minor": pl.Int64, "currency": pl.String,
}  # fmt: skip


def due_alarms(heads: pl.DataFrame, things: pl.DataFrame, limits: Thresholds, *, as_of: date) -> pl.DataFrame:
    """Return ALARMS: every alarm that holds that day. `heads` and `things` as HEADS and THINGS, columns beyond them ignored."""
    rules = _rules(limits, as_of)
    found = [
        things.filter(pl.col("list") == name, holds).with_columns(kind=pl.lit(kind.value))
        for kind, (name, holds) in rules.items()
    ]
    return pl.concat([part.select(*ALARMS) for part in (*found, _silent(heads, limits, as_of))])


def _rules(limits: Thresholds, as_of: date) -> dict[AlarmKind, tuple[str, pl.Expr]]:
    """For each kind, the list that it reads and when a thing of it raises the alarm."""
    on = pl.col("on")
    is_past = on < as_of
    return {
        AlarmKind.PROMISE_DUE: ("open_promises", on.is_between(as_of, as_of + timedelta(days=limits.promise_days_ahead))),
        AlarmKind.PROMISE_BROKEN: ("broken_promises", is_past),
        AlarmKind.PLAN_INSTALMENT_MISSED: ("missed_instalments", is_past),
        AlarmKind.LARGE_NEW_DEBT: (
            "new_debts", on.is_between(as_of - timedelta(days=limits.new_debt_days), as_of) & is_large(limits),
        ),
        AlarmKind.DISPUTE_UNANSWERED: ("disputes", is_past),
        AlarmKind.NEAR_PRESCRIPTION: ("documents", on <= as_of + timedelta(days=limits.prescription_days_ahead)),
        AlarmKind.TASK_OVERDUE: ("tasks", on <= as_of - timedelta(days=limits.task_overdue_days)),
        AlarmKind.CHEQUE_DUE: (
            "cheques", on <= limits.calendar.add_business_days(as_of, limits.cheque_business_days_ahead),
        ),
        AlarmKind.PROTEST_DUE: (
            "notes", on <= limits.calendar.add_business_days(as_of, limits.protest_business_days_ahead),
        ),
    }  # fmt: skip


def is_large(limits: Thresholds) -> pl.Expr:
    """Whether `minor` reaches what its `currency` calls large; a currency without a threshold never does."""
    told = limits.large_debt_minor
    least = pl.col("currency").replace_strict(told, default=None, return_dtype=pl.Int64)
    return (pl.col("minor") >= least).fill_null(False) if told else pl.lit(False)


def _silent(heads: pl.DataFrame, limits: Thresholds, as_of: date) -> pl.DataFrame:
    since = pl.max_horizontal("overdue_since", "last_contact_on")
    return heads.filter(
        pl.col("overdue_since").is_not_null(), since <= as_of - timedelta(days=limits.no_contact_days)
    ).select(
        "case_id", kind=pl.lit(AlarmKind.NO_CONTACT.value), subject=pl.col("case_id").cast(pl.String), on=since,
        minor=pl.lit(0, pl.Int64), currency=pl.lit(""),
    )  # fmt: skip
