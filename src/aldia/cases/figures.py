"""What a case is on a day, from the documents of its account: figures, arrears, next step, priority. Frames only, no writes."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import polars as pl

from aldia.cases.steps import AUTOMATIC, CONTACT, DONE, WAIT
from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.domain.attention import AttentionRule, PromiseSignal
from aldia.engine.priority import priority_score

POSITIONS: Final = range(len(DEFAULT_BUCKETS.rows))
BALANCE_COLUMNS: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "currency": pl.String, "is_own": pl.Boolean, "total_minor": pl.Int64, "overdue_minor": pl.Int64,
    "unapplied_minor": pl.Int64, "documents": pl.Int64, "overdue_documents": pl.Int64, "oldest_due_on": pl.Date,
    "next_due_on": pl.Date, **{f"open_{n}_minor": pl.Int64 for n in POSITIONS}, **{f"documents_{n}": pl.Int64 for n in POSITIONS},
}  # fmt: skip
HEAD_COLUMNS: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "portfolio_id": pl.Int64, "currency": pl.String, "is_open": pl.Boolean, "stage": pl.String,
    "stage_since_on": pl.Date, "next_step": pl.String, "next_on": pl.Date,
    "next_at": pl.Datetime("us", "UTC"), "cycle": pl.Int64, "arrears_since_on": pl.Date,
    "closed_on": pl.Date, "priority": pl.Int64, "total_minor": pl.Int64, "overdue_minor": pl.Int64,
    "overdue_documents": pl.Int64, "oldest_due_on": pl.Date, "bucket": pl.Int64, "promise_state": pl.String,
    "promise_due_on": pl.Date, "last_contact_at": pl.Datetime("us", "UTC"),
}  # fmt: skip
FIGURES: Final = ("priority", "total_minor", "overdue_minor", "overdue_documents", "oldest_due_on", "bucket")
TRANSITIONS: Final = (
    "is_open",
    "closed_on",
    "stage",
    "stage_since_on",
    "next_step",
    "next_on",
    "next_at",
    "cycle",
    "arrears_since_on",
)
FIRST_STAGE: Final = "current"


def bucket_position(dpd: pl.Expr) -> pl.Expr:
    """Return the position of days past due in the ageing buckets: the twin of `DEFAULT_BUCKETS.bucket_of`."""
    position = pl.lit(POSITIONS[-1], pl.Int64)
    for number in reversed(POSITIONS[:-1]):
        position = (
            pl.when(dpd <= DEFAULT_BUCKETS.rows[number].last)
            .then(pl.lit(number, pl.Int64))
            .otherwise(position)
        )
    return position


def balances(
    documents: pl.DataFrame, unapplied: pl.DataFrame, own: pl.DataFrame, *, as_of: date
) -> pl.DataFrame:
    """Return BALANCE_COLUMNS, a row for each case and currency, and one at least in each case's own.

    `documents` is `ledger.facts.owed_frame` of the day, `unapplied` is `unapplied_frame`, `own` is (case_id, currency).
    A currency is in arrears when what is overdue in it is more than the credit notes overdue in it; `oldest_due_on` is the
    oldest document that still asks for money then, else empty.
    """
    dpd = (pl.lit(as_of) - pl.col("due_on")).dt.total_days()
    open_minor, asks = pl.col("open_minor"), pl.col("open_minor") > 0
    aged = documents.select(
        "case_id", "currency", "open_minor", "due_on", position=bucket_position(dpd), is_due=dpd > 0
    )
    summed = aged.group_by("case_id", "currency").agg(
        total_minor=open_minor.sum(),
        overdue_minor=open_minor.filter("is_due").sum(),
        documents=pl.len().cast(pl.Int64),
        overdue_documents=(pl.col("is_due") & asks).sum().cast(pl.Int64),
        oldest_due_on=pl.col("due_on").filter(pl.col("is_due") & asks).min(),
        next_due_on=pl.col("due_on").filter(~pl.col("is_due") & asks).min(),
        **{f"open_{n}_minor": open_minor.filter(pl.col("position") == n).sum() for n in POSITIONS},
        **{f"documents_{n}": (pl.col("position") == n).sum().cast(pl.Int64) for n in POSITIONS},
    )
    keys = ["case_id", "currency"]
    money = unapplied.rename({"amount_minor": "unapplied_minor"})
    rows = pl.concat([summed.select(keys), money.select(keys), own.select(keys)]).unique(maintain_order=True)
    joined = rows.join(summed, on=keys, how="left").join(money, on=keys, how="left")
    joined = joined.join(own.select(*keys, is_own=pl.lit(True)), on=keys, how="left")
    joined = joined.join(own.select("case_id"), on="case_id", how="semi")
    numbers = [name for name, dtype in BALANCE_COLUMNS.items() if dtype == pl.Int64 and name != "case_id"]
    joined = joined.with_columns(pl.col(numbers).fill_null(0), pl.col("is_own").fill_null(False))
    is_late = pl.col("overdue_minor") > 0
    return joined.with_columns(
        oldest_due_on=pl.when(is_late).then("oldest_due_on"),
        overdue_documents=pl.when(is_late).then("overdue_documents").otherwise(0),
    ).select(BALANCE_COLUMNS.keys())


def advance(
    heads: pl.DataFrame, rows: pl.DataFrame, *, as_of: date, rules: Mapping[int, AttentionRule] | None = None
) -> pl.DataFrame:
    """Return the heads (HEAD_COLUMNS) as they are on the day, with flags is_entering, is_cured.

    A case is open while a document is. Entering arrears begins a cycle; leaving them returns the case to the first stage.
    `rules` are the attention rules of the portfolios that have their own.
    """
    over = rows.group_by("case_id").agg(
        open_documents=pl.col("documents").sum(),
        new_overdue_documents=pl.col("overdue_documents").sum(),
        new_oldest_due_on=pl.col("oldest_due_on").min(),
        new_next_due_on=pl.col("next_due_on").min(),
    )
    own = rows.filter("is_own").select(
        "case_id", new_total_minor="total_minor", new_overdue_minor="overdue_minor"
    )
    joined = heads.join(over, on="case_id", how="left", maintain_order="left").join(
        own, on="case_id", how="left"
    )
    days = (pl.lit(as_of) - pl.col("new_oldest_due_on")).dt.total_days()
    after = joined.with_columns(
        total_minor="new_total_minor",
        overdue_minor="new_overdue_minor",
        overdue_documents="new_overdue_documents",
        oldest_due_on="new_oldest_due_on",
        bucket=pl.when(days.is_null()).then(pl.lit(0, pl.Int64)).otherwise(bucket_position(days)),
        dpd=days.fill_null(0),
        was_open=pl.col("is_open"),
        is_open=pl.col("open_documents") > 0,
        is_late=days.is_not_null(),
        was_late=pl.col("arrears_since_on").is_not_null(),
    )
    return _prioritised(_stepped(_cycled(after, as_of), as_of), as_of, rules or {})


def _cycled(frame: pl.DataFrame, as_of: date) -> pl.DataFrame:
    entering, cured = pl.col("is_late") & ~pl.col("was_late"), pl.col("was_late") & ~pl.col("is_late")
    frame = frame.with_columns(
        is_entering=entering, is_cured=cured, is_closing=pl.col("was_open") & ~pl.col("is_open")
    )
    resets = (pl.col("is_cured") | pl.col("is_closing")) & (pl.col("stage") != FIRST_STAGE)
    since = pl.when("is_entering").then(pl.col("oldest_due_on") + pl.duration(days=1))
    return frame.with_columns(
        cycle=pl.col("cycle") + pl.col("is_entering").cast(pl.Int64),
        arrears_since_on=since.when("is_late").then("arrears_since_on"),
        stage=pl.when(resets).then(pl.lit(FIRST_STAGE)).otherwise("stage"),
        stage_since_on=pl.when(resets).then(pl.lit(as_of)).otherwise("stage_since_on"),
        closed_on=pl.when("is_open").then(None).otherwise(pl.coalesce("closed_on", pl.lit(as_of))),
    )


def _stepped(frame: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """A person's plan stays while its day has not passed; leaving arrears or closing ends every plan."""
    opening = pl.col("is_open") & ~pl.col("was_open")
    is_ours = pl.col("next_step").is_in(list(AUTOMATIC))
    is_past = pl.col("next_on") < as_of
    waits = pl.col("is_open") & ~pl.col("is_late") & (pl.col("is_cured") | opening | is_ours)
    calls = pl.col("is_late") & (
        opening | (pl.col("is_entering") & (is_ours | is_past)) | (pl.col("next_step") == WAIT)
    )
    step = (
        pl.when(pl.col("is_closing"))
        .then(pl.lit(DONE))
        .when(waits)
        .then(pl.lit(WAIT))
        .when(calls)
        .then(pl.lit(CONTACT))
        .otherwise("next_step")
    )
    # Waiting for a due date that is not there (only credit notes are open) keeps its day: nothing changes every night.
    waited = pl.when(pl.col("next_step") == WAIT).then(pl.coalesce("new_next_due_on", "next_on"))
    day = (
        pl.when(pl.col("is_closing") | calls)
        .then(pl.lit(as_of))
        .when(waits)
        .then(waited.otherwise(pl.coalesce("new_next_due_on", pl.lit(as_of))))
        .otherwise("next_on")
    )
    is_same = (pl.col("next_step") == step) & (pl.col("next_on") == day)
    return frame.with_columns(next_step=step, next_on=day, next_at=pl.when(is_same).then("next_at"))


def _prioritised(frame: pl.DataFrame, as_of: date, rules: Mapping[int, AttentionRule]) -> pl.DataFrame:
    """Who owes only in another currency than the portfolio's is ranked by age: currencies are never added."""
    due_today = (pl.col("promise_state") == "open") & (pl.col("promise_due_on") == as_of)
    signal = pl.when(pl.col("promise_state") == "broken").then(pl.lit(PromiseSignal.BROKEN.value))
    inputs = frame.with_columns(
        overdue=pl.when("is_late").then(pl.max_horizontal("overdue_minor", pl.lit(1))).otherwise(0),
        promise_signal=signal.when(due_today)
        .then(pl.lit(PromiseSignal.DUE_TODAY.value))
        .otherwise(pl.lit("none")),
        days_since_contact=(pl.lit(as_of) - pl.col("last_contact_at").dt.date()).dt.total_days().clip(0),
    )
    score = priority_score()
    for portfolio_id, rule in rules.items():
        score = pl.when(pl.col("portfolio_id") == portfolio_id).then(priority_score(rule)).otherwise(score)
    return inputs.with_columns(priority=score).select(*HEAD_COLUMNS, "is_entering", "is_cured")


def changed(before: pl.DataFrame, after: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """Return the rows of `after` that differ from `before` in some of the columns; both in the same order."""
    differs = pl.any_horizontal(after[name].ne_missing(before[name]).alias(name) for name in columns)
    return after.filter(after.select(differs).to_series())
