"""From one day to the next: what a night does to the frames of decide(), and how a day ages them. Whole columns, pure.

What follows from documents, dates and acts is brought forward; the other facts stay as they were (``MOVING`` says which move).
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import polars as pl

from aldia.engine.frames import CONTACTS, TAKEN, Frames
from aldia.engine.strategy import Strategy

FIRST_STAGE: Final = "current"  # where a cured case goes back to, as `cases` has it
_GROWING: Final = (
    "days_since_contact", "days_since_right_party", "days_since_payment", "days_in_dispute", "days_as_client",
    "days_in_stage",
)  # fmt: skip
_SHRINKING: Final = ("days_to_promise", "days_to_hold_end", "days_to_prescription")
_OF_DOCUMENTS: Final = (
    "dpd", "days_in_arrears", "overdue", "not_due", "total", "documents_overdue", "documents_open", "oldest_due_on",
    "next_due_on", "arrears_since", "cycle", "overdue_percent", "days_to_next_due", "largest_document",
)  # fmt: skip
_COUNTED: Final = {
    "attempts_7d": (7, False), "attempts_30d": (30, False), "contacts_7d": (7, True), "contacts_30d": (30, True),
}  # fmt: skip
MOVING: Final = frozenset(
    (
        *_GROWING, *_SHRINKING, *_OF_DOCUMENTS, *_COUNTED, "stage", "stage_since", "weekday", "day_of_month", "promise_state",
        "document_dpd", "days_to_due", "document_open",
    )
)  # fmt: skip
"""The facts that the days ahead bring up to date."""
READ_AHEAD: Final = {
    "cases": {"oldest_due_on", "arrears_since", "portfolio_id", "promise_state", "promise_due_on"},
    "documents": {"due_on", "document_open"},
}
"""What the days ahead read besides what the strategy asks."""
_NEVER_MOVE: Final = frozenset({
    "currency", "country", "region", "debt_kind", "debtor_kind", "creditor", "portfolio", "actor_kind", "document_kind", "number",
    "due_on", "issued_on", "document_original", "has_file", "language", "timezone", "experiment_arm",
})  # fmt: skip


def frozen_facts(strategy: Strategy) -> tuple[str, ...]:
    """The facts of its conditions that stay as they are today in the days ahead, though in life they may change."""
    return tuple(sorted(strategy.named.keys() - MOVING - _NEVER_MOVE))


def after_night(frames: Frames, decisions: pl.DataFrame, *, as_of: date) -> Frames:
    """The frames when the acts of a night were done: stages entered, messages counted, steps taken."""
    taken = decisions.filter(pl.col("state") != "withheld")
    begun = decisions.filter(pl.col("state") == "withheld").select(*TAKEN.dtypes)
    begun = begun.join(frames.taken, on=list(TAKEN.dtypes), how="anti", nulls_equal=True)
    return Frames(
        cases=_staged(frames.cases, taken, as_of),
        documents=frames.documents,
        people=frames.people,
        contacts=pl.concat([frames.contacts, _messages(taken, frames.cases, as_of)]),
        taken=pl.concat([frames.taken, taken.select(*TAKEN.dtypes), begun]),
        holds=frames.holds,
    )


def lightened(frames: Frames, *, as_of: date) -> Frames:
    """The frames for what counts acts and not reasons: as if managed from ``as_of`` on, without the steps of what is settled.

    What was not done in its time is not told again, and a stage that is entered twice has the same ordinal.
    """
    since = pl.lit(as_of).alias("managed_since")
    is_open = [
        (pl.col("subject_kind") == kind) & pl.col("subject_id").is_in(frame[f"{kind}_id"].implode())
        for kind, frame in (("case", frames.cases), ("document", frames.documents))
    ]
    taken = frames.taken.filter(pl.any_horizontal(is_open) & ~pl.col("step").str.starts_with("stage:"))
    cases, documents = frames.cases.with_columns(since), frames.documents.with_columns(since)
    return replace(frames, cases=cases, documents=documents, taken=taken)


def _messages(taken: pl.DataFrame, cases: pl.DataFrame, as_of: date) -> pl.DataFrame:
    sent = taken.filter(pl.col("channel").is_not_null() & (pl.col("state") == "take")).unique(
        "group", maintain_order=True
    )
    sent = sent.join(cases.select("case_id", "creditor_id"), on="case_id", how="left", maintain_order="left")
    return sent.with_columns(on=pl.lit(as_of), is_contact=pl.lit(True)).select(*CONTACTS.dtypes)


def _staged(cases: pl.DataFrame, taken: pl.DataFrame, as_of: date) -> pl.DataFrame:
    moved = taken.filter((pl.col("action") == "stage") & (pl.col("state") == "take"))
    last = moved.unique("case_id", keep="last", maintain_order=True).select("case_id", entered="target")
    is_new = pl.col("entered").is_not_null()
    renewed = [pl.coalesce("entered", "stage").alias("stage")]
    if "stage_since" in cases.columns:
        renewed.append(pl.when(is_new).then(pl.lit(as_of)).otherwise("stage_since").alias("stage_since"))
    if "days_in_stage" in cases.columns:
        renewed.append(
            pl.when(is_new).then(pl.lit(0, pl.Int64)).otherwise("days_in_stage").alias("days_in_stage")
        )
    return (
        cases.join(last, on="case_id", how="left", maintain_order="left")
        .with_columns(renewed)
        .drop("entered")
    )


def next_morning(frames: Frames, *, as_of: date) -> Frames:
    """The frames of the day before, as they are on ``as_of``: a day older, documents newly due, settled cases gone."""
    late = (pl.lit(as_of) - pl.col("due_on")).dt.total_days()
    ages = {"document_dpd": late, "days_to_due": -late}
    documents = frames.documents.with_columns(
        **{name: age for name, age in ages.items() if name in frames.documents.columns}
    )
    cases = _aged(_with_money(frames.cases, documents, as_of), frames.contacts, as_of)
    return Frames(cases, documents, frames.people, frames.contacts, frames.taken, frames.holds)


def _with_money(cases: pl.DataFrame, documents: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Adds what the open documents say; a case without any is no more. Entering arrears begins a cycle, leaving them ends it."""
    due, money = pl.col("due_on"), pl.col("document_open")
    is_due = due < as_of
    told = documents.group_by("case_id").agg(
        _total=pl.when(money.is_not_null().all()).then(money.sum()),
        _overdue=pl.when(money.is_not_null().all()).then(money.filter(is_due).sum()),
        _documents_overdue=is_due.sum().cast(pl.Int64),
        _documents_open=pl.len().cast(pl.Int64),
        _oldest_due_on=due.filter(is_due).min(),
        _next_due_on=due.filter(~is_due).min(),
        _largest_document=money.max(),
    )
    rows = cases.join(told, on="case_id", how="inner", maintain_order="left")
    days = (pl.lit(as_of) - pl.col("_oldest_due_on")).dt.total_days()
    is_late, was_late = days.is_not_null(), pl.col("oldest_due_on").is_not_null()
    total, overdue, since = pl.col("_total"), pl.col("_overdue"), pl.col("arrears_since")
    entered = pl.col("_oldest_due_on") + timedelta(days=1)
    arrears = pl.when(is_late & ~was_late).then(entered).when(is_late).then(pl.coalesce(since, entered))
    moved = {
        "dpd": days.fill_null(0), "overdue": overdue, "total": total, "not_due": total - overdue,
        "documents_overdue": pl.col("_documents_overdue"), "documents_open": pl.col("_documents_open"),
        "oldest_due_on": pl.col("_oldest_due_on"), "next_due_on": pl.col("_next_due_on"), "arrears_since": arrears,
        "days_in_arrears": (pl.lit(as_of) - arrears).dt.total_days().fill_null(0), "cycle": pl.col("cycle") + (is_late & ~was_late),
        "stage": pl.when(was_late & ~is_late).then(pl.lit(FIRST_STAGE)).otherwise("stage"),
        "overdue_percent": pl.when(total > 0).then(100 * overdue // total),
        "days_to_next_due": (pl.col("_next_due_on") - pl.lit(as_of)).dt.total_days(),
        "largest_document": pl.col("_largest_document"),
    }  # fmt: skip
    kept = {name: value.cast(cases.schema[name]) for name, value in moved.items() if name in cases.columns}
    return rows.with_columns(**kept).select(cases.columns)


def _aged(cases: pl.DataFrame, contacts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    here = cases.columns
    renewed = [pl.col(name) + 1 for name in _GROWING if name in here]
    renewed += [pl.col(name) - 1 for name in _SHRINKING if name in here]
    if "weekday" in here:
        renewed.append(pl.lit(as_of.isoweekday(), pl.Int64).alias("weekday"))
    if "day_of_month" in here:
        renewed.append(pl.lit(as_of.day, pl.Int64).alias("day_of_month"))
    if {"promise_state", "promise_due_on"} <= set(here):
        is_past = (pl.col("promise_state") == "open") & (pl.col("promise_due_on") < as_of)
        renewed.append(
            pl.when(is_past).then(pl.lit("broken")).otherwise("promise_state").alias("promise_state")
        )
    cases = cases.with_columns(renewed)
    counted = {name: told for name, told in _COUNTED.items() if name in here}
    if not counted:
        return cases
    days = (pl.lit(as_of) - pl.col("on")).dt.total_days()
    sums = {
        name: ((days < within) & (pl.col("is_contact") if only_contacts else pl.lit(value=True)))
        .sum()
        .cast(pl.Int64)
        for name, (within, only_contacts) in counted.items()
    }
    told = contacts.group_by("case_id").agg(**sums)
    joined = cases.drop(*counted).join(told, on="case_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col(list(counted)).fill_null(0)).select(here)
