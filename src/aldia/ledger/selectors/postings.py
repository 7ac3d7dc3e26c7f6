"""The journal of a case, leg by leg."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aldia.access.actors import Actor
from aldia.ledger.models import (
    Leg,
    Posting,
)


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One leg with the head of its posting. `amount_minor`: debits positive."""

    posting_id: int
    on: date
    recorded_at: datetime
    kind: str
    source: str
    reference: str
    reverses_id: int | None
    book: str
    component: str
    document_id: int | None
    currency: str
    amount_minor: int


def journal(actor: Actor, *, case_id: int) -> list[JournalLine]:
    """Return every leg of the case with its posting's head, newest first."""
    rows = Leg.objects.of(actor.organisation_id).filter(account_id=case_id)
    legs = list(rows.order_by("-on", "-posting_id", "id"))
    heads = Posting.objects.of(actor.organisation_id).in_bulk([leg.posting_id for leg in legs])
    return [
        JournalLine(
            leg.posting_id, leg.on, leg.recorded_at, head.kind, head.source, head.reference, head.reverses_id,
            leg.book, leg.component, leg.document_id, leg.currency, leg.amount_minor,
        )
        for leg in legs
        for head in [heads[leg.posting_id]]
    ]  # fmt: skip


def posting_ids(
    actor: Actor, *, portfolio_id: int, kind: str, source: str, references: Sequence[str]
) -> list[int]:
    """Return the ids of the postings with these references, oldest first."""
    rows = Posting.objects.of(actor.organisation_id).filter(
        portfolio_id=portfolio_id, kind=kind, source=source, reference__in=references
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))


def count_postings(actor: Actor, *, portfolio_id: int, source: str, reference_start: str) -> int:
    """Return how many postings of a source have references that start so: the next one's turn, under the account's lock."""
    rows = Posting.objects.of(actor.organisation_id).filter(portfolio_id=portfolio_id, source=source)
    return int(rows.filter(reference__startswith=reference_start).count())
