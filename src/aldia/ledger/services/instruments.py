"""Instruments in the journal: a cheque or a signed promise stands for debts, and falls back on them when it is worth nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.permissions import Permission
from aldia.domain.instruments import InstrumentKind, prescribes_on
from aldia.ledger.instruments import stands_alone
from aldia.ledger.models import (
    Account,
    BookAccount,
    Document,
    DocumentRole,
    DocumentState,
    Instrument,
    Leg,
    PostingKind,
)
from aldia.ledger.services.documents import UnknownDocument
from aldia.ledger.services.journal import LegDraft, PostingDraft, lock_accounts, post, reverse
from aldia.parties import services as parties

if TYPE_CHECKING:
    from aldia.access.actors import Actor

SOURCE = "instruments"
ROLES = ("co_debtor", "guarantor", "endorser", "payer")


class BadInstrument(Exception):
    """Raised when an instrument cannot be as it was told: no amount, dates that cross, a number that is taken."""


@dataclass(frozen=True, slots=True)
class InstrumentDraft:
    """What the paper says. `covers` are the documents that it pays for, the oldest first; what is left is new debt."""

    kind: InstrumentKind
    number: str
    amount_minor: int
    currency: str
    issued_on: date
    due_on: date
    bank: str = ""
    place: str = ""
    maker: str = ""
    covers: tuple[int, ...] = ()


@transaction.atomic
def open_instrument(*, actor: Actor, account_id: int, draft: InstrumentDraft, now: datetime) -> Instrument:
    """Return the instrument, which now is owed instead of what it covers. Raises BadInstrument, NotAllowed."""
    actor.check(Permission.REGISTER_RECEIPTS)
    _check(draft)
    lock_accounts(organisation_id=actor.organisation_id, account_ids=[account_id])
    account = Account.objects.of(actor.organisation_id).select_related("portfolio").get(pk=account_id)
    document = _document(account, draft, now)
    legs, covered = _covering(account, document, draft)
    posting = post(
        actor=actor,
        draft=_charge(document, draft.issued_on, document.reference, legs),
        now=now,
    )
    details = {
        name: value for name in ("bank", "place", "maker") if (value := asdict(draft)[name].strip()[:120])
    }
    row: Instrument = Instrument.objects.create(
        organisation_id=actor.organisation_id, document=document, moved_on=draft.issued_on, details=details,
        covered=covered, covering_id=posting.pk,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="ledger.instrument.open", object_type="document", object_id=document.pk, now=now,
        data={"amount_minor": draft.amount_minor, "currency": draft.currency, "covers": covered},
    )  # fmt: skip
    return row


@transaction.atomic
def set_instrument(
    *,
    actor: Actor,
    document_id: int,
    state: str,
    on: date,
    now: datetime,
    details: dict[str, Any] | None = None,
    receipt_id: int | None = None,
) -> Instrument:
    """Return the instrument in its new state, with what was told of the move. Raises UnknownDocument."""
    row = locked_instrument(actor, document_id)
    row.state, row.moved_on, row.details = state, on, {**row.details, **(details or {})}
    row.receipt_id = receipt_id
    row.save(update_fields=["state", "moved_on", "details", "receipt_id"])
    audit.record(
        actor=actor, verb=f"ledger.instrument.{state}", object_type="document", object_id=document_id, now=now,
        data={"on": on.isoformat(), **(details or {})},
    )  # fmt: skip
    return row


@transaction.atomic
def cover_again(*, actor: Actor, document_id: int, on: date, now: datetime) -> Instrument:
    """Return the instrument, which stands once more for the debts that it covered, as when it was taken.

    Raises BadInstrument where they no longer owe as much: their money came by another way.
    """
    row = locked_instrument(actor, document_id)
    document, turn = row.document, int(row.details.get("again", 0)) + 1
    if stands_alone(row):
        row.details = {**row.details, "again": turn}
        row.save(update_fields=["details"])
        return row
    own = int(row.details.get("own_minor", 0))
    legs, left = [], document.original_minor - own
    for debt in _debts(document.account, row.covered, document.currency):
        minor = min(left, debt.balance_minor)
        legs.append(LegDraft(document.account_id, BookAccount.RECEIVABLE, document.currency, -minor, debt.pk))
        left -= minor
    if left:
        raise BadInstrument(
            _("Lo que cubría ya se pagó, entero o en parte: cuando se acredite, regístralo como cobro.")
        )
    whole = LegDraft(
        document.account_id, BookAccount.RECEIVABLE, document.currency, document.original_minor, document.pk
    )
    sales = LegDraft(document.account_id, BookAccount.SALES, document.currency, -own)
    posting = post(
        actor=actor,
        draft=_charge(document, on, f"again:{document.pk}:{turn}", [whole, *legs, sales]),
        now=now,
    )
    Document.objects.of(actor.organisation_id).filter(pk=document_id).update(state=DocumentState.OPEN)
    row.covering_id, row.details = posting.pk, {**row.details, "again": turn}
    row.save(update_fields=["covering_id", "details"])
    return row


@transaction.atomic
def uncover(*, actor: Actor, document_id: int, on: date, now: datetime) -> None:
    """The debts that the instrument stood for are owed again from that day, and the instrument no longer is."""
    row = locked_instrument(actor, document_id)
    if row.covering_id is not None:
        legs = Leg.objects.of(actor.organisation_id).filter(
            posting_id=row.covering_id, book=BookAccount.SALES
        )
        row.details = {**row.details, "own_minor": -sum(legs.values_list("amount_minor", flat=True))}
        reverse(actor=actor, posting_id=row.covering_id, on=max(on, row.document.issued_on), now=now)
        row.covering_id = None
        row.save(update_fields=["covering_id", "details"])
    Document.objects.of(actor.organisation_id).filter(pk=document_id, balance_minor=0).update(
        state=DocumentState.CANCELLED
    )


@transaction.atomic
def charge_bank_cost(*, actor: Actor, document_id: int, amount_minor: int, on: date, now: datetime) -> None:
    """What the bank took for a returned cheque is owed by who gave it, on the cheque itself."""
    row = locked_instrument(actor, document_id)
    document = row.document
    account_id, currency = document.account_id, document.currency
    legs = [
        LegDraft(account_id, BookAccount.RECEIVABLE, currency, amount_minor, document_id, "bank_charge"),
        LegDraft(account_id, BookAccount.INCOME, currency, -amount_minor),
    ]
    reference = f"bank_charge:{document_id}{turn_of(row)}"
    post(actor=actor, draft=_charge(document, on, reference, legs), now=now)


def _charge(document: Document, on: date, reference: str, legs: list[LegDraft]) -> PostingDraft:
    return PostingDraft(
        portfolio_id=document.portfolio_id,
        kind=PostingKind.CHARGE,
        on=on,
        source=SOURCE,
        reference=reference,
        legs=legs,
    )


@transaction.atomic
def name_guarantor(
    *, actor: Actor, document_id: int, role: str, name: str, tax_id: str, country: str, now: datetime
) -> DocumentRole:
    """Return who else stands behind a document (co_debtor, guarantor, endorser, payer), known from now on as a party.

    Raises BadInstrument, UnknownDocument, NotAllowed.
    """
    actor.check(Permission.WORK_CASES)
    clean, number = " ".join(name.split()), "".join(tax_id.split()).upper()
    if not clean or role not in ROLES:
        raise BadInstrument(_("Di quién responde y cómo: avalista, codeudor o endosante."))
    if not Document.objects.of(actor.organisation_id).filter(pk=document_id).exists():
        raise UnknownDocument(_("No hay un documento %(id)s en esta organización.") % {"id": document_id})
    told = pl.DataFrame(
        {"customer_id": [number or clean.lower()], "name": [clean], "tax_id": [number], "country": [country]}
    )
    who = parties.upsert_frame(organisation_id=actor.organisation_id, source=SOURCE, frame=told, now=now)
    row, is_new = DocumentRole.objects.of(actor.organisation_id).get_or_create(
        document_id=document_id, party_id=who.parties["party_id"][0], role=role, defaults={"organisation_id": actor.organisation_id}
    )  # fmt: skip
    if is_new:
        audit.record(
            actor=actor, verb="ledger.document.role", object_type="document", object_id=document_id, now=now,
            data={"role": role, "party": row.party_id},
        )  # fmt: skip
    return row


def locked_instrument(actor: Actor, document_id: int) -> Instrument:
    """Return the instrument with its document, locked until the transaction ends. Raises UnknownDocument."""
    rows = (
        Instrument.objects.of(actor.organisation_id)
        .select_for_update(of=("self",))
        .select_related("document")
    )
    row: Instrument | None = rows.filter(document_id=document_id).first()
    if row is None:
        raise UnknownDocument(
            _("Ese documento no es un cheque, un pagaré ni una letra de esta organización.")
        )
    return row


def turn_of(row: Instrument) -> str:
    """Return what tells apart the charges, moneys and alarms of a cheque that was deposited more than once."""
    again = row.details.get("again")
    return f":{again}" if again else ""


def _check(draft: InstrumentDraft) -> None:
    if not draft.number.strip():
        raise BadInstrument(_("Falta el número."))
    if draft.amount_minor <= 0:
        raise BadInstrument(_("El importe es mayor que cero."))
    if draft.due_on < draft.issued_on:
        raise BadInstrument(_("La fecha de pago no es anterior a la de emisión."))


def _document(account: Account, draft: InstrumentDraft, now: datetime) -> Document:
    reference = f"{draft.kind.value}:{account.pk}:{draft.bank.strip().lower()}:{draft.number.strip()}"[:120]
    country = account.portfolio.country
    try:
        with transaction.atomic():
            row: Document = Document.objects.create(
                organisation_id=account.organisation_id, portfolio_id=account.portfolio_id, account=account, source=SOURCE,
                reference=reference, number=draft.number.strip()[:60], kind=draft.kind.value, issued_on=draft.issued_on,
                due_on=draft.due_on, currency=draft.currency, original_minor=draft.amount_minor, balance_minor=0,
                prescribes_on=prescribes_on(draft.kind, country, draft.due_on), created_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise BadInstrument(
            _("El número %(number)s ya está registrado en este cliente.") % {"number": draft.number}
        ) from error
    return row


def _covering(
    account: Account, document: Document, draft: InstrumentDraft
) -> tuple[list[LegDraft], list[int]]:
    """The instrument is owed; what it covers is not, as far as it reaches; the rest is a debt that begins here."""
    left, currency, covered = draft.amount_minor, draft.currency, []
    legs = [LegDraft(account.pk, BookAccount.RECEIVABLE, currency, left, document.pk)]
    for debt in _debts(account, draft.covers, currency):
        minor = min(left, debt.balance_minor)
        if minor > 0:
            legs.append(LegDraft(account.pk, BookAccount.RECEIVABLE, currency, -minor, debt.pk))
            covered.append(debt.pk)
            left -= minor
    return [*legs, LegDraft(account.pk, BookAccount.SALES, currency, -left)], covered


def _debts(account: Account, chosen: Sequence[int], currency: str) -> list[Document]:
    rows = Document.objects.of(account.organisation_id).filter(
        pk__in=chosen, account=account, currency=currency
    )
    return list(rows.filter(balance_minor__gt=0).order_by("due_on", "pk"))
