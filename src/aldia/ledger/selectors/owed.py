"""Documents as they stand on a day, and what of them is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef, Sum

from aldia.access.actors import Actor
from aldia.db.ahead import read_by
from aldia.db.memory import remembered
from aldia.db.prepared import prepared
from aldia.domain.ageing import Buckets, days_past_due
from aldia.domain.allocation import OpenItem, netted
from aldia.domain.balances import PRINCIPAL
from aldia.domain.money import Money
from aldia.ledger.components import component_balances
from aldia.ledger.models import (
    BookAccount,
    Document,
    DocumentFile,
    DocumentKind,
    Leg,
)
from aldia.ledger.selectors.owners import account, accounts_by_id

Running = Mapping[int, Mapping[str, int]]
"""What ran on documents and the books lack, by document and component, in minor units of each document's currency."""


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document as it stands on a day. Amounts in minor units; `dpd` is 0 or less when it is not due.

    `running_minor` is the part of `open_minor` that ran and is not posted, where it was asked for.
    """

    id: int
    number: str
    kind: str
    issued_on: date
    due_on: date
    dpd: int
    bucket: str
    currency: str
    original_minor: int
    open_minor: int
    is_disputed: bool
    state: str
    has_file: bool
    attributes: dict[str, Any]
    running_minor: int = 0


def document(actor: Actor, document_id: int) -> Document:
    """Return one document. Raises Document.DoesNotExist."""
    rows = Document.objects.of(actor.organisation_id).select_related("portfolio")
    row: Document = rows.get(pk=document_id)
    return row


def document_numbers(actor: Actor, document_ids: Sequence[int]) -> dict[int, str]:
    """Return what people call each of these documents, by id."""
    rows = Document.objects.of(actor.organisation_id).filter(pk__in=document_ids)
    return dict(rows.values_list("pk", "number"))


def document_identities(actor: Actor, document_ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Return by what each document may be named in a payment: (number, our number, payment reference), empty where none."""
    rows = Document.objects.of(actor.organisation_id).filter(pk__in=document_ids)
    return {
        pk: (number, str(told.get("our_number") or ""), str(told.get("payment_reference") or ""))
        for pk, number, told in rows.values_list("pk", "number", "attributes")
    }


def read_ahead(organisation_id: int, account_ids: Sequence[int], *, as_of: date) -> None:
    """Read together what `account` and `documents` will be asked of each of these accounts."""
    accounts_by_id.ahead(organisation_id, account_ids)
    _issued.ahead(organisation_id, account_ids, as_of)
    _later.ahead(organisation_id, account_ids, as_of)


@remembered
def documents(actor: Actor, *, case_id: int, as_of: date, is_open: bool | None = None) -> list[DocumentLine]:
    """Return the case's documents issued by the end of `as_of`, oldest due first, with what is open that day.

    `is_open` True: only those with money open; False: only those without.
    """
    rows = _issued(actor.organisation_id, case_id, as_of)
    if not rows:
        return []
    later = {document_id: minor for _, document_id, minor in _later(actor.organisation_id, case_id, as_of)}
    buckets = account(actor.organisation_id, case_id).portfolio.buckets
    lines = [_line(row, row.balance_minor - later.get(row.pk, 0), as_of, buckets) for row in rows]
    return [line for line in lines if is_open is None or bool(line.open_minor) == is_open]


@read_by(lambda document: document.account_id)
def _issued(organisation_id: int, account_ids: list[int], as_of: date) -> Any:
    rows = Document.objects.of(organisation_id).filter(account_id__in=account_ids, issued_on__lte=as_of)
    file = DocumentFile.objects.filter(document_id=OuterRef("pk"))
    return rows.annotate(has_file=Exists(file)).order_by("due_on", "id")


@read_by(itemgetter(0))
def _later(organisation_id: int, account_ids: list[int], as_of: date) -> Any:
    """What was posted to each document after a day."""
    legs = Leg.objects.of(organisation_id).filter(
        on__gt=as_of, account_id__in=account_ids, book=BookAccount.RECEIVABLE, document_id__isnull=False
    )
    return legs.values_list("account_id", "document_id").annotate(amount=Sum("amount_minor"))


def cases_with_number(actor: Actor, number: str) -> list[int]:
    """Return the cases (account ids) that have a document of exactly this number, for search."""
    rows = Document.objects.of(actor.organisation_id).filter(number=number[:60])
    return list(rows.values_list("account_id", flat=True).distinct()[:1000])


def open_items(
    actor: Actor, *, case_id: int, currency: str, running: Running | None = None
) -> tuple[list[OpenItem], dict[str, date]]:
    """Return what money can cover, and when each was issued: the account's documents with a balance after every leg.

    Legs dated in the future count, so that nothing is covered twice. Items are named by document id, as text; an instalment has
    one by component. `running` counts as if it were posted. Lock the account first (`services.lock_accounts`) when the answer is for
    posting.
    """
    found = _open_documents(actor.organisation_id, case_id, currency)
    composed = [pk for pk, kind, *_rest in found if kind == DocumentKind.INSTALMENT]
    parts = component_balances(actor.organisation_id, composed) if composed else {}
    items, issued = [], {}
    for pk, _kind, balance, due_on, issued_on in found:
        name, more = document_name(pk), (running or {}).get(pk, {})
        issued[name] = issued_on
        told = _together(parts[pk], more) if pk in parts else {PRINCIPAL: balance + sum(more.values())}
        for component, minor in told.items():
            items.append(OpenItem(name, minor, due_on, component, currency))
    return items, issued


def _together(parts: dict[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return (
        netted({name: parts.get(name, 0) + more.get(name, 0) for name in {**parts, **more}})
        if more
        else parts
    )


@prepared
def _open_documents(organisation_id: int, case_id: int, currency: str) -> Any:
    rows = Document.objects.of(organisation_id).filter(account_id=case_id, currency=currency)
    open_rows = rows.exclude(balance_minor=0).order_by("due_on", "pk")
    return open_rows.values_list("pk", "kind", "balance_minor", "due_on", "issued_on")


def document_name(document_id: int) -> str:
    """Return how `OpenItem` names a document: its id, padded so that names sort as ids do."""
    return f"{document_id:019d}"


def _line(row: Any, open_minor: int, as_of: date, buckets: Buckets) -> DocumentLine:
    dpd = days_past_due(row.due_on, as_of)
    return DocumentLine(
        id=row.pk, number=row.number, kind=row.kind, issued_on=row.issued_on, due_on=row.due_on, dpd=dpd,
        bucket=buckets.bucket_of(dpd), currency=row.currency, original_minor=row.original_minor,
        open_minor=open_minor, is_disputed=row.is_disputed, state=row.state, has_file=row.has_file,
        attributes=row.attributes,
    )  # fmt: skip


def owed_by(actor: Actor, party_ids: Sequence[int], currency: str) -> int:
    """Return what these parties owe together in one currency, in all their accounts, credit notes taken off."""
    rows = Document.objects.of(actor.organisation_id).filter(
        account__party_id__in=party_ids, currency=currency
    )
    return int(rows.aggregate(total=Sum("balance_minor"))["total"] or 0)


def total_open(lines: Sequence[DocumentLine]) -> dict[str, Money]:
    """Return what the lines have open, by currency; currencies are never added."""
    sums: dict[str, Money] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, Money(0, line.currency)) + Money(
            line.open_minor, line.currency
        )
    return sums
