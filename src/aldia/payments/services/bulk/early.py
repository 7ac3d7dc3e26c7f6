"""Receipts in sets of clients who may take something off for paying early: one after another, by the same rule as a receipt alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from aldia.access.actors import Actor, Clock
from aldia.domain.allocation import AllocationOrder, OpenItem
from aldia.domain.customer_terms import EarlyDiscount
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger
from aldia.payments.choosing import spread
from aldia.payments.services.allocating import SOURCE, early_reference

SHARES = {"receipt_id": pl.Int64, "document_id": pl.Int64, "amount_minor": pl.Int64}
Rows = list[tuple[int, int, int]]


def spread_early(
    rows: pl.DataFrame,
    wanted: pl.DataFrame,
    documents: pl.DataFrame,
    terms: Mapping[int, EarlyDiscount],
    order: AllocationOrder,
    as_of: date,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what receipts give to documents and what is taken off, both as (receipt_id, document_id, amount_minor).

    `wanted` says what they give to the documents that they name, before the rest is spread.
    """
    shares: Rows = []
    off: Rows = []
    keys = ["account_id", "currency"]
    named = {
        key: list(part.iter_rows())
        for (key,), part in _named(wanted).partition_by("receipt_id", as_dict=True).items()
    }
    pools = {
        key: _Debts(part, terms[int(key[0])])
        for key, part in documents.partition_by(keys, as_dict=True).items()
    }
    for receipt_id, account_id, currency, on, minor in rows.select(
        "receipt_id", *keys, "on", "amount_minor"
    ).iter_rows():
        if pool := pools.get((account_id, currency)):
            given, taken = pool.take(minor, on, named.get(receipt_id, []), order, as_of)
            shares += [(receipt_id, *each) for each in given]
            off += [(receipt_id, *each) for each in taken]
    return (pl.DataFrame(each, schema=SHARES, orient="row") for each in (shares, off))  # type: ignore[return-value]


def _named(wanted: pl.DataFrame) -> pl.DataFrame:
    return wanted.select("receipt_id", "document_id", "amount_minor")


@dataclass(slots=True)
class _Drawn:
    """What one receipt, that arrived `on` a day, has drawn so far: given to documents, and taken off."""

    on: date
    horizon: date
    order: AllocationOrder
    given: dict[str, int] = field(default_factory=dict)
    off: dict[str, int] = field(default_factory=dict)


class _Debts:
    """The open documents of one account in one currency, while receipts draw on them and discounts lower them."""

    def __init__(self, documents: pl.DataFrame, early: EarlyDiscount) -> None:
        self.early = early
        self.rows: dict[str, dict[str, Any]] = {
            ledger_selectors.document_name(row["document_id"]): dict(row)
            for row in documents.iter_rows(named=True)
        }
        self.left = {name: int(row["balance_minor"]) for name, row in self.rows.items()}

    def take(
        self, minor: int, on: date, named: Rows, order: AllocationOrder, as_of: date
    ) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Return (document, amount) for what the money gives and for what is taken off, and draw both."""
        drawn = _Drawn(on, max(on, as_of), order)
        for _receipt, document_id, most in named:
            self._draw(min(minor, most), drawn, only=ledger_selectors.document_name(document_id))
        self._draw(minor - sum(drawn.given.values()), drawn)
        return [(int(name), each) for name, each in drawn.given.items()], [
            (int(name), each) for name, each in drawn.off.items()
        ]

    def _draw(self, funds: int, drawn: _Drawn, only: str = "") -> None:
        """One step of a receipt, added to what it has drawn: from the document that it names, or from all."""
        usable = {name: row for name, row in self.rows.items() if self.left[name] and only in ("", name)}
        if funds <= 0 or (only and only not in usable):
            return
        items = [OpenItem(name, self.left[name], row["due_on"]) for name, row in usable.items()]
        issued = {name: row["issued_on"] for name, row in usable.items()}
        done = spread(
            funds, items, issued, order=drawn.order, chosen=[only] if only else [], horizon=drawn.horizon,
            early=self._may_take_off(usable, drawn.on),
        )  # fmt: skip
        for share in done.given:
            drawn.given[share.document] = drawn.given.get(share.document, 0) + share.minor
            self.left[share.document] -= share.minor
        for name, minor in done.discounts.items():
            drawn.off[name] = minor
            self.left[name] -= minor

    def _may_take_off(self, usable: Mapping[str, dict[str, Any]], on: date) -> dict[str, int]:
        """What may be taken off each invoice that is owed whole and that nobody disputes, paid on that day."""
        found = {
            name: self.early.minor(row["original_minor"], row["issued_on"], on)
            for name, row in usable.items()
            if row["kind"] == "invoice"
            and self.left[name] == row["original_minor"]
            and not row["is_disputed"]
        }
        return {name: minor for name, minor in found.items() if minor}


def post_discounts(
    actor: Actor, portfolio_id: int, rows: pl.DataFrame, off: pl.DataFrame, clock: Clock
) -> None:
    """Write in the journal what was taken off, by the names that a reversal looks for."""
    drafts = off.join(
        rows.select("receipt_id", "account_id", "currency", "on"), on="receipt_id", maintain_order="left"
    )
    drafts = drafts.with_columns(key=pl.int_range(pl.len(), dtype=pl.Int64))
    names = [
        early_reference(receipt_id, document_id)
        for receipt_id, document_id in drafts.select("receipt_id", "document_id").iter_rows()
    ]
    postings = drafts.select(
        "key", "on", portfolio_id=pl.lit(portfolio_id, pl.Int64), kind=pl.lit("discount"), source=pl.lit(SOURCE),
        reference=pl.Series(names, dtype=pl.String), recorded_at=pl.lit(clock.now),
    )  # fmt: skip
    common = ["key", "account_id", "currency"]
    cost = drafts.select(*common, "amount_minor", document_id=pl.lit(None, pl.Int64), book=pl.lit("discount"))
    debt = drafts.select(
        *common, "document_id", amount_minor=-pl.col("amount_minor"), book=pl.lit("receivable")
    )
    ledger.post_frame(
        organisation_id=actor.organisation_id,
        postings=postings,
        legs=pl.concat([cost, debt.select(cost.columns)]),
    )
