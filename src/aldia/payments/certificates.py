"""Reads of what clients withheld: of one receipt, and the certificates that have not come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.db.pages import Page, paged
from aldia.domain.withholdings import BY_KEY
from aldia.payments.models import Deduction, ReceiptState

if TYPE_CHECKING:
    from aldia.domain.labels import Label


@dataclass(frozen=True, slots=True)
class DeductionLine:
    """A withholding or bank charge of a receipt; `owner` answers for its certificate while `is_pending`."""

    id: int
    receipt_id: int
    case_id: int | None
    debtor_name: str
    owner: str
    label: Label
    amount_minor: int
    currency: str
    on: date
    certificate: str
    certified_on: date | None
    file_id: int | None
    due_on: date | None

    @property
    def is_pending(self) -> bool:
        """True while a certificate is owed and has not come."""
        return self.due_on is not None and not self.certificate


def deductions_of(actor: Actor, receipt_id: int) -> list[DeductionLine]:
    """Return what was deducted from a receipt."""
    rows = _rows(actor).filter(receipt_id=receipt_id).order_by("pk")
    return _lines(list(rows), _heads(actor, rows))


def pending_certificates(actor: Actor, cursor: str | None = None, *, limit: int = 50) -> Page[DeductionLine]:
    """Return a page of the withholdings without certificate, the first that was due first. Raises BadCursor."""
    rows = _pending(actor)
    heads = _heads(actor, rows)
    return paged(
        rows,
        by="due_on",
        is_newest_first=False,
        cursor=cursor,
        limit=limit,
        made=lambda row: _lines([row], heads)[0],
    )


def pending_count(actor: Actor) -> int:
    """Return how many certificates have not come."""
    return int(_pending(actor).count())


def _rows(actor: Actor) -> Any:
    return Deduction.objects.of(actor.organisation_id).select_related("receipt")


def _pending(actor: Actor) -> Any:
    rows = (
        _rows(actor)
        .filter(certificate="", due_on__isnull=False)
        .exclude(receipt__state=ReceiptState.REVERSED)
    )
    return (
        rows.filter(receipt__account_id__in=cases.scope(actor).values("pk"))
        if cases.is_narrowed(actor)
        else rows
    )


def _heads(actor: Actor, rows: Any) -> dict[int, Any]:
    wanted = rows.values("receipt__account_id")
    heads = cases.scope(actor).filter(pk__in=wanted).select_related("holder")
    return {row.pk: row for row in heads}


def _lines(rows: list[Deduction], heads: dict[int, Any]) -> list[DeductionLine]:
    lines = []
    for row in rows:
        head = heads.get(row.receipt.account_id or 0)
        lines.append(
            DeductionLine(
                row.pk, row.receipt_id, row.receipt.account_id, head.debtor_name if head else "",
                head.holder.name if head and head.holder else "", BY_KEY[row.kind].label, row.amount_minor, row.receipt.currency,
                row.receipt.on, row.certificate, row.certified_on, row.file_id, row.due_on,
            )
        )  # fmt: skip
    return lines
