"""Money that came by another way before its payment complement did: the same money has the same client, amount and days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from aldia.domain.matching import DAYS_APART

if TYPE_CHECKING:
    from aldia.intake.einvoices.shelf import Held


@dataclass
class Received:
    """A receipt that is here; `left_minor` is what no complement has named of it yet, `covered` what it gave to each document."""

    receipt_id: int
    account_id: int
    currency: str
    on: date
    amount_minor: int
    left_minor: int
    covered: dict[int, int] = field(default_factory=dict)


def received_of(rows: Iterable[Mapping[str, Any]]) -> list[Received]:
    """Return the receipts of rows by what they cover, in their order."""
    found: dict[int, Received] = {}
    for row in rows:
        key = row["receipt_id"]
        one = found.setdefault(
            key,
            Received(
                key, row["account_id"], row["currency"], row["on"], row["amount_minor"], row["left_minor"]
            ),
        )
        if row["document_id"] is not None:
            one.covered[row["document_id"]] = row["covered_minor"]
    return list(found.values())


def same_money(
    received: Sequence[Received], parts: Sequence[Held], *, minor: int, total: int, currency: str, on: date
) -> Received | None:
    """Return the receipt that this part of a payment tells again, the nearest in days; None where it is new.

    It is when the receipt gave the document just that much, or is as large as the whole payment and of the same client.
    """
    documents = {held.document_id for held in parts if held.document_id is not None}
    accounts = {held.account_id for held in parts}
    near = [
        one
        for one in received
        if one.currency == currency
        and one.left_minor >= minor
        and one.account_id in accounts
        and abs((one.on - on).days) <= DAYS_APART
        and (_given(one, documents) == minor or one.amount_minor == total)
    ]
    return min(near, key=lambda one: (_given(one, documents) != minor, abs((one.on - on).days)), default=None)


def _given(one: Received, documents: set[int]) -> int:
    return sum(one.covered.get(document, 0) for document in documents)
