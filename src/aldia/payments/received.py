"""Money that is here and that no bank line has brought yet: what another way told first, a bank may tell again."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
from django.db.models import Exists, OuterRef, QuerySet

from aldia.access.actors import Actor
from aldia.db.frames import read_queryset
from aldia.domain.matching import DAYS_APART, Debt, Received, identities
from aldia.ledger import selectors as ledger
from aldia.payments.facts import covered_frame
from aldia.payments.models import BankMatch, Receipt, ReceiptState

CASH: Final = "cash"  # notes and coins: a transfer of the same amount is other money
_TOGETHER: Final = 5_000  # receipts whose documents are asked for at once
_COLUMNS: Final[dict[str, Any]] = {
    "id": pl.Int64, "account_id": pl.Int64, "source": pl.String, "on": pl.Date, "amount_minor": pl.Int64,
}  # fmt: skip


def untied(organisation_id: int) -> QuerySet[Receipt]:
    """Return the receipts with client that are no bank line's, but for cash and those that were taken back."""
    lines = BankMatch.objects.of(organisation_id).filter(
        receipt_id=OuterRef("pk"), undone_at__isnull=True, amount_minor__gt=0
    )
    rows: QuerySet[Receipt] = Receipt.objects.of(organisation_id).filter(
        ~Exists(lines), account_id__isnull=False
    )
    return rows.exclude(state=ReceiptState.REVERSED).exclude(means=CASH)


def received(
    actor: Actor,
    lines: pl.DataFrame,
    *,
    creditor_id: int,
    currency: str,
    account_ids: Iterable[int] | None = None,
) -> dict[int, tuple[Received, ...]]:
    """Return by account the payments that lines (booked_on, amount_minor) may tell again: a receipt, or all those of a client that
    one source tells of one day, where they add up to the amount of a line."""
    if lines.is_empty():
        return {}
    first: date = lines["booked_on"].min()  # type: ignore[assignment]
    last: date = lines["booked_on"].max()  # type: ignore[assignment]
    apart = timedelta(days=DAYS_APART)
    rows = untied(actor.organisation_id).filter(
        account__creditor_id=creditor_id, currency=currency, on__gte=first - apart, on__lte=last + apart,
    )  # fmt: skip
    if account_ids is not None:
        rows = rows.filter(account_id__in=list(account_ids))
    found = read_queryset(rows.order_by("id"), _COLUMNS)
    money = pl.concat([_payments(found, each) for each in (["id"], ["account_id", "source", "on"])])
    told = money.unique("ids", maintain_order=True).join(
        lines.select("amount_minor").unique(), on="amount_minor", how="semi", maintain_order="left"
    )
    covered = _covered(actor, told["ids"].explode().drop_nulls().unique().to_list())
    by_account: dict[int, tuple[Received, ...]] = {}
    for row in told.iter_rows(named=True):
        documents = [pair for key in row["ids"] for pair in covered.get(key, ())]
        debts = tuple(
            Debt(key, names[0], minor, row["on"], identities(*names[1:])) for key, minor, names in documents
        )
        one = Received(tuple(zip(row["ids"], row["minors"], strict=True)), row["on"], debts)
        by_account[row["account_id"]] = (*by_account.get(row["account_id"], ()), one)
    return by_account


def _payments(found: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """(account_id, on, ids, minors, amount_minor): the receipts put together by some columns."""
    return found.group_by(by, maintain_order=True).agg(
        *(pl.col(name).first().alias(f"its_{name}") for name in ("account_id", "on")),
        pl.col("id").alias("ids"), pl.col("amount_minor").alias("minors"), pl.col("amount_minor").sum().alias("total"),
    ).select(account_id="its_account_id", on="its_on", ids="ids", minors="minors", amount_minor="total")  # fmt: skip


def _covered(
    actor: Actor, receipt_ids: list[int]
) -> Mapping[int, list[tuple[int, int, tuple[str, str, str]]]]:
    """What receipts gave to documents, by receipt: (document, minor units, what the document is called)."""
    told: dict[int, list[tuple[int, int, tuple[str, str, str]]]] = {}
    for first in range(0, len(receipt_ids), _TOGETHER):
        frame = covered_frame(actor.organisation_id, receipt_ids=receipt_ids[first : first + _TOGETHER])
        names = ledger.document_identities(actor, frame["document_id"].unique().to_list())
        for receipt_id, document_id, minor in frame.iter_rows():
            told.setdefault(receipt_id, []).append((document_id, minor, names[document_id]))
    return told
