"""Reads of instruments and of who stands behind a document, for screens."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from django.db.models import F, Q

from aldia.domain.instruments import InstrumentKind, InstrumentState
from aldia.ledger.models import DocumentRole, Instrument

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from aldia.access.actors import Actor

ENDED: Final = ("replaced", "returned")
"""Where an instrument no longer asks for anything."""
_WAITS: Final = Q(document__balance_minor__gt=0)
_CHEQUE: Final = Q(document__kind=InstrumentKind.CHEQUE)


class Tray(StrEnum):
    """What the papers of a house ask for: each tray is the day's work of whoever keeps them."""

    TO_DEPOSIT = "to_deposit"
    COMING = "coming"
    DEPOSITED = "deposited"
    SIGNED = "signed"
    FAILED = "failed"


def tray(actor: Actor, which: Tray, *, as_of: date, account_ids: Any = None) -> QuerySet[Instrument]:
    """Return the instruments of a tray with their document and `due_on`, of all accounts or of those; unordered."""
    held = _WAITS & Q(state=InstrumentState.HELD)
    chosen = {
        Tray.TO_DEPOSIT: held & _CHEQUE & Q(document__due_on__lte=as_of),
        Tray.COMING: held & _CHEQUE & Q(document__due_on__gt=as_of),
        Tray.DEPOSITED: _WAITS & Q(state=InstrumentState.DEPOSITED),
        Tray.SIGNED: held & ~_CHEQUE,
        Tray.FAILED: Q(state__in=(InstrumentState.BOUNCED, InstrumentState.PROTESTED)),
    }
    rows = Instrument.objects.of(actor.organisation_id).filter(chosen[which])
    if account_ids is not None:
        rows = rows.filter(document__account_id__in=account_ids)
    return rows.select_related("document").annotate(due_on=F("document__due_on"))


def instruments(actor: Actor, case_id: int) -> list[Instrument]:
    """Return the instruments of a case that are not over nor paid by other money, by due date."""
    rows = (
        Instrument.objects.of(actor.organisation_id)
        .filter(document__account_id=case_id)
        .select_related("document")
    )
    rows = rows.exclude(state__in=ENDED).exclude(state=InstrumentState.HELD, document__balance_minor=0)
    return list(rows.order_by("document__due_on", "document_id"))


def stands_alone(row: Instrument) -> bool:
    """Return whether it is the debt itself, as one that a file brought: it covers no other, nor ever did."""
    return row.covering_id is None and not row.covered and "own_minor" not in row.details


def guarantors(actor: Actor, document_ids: Sequence[int]) -> list[tuple[int, str, str, str]]:
    """Return (document_id, role, name, tax id) of who else stands behind these documents."""
    rows = (
        DocumentRole.objects.of(actor.organisation_id)
        .filter(document_id__in=list(document_ids))
        .order_by("role", "id")
    )
    return list(rows.values_list("document_id", "role", "party__name", "party__tax_id"))
