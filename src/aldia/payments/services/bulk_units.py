"""Receipts in sets of clients who owe in indexed units: the money left is converted one receipt after another, by the same rule as alone."""

import polars as pl
from django.db import transaction

from aldia.access.actors import Actor, Clock
from aldia.cases import facts as case_facts
from aldia.domain.money import INDEXED_UNITS
from aldia.ledger.indexed import NoUnitValue
from aldia.outcomes import services as outcomes
from aldia.payments.models import Receipt
from aldia.payments.services.allocating import apply


def pay_units(actor: Actor, rows: pl.DataFrame, documents: pl.DataFrame, clock: Clock) -> None:
    """Cover what is owed in units with what receipts of these rows left unapplied, each at the value of its own day.

    Where nobody said that value the money waits unapplied, and the case rings.
    """
    in_units = documents.filter(pl.col("currency").is_in(list(INDEXED_UNITS)))
    if in_units.is_empty():
        return
    owing = rows.join(in_units.select("account_id").unique(), on="account_id", how="semi")
    told = dict(owing.select("receipt_id", "document_id").iter_rows())
    own = set(in_units["document_id"])
    waiting = Receipt.objects.of(actor.organisation_id).filter(pk__in=list(told), unapplied_minor__gt=0)
    for receipt in waiting.order_by("on", "pk"):
        named = told[receipt.pk]
        try:
            with transaction.atomic():
                apply(
                    actor=actor, receipt=receipt, clock=clock, document_ids=[named] if named in own else None
                )
        except NoUnitValue as missing:
            if not case_facts.accounts_without_case(actor.organisation_id, [receipt.account_id]).is_empty():
                continue  # a load opens its cases afterwards; that night tells what value is missing
            outcomes.raise_alarm(
                actor=actor, case_id=receipt.account_id, kind="rate_missing", subject=f"{missing.unit} {missing.on}",
                as_of=clock.as_of, now=clock.now, data={"currency": missing.unit},
            )  # fmt: skip
