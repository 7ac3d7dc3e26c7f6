"""What was paid here, written in the other system: each receipt once, whatever falls between the two."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.domain.money import to_major
from aldia.intake.links.protocol import Books, LinkRefused, Payment, Share
from aldia.intake.models import DeliveryState, Link, LinkDelivery
from aldia.intake.readers.refusals import Refused
from aldia.intake.services.places import key_of
from aldia.ledger import facts as ledger
from aldia.ledger import invoices
from aldia.ledger import selectors as ledger_selectors
from aldia.parties import facts as parties
from aldia.payments import facts as payments


def deliver(*, actor: Actor, link: Link, books: Books, now: datetime) -> dict[str, int]:
    """Write what was not written yet and take back what was reversed; return how many of each. Raises LinkBroken.

    A receipt that the system does not take stays with its reason and is tried again the next turn.
    """
    done: Counter[str] = Counter()
    books.sweep(f"{link.mark}:")
    portfolio = ledger_selectors.portfolios(actor).filter(key=key_of(link.portfolio_name)).first()
    if portfolio is None:
        return {}
    kept = {row.receipt_id: row for row in link.deliveries.all()}
    receipts = payments.own_receipts(
        actor.organisation_id, portfolio_id=portfolio.pk, recorded_from=link.made_at
    )
    for receipt, shares, customer in _told(actor, receipts, kept, portfolio.key):
        row = kept.get(receipt["receipt_id"]) or LinkDelivery.objects.get_or_create(
            organisation_id=actor.organisation_id, link=link, receipt_id=receipt["receipt_id"], defaults={"tried_at": now}
        )[0]  # fmt: skip
        row.tried_at, row.problem = now, {}
        try:
            row.state, row.theirs = _one(
                books, f"{link.mark}:{row.receipt_id}", receipt, shares, customer, row.theirs
            )
        except LinkRefused as refusal:
            row.state, row.problem = DeliveryState.REFUSED, problem_of(refusal)
        row.save()
        done[row.state] += 1
    return {name: done[name] for name in ("delivered", "taken_back", "refused") if done[name]}


def problem_of(refusal: Refused) -> dict[str, str]:
    """Return the refusal as it is kept: code, field, found, expected, hint."""
    return {
        name: str(getattr(refusal, name))[:300] for name in ("code", "field", "found", "expected", "hint")
    }


def _one(
    books: Books, mark: str, receipt: dict[str, Any], shares: tuple[Share, ...], customer: str, theirs: str
) -> tuple[DeliveryState, str]:
    if receipt["state"] == "REVERSED":
        books.take_back(mark)
        return DeliveryState.TAKEN_BACK, theirs
    if receipt["has_deductions"]:
        raise LinkRefused(
            "has_deductions",
            found=receipt["reference"],
            hint=_("Lleva retenciones: asiéntalo en el otro sistema."),
        )
    note = " · ".join(part for part in (receipt["means"], receipt["payer"], receipt["reference"]) if part)
    payment = Payment(mark, customer, receipt["on"], receipt["currency"], note, shares)
    return DeliveryState.DELIVERED, books.pay(payment)


def _told(
    actor: Actor, receipts: pl.DataFrame, kept: dict[int, LinkDelivery], source: str
) -> list[tuple[dict[str, Any], tuple[Share, ...], str]]:
    """What there is to tell, oldest first: new receipts, and reversed ones that were told. With what each covers and whose it is."""
    waiting = [row for row in receipts.iter_rows(named=True) if _is_due(row, kept.get(row["receipt_id"]))]
    ids = [row["receipt_id"] for row in waiting]
    covered = payments.covered_frame(actor.organisation_id, receipt_ids=ids)
    names = invoices.document_names(actor.organisation_id, document_ids=covered["document_id"].to_list())
    shares = covered.join(names, on="document_id").rows_by_key("receipt_id", named=True)
    customers = _customers(actor, [row["account_id"] for row in waiting], source)
    return [
        (row, _shares(row, shares.get(row["receipt_id"], []), source), customers.get(row["account_id"], ""))
        for row in waiting
    ]


def _is_due(receipt: dict[str, Any], row: LinkDelivery | None) -> bool:
    if receipt["state"] == "REVERSED":
        return row is not None and row.state != DeliveryState.TAKEN_BACK
    return row is None or row.state in {DeliveryState.SENDING, DeliveryState.REFUSED}


def _shares(receipt: dict[str, Any], covered: list[dict[str, Any]], source: str) -> tuple[Share, ...]:
    """What the receipt covers of that system's debts; the rest is on account there."""
    mine = [row for row in covered if row["origin"] == source]
    currency = receipt["currency"]
    told = [Share(row["document_reference"], to_major(row["covered_minor"], currency)) for row in mine]
    rest = receipt["amount_minor"] - sum(row["covered_minor"] for row in mine)
    return tuple(told + ([Share("", to_major(rest, currency))] if rest else []))


def _customers(actor: Actor, account_ids: list[int], source: str) -> dict[int, str]:
    """How the system calls who owes each account."""
    accounts = ledger.account_frame(actor.organisation_id).filter(pl.col("case_id").is_in(account_ids))
    named = parties.reference_frame(actor.organisation_id, source=source).unique("party_id", keep="first")
    return dict(accounts.join(named, on="party_id").select("case_id", "customer_id").iter_rows())
