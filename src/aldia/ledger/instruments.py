"""Reads of instruments and of who stands behind a document, for screens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from aldia.domain.instruments import InstrumentKind
from aldia.ledger.models import Document, DocumentRole, Instrument

if TYPE_CHECKING:
    from aldia.access.actors import Actor

ENDED: Final = ("replaced", "returned")
"""Where an instrument no longer asks for anything."""


def instruments(actor: Actor, case_id: int) -> list[Instrument]:
    """Return the instruments of a case that are not over, by due date; those of a file that nobody moved are held."""
    rows = (
        Instrument.objects.of(actor.organisation_id)
        .filter(document__account_id=case_id)
        .select_related("document")
    )
    told = list(rows.exclude(state__in=ENDED))
    untold = Document.objects.of(actor.organisation_id).filter(
        account_id=case_id, kind__in=list(InstrumentKind), instrument=None, balance_minor__gt=0
    )
    every = [*told, *(Instrument(document=each, moved_on=each.issued_on) for each in untold)]
    return sorted(every, key=lambda row: (row.document.due_on, row.document_id))


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
