"""Cash boxes as people read them: one's own, what it should hold, what moved, and those of the team that were counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Sum
from django.utils.translation import gettext as _

from aldia.access.permissions import Permission
from aldia.db.pages import Page, paged
from aldia.domain.money import is_indexed
from aldia.ledger.indexed import unit_value
from aldia.payments.models import BoxState, CashBox, CashMovement, Receipt, ReceiptState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from aldia.access.actors import Actor
    from aldia.ledger.models import Loan


class UnknownBox(LookupError):
    """Raised when there is no such box, or it is somebody else's and the role sees only its own."""


@dataclass(frozen=True, slots=True)
class CashLine:
    """One movement; `is_void` when its receipt was reversed and it no longer counts."""

    reason: str
    amount_minor: int
    receipt_id: int | None
    loan_id: int | None
    at: datetime
    is_void: bool


def own_boxes(actor: Actor) -> list[CashBox]:
    """Return the actor's open boxes, one by currency."""
    rows = CashBox.objects.of(actor.organisation_id).filter(user_id=actor.user_id, state=BoxState.OPEN)
    return list(rows.order_by("currency"))


def box(actor: Actor, box_id: int) -> CashBox:
    """Return one box. Raises UnknownBox."""
    found: CashBox | None = _seen(actor).filter(pk=box_id).first()
    if found is None:
        raise UnknownBox(_("No hay una caja %(id)s que puedas ver.") % {"id": box_id})
    return found


def boxes(actor: Actor, cursor: str | None = None, *, limit: int = 30) -> Page[CashBox]:
    """Return a page of boxes, the newest first: the actor's, or the whole team's for who sees it. Raises BadCursor."""
    return paged(
        _seen(actor), by="opened_on", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row
    )


def movements(actor: Actor, row: CashBox) -> list[CashLine]:
    """Return what moved, the last first."""
    moved = list(CashMovement.objects.of(actor.organisation_id).filter(box_id=row.pk).order_by("-pk"))
    void = set(_reversed(row).values_list("pk", flat=True))
    return [
        CashLine(
            line.get_reason_display(), line.amount_minor, line.receipt_id, line.loan_id, line.recorded_at,
            is_void=line.receipt_id in void,
        )
        for line in moved
    ]  # fmt: skip


def expected(row: CashBox) -> int:
    """Return what the box should hold in minor units: as counted when it was closed, else as its movements say now."""
    if row.expected_minor is not None:
        return int(row.expected_minor)
    moved = CashMovement.objects.of(row.organisation_id).filter(box_id=row.pk)
    total = moved.exclude(receipt_id__in=_reversed(row).values("pk"), receipt_id__isnull=False)
    return int(row.opening_minor) + int(total.aggregate(total=Sum("amount_minor"))["total"] or 0)


def _reversed(row: CashBox) -> QuerySet[Receipt]:
    mine = CashMovement.objects.of(row.organisation_id).filter(box_id=row.pk, receipt_id__isnull=False)
    rows: QuerySet[Receipt] = Receipt.objects.of(row.organisation_id).filter(
        pk__in=mine.values("receipt_id"), state=ReceiptState.REVERSED
    )
    if row.closed_at is not None:  # what was taken back later had been counted
        rows = rows.none()
    return rows


def _seen(actor: Actor) -> QuerySet[CashBox]:
    rows: QuerySet[CashBox] = CashBox.objects.of(actor.organisation_id).select_related("user")
    if actor.may(Permission.SEE_TEAM) or actor.may(Permission.READ_EVERYTHING):
        return rows
    return rows.filter(user_id=actor.user_id or 0)


def in_money(loan: Loan, minor: int, on: date) -> int:
    """Return what an amount of the loan is that day in the money that is handed over (minor units). Raises NoUnitValue of the ledger."""
    if not is_indexed(loan.currency):
        return minor
    return unit_value(loan.organisation_id, loan.currency, on).to_currency(minor)
