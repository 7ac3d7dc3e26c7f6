"""What the API writes: through the same services as the screens, once for each idempotency key."""

from typing import Any

from django.utils.translation import gettext as _
from ninja.errors import HttpError

from aldia.access.permissions import Permission as P
from aldia.domain.money import UnknownCurrency, to_major
from aldia.intake import services as intake
from aldia.intake.readers.refusals import Refused
from aldia.intake.requests import LoadRequest
from aldia.ledger import selectors as ledger
from aldia.outcomes import selectors as outcome_reads
from aldia.outcomes import services as outcomes
from aldia.payments import services as payments
from aldia.web.api.v1.doors import Answer, TokenRequest, api, needs, once
from aldia.web.api.v1.reads import promise_data, receipt_data
from aldia.web.api.v1.schemas import (
    PROBLEMS,
    ContactsIn,
    DocumentIn,
    DocumentsIn,
    LoadOut,
    PromiseIn,
    PromiseOut,
    ReceiptIn,
    ReceiptOut,
)

SOURCE = "api"
_WORDS: dict[Any, str] = {True: "sí", False: "no"}


@api.post("/documents", response={200: LoadOut, **PROBLEMS}, summary="Traer documentos")
@needs(P.LOAD_FILES)
def write_documents(request: TokenRequest, body: DocumentsIn) -> Any:
    """Merge up to 1 000 documents, as a file of them would: new, changed, the same; what is rejected says why."""
    asked = LoadRequest(
        portfolio=body.portfolio, currency=body.documents[0].currency, as_of=request.clock.as_of,
        is_full_refresh=body.is_full_refresh, is_strict=body.is_strict,
    )  # fmt: skip
    has_references = all(each.reference for each in body.documents)
    return once(
        request, lambda: _loaded(request, asked, [_row(each, has_references) for each in body.documents])
    )


@api.post("/contacts", response={200: LoadOut, **PROBLEMS}, summary="Traer contactos")
@needs(P.LOAD_FILES)
def write_contacts(request: TokenRequest, body: ContactsIn) -> Any:
    """Know up to 1 000 customers and how to reach them, as a file of contacts would."""
    asked = LoadRequest(kind="contacts", portfolio=body.portfolio, as_of=request.clock.as_of)
    rows = [
        {name: _WORDS.get(value, value) for name, value in each.dict(exclude_none=True).items()}
        for each in body.contacts
    ]
    return once(request, lambda: _loaded(request, asked, rows))


@api.post("/receipts", response={201: ReceiptOut, **PROBLEMS}, summary="Registrar un cobro")
@needs(P.REGISTER_RECEIPTS)
def write_receipt(request: TokenRequest, body: ReceiptIn) -> Any:
    """Register money; the same portfolio and reference again is the receipt that is there."""
    return once(request, lambda: _received(request, body))


@api.post("/promises", response={201: PromiseOut, **PROBLEMS}, summary="Anotar una promesa")
@needs(P.WORK_CASES)
def write_promise(request: TokenRequest, body: PromiseIn) -> Any:
    """Note a promise; the one before it is replaced without fault."""
    return once(request, lambda: _promised(request, body))


def _loaded(request: TokenRequest, asked: LoadRequest, rows: list[dict[str, Any]]) -> Answer:
    try:
        result = intake.load_rows(
            actor=request.actor, rows=rows, request=asked, clock=request.clock, name=SOURCE
        )
    except Refused as refusal:
        raise HttpError(422, str(refusal)) from refusal
    return 200, result.as_data()


def _received(request: TokenRequest, body: ReceiptIn) -> Answer:
    portfolio = ledger.portfolios(request.actor).get(key=body.portfolio)
    try:
        receipt = payments.register_receipt(
            actor=request.actor,
            draft=payments.ReceiptDraft(
                portfolio_id=portfolio.pk,
                case_id=body.case,
                amount_minor=body.amount_minor,
                currency=body.currency,
                on=body.on,
                means=body.means,
                source=SOURCE,
                reference=body.reference,
                payer=body.payer,
                document_ids=body.documents or None,
            ),
            clock=request.clock,
        )
    except payments.DifferentReceipt as refusal:
        raise HttpError(409, str(refusal)) from refusal
    except (payments.BadReceipt, payments.NothingOpen, UnknownCurrency) as refusal:
        raise HttpError(422, str(refusal)) from refusal
    return 201, receipt_data(receipt)


def _promised(request: TokenRequest, body: PromiseIn) -> Answer:
    try:
        row = outcomes.make_promise(
            actor=request.actor, case_id=body.case, amount_minor=body.amount_minor, currency=body.currency, due_on=body.due_on,
            means=body.means, clock=request.clock,
        )  # fmt: skip
    except outcomes.PromiseRefused as refusal:
        raise HttpError(422, str(refusal)) from refusal
    return 201, promise_data(
        next(each for each in outcome_reads.promises_of_case(request.actor, body.case) if each.id == row.pk)
    )


def _row(document: DocumentIn, has_reference: bool) -> dict[str, Any]:
    """A document in the words of a load, amounts in major units."""
    told = document.dict(
        exclude={"number", "kind", "amount_minor", "open_minor", "reference"}, exclude_none=True
    )
    try:
        money = {"amount": to_major(document.amount_minor, document.currency)}
        if document.open_minor is not None:
            money["open_amount"] = to_major(document.open_minor, document.currency)
    except UnknownCurrency as refusal:
        raise HttpError(422, _("No existe la moneda %(code)s.") % {"code": document.currency}) from refusal
    own = {"reference": document.reference} if has_reference else {}
    return {**told, **money, **own, "document_number": document.number, "document_kind": document.kind}
