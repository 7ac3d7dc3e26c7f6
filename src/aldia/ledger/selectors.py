"""Reads for screens: portfolios, a case's documents and journal, files; and `verify`, which re-derives every balance."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.db.ahead import read_by
from aldia.db.memory import remembered
from aldia.db.prepared import prepared
from aldia.domain.ageing import Buckets, days_past_due
from aldia.domain.allocation import OpenItem
from aldia.domain.balances import PRINCIPAL
from aldia.domain.money import Money
from aldia.ledger.components import component_balances
from aldia.ledger.models import (
    Account,
    BookAccount,
    Creditor,
    Document,
    DocumentFile,
    DocumentKind,
    Leg,
    Portfolio,
    Posting,
    StoredFile,
)


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document as it stands on a day. Amounts in minor units; `dpd` is 0 or less when it is not due."""

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


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not re-derive: what, which, and both figures in minor units."""

    kind: str
    name: str
    currency: str
    expected_minor: int
    found_minor: int

    def to_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` found: how many postings were read, and every difference."""

    ok: bool
    postings: int
    differences: list[Difference] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """Return it as plain values."""
        found = [row.to_json() for row in self.differences]
        return {"ok": self.ok, "postings": self.postings, "differences": found}


def creditors(actor: Actor) -> QuerySet[Creditor]:
    """Return the organisation's creditors, by name."""
    rows: QuerySet[Creditor] = Creditor.objects.of(actor.organisation_id)
    return rows


def creditor(actor: Actor, creditor_id: int) -> Creditor:
    """Return one creditor. Raises Creditor.DoesNotExist."""
    row: Creditor = Creditor.objects.of(actor.organisation_id).get(pk=creditor_id)
    return row


@remembered
def portfolios(actor: Actor) -> QuerySet[Portfolio]:
    """Return the portfolios that the actor sees with their creditors, by name; of a creditor, those of `owning.seen_by_owner`."""
    rows: QuerySet[Portfolio] = Portfolio.objects.of(actor.organisation_id).select_related("creditor")
    return rows.filter(pk__in=actor.portfolio_ids or ()) if actor.is_limited else rows


@remembered
def portfolio(actor: Actor, portfolio_id: int) -> Portfolio:
    """Return one portfolio with its creditor. Raises Portfolio.DoesNotExist."""
    found: Portfolio | None = next(iter(_portfolio(actor.organisation_id, portfolio_id)), None)
    if found is None or (actor.is_limited and not portfolios(actor).filter(pk=portfolio_id).exists()):
        raise Portfolio.DoesNotExist(portfolio_id)
    return found


@prepared
def _portfolio(organisation_id: int, portfolio_id: int) -> Any:
    return Portfolio.objects.of(organisation_id).filter(pk=portfolio_id).select_related("creditor")


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


@remembered
def account_of(actor: Actor, account_id: int) -> tuple[int, int, int]:
    """Return (portfolio_id, creditor_id, party_id) of an account. Raises LookupError when it is not the organisation's."""
    found = account(actor.organisation_id, account_id)
    return found.portfolio_id, found.creditor_id, found.party_id


@remembered
def account(organisation_id: int, account_id: int) -> Account:
    """Return an account with its portfolio, creditor and party. Raises LookupError when it is not the organisation's."""
    found: Account | None = next(iter(_account(organisation_id, account_id)), None)
    if found is None:
        raise LookupError(_("No hay una cuenta %(id)s en esta organización.") % {"id": account_id})
    return found


@read_by(lambda account: account.pk)
def _account(organisation_id: int, account_ids: list[int]) -> Any:
    rows = Account.objects.of(organisation_id).filter(pk__in=account_ids)
    return rows.select_related("portfolio__creditor", "party")


def read_ahead(organisation_id: int, account_ids: Sequence[int], *, as_of: date) -> None:
    """Read together what `account` and `documents` will be asked of each of these accounts."""
    _account.ahead(organisation_id, account_ids)
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


def open_items(actor: Actor, *, case_id: int, currency: str) -> tuple[list[OpenItem], dict[str, date]]:
    """Return what money can cover, and when each was issued: the account's documents with a balance after every leg.

    Legs dated in the future count, so that nothing is covered twice. Items are named by document id, as text; an instalment has
    one by component. Lock the account first (`services.lock_accounts`) when the answer is for posting.
    """
    found = _open_documents(actor.organisation_id, case_id, currency)
    composed = [pk for pk, kind, *_rest in found if kind == DocumentKind.INSTALMENT]
    parts = component_balances(actor.organisation_id, composed) if composed else {}
    items, issued = [], {}
    for pk, _kind, balance, due_on, issued_on in found:
        name = document_name(pk)
        issued[name] = issued_on
        for component, minor in parts.get(pk, {PRINCIPAL: balance}).items():
            items.append(OpenItem(name, minor, due_on, component, currency))
    return items, issued


@prepared
def _open_documents(organisation_id: int, case_id: int, currency: str) -> Any:
    rows = Document.objects.of(organisation_id).filter(account_id=case_id, currency=currency)
    open_rows = rows.exclude(balance_minor=0).order_by("due_on", "pk")
    return open_rows.values_list("pk", "kind", "balance_minor", "due_on", "issued_on")


def document_name(document_id: int) -> str:
    """Return how `OpenItem` names a document: its id, padded so that names sort as ids do."""
    return f"{document_id:019d}"


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


def files(actor: Actor, *, document_ids: Sequence[int]) -> list[tuple[int, StoredFile]]:
    """Return (document_id, file) for each file attached to these documents."""
    rows = DocumentFile.objects.of(actor.organisation_id).filter(document_id__in=document_ids)
    return [(row.document_id, row.file) for row in rows.select_related("file").order_by("document_id", "pk")]


def has_file(actor: Actor, file_id: int) -> bool:
    """Return whether the organisation has that stored file."""
    return bool(StoredFile.objects.of(actor.organisation_id).filter(pk=file_id).exists())


def open_file(actor: Actor, file_id: int) -> tuple[StoredFile, Path]:
    """Return a stored file's row and where its bytes are. Raises StoredFile.DoesNotExist, FileNotFoundError."""
    stored: StoredFile = StoredFile.objects.of(actor.organisation_id).get(pk=file_id)
    path = Path(default_storage.path(f"{stored.sha256[:2]}/{stored.sha256}"))
    if not path.exists():
        raise FileNotFoundError(
            _("Falta el contenido de %(name)s (%(sha)s).") % {"name": stored.name, "sha": stored.sha256}
        )
    return stored, path


def broken_files(organisation_id: int) -> list[tuple[str, str, str]]:
    """Return (name, sha256, `missing` or `changed`) of each stored file whose bytes are not those that were stored."""
    rows = StoredFile.objects.of(organisation_id).order_by("sha256").values_list("sha256", "name")
    names = dict(rows)
    states = {
        sha256: _state_of(Path(default_storage.path(f"{sha256[:2]}/{sha256}")), sha256) for sha256 in names
    }
    return [(names[sha256], sha256, state) for sha256, state in states.items() if state]


def _state_of(path: Path, sha256: str) -> str:
    if not path.exists():
        return "missing"
    with path.open("rb") as file:
        return "" if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else "changed"


def verify(organisation_id: int) -> VerifyReport:
    """Re-derive from the legs: every posting's zero sum and every document's balance and state. Differences are named.

    The receipts' side is in `payments.selectors.verify`, which includes this.
    """
    differences = [
        *_rows(_UNEVEN, [organisation_id], "posting_sum"),
        *_rows(_WITHOUT_LEGS, [organisation_id], "posting_without_legs"),
        *_rows(_STRAY_LEGS, [organisation_id], "leg_without_posting"),
        *_rows(_BALANCES, [organisation_id, organisation_id], "document_balance"),
        *_rows(_STATES, [organisation_id], "document_state"),
    ]
    postings = Posting.objects.of(organisation_id).count()
    return VerifyReport(not differences, postings, differences)


_UNEVEN = """
    SELECT p.kind || ' ' || p.source || '/' || p.reference, x.currency, 0, x.amount
    FROM (SELECT posting_id, currency, SUM(amount_minor) AS amount FROM ledger_leg WHERE organisation_id = %s
          GROUP BY posting_id, currency HAVING SUM(amount_minor) <> 0) AS x
    JOIN ledger_posting AS p ON p.id = x.posting_id ORDER BY p.id
"""
_WITHOUT_LEGS = """
    SELECT p.kind || ' ' || p.source || '/' || p.reference, '', 0, 0 FROM ledger_posting AS p
    WHERE p.organisation_id = %s AND NOT EXISTS (SELECT 1 FROM ledger_leg AS l WHERE l.posting_id = p.id) ORDER BY p.id
"""
_STRAY_LEGS = """
    SELECT 'posting ' || l.posting_id, l.currency, 0, l.amount_minor FROM ledger_leg AS l
    WHERE l.organisation_id = %s AND NOT EXISTS (SELECT 1 FROM ledger_posting AS p WHERE p.id = l.posting_id
        AND p.organisation_id = l.organisation_id AND p."on" = l."on") ORDER BY l.id
"""
_BALANCES = f"""
    SELECT d.number || ' (' || d.source || '/' || d.reference || ')', d.currency, COALESCE(x.amount, 0), d.balance_minor
    FROM ledger_document AS d
    LEFT JOIN (SELECT document_id, SUM(amount_minor) AS amount, MIN(currency) AS low, MAX(currency) AS high
               FROM ledger_leg WHERE organisation_id = %s AND book = '{BookAccount.RECEIVABLE.value}'
               GROUP BY document_id) AS x ON x.document_id = d.id
    WHERE d.organisation_id = %s
      AND (d.balance_minor <> COALESCE(x.amount, 0) OR x.low <> d.currency OR x.high <> d.currency) ORDER BY d.id
"""
_STATES = """
    SELECT d.number || ' (' || d.state || ')', d.currency, 0, d.balance_minor FROM ledger_document AS d
    WHERE d.organisation_id = %s AND ((d.state = 'OPEN' AND d.balance_minor = 0) OR (d.state <> 'OPEN' AND d.balance_minor <> 0))
    ORDER BY d.id
"""


def _rows(sql: str, params: list[int], kind: str) -> list[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [
            Difference(kind, name, currency, int(expected), int(found))
            for name, currency, expected, found in cursor
        ]


def _line(row: Any, open_minor: int, as_of: date, buckets: Buckets) -> DocumentLine:
    dpd = days_past_due(row.due_on, as_of)
    return DocumentLine(
        id=row.pk, number=row.number, kind=row.kind, issued_on=row.issued_on, due_on=row.due_on, dpd=dpd,
        bucket=buckets.bucket_of(dpd), currency=row.currency, original_minor=row.original_minor,
        open_minor=open_minor, is_disputed=row.is_disputed, state=row.state, has_file=row.has_file,
        attributes=row.attributes,
    )  # fmt: skip


def total_open(lines: Sequence[DocumentLine]) -> dict[str, Money]:
    """Return what the lines have open, by currency; currencies are never added."""
    sums: dict[str, Money] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, Money(0, line.currency)) + Money(
            line.open_minor, line.currency
        )
    return sums
