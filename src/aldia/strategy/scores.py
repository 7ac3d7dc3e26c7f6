"""The chance that a case pays soon: what is known of it on a day, and what came of it, from the organisation's own history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from aldia.contact import facts as contact
from aldia.db.partitions import Partition
from aldia.engine.score_fitting import fit
from aldia.engine.score_quality import drift, fairness, quality
from aldia.engine.scorecards import Bin, Characteristic, Scorecard
from aldia.ledger import facts as ledger
from aldia.outcomes import facts as outcomes
from aldia.parties import facts as parties

SETTING: Final = "recovery_score"
HORIZON: Final = 30  # days in which a case has to pay …
SHARE: Final = 0.5  # … at least this part of what it had overdue
LOOKS: Final = 12  # months of history that it learns from, at most
HELD_OUT: Final = 3  # of them, the newest, on which it is judged
TRAITS: Final = ("kind", "region", "language")
"""What may never be a reason: it only serves the report of whom the score treats differently."""

FACTS: Final = (
    "dpd", "documents_overdue", "overdue_times_usual", "days_since_payment", "payments_12m", "promises_kept_12m",
    "promises_broken_12m", "contacts_30d",
)  # fmt: skip


@dataclass(frozen=True)
class Learnt:
    """A scorecard with how it did on the newest months, kept as plain values: `told` is what the screen shows."""

    card: Scorecard
    told: Mapping[str, Any]


def learn(organisation_id: int, *, as_of: date) -> Learnt:
    """Return the scorecard of the last year, judged on its newest months, which it did not learn from. Raises TooThin."""
    looks = [as_of - timedelta(days=HORIZON * back) for back in range(1, LOOKS + 1)]
    held = with_outcomes(organisation_id, looks[:HELD_OUT], as_of)
    card = fit(with_outcomes(organisation_id, looks[HELD_OUT:], as_of), "paid", FACTS)
    now = case_rows(organisation_id, as_of=as_of)
    told: dict[str, Any] = {"as_of": as_of.isoformat(), "learnt_from": card.rows, "rate": round(card.rate, 4)}
    if held["paid"].n_unique() == 2:
        chances = held.select(card.probability()).to_series()
        groups = fairness(held, chances, held["paid"], TRAITS)
        told |= {
            "quality": asdict(quality(chances, held["paid"])),
            "fairness": [asdict(group) for group in groups],
        }
        if now.height:
            told["drift"] = drift(chances, now.select(card.probability()).to_series())
    return Learnt(card, told)


def with_outcomes(organisation_id: int, looks: list[date], as_of: date) -> pl.DataFrame:
    """Return the rows of these days with `paid`: whether the case then paid enough in time."""
    found = [_outcomes(organisation_id, case_rows(organisation_id, as_of=on), on) for on in looks]
    return pl.concat(found)


def _outcomes(organisation_id: int, rows: pl.DataFrame, on: date) -> pl.DataFrame:
    tomorrow = on + timedelta(days=1)
    paid = ledger.payments_frame(organisation_id, from_on=tomorrow, to_on=tomorrow + timedelta(days=HORIZON))
    sums = paid.group_by("case_id", "currency").agg(came=pl.col("amount_minor").sum())
    people = parties.people_frame(organisation_id, as_of=on).select("party_id", *TRAITS)
    joined = rows.join(sums, on=["case_id", "currency"], how="left", maintain_order="left")
    joined = joined.join(people, on="party_id", how="left", maintain_order="left")
    return joined.with_columns(paid=pl.col("came").fill_null(0) >= SHARE * pl.col("overdue")).drop("came")


def case_rows(
    organisation_id: int,
    *,
    as_of: date,
    partition: Partition | None = None,
    usual: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return what was known on a day of each case with something overdue, one row a currency: FACTS and the amount.

    `usual`: `ledger.usual_overdue` of that day, for whoever goes part after part and has it already.
    """
    documents = ledger.document_frame(organisation_id, as_of=as_of, partition=partition).filter(
        (pl.col("due_on") < as_of) & (pl.col("open_minor") > 0)
    )
    rows = documents.group_by("case_id", "party_id", "portfolio_id", "currency", maintain_order=True).agg(
        overdue=pl.col("open_minor").sum(), documents_overdue=pl.len().cast(pl.Int64),
        dpd=(pl.lit(as_of) - pl.col("due_on").min()).dt.total_days(),
    )  # fmt: skip
    if usual is None:
        usual = ledger.usual_overdue(organisation_id, as_of=as_of)
    rows = rows.join(usual, on="currency", how="left", maintain_order="left")
    rows = rows.with_columns(overdue_times_usual=(pl.col("overdue") / pl.col("usual")).round(2))
    for told, empty in (
        (_payments(organisation_id, as_of, partition), {"payments_12m": 0}),
        (_promises(organisation_id, as_of, partition), {"promises_kept_12m": 0, "promises_broken_12m": 0}),
        (_touches(organisation_id, as_of, partition), {"contacts_30d": 0}),
    ):
        rows = rows.join(told, on="case_id", how="left", maintain_order="left")
        rows = rows.with_columns(pl.col(name).fill_null(value) for name, value in empty.items())
    return rows


def _payments(organisation_id: int, as_of: date, partition: Partition | None) -> pl.DataFrame:
    begin, end = as_of - timedelta(days=364), as_of + timedelta(days=1)
    paid = ledger.payments_frame(organisation_id, from_on=begin, to_on=end, partition=partition)
    paid = paid.filter(pl.col("amount_minor") > 0)
    return paid.group_by("case_id").agg(
        days_since_payment=(pl.lit(as_of) - pl.col("on").max()).dt.total_days(),
        payments_12m=pl.col("on").n_unique().cast(pl.Int64),
    )


def _promises(organisation_id: int, as_of: date, partition: Partition | None) -> pl.DataFrame:
    """Promises decided by that day in the year before it."""
    begin, end = as_of - timedelta(days=364), as_of + timedelta(days=1)
    promises = outcomes.promise_frame(organisation_id, from_on=begin, to_on=end, partition=partition)
    decided = promises.filter(pl.col("decided_on") <= as_of)
    return decided.group_by("case_id").agg(
        promises_kept_12m=(pl.col("state") == "kept").sum().cast(pl.Int64),
        promises_broken_12m=pl.col("state").is_in(["broken", "partial"]).sum().cast(pl.Int64),
    )


def _touches(organisation_id: int, as_of: date, partition: Partition | None) -> pl.DataFrame:
    """Contacts by hand or machine in the thirty days before it; what waits to leave has not happened."""
    since_on = as_of - timedelta(days=30)
    touches = contact.touch_frame(organisation_id, since_on=since_on, partition=partition)
    happened = touches.filter((pl.col("on") <= as_of) & pl.col("is_contact"))
    return happened.group_by("case_id").agg(contacts_30d=pl.len().cast(pl.Int64))


def rule_of_thumb() -> Scorecard:
    """Return what is used while history is thin: the older the debt and the more promises broken, the less likely.

    As a scorecard too, so that it shows its parts like any other: 6 in 10 pay in the first month, 1 in 10 after the third.
    """
    ages = ((None, 31.0, 0.405), (31.0, 61.0, -0.619), (61.0, 91.0, -1.386), (91.0, None, -2.197))
    late = tuple(Bin(evidence, 0.25, low, high) for low, high, evidence in ages)
    broken = (Bin(0.0, 0.8, None, 1.0), Bin(-0.7, 0.2, 1.0, None))
    told = (Characteristic("dpd", True, 1.0, late), Characteristic("promises_broken_12m", True, 1.0, broken))
    return Scorecard(0.0, 0.35, 0, told)
