"""Receipts in sets of clients who owe in indexed units: the money left is converted one receipt after another, by the same rule as alone."""

import polars as pl

from aldia.access.actors import Actor, Clock
from aldia.domain.money import INDEXED_UNITS
from aldia.payments.models import Receipt
from aldia.payments.services.allocating import apply


def pay_units(actor: Actor, rows: pl.DataFrame, documents: pl.DataFrame, clock: Clock) -> None:
    """Cover what is owed in units with what receipts of these rows left unapplied, each at the value of its own day."""
    in_units = documents.filter(pl.col("currency").is_in(list(INDEXED_UNITS)))
    if in_units.is_empty():
        return
    owing = rows.join(in_units.select("account_id").unique(), on="account_id", how="semi")
    told = dict(owing.select("receipt_id", "document_id").iter_rows())
    own = set(in_units["document_id"])
    waiting = Receipt.objects.of(actor.organisation_id).filter(pk__in=list(told), unapplied_minor__gt=0)
    for receipt in waiting.order_by("on", "pk"):
        named = told[receipt.pk]
        apply(actor=actor, receipt=receipt, clock=clock, document_ids=[named] if named in own else None)
