"""What people did and what clients committed, by day: the rows behind the indicators."""

import json
from collections.abc import Collection
from datetime import date
from typing import Any, Final

import polars as pl
from django.db.models import Q

from aldia.db.frames import read_frame, read_queryset
from aldia.db.partitions import Partition, of_people
from aldia.outcomes.models import Dispute, Promise, PromiseState

ACTIVITY: Final[dict[str, Any]] = {
    "portfolio_id": pl.Int64, "on": pl.Date, "user_id": pl.Int64, "channel": pl.String, "outcome": pl.String,
    "attempts": pl.Int64, "contacts": pl.Int64, "right_party": pl.Int64, "seconds": pl.Int64,
}  # fmt: skip
_STANDING: Final = """
    o.voids_id IS NULL AND NOT EXISTS (SELECT 1 FROM outcomes_outcome AS v WHERE v.voids_id = o.id)
"""


def activity_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return what was logged in [from_on, to_on) by portfolio, day, person, channel and outcome.

    Columns as ACTIVITY; `attempts` are those of our side, `contacts` and `right_party` also what came in. Undone outcomes and
    plain notes are left out. `user_id` is empty for what a debtor did.
    """
    sql = f"""
        SELECT o.portfolio_id, o."on", o.user_id, o.channel, o.type_key,
               SUM(CASE WHEN o.is_inbound THEN 0 ELSE 1 END), SUM(CASE WHEN o.is_contact THEN 1 ELSE 0 END),
               SUM(CASE WHEN o.is_right_party THEN 1 ELSE 0 END), CAST(SUM(COALESCE(o.seconds, 0)) AS bigint)
        FROM outcomes_outcome AS o
        WHERE o.organisation_id = %s AND o."on" >= %s AND o."on" < %s AND o.channel <> '' AND {_STANDING}
        GROUP BY o.portfolio_id, o."on", o.user_id, o.channel, o.type_key
    """
    frame = read_frame(sql, [organisation_id, from_on, to_on], ACTIVITY)
    return frame.sort("portfolio_id", "on", "user_id", "channel", "outcome")


def promise_frame(
    organisation_id: int, *, from_on: date, to_on: date, partition: Partition | None = None
) -> pl.DataFrame:
    """Return the promises made or decided in [from_on, to_on), one row each, those cancelled without fault included.

    Columns: promise_id, case_id, portfolio_id, currency, user_id (who took it; empty: the debtor alone), made_on, due_on,
    decided_on, state, amount_minor, kept_minor.
    """
    schema: dict[str, Any] = {
        "pk": pl.Int64, "case_id": pl.Int64, "case__portfolio_id": pl.Int64, "currency": pl.String, "made_by": pl.String,
        "made_on": pl.Date, "due_on": pl.Date, "decided_on": pl.Date, "state": pl.String, "amount_minor": pl.Int64,
        "kept_minor": pl.Int64,
    }  # fmt: skip
    window = Q(made_on__gte=from_on, made_on__lt=to_on) | Q(decided_on__gte=from_on, decided_on__lt=to_on)
    rows = Promise.objects.of(organisation_id).filter(window, of_people("case__party", partition))
    frame = read_queryset(rows.order_by("pk"), schema)
    return frame.rename({"pk": "promise_id", "case__portfolio_id": "portfolio_id"}).select(
        "promise_id", "case_id", "portfolio_id", "currency",
        pl.col("made_by").str.extract(r"^user:(\d+)$").cast(pl.Int64).alias("user_id"),
        "made_on", "due_on", "decided_on", "state", "amount_minor", "kept_minor",
    )  # fmt: skip


def promise_terms(organisation_id: int, *, due_on: Collection[date]) -> pl.DataFrame:
    """Return what was last promised in each case for each of these days: case_id, due_on, amount_minor, currency."""
    rows = Promise.objects.of(organisation_id).filter(due_on__in=due_on).order_by("-made_at", "pk")
    schema = {"case_id": pl.Int64, "due_on": pl.Date, "amount_minor": pl.Int64, "currency": pl.String}
    return read_queryset(rows, schema).unique(["case_id", "due_on"], keep="first", maintain_order=True)


def expected_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return the money that clients said they would pay in [from_on, to_on), for a cash forecast (S1-11b).

    Columns: case_id, portfolio_id, on, currency, amount_minor, source. `promise`: an open promise. `estimate`: the date given
    in the case's latest outcome that has one; its amount is empty, since what is owed is the ledger's to say.
    """
    rows = Promise.objects.of(organisation_id).filter(
        state=PromiseState.OPEN, due_on__gte=from_on, due_on__lt=to_on
    )
    schema: dict[str, Any] = {
        "case_id": pl.Int64, "case__portfolio_id": pl.Int64, "due_on": pl.Date, "currency": pl.String, "amount_minor": pl.Int64,
    }  # fmt: skip
    promised = read_queryset(rows, schema).rename({"case__portfolio_id": "portfolio_id", "due_on": "on"})
    both = pl.concat(
        [
            promised.with_columns(source=pl.lit("promise")),
            _estimates(organisation_id).with_columns(source=pl.lit("estimate")),
        ]
    )
    return both.filter(pl.col("on").is_between(from_on, to_on, closed="left")).sort("on", "case_id", "source")


def _estimates(organisation_id: int) -> pl.DataFrame:
    sql = f"""
        SELECT o.id, o.case_id, o.portfolio_id, CAST(d.answers AS text)
        FROM outcomes_outcomedetail AS d JOIN outcomes_outcome AS o ON o.id = d.outcome_id
        WHERE d.organisation_id = %s AND CAST(d.answers AS text) LIKE %s AND {_STANDING} ORDER BY o.id
    """
    schema = {"id": pl.Int64, "case_id": pl.Int64, "portfolio_id": pl.Int64, "answers": pl.String}
    found = read_frame(sql, [organisation_id, '%"expected_on"%'], schema)
    rows = [
        (case_id, portfolio_id, date.fromisoformat(told["expected_on"]), told["currency"], None)
        for case_id, portfolio_id, answers in found.select("case_id", "portfolio_id", "answers").iter_rows()
        for told in [json.loads(answers)]
    ]
    columns: dict[str, Any] = {
        "case_id": pl.Int64, "portfolio_id": pl.Int64, "on": pl.Date, "currency": pl.String, "amount_minor": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row").unique(
        "case_id", keep="last", maintain_order=True
    )


def dispute_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return the disputes opened in [from_on, to_on): case_id, on."""
    rows = Dispute.objects.of(organisation_id).filter(opened_on__gte=from_on, opened_on__lt=to_on)
    return read_queryset(rows, {"case_id": pl.Int64, "opened_on": pl.Date}).rename({"opened_on": "on"})
