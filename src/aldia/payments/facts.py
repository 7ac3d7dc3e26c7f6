"""Set-based reads: receipts as a frame, for indicators and exports."""

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl

from aldia.db.frames import known_among, read_queryset
from aldia.payments.models import Allocation, Deduction, Receipt, ReceiptName, ReceiptState


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


def known_receipts(
    organisation_id: int, *, portfolio_id: int, source: str, references: pl.Series
) -> pl.DataFrame:
    """Return, as a frame of `reference`, which of these a source has used for the receipts of a portfolio, for ever."""
    return known_among(
        Receipt, "reference", references, organisation_id=organisation_id, portfolio_id=portfolio_id, source=source
    )  # fmt: skip


def receipts_of_source(organisation_id: int, *, portfolio_id: int, source: str) -> pl.DataFrame:
    """Return `reference` and `amount_minor` of all receipts that a source has told of a portfolio, reversed ones too."""
    rows = Receipt.objects.of(organisation_id).filter(portfolio_id=portfolio_id, source=source)
    return read_queryset(rows, {"reference": pl.String, "amount_minor": pl.Int64})


def told_receipts(organisation_id: int, *, from_at: datetime, to_at: datetime, on: date) -> pl.DataFrame:
    """Return the receipts recorded in [from_at, to_at) (`movimiento` cobro) and those reversed on the day (reverso), but for
    those that a file brought: receipt_id, case_id, source, reference, on, currency, amount_minor, means, movimiento."""
    own = Receipt.objects.of(organisation_id).filter(load_id__isnull=True).order_by("id")
    schema = {
        "id": pl.Int64, "account_id": pl.Int64, "source": pl.String, "reference": pl.String, "on": pl.Date,
        "currency": pl.String, "amount_minor": pl.Int64, "means": pl.String,
    }  # fmt: skip
    made = read_queryset(own.filter(recorded_at__gte=from_at, recorded_at__lt=to_at), schema)
    back = read_queryset(own.filter(state=ReceiptState.REVERSED, reversed_on=on), schema)
    both = pl.concat(
        [made.with_columns(movimiento=pl.lit("cobro")), back.with_columns(movimiento=pl.lit("reverso"))]
    )
    return both.rename({"id": "receipt_id", "account_id": "case_id"})


def own_receipts(organisation_id: int, *, portfolio_id: int, recorded_from: datetime) -> pl.DataFrame:
    """Return the receipts of a portfolio with a client that no file brought, recorded since: receipt_id, account_id, source, reference,
    on, currency, amount_minor, unapplied_minor, means, payer, state, has_deductions."""
    rows = Receipt.objects.of(organisation_id).filter(
        portfolio_id=portfolio_id,
        load_id__isnull=True,
        account_id__isnull=False,
        recorded_at__gte=recorded_from,
    )
    schema = {
        "id": pl.Int64, "account_id": pl.Int64, "source": pl.String, "reference": pl.String, "on": pl.Date,
        "currency": pl.String, "amount_minor": pl.Int64, "unapplied_minor": pl.Int64, "means": pl.String, "payer": pl.String,
        "state": pl.String,
    }  # fmt: skip
    told = read_queryset(rows.order_by("id"), schema).rename({"id": "receipt_id"})
    kept = Deduction.objects.of(organisation_id).values_list("receipt_id", flat=True)
    deducted = pl.Series(list(kept.filter(receipt__portfolio_id=portfolio_id).distinct()), dtype=pl.Int64)
    return told.with_columns(has_deductions=pl.col("receipt_id").is_in(deducted.implode()))


def provisional_documents(organisation_id: int, *, portfolio_id: int) -> set[int]:
    """Return the documents that receipts cover which the external system has not explained yet."""
    receipts = Receipt.objects.of(organisation_id).filter(
        portfolio_id=portfolio_id, state=ReceiptState.PROVISIONAL
    )
    ids = list(receipts.values_list("pk", flat=True))
    return set(covered_frame(organisation_id, receipt_ids=ids)["document_id"]) if ids else set()


def covered_frame(organisation_id: int, *, receipt_ids: Sequence[int]) -> pl.DataFrame:
    """Return what receipts cover now: (receipt_id, document_id, covered_minor), what was taken back left out."""
    rows = Allocation.objects.of(organisation_id).filter(receipt_id__in=[*receipt_ids, 0])
    schema = {"receipt_id": pl.Int64, "document_id": pl.Int64, "amount_minor": pl.Int64}
    sums = read_queryset(rows, schema).group_by("receipt_id", "document_id", maintain_order=True)
    return sums.agg(covered_minor=pl.col("amount_minor").sum()).filter(pl.col("covered_minor") != 0)


def named_references(organisation_id: int, *, portfolio_id: int, source: str) -> set[str]:
    """Return what a source calls receipts of other sources, but for those that were taken back since."""
    rows = ReceiptName.objects.of(organisation_id).filter(receipt__portfolio_id=portfolio_id, source=source)
    return set(rows.exclude(receipt__state=ReceiptState.REVERSED).values_list("reference", flat=True))


def nameable_money(
    organisation_id: int, *, portfolio_id: int, source: str, from_on: date, to_on: date
) -> pl.DataFrame:
    """Return the receipts of other sources in [from_on, to_on) that `source` has not named whole, by what they cover: receipt_id,
    account_id, currency, on, amount_minor, left_minor (not named), document_id, covered_minor (null both where they cover nothing)."""
    rows = Receipt.objects.of(organisation_id).filter(
        portfolio_id=portfolio_id, account_id__isnull=False, on__gte=from_on, on__lt=to_on
    )
    schema = {
        "id": pl.Int64, "account_id": pl.Int64, "currency": pl.String, "on": pl.Date, "amount_minor": pl.Int64,
    }  # fmt: skip
    money = read_queryset(
        rows.exclude(source=source).exclude(state=ReceiptState.REVERSED).order_by("on", "id"), schema
    ).rename({"id": "receipt_id"})
    names = ReceiptName.objects.of(organisation_id).filter(receipt__portfolio_id=portfolio_id, source=source)
    named = read_queryset(names, {"receipt_id": pl.Int64, "amount_minor": pl.Int64})
    told = named.group_by("receipt_id").agg(named=pl.col("amount_minor").sum())
    covered = covered_frame(organisation_id, receipt_ids=money["receipt_id"].to_list())
    left = money.join(told, on="receipt_id", how="left", maintain_order="left").with_columns(
        left_minor=pl.col("amount_minor") - pl.col("named").fill_null(0)
    )
    return (
        left.filter(pl.col("left_minor") > 0)
        .drop("named")
        .join(covered, on="receipt_id", how="left", maintain_order="left")
    )
