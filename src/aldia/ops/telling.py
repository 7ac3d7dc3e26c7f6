"""What other systems are told of a day, as rows: the receipts that were registered here with what each covers, and the promises."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

import polars as pl

from aldia.ledger import facts as ledger
from aldia.ledger import invoices
from aldia.outcomes import facts as outcomes
from aldia.parties import facts as parties
from aldia.payments import facts as payments

RECEIPTS: Final = (
    "cobro", "movimiento", "fecha", "moneda", "importe", "medio", "cliente", "cliente_identificacion", "documento_origen",
    "documento_referencia", "documento_numero", "importe_aplicado",
)  # fmt: skip
PROMISES: Final = (
    "promesa", "hecha_el", "vence_el", "moneda", "importe", "estado", "cliente", "cliente_identificacion",
)  # fmt: skip


def receipts(organisation_id: int, *, from_at: datetime, to_at: datetime, on: date) -> list[dict[str, Any]]:
    """Return a row a receipt and document covered, recorded in [from_at, to_at) or reversed on the day, amounts in minor units. What came
    in by a file is left out: the system that wrote the file knows it."""
    told = payments.told_receipts(organisation_id, from_at=from_at, to_at=to_at, on=on)
    covered = payments.covered_frame(organisation_id, receipt_ids=told["receipt_id"].to_list())
    names = invoices.document_names(organisation_id, document_ids=covered["document_id"].unique().to_list())
    rows = (
        told.join(covered.join(names, on="document_id", how="left"), on="receipt_id", how="left", maintain_order="left")
        .join(_people(organisation_id), on="case_id", how="left", maintain_order="left")
        .select(
            "movimiento", cobro=pl.format("{}:{}", "source", "reference"), fecha="on", moneda="currency", importe="amount_minor",
            medio="means", cliente="name", cliente_identificacion="tax_id", documento_origen="origin",
            documento_referencia="document_reference", documento_numero="number",
            importe_aplicado=pl.col("covered_minor").fill_null(0),
        )
    )  # fmt: skip
    return rows.to_dicts()


def promises(organisation_id: int, *, on: date) -> list[dict[str, Any]]:
    """Return the promises made on that day, amounts in minor units."""
    made = outcomes.promise_frame(organisation_id, from_on=on, to_on=on + timedelta(days=1))
    rows = made.join(_people(organisation_id), on="case_id", how="left", maintain_order="left").select(
        promesa="promise_id", hecha_el="made_on", vence_el="due_on", moneda="currency", importe="amount_minor", estado="state",
        cliente="name", cliente_identificacion="tax_id",
    )  # fmt: skip
    return rows.to_dicts()


def _people(organisation_id: int) -> pl.DataFrame:
    """Who owes in each case: case_id, name, tax_id."""
    accounts = ledger.account_frame(organisation_id).select("case_id", "party_id")
    return accounts.join(parties.payers_frame(organisation_id), on="party_id", how="left").drop("party_id")
