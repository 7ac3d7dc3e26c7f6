"""Facts of a case that cost a read or a sum of their own: told only when some rule asks for one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from aldia.access import selectors as access
from aldia.access.actors import system
from aldia.ledger import facts as ledger
from aldia.outcomes import facts as outcomes

if TYPE_CHECKING:
    from aldia.db.known import Known
    from aldia.db.partitions import Partition

_MONTH: Final = 31  # the longest period of days that a fact counts, and the longest month
_HISTORY: Final = 400  # the right party may have been reached long ago


@dataclass(frozen=True)
class Sources:
    """What was gathered of a partition, as of a day: cases, open documents, touches and holds."""

    organisation_id: int
    as_of: date
    partition: Partition | None
    cases: pl.DataFrame
    documents: pl.DataFrame
    touches: pl.DataFrame
    holds: pl.DataFrame
    known: Known | None = None


@dataclass(frozen=True)
class _Part:
    """Facts told together: `tell` returns case_id and a column for each. A case without a row has what `empty` says; of the
    facts in `nullable`, nothing."""

    tell: Callable[[Sources], pl.DataFrame]
    nullable: frozenset[str]
    empty: Mapping[str, Any]

    @property
    def facts(self) -> frozenset[str]:
        """All of its facts."""
        return self.nullable | self.empty.keys()


def with_asked(sources: Sources, needed: Collection[str]) -> pl.DataFrame:
    """Return the cases with the needed facts of this module, each case once and in the same order."""
    cases = sources.cases
    for part in _PARTS:
        if part.facts & set(needed):
            told = part.tell(sources).with_columns(is_told=pl.lit(value=True))
            joined = cases.join(told, on="case_id", how="left", maintain_order="left")
            cases = joined.with_columns(
                pl.when(pl.col("is_told").is_null()).then(pl.lit(value)).otherwise(name).alias(name)
                for name, value in part.empty.items()
            ).drop("is_told")
    return cases


def history_days(needed: Collection[str]) -> int:
    """Return how many days of touches the needed facts count."""
    if "days_since_right_party" in needed:
        return _HISTORY
    return _MONTH if _TOUCHES.facts & set(needed) else 0


def _of_documents(sources: Sources) -> pl.DataFrame:
    """An amount is empty where the rate of one of its documents is missing."""
    late, kind, open_now = pl.col("document_dpd"), pl.col("document_kind"), pl.col("document_open")
    is_soon = late.is_between(-7, 0)
    prescribes = (pl.col("prescribes_on") - pl.lit(sources.as_of)).dt.total_days()
    return sources.documents.group_by("case_id").agg(
        largest_document=_sum_or_null(open_now, open_now.max()),
        due_7d=_sum_or_null(open_now.filter(is_soon), open_now.filter(is_soon).sum()),
        documents_due_7d=is_soon.sum().cast(pl.Int64),
        cheques_open=(kind == "cheque").sum().cast(pl.Int64),
        notes_open=(kind == "promissory_note").sum().cast(pl.Int64),
        instalments_overdue=((kind == "instalment") & (late > 0)).sum().cast(pl.Int64),
        documents_disputed=pl.col("is_disputed").sum().cast(pl.Int64),
        days_to_prescription=prescribes.min(),
    )


def _sum_or_null(amounts: pl.Expr, told: pl.Expr) -> pl.Expr:
    return pl.when(amounts.is_not_null().all()).then(told)


def _of_touches(sources: Sources) -> pl.DataFrame:
    days = (pl.lit(sources.as_of) - pl.col("on")).dt.total_days()
    is_recent, is_week, is_month = days < 30, days < sources.as_of.isoweekday(), days < sources.as_of.day
    contact, ours, theirs = pl.col("is_contact"), ~pl.col("is_inbound"), pl.col("is_inbound")
    counted = {
        "contacts_7d": contact & (days < 7), "contacts_30d": contact & is_recent, "contacts_week": contact & is_week,
        "contacts_month": contact & is_month, "attempts_7d": ours & (days < 7), "attempts_30d": ours & is_recent,
        "attempts_month": ours & is_month, "calls_30d": ours & (pl.col("channel") == "call") & is_recent,
        "right_party_30d": pl.col("is_right_party") & is_recent, "inbound_30d": theirs & is_recent,
    }  # fmt: skip
    return (
        sources.touches.filter(days >= 0)
        .group_by("case_id")
        .agg(
            days_since_right_party=days.filter(pl.col("is_right_party")).min(),
            **{name: rows.sum().cast(pl.Int64) for name, rows in counted.items()},
        )
    )


def _of_outcomes(sources: Sources) -> pl.DataFrame:
    """A promise in another currency than the case's has no amount here."""
    facts = outcomes.outcome_facts(
        sources.organisation_id, as_of=sources.as_of, partition=sources.partition, known=sources.known
    )
    own = sources.cases.select("case_id", "currency")
    is_own = pl.col("promise_currency") == pl.col("currency")
    told = facts.join(own, on="case_id", how="inner").with_columns(
        promise_amount=pl.when(is_own).then("promise_amount")
    )
    return told.select("case_id", *sorted(_OUTCOMES.facts))


def _of_payments(sources: Sources) -> pl.DataFrame:
    tomorrow = sources.as_of + timedelta(days=1)
    known_at = sources.known.at if sources.known else None
    paid = ledger.payments_frame(
        sources.organisation_id, to_on=tomorrow, partition=sources.partition, known_at=known_at
    )
    paid = paid.join(sources.cases.select("case_id", "currency"), on=["case_id", "currency"], how="semi")
    days, minor = (pl.lit(sources.as_of) - pl.col("on")).dt.total_days(), pl.col("amount_minor")
    return (
        paid.sort("on")
        .group_by("case_id")
        .agg(
            days_since_payment=days.filter(minor > 0).min(),
            last_payment=minor.filter(minor > 0).last(),
            paid_12m=minor.filter(days < 365).sum(),
            paid_30d=minor.filter(days < 30).sum(),
            payments_12m=((minor > 0) & (days < 365)).sum().cast(pl.Int64),
        )
    )


def _of_money_on_account(sources: Sources) -> pl.DataFrame:
    rows = ledger.unapplied_frame(sources.organisation_id, as_of=sources.as_of, partition=sources.partition)
    own = rows.join(sources.cases.select("case_id", "currency"), on=["case_id", "currency"], how="semi")
    return own.select("case_id", unapplied="amount_minor")


def _of_holds(sources: Sources) -> pl.DataFrame:
    """Of the pauses of whole cases; the end is that of the last one, and none when one of them has none."""
    ends = (pl.col("until_on") - pl.lit(sources.as_of)).dt.total_days()
    return (
        sources.holds.filter(pl.col("document_id").is_null())
        .group_by("case_id")
        .agg(has_hold=pl.lit(value=True), days_to_hold_end=_sum_or_null(ends, ends.max()))
    )


def _of_the_day(sources: Sources) -> pl.DataFrame:
    """What follows from the case and the date alone."""
    as_of, total = sources.as_of, pl.col("total")
    teams = {row.pk: row.name for row in access.teams(system(sources.organisation_id))}
    is_promised = pl.col("promise_state") == "open"
    return sources.cases.select(
        "case_id",
        overdue_percent=pl.when(total > 0).then(100 * pl.col("overdue") // total),
        days_to_next_due=(pl.col("next_due_on") - pl.lit(as_of)).dt.total_days(),
        days_to_promise=pl.when(is_promised).then((pl.col("promise_due_on") - pl.lit(as_of)).dt.total_days()),
        days_as_client=(pl.lit(as_of) - pl.col("managed_since")).dt.total_days(),
        team=pl.col("team_id").replace_strict(teams, default=None, return_dtype=pl.String),
        weekday=pl.lit(as_of.isoweekday(), pl.Int64),
        day_of_month=pl.lit(as_of.day, pl.Int64),
    )


_DOCUMENTS: Final = _Part(
    _of_documents,
    frozenset({"largest_document", "days_to_prescription"}),
    dict.fromkeys(
        (
            "documents_due_7d",
            "cheques_open",
            "notes_open",
            "instalments_overdue",
            "documents_disputed",
            "due_7d",
        ),
        0,
    ),
)
_TOUCHES: Final = _Part(
    _of_touches,
    frozenset({"days_since_right_party"}),
    dict.fromkeys(
        ("contacts_7d", "contacts_30d", "contacts_week", "contacts_month", "attempts_7d", "attempts_30d", "attempts_month",
         "calls_30d", "right_party_30d", "inbound_30d"), 0),
)  # fmt: skip
_OUTCOMES: Final = _Part(
    _of_outcomes,
    frozenset({"promise_amount", "days_in_dispute"}),
    {"promises_broken_12m": 0, "promises_kept_12m": 0, "plan_state": "none", "tasks_open": 0},
)
_PARTS: Final = (
    _DOCUMENTS,
    _TOUCHES,
    _OUTCOMES,
    _Part(
        _of_payments,
        frozenset({"days_since_payment", "last_payment"}),
        {"paid_12m": 0, "paid_30d": 0, "payments_12m": 0},
    ),
    _Part(_of_money_on_account, frozenset(), {"unapplied": 0}),
    _Part(_of_holds, frozenset({"days_to_hold_end"}), {"has_hold": False}),
    _Part(
        _of_the_day,
        frozenset(
            {
                "overdue_percent",
                "days_to_next_due",
                "days_to_promise",
                "days_as_client",
                "team",
                "weekday",
                "day_of_month",
            }
        ),
        {},
    ),
)
