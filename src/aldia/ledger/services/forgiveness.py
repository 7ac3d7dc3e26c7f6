"""What is forgiven or given up: discounts (quitas) and write-offs (castigos), never more than is open."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.domain.money import Money
from aldia.ledger.components import component_balances
from aldia.ledger.models import BookAccount, Document, Posting, PostingKind
from aldia.ledger.services.documents import UnknownDocument
from aldia.ledger.services.journal import LegDraft, PostingDraft, lock_accounts, post

_BOOK: Final = {PostingKind.DISCOUNT: BookAccount.DISCOUNT, PostingKind.WRITE_OFF: BookAccount.WRITE_OFF}


class MoreThanOpen(Exception):
    """Raised when more than a document's balance, or nothing, would be forgiven."""


@dataclass(frozen=True, slots=True)
class _Loss:
    """What somebody gives up of a document, and why; without an amount, all that is open."""

    document_id: int
    kind: PostingKind
    on: date
    reason: str
    amount_minor: int | None


def grant_discount(
    *, actor: Actor, document_id: int, amount_minor: int, on: date, reason: str, now: datetime
) -> Posting:
    """Return the posting that forgives part of a document. Raises MoreThanOpen, UnknownDocument, NotAllowed."""
    return _give_up(actor, _Loss(document_id, PostingKind.DISCOUNT, on, reason, amount_minor), now)


def write_off(
    *, actor: Actor, document_id: int, on: date, reason: str, now: datetime, amount_minor: int | None = None
) -> Posting:
    """Return the posting that writes a document off: all that is open when no amount is given.

    Raises MoreThanOpen, UnknownDocument, NotAllowed.
    """
    return _give_up(actor, _Loss(document_id, PostingKind.WRITE_OFF, on, reason, amount_minor), now)


@transaction.atomic
def _give_up(actor: Actor, loss: _Loss, now: datetime) -> Posting:
    actor.check(Permission.REVERSE_RECEIPTS)
    document = _locked(actor, loss.document_id)
    amount = _amount(loss, document)
    posting = post(
        actor=actor,
        draft=PostingDraft(
            portfolio_id=document.portfolio_id,
            kind=loss.kind,
            on=loss.on,
            source="ledger",
            reference=_next_reference(actor, document, loss.kind),
            legs=[
                LegDraft(document.account_id, _BOOK[loss.kind], document.currency, amount),
                *_credits(document, amount),
            ],
        ),
        now=now,
    )
    audit.record(
        actor=actor, verb=f"ledger.document.{loss.kind.value}", object_type="document", object_id=document.pk, now=now,
        data={"amount_minor": amount, "currency": document.currency, "reason": loss.reason, "posting": posting.pk},
    )  # fmt: skip
    return posting


def _locked(actor: Actor, document_id: int) -> Document:
    """The document read after its account is locked: its balance stays until we commit. Raises UnknownDocument."""
    documents = Document.objects.of(actor.organisation_id).filter(pk=document_id)
    account_id = documents.values_list("account_id", flat=True).first()
    if account_id is None:
        raise UnknownDocument(_("No hay un documento %(id)s en esta organización.") % {"id": document_id})
    lock_accounts(organisation_id=actor.organisation_id, account_ids=[account_id])
    return documents.get()


def _amount(loss: _Loss, document: Document) -> int:
    """How much is given up. Raises MoreThanOpen."""
    amount = document.balance_minor if loss.amount_minor is None else loss.amount_minor
    if not 0 < amount <= document.balance_minor:
        raise MoreThanOpen(
            _("%(number)s tiene %(open)s de saldo; no se puede quitar %(amount)s.")
            % {
                "number": document.number, "open": Money(document.balance_minor, document.currency),
                "amount": Money(amount, document.currency),
            }
        )  # fmt: skip
    return amount


def _credits(document: Document, amount: int) -> list[LegDraft]:
    """What is given up of the document, charges before principal."""
    held = component_balances(document.organisation_id, [document.pk]).get(document.pk, {})
    legs = []
    for component, minor in held.items():
        part = min(amount, minor)
        amount -= part
        legs.append(
            LegDraft(
                document.account_id, BookAccount.RECEIVABLE, document.currency, -part, document.pk, component
            )
        )
    return legs


def _next_reference(actor: Actor, document: Document, kind: PostingKind) -> str:
    """The document and its turn. The account's lock makes the count safe."""
    mine = Posting.objects.of(actor.organisation_id).filter(
        portfolio_id=document.portfolio_id,
        kind=kind,
        source="ledger",
        reference__startswith=f"document:{document.pk}:",
    )
    return f"document:{document.pk}:{mine.count() + 1}"
