"""Cases as they were known before a night that is gone: figures from the journal, stage and cycle from their changes.

Not kept with dates, so as of now: team, holder and the party's country and kind. A start of arrears whose cycle is over counts
from the oldest document that was due then.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import polars as pl

from aldia.access.actors import system
from aldia.cases import figures
from aldia.cases.facts import hold_frame, told_cases
from aldia.cases.rules import attention_rules
from aldia.db.frames import read_frame
from aldia.db.known import Known
from aldia.db.partitions import Partition, within
from aldia.ledger import facts as ledger

_NOW: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "party_id": pl.Int64, "portfolio_id": pl.Int64, "creditor_id": pl.Int64, "opened_on": pl.Date,
    "stage": pl.String, "stage_since_on": pl.Date, "cycle": pl.Int64, "arrears_since_on": pl.Date, "holder_id": pl.Int64,
    "team_id": pl.Int64, "country": pl.String, "region": pl.String, "party_kind": pl.String, "currency": pl.String,
}  # fmt: skip


def past_cases(
    organisation_id: int, said: pl.DataFrame, *, as_of: date, known: Known, partition: Partition | None
) -> pl.DataFrame:
    """Return what `cases.facts.case_frame` would have told then. `said` are the promises, disputes and outcomes of that moment."""
    heads = _rewound(organisation_id, _now(organisation_id, as_of, partition), known)
    documents = ledger.document_frame(organisation_id, as_of=as_of, known_at=known.at, partition=partition)
    unapplied = ledger.unapplied_frame(organisation_id, as_of=as_of, partition=partition)
    rows = figures.balances(documents, unapplied, heads.select("case_id", "currency"), as_of=as_of)
    cases = _with_figures(organisation_id, _with_said(heads, said), rows, as_of)
    holds = hold_frame(organisation_id, as_of=as_of, partition=partition, known=known)
    return told_cases(organisation_id, cases.filter(pl.col("documents_open") > 0), holds, as_of=as_of)


def _now(organisation_id: int, as_of: date, partition: Partition | None) -> pl.DataFrame:
    where, params = within("c.party_id", partition)
    return read_frame(
        "SELECT c.account_id, c.party_id, c.portfolio_id, c.creditor_id, c.opened_on, c.stage, c.stage_since_on, c.cycle,"
        " c.arrears_since_on, c.holder_id, c.team_id, p.country, p.region, p.kind, c.currency FROM cases_case c"
        " JOIN parties_party p ON p.id = c.party_id"
        f" WHERE c.organisation_id = %s AND c.opened_on <= %s{where} ORDER BY c.account_id",
        [organisation_id, as_of, *params],
        _NOW,
    )


def _rewound(organisation_id: int, cases: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Stage and cycle as they were: what the first later change came from, else what they are."""
    changes = read_frame(
        'SELECT s.case_id, s.field, s.before, s."on", s.id, CASE WHEN s.at > %s OR s.reason = %s THEN 1 ELSE 0 END'
        " FROM cases_stagechange s WHERE s.organisation_id = %s AND s.field IN ('stage', 'cycle') ORDER BY s.id",
        [known.instant, known.origin, organisation_id],
        {
            "case_id": pl.Int64,
            "field": pl.String,
            "before": pl.String,
            "on": pl.Date,
            "id": pl.Int64,
            "is_later": pl.Int64,
        },
    )
    later, earlier = (changes.filter(pl.col("is_later") == flag) for flag in (1, 0))
    first = later.unique(["case_id", "field"], keep="first", maintain_order=True)
    stages = first.filter(pl.col("field") == "stage").select("case_id", was="before")
    cycles = first.filter(pl.col("field") == "cycle").select(
        "case_id", was_cycle=pl.col("before").cast(pl.Int64)
    )
    since = earlier.filter(pl.col("field") == "stage").group_by("case_id").agg(was_since=pl.col("on").last())
    for frame in (stages, cycles, since):
        cases = cases.join(frame, on="case_id", how="left", maintain_order="left")
    moved, ended = pl.col("was").is_not_null(), pl.col("was_cycle").is_not_null()
    return cases.with_columns(
        stage=pl.coalesce("was", "stage"),
        stage_since_on=pl.when(moved).then(pl.coalesce("was_since", "opened_on")).otherwise("stage_since_on"),
        cycle=pl.coalesce("was_cycle", "cycle"),
        arrears_since_on=pl.when(~ended).then("arrears_since_on"),
    ).drop("was", "was_cycle", "was_since")


def _with_said(heads: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    told = said.select(
        "case_id",
        "promise_state",
        "last_outcome",
        promise_due_on=pl.when(pl.col("promise_state") != "none").then("promise_due_on"),
        has_dispute="dispute_open",
        last_outcome_at=pl.col("last_outcome_on").cast(pl.Datetime("us", "UTC")),
        last_contact_at="last_contact_at",
    )
    rows = heads.join(told, on="case_id", how="left", maintain_order="left")
    return rows.with_columns(
        pl.col("promise_state").fill_null("none"),
        pl.col("has_dispute").fill_null(value=False),
        pl.col("last_outcome").fill_null(""),
    )


def _with_figures(organisation_id: int, cases: pl.DataFrame, rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """What the documents of that day add up to, in the case's own currency at the day's rates; priority follows."""
    own = rows.join(cases.select("case_id", own="currency"), on="case_id", how="inner").filter(
        pl.col("documents") > 0
    )
    own = ledger.in_own_currency(organisation_id, own, as_of=as_of, amounts=["total_minor", "overdue_minor"])
    money = {
        name: pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum())
        for name in ("total_minor", "overdue_minor")
    }
    sums = own.group_by("case_id").agg(
        documents_open=pl.col("documents").sum(), documents_overdue=pl.col("overdue_documents").sum(),
        oldest_due_on=pl.col("oldest_due_on").min(), next_due_on=pl.col("next_due_on").min(), **money,
    )  # fmt: skip
    joined = cases.join(sums, on="case_id", how="left", maintain_order="left").with_columns(
        pl.col("documents_open", "documents_overdue").fill_null(0), dpd=pl.lit(0, pl.Int64)
    )
    entered = pl.col("oldest_due_on") + pl.duration(days=1)
    is_late = pl.col("oldest_due_on").is_not_null()
    joined = joined.with_columns(
        arrears_since_on=pl.when(is_late).then(pl.coalesce("arrears_since_on", entered)).cast(pl.Date)
    )
    ranked = _ranked(organisation_id, joined, rows, as_of)
    return joined.join(ranked, on="case_id", how="left", maintain_order="left").drop("currency")


def _ranked(organisation_id: int, cases: pl.DataFrame, rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The priority that the refresh of that morning gave."""
    known = {
        "is_open": pl.lit(value=True), "next_step": pl.lit("wait"), "next_on": pl.lit(as_of), "priority": pl.lit(0, pl.Int64),
        "overdue_documents": pl.lit(0, pl.Int64), "bucket": pl.lit(0, pl.Int64),
    }  # fmt: skip
    heads = cases.with_columns(**known)
    heads = heads.with_columns(
        pl.lit(None, dtype).alias(name)
        for name, dtype in figures.HEAD_COLUMNS.items()
        if name not in heads.columns
    ).select(pl.col(name).cast(dtype) for name, dtype in figures.HEAD_COLUMNS.items())
    rules = attention_rules(system(organisation_id))
    return figures.advance(heads, rows, as_of=as_of, rules=rules).select("case_id", "priority")
