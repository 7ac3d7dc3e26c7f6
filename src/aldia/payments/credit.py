"""Who owes more than it may, of all clients and groups at once: for the night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from aldia.cases import facts as cases
from aldia.db.frames import read_queryset
from aldia.ledger import facts as ledger
from aldia.ledger import selectors as ledger_reads
from aldia.parties import facts as parties
from aldia.payments.models import GroupMember

if TYPE_CHECKING:
    from datetime import date

EXCEEDED = {
    "who": pl.String, "currency": pl.String, "over_minor": pl.Int64, "case_id": pl.Int64, "holder_id": pl.Int64,
}  # fmt: skip


def exceeded_frame(organisation_id: int, *, as_of: date) -> pl.DataFrame:
    """Return who owes more than it may that day, one row each; columns as EXCEEDED.

    `who` is `account:<id>` or `group:<id>`; a person merged from several owes with all its accounts, once. `case_id` is where it rings:
    the account's own case, of a group the one that owes most. Where nobody has a case nobody would read it: it is left out.
    """
    limits = _limits(organisation_id)
    if limits.is_empty():
        return pl.DataFrame(schema=EXCEEDED)
    persons = parties.roots_of(organisation_id).rename({"root_id": "person_id"})
    limits = limits.join(persons, on="party_id").drop("party_id").unique()
    holders = cases.holders_frame(organisation_id)
    owed = _owed(organisation_id, as_of, persons).join(
        holders.select("case_id", has_case=True), on="case_id", how="left"
    )
    largest = owed.sort("has_case", "minor", "case_id", nulls_last=False)
    told = (
        limits.join(largest, on=["person_id", "currency"], maintain_order="right")
        .group_by("who", "currency", "credit_minor")
        .agg(
            owed=pl.col("minor").sum(), case_id=pl.coalesce(pl.col("own_id").last(), pl.col("case_id").last())
        )
    )
    over = told.with_columns(over_minor=pl.col("owed") - pl.col("credit_minor"))
    return over.filter(pl.col("over_minor") > 0).join(holders, on="case_id").select(*EXCEEDED).sort("who")


def _limits(organisation_id: int) -> pl.DataFrame:
    """Each limit with the parties whose debts it holds: (who, currency, credit_minor, own_id, party_id); `own_id` null for a group."""
    own = ledger_reads.credit_limits(organisation_id)
    members = GroupMember.objects.of(organisation_id).filter(group__credit_minor__gt=0)
    schema = {
        "group_id": pl.Int64, "party_id": pl.Int64, "group__currency": pl.String, "group__credit_minor": pl.Int64,
    }  # fmt: skip
    shared = read_queryset(members, schema)
    return pl.concat([
        own.select(
            "party_id", "currency", "credit_minor", who=pl.format("account:{}", "case_id"), own_id="case_id"
        ),
        shared.select(
            "party_id", currency="group__currency", credit_minor="group__credit_minor",
            who=pl.format("group:{}", "group_id"), own_id=pl.lit(None, pl.Int64),
        ),
    ], how="diagonal")  # fmt: skip


def _owed(organisation_id: int, as_of: date, persons: pl.DataFrame) -> pl.DataFrame:
    """What each account owes by currency, credit notes taken off: (case_id, person_id, currency, minor)."""
    accounts = ledger.account_frame(organisation_id).join(persons, on="party_id")
    owed = ledger.owed_frame(organisation_id, as_of=as_of, partition=None, case_ids=None)
    minor = owed.group_by("case_id", "currency").agg(minor=pl.col("open_minor").sum())
    return minor.join(accounts.select("case_id", "person_id"), on="case_id")
