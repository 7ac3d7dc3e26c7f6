"""What the law's own charges are derived from: the late documents of an account, how each moved, and what was posted of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from aldia.db.prepared import prepared
from aldia.ledger.models import BookAccount, Document, DocumentKind, Leg, Posting, PostingKind

SOURCE: Final = "law"
"""The source of their postings; a reference is «document:kind:turn»."""
_BEARING: Final = (DocumentKind.INVOICE, DocumentKind.DEBIT_NOTE, DocumentKind.INSTALMENT)


@dataclass(frozen=True, slots=True)
class Posted:
    """What the books have of one charge of a document, how many postings told it, and whether a person took it back for good."""

    minor: int = 0
    turns: int = 0
    is_waived: bool = False
    posting_ids: tuple[int, ...] = ()  # those that hold

    def with_turn(self, posting_id: int, minor: int, is_reversed: bool) -> Posted:
        """This and one posting more."""
        if is_reversed:
            return Posted(self.minor, self.turns + 1, True, self.posting_ids)
        return Posted(self.minor + minor, self.turns + 1, self.is_waived, (*self.posting_ids, posting_id))


@dataclass(frozen=True, slots=True)
class ChargedDocument:
    """A document that may bear such a charge. `moves`: signed (day, component, minor) of the receivable."""

    document_id: int
    number: str
    due_on: date
    currency: str
    balance_minor: int
    is_disputed: bool
    moves: Sequence[tuple[date, str, int]]
    posted: Mapping[str, Posted] = field(default_factory=dict)


def charged_documents(
    organisation_id: int, account_id: int, *, since: date, on: date
) -> list[ChargedDocument]:
    """Return the late documents of an account that are open, or bore such a charge, that fell due from a day on; the oldest first.

    A fee that the house charged on its own (a debit note of aldia) bears none, and neither does what it was charged for.
    """
    rows = list(_late(organisation_id, account_id, since, on))
    if not rows:
        return []
    legs = _legs(organisation_id, [row.pk for row in rows])
    told = _told(organisation_id, legs)
    fee_on = max((row.issued_on for row in rows if row.source == "aldia"), default=date.min)
    return [
        ChargedDocument(
            row.pk, row.number, row.due_on, row.currency, row.balance_minor, row.is_disputed,
            [(on, component, minor) for _posting, on, component, minor in legs.get(row.pk, ())], told.get(row.pk, {}),
        )
        for row in rows
        if row.source != "aldia" and row.due_on >= fee_on and (row.balance_minor > 0 or row.pk in told)
    ]  # fmt: skip


@prepared
def _late(organisation_id: int, account_id: int, since: date, on: date) -> Any:
    rows = Document.objects.of(organisation_id).filter(
        account_id=account_id, due_on__gte=since, due_on__lt=on
    )
    return rows.filter(kind__in=_BEARING).order_by("due_on", "pk")


_LegRow = tuple[int, date, str, int]  # posting, day, component, minor


def _legs(organisation_id: int, document_ids: Sequence[int]) -> dict[int, list[_LegRow]]:
    rows = Leg.objects.of(organisation_id).filter(document_id__in=document_ids, book=BookAccount.RECEIVABLE)
    found: dict[int, list[_LegRow]] = {}
    for document_id, *told in rows.values_list(
        "document_id", "posting_id", "on", "component", "amount_minor"
    ):
        found.setdefault(document_id, []).append(tuple(told))
    return found


def _told(organisation_id: int, legs: Mapping[int, Sequence[_LegRow]]) -> dict[int, dict[str, Posted]]:
    """What was posted of each charge, by document and kind. What a person reversed is given up for good."""
    amounts = {posting: minor for moves in legs.values() for posting, _on, _component, minor in moves}
    heads = Posting.objects.of(organisation_id).filter(pk__in=amounts, kind=PostingKind.CHARGE, source=SOURCE)
    references = dict(heads.values_list("pk", "reference"))
    if not references:
        return {}
    back = Posting.objects.of(organisation_id).filter(reverses_id__in=references)
    gone = set(back.values_list("reverses_id", flat=True))
    found: dict[int, dict[str, Posted]] = {}
    for pk, reference in sorted(references.items()):
        document_id, charge, _turn = reference.split(":")
        kept = found.setdefault(int(document_id), {})
        kept[charge] = kept.get(charge, Posted()).with_turn(pk, amounts[pk], pk in gone)
    return found
