"""Set-based reads: receipts as a frame, for indicators and exports."""

from datetime import date

import polars as pl

from aldia.db.frames import read_queryset
from aldia.payments.models import Receipt, ReceiptState


def receipt_frame(
    organisation_id: int, *, from_on: date | None = None, to_on: date | None = None
) -> pl.DataFrame:
    """Return the receipts of the days in [from_on, to_on), reversed ones too (see `state`), amounts in minor units."""
    rows = Receipt.objects.of(organisation_id).order_by("on", "id")
    if from_on is not None:
        rows = rows.filter(on__gte=from_on)
    if to_on is not None:
        rows = rows.filter(on__lt=to_on)
    schema = {
        "id": pl.Int64,
        "account_id": pl.Int64,
        "portfolio_id": pl.Int64,
        "currency": pl.String,
        "amount_minor": pl.Int64,
        "unapplied_minor": pl.Int64,
        "on": pl.Date,
        "means": pl.String,
        "source": pl.String,
        "reference": pl.String,
        "state": pl.String,
        "reversed_on": pl.Date,
        "recorded_by": pl.String,
    }
    return read_queryset(rows, schema).rename({"id": "receipt_id", "account_id": "case_id"})


def has_receipts(organisation_id: int, portfolio_id: int) -> bool:
    """Return whether the portfolio has receipts of its own that count."""
    rows = Receipt.objects.of(organisation_id).filter(portfolio_id=portfolio_id, state=ReceiptState.ACTIVE)
    return bool(rows.exists())


def receipt_references(organisation_id: int, *, portfolio_id: int, source: str) -> set[str]:
    """Return the references that a source has used for the receipts of a portfolio, for ever."""
    rows = Receipt.objects.of(organisation_id).filter(portfolio_id=portfolio_id, source=source)
    return set(rows.values_list("reference", flat=True))
