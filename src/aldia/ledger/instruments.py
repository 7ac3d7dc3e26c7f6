"""Reads of instruments and of who stands behind a document, for screens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aldia.ledger.models import DocumentRole, Instrument

if TYPE_CHECKING:
    from aldia.access.actors import Actor


def instruments(actor: Actor, case_id: int) -> list[Instrument]:
    """Return the instruments of a case that are not over, by due date."""
    rows = (
        Instrument.objects.of(actor.organisation_id)
        .filter(document__account_id=case_id)
        .select_related("document")
    )
    return list(rows.exclude(state__in=("replaced", "returned")).order_by("document__due_on", "document_id"))


def guarantors(actor: Actor, document_ids: Sequence[int]) -> list[tuple[int, str, str, str]]:
    """Return (document_id, role, name, tax id) of who else stands behind these documents."""
    rows = (
        DocumentRole.objects.of(actor.organisation_id)
        .filter(document_id__in=list(document_ids))
        .order_by("role", "id")
    )
    return list(rows.values_list("document_id", "role", "party__name", "party__tax_id"))
