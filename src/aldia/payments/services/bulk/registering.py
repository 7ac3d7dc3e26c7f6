"""Receipts in sets: settlement columns and receipt files, each effective on its own date, future ones too."""

from dataclasses import dataclass

import polars as pl
from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.db.frames import reserve_ids, write_frame
from aldia.ledger import facts as ledger_facts
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger
from aldia.ledger.components import component_steps
from aldia.ledger.loans import borrowing as accounts_that_borrow
from aldia.outcomes.legal_charges import switched_on
from aldia.payments.customer_terms import early_terms
from aldia.payments.models import Deduction, Receipt
from aldia.payments.services.bulk.early import post_discounts
from aldia.payments.services.bulk.reading import ReceiptSet, new_rows
from aldia.payments.services.bulk.spreading import Owed, spread
from aldia.payments.services.bulk.units import pay_units
from aldia.payments.services.bulk.writing import Journal, write_receipts
from aldia.payments.services.consequences import follow
from aldia.payments.services.deductions import deduction_frame
from aldia.payments.services.running import post_what_runs


@dataclass(frozen=True, slots=True)
class Registered:
    """What `register_frame` did: counts, and (reference, receipt_id) of the new receipts."""

    new: int
    same: int
    applied_minor: dict[str, int]
    receipts: pl.DataFrame


@transaction.atomic
def register_frame(
    *, actor: Actor, told: ReceiptSet, clock: Clock, has_consequences: bool = True
) -> Registered:
    """Register many receipts; those whose reference is known are left as they are.

    Documents named by their own receipts are covered before any rest is spread by the portfolio's order. A load that
    refreshes its cases itself passes `has_consequences=False`.
    Raises UnknownColumn, DuplicateReference, BadReceipt, NotAllowed.
    """
    if not actor.may(Permission.LOAD_FILES):
        actor.check(Permission.REGISTER_RECEIPTS)
    rows = new_rows(actor, told)
    same = told.receipts.height - rows.height
    if rows.is_empty():
        return Registered(0, same, {}, rows.select("reference", receipt_id=pl.lit(None, pl.Int64)))
    accounts = rows["account_id"].drop_nulls().unique()
    ledger.lock_frame(organisation_id=actor.organisation_id, account_ids=accounts)
    rows = rows.with_columns(receipt_id=reserve_ids(Receipt, rows.height))
    borrowing = _what_runs_first(actor, rows, clock, portfolio_id=told.portfolio_id)
    owed = _owed(actor, told.portfolio_id, accounts.to_list(), clock)
    shares, off = spread(rows, told.named, owed)
    write_receipts(actor, told, rows, shares, clock)
    write_frame(Deduction, deduction_frame(actor, rows))
    covers = shares.join(owed.documents, on="document_id", how="left")
    Journal(actor, told.portfolio_id, clock).write(rows, covers, _steps(actor, owed, borrowing))
    post_discounts(actor, told.portfolio_id, rows, off, clock)
    audit.record(
        actor=actor, verb="payments.receipts.load", object_type="portfolio", object_id=told.portfolio_id, now=clock.now,
        data={"new": rows.height, "same": same, "source": told.source, "load": told.load_id},
    )  # fmt: skip
    pay_units(actor, rows, owed.documents, clock)
    if has_consequences:
        follow(actor=actor, case_ids=accounts.to_list(), clock=clock)
    return Registered(rows.height, same, _applied(rows, shares), rows.select("reference", "receipt_id"))


def _owed(actor: Actor, portfolio_id: int, accounts: list[int], clock: Clock) -> Owed:
    terms = early_terms(actor, portfolio_id, accounts)
    documents = ledger_facts.unsettled_documents(
        actor.organisation_id, portfolio_id=portfolio_id, case_ids=accounts, has_terms=bool(terms)
    )
    return Owed(documents, ledger_selectors.portfolio(actor, portfolio_id).order, terms, clock.as_of)


def _steps(actor: Actor, owed: Owed, borrowing: set[int]) -> pl.DataFrame:
    composed = owed.documents.filter(pl.col("account_id").is_in(borrowing))["document_id"].to_list()
    return component_steps(actor.organisation_id, composed, owed.order)


def _applied(rows: pl.DataFrame, shares: pl.DataFrame) -> dict[str, int]:
    """What went to documents, by currency."""
    applied = shares.join(rows.select("receipt_id", "currency"), on="receipt_id")
    totals = applied.group_by("currency").agg(pl.col("amount_minor").sum()).sort("currency")
    return dict(totals.iter_rows())


def _what_runs_first(actor: Actor, rows: pl.DataFrame, clock: Clock, *, portfolio_id: int) -> set[int]:
    """Post what runs on the debts through each account's first receipt, where something may run; which accounts borrow."""
    firsts = dict(rows.drop_nulls("account_id").group_by("account_id").agg(pl.col("on").min()).iter_rows())
    found = accounts_that_borrow(actor.organisation_id, list(firsts))
    is_on = switched_on(ledger_selectors.portfolio(actor, portfolio_id))
    for account_id in sorted(firsts if is_on else found):
        post_what_runs(
            actor=actor, account_id=account_id, on=min(firsts[account_id], clock.as_of), clock=clock
        )
    return found
