"""What the API reads: pages by key, never by offset, and only what the token's organisation has."""

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Field, Query, Schema
from ninja.errors import HttpError

from aldia.access.permissions import NotAllowed
from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.contact import selectors as contact
from aldia.db.pages import BadCursor
from aldia.ledger import selectors as ledger
from aldia.ledger.pages import document_page
from aldia.outcomes import selectors as outcomes
from aldia.parties import selectors as parties
from aldia.payments import selectors as payments
from aldia.web.api.v1.doors import TokenRequest, api, needs
from aldia.web.api.v1.schemas import (
    PROBLEMS,
    CasesOut,
    CaseWholeOut,
    DocumentsOut,
    OutboxOut,
    PartyOut,
    PromisesOut,
    ReceiptsOut,
)


class DocumentFilter(Schema):
    """Each narrows the list; `portfolio` is its key, `due_to` is exclusive."""

    portfolio: str | None = Field(None, max_length=60)
    case_id: int | None = Field(None, alias="case", ge=1, le=2**53)
    number: str | None = Field(None, max_length=60)
    state: Literal["OPEN", "SETTLED", "SETTLED_OUTSIDE", "CANCELLED"] | None = None
    due_from: date | None = None
    due_to: date | None = None


Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(max_length=500)]


@api.get("/cases", response={200: CasesOut, **PROBLEMS}, summary="Casos abiertos")
@needs(P.SEE_ALL_CASES)
def read_cases(request: TokenRequest, limit: Limit = 50, cursor: Cursor = "") -> Any:
    """Return a page of open cases, the first to attend first."""
    query = cases.CaseQuery(as_of=request.clock.as_of, cursor=cursor, limit=limit)
    try:
        page = cases.case_list(request.actor, query)
    except cases.BadFilter as refusal:
        raise HttpError(400, str(refusal)) from refusal
    return {"items": [_case(row) for row in page.rows], "next": page.next_cursor or None}


@api.get(
    "/cases/{int:case_id}", response={200: CaseWholeOut, **PROBLEMS}, summary="Un caso con sus documentos"
)
@needs(P.SEE_ALL_CASES)
def read_case(request: TokenRequest, case_id: int) -> Any:
    """Return a case as it stands today."""
    card = cases.case(request.actor, case_id, as_of=request.clock.as_of)
    lines = ledger.documents(request.actor, case_id=case_id, as_of=request.clock.as_of)
    return {**_case(card), "portfolio": card.portfolio_name, **_later(card), "documents": lines}


@api.get("/parties/{int:party_id}", response={200: PartyOut, **PROBLEMS}, summary="Quién debe")
@needs(P.SEE_ALL_CASES)
def read_party(request: TokenRequest, party_id: int) -> Any:
    """Return who owes and how to reach it."""
    if request.actor.is_limited and not cases.scope(request.actor).filter(party_id=party_id).exists():
        raise LookupError
    row = parties.party(request.actor, party_id)
    points = [
        {"kind": each.kind, "value": each.value, "state": each.state}
        for each in parties.points(request.actor, row.pk)
    ]
    return {"id": row.pk, "name": row.name, "kind": row.kind, "language": row.language, "points": points}


@api.get("/receipts", response={200: ReceiptsOut, **PROBLEMS}, summary="Cobros")
@needs(P.SEE_ALL_CASES)
def read_receipts(request: TokenRequest, limit: Limit = 50, cursor: Cursor = "") -> Any:
    """Return a page of receipts, the newest first."""
    try:
        page = payments.receipts(request.actor, cursor=cursor or None, limit=limit)
    except BadCursor as refusal:
        raise HttpError(400, str(refusal)) from refusal
    return {"items": [receipt_data(row) for row in page.rows], "next": page.next_cursor}


@api.get("/promises", response={200: PromisesOut, **PROBLEMS}, summary="Promesas")
@needs(P.SEE_ALL_CASES)
def read_promises(request: TokenRequest, limit: Limit = 50, cursor: Cursor = "") -> Any:
    """Return a page of promises, the first due first."""
    try:
        page = outcomes.promises(request.actor, cursor=cursor or None, limit=limit)
    except BadCursor as refusal:
        raise HttpError(400, str(refusal)) from refusal
    return {"items": [promise_data(row) for row in page.rows], "next": page.next_cursor}


@api.get("/documents", response={200: DocumentsOut, **PROBLEMS}, summary="Documentos")
@needs(P.SEE_ALL_CASES)
def read_documents(
    request: TokenRequest, wanted: Annotated[DocumentFilter, Query()], limit: Limit = 50, cursor: Cursor = ""
) -> Any:
    """Return a page of documents, the last to enter first."""
    try:
        page = document_page(request.actor, wanted.dict(), cursor or None, limit=limit)
    except BadCursor as refusal:
        raise HttpError(400, str(refusal)) from refusal
    return {"items": [_document(row) for row in page.rows], "next": page.next_cursor}


def _document(row: Any) -> dict[str, Any]:
    names = (
        "id", "number", "reference", "kind", "issued_on", "due_on", "currency", "original_minor", "is_disputed", "state",
    )  # fmt: skip
    told = {name: getattr(row, name) for name in names}
    return {**told, "case": row.account_id, "portfolio": row.portfolio.key, "open_minor": row.balance_minor}


@api.get("/outbox", response={200: OutboxOut, **PROBLEMS}, summary="Avisos por estado")
@needs(P.SEE_ALL_CASES)
def read_outbox(request: TokenRequest) -> Any:
    """Return how many notices are in each state."""
    if request.actor.is_limited:
        raise NotAllowed(P.SEE_ALL_CASES)
    return {"states": contact.outbox_counts(request.actor.organisation_id)}


def receipt_data(row: Any) -> dict[str, Any]:
    """Return a receipt as the API says it."""
    names = ("amount_minor", "unapplied_minor", "currency", "on", "means", "source", "reference", "state")
    told = {name: getattr(row, name) for name in names}
    return {"id": row.pk, "case": row.account_id, "portfolio": row.portfolio.key, **told}


def promise_data(row: Any) -> dict[str, Any]:
    """Return a promise as the API says it."""
    names = ("id", "amount_minor", "kept_minor", "currency", "due_on", "state", "made_on")
    return {"case": row.case_id, **{name: getattr(row, name) for name in names}}


def _case(row: Any) -> dict[str, Any]:
    names = (
        "name", "is_open", "stage", "next_step", "next_on", "currency", "total_minor", "overdue_minor", "dpd", "promise_state",
        "has_dispute",
    )  # fmt: skip
    key = row.case_id if hasattr(row, "case_id") else row.id
    return {"id": key, "party": row.party_id, **{name: getattr(row, name) for name in names}}


def _later(card: Any) -> dict[str, Any]:
    return {name: getattr(card, name) for name in ("stage_since_on", "last_contact_at", "last_outcome")}
