"""What is forgiven or given up: discounts (quitas) and write-offs (castigos), never more than is open."""

from datetime import date, datetime

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


class MoreThanOpen(Exception):
    """Raised when more than a document's balance, or nothing, would be forgiven."""


def grant_discount(
    *, actor: Actor, document_id: int, amount_minor: int, on: date, reason: str, now: datetime
) -> Posting:
    """Return the posting that forgives part of a document. Raises MoreThanOpen, UnknownDocument, NotAllowed."""
    return _give_up(
        actor, document_id, amount_minor, on=on, reason=reason, now=now, kind=PostingKind.DISCOUNT
    )


def write_off(
    *, actor: Actor, document_id: int, on: date, reason: str, now: datetime, amount_minor: int | None = None
) -> Posting:
    """Return the posting that writes a document off: all that is open when no amount is given.

    Raises MoreThanOpen, UnknownDocument, NotAllowed.
    """
    return _give_up(
        actor, document_id, amount_minor, on=on, reason=reason, now=now, kind=PostingKind.WRITE_OFF
    )


@transaction.atomic
def _give_up(
    actor: Actor,
    document_id: int,
    amount_minor: int | None,
    *,
    on: date,
    reason: str,
    now: datetime,
    kind: PostingKind,
) -> Posting:
    actor.check(Permission.REVERSE_RECEIPTS)
    documents = Document.objects.of(actor.organisation_id).filter(pk=document_id)
    account_id = documents.values_list("account_id", flat=True).first()
    if account_id is None:
        raise UnknownDocument(_("No hay un documento %(id)s en esta organización.") % {"id": document_id})
    lock_accounts(organisation_id=actor.organisation_id, account_ids=[account_id])
    document = documents.get()  # read after the lock: this balance stays until we commit
    amount = document.balance_minor if amount_minor is None else amount_minor
    if not 0 < amount <= document.balance_minor:
        raise MoreThanOpen(
            _("%(number)s tiene %(open)s de saldo; no se puede quitar %(amount)s.")
            % {
                "number": document.number, "open": Money(document.balance_minor, document.currency),
                "amount": Money(amount, document.currency),
            }
        )  # fmt: skip
    posting = post(
        actor=actor,
        draft=PostingDraft(
            portfolio_id=document.portfolio_id,
            kind=kind,
            on=on,
            source="ledger",
            reference=_next_reference(actor, document, kind),
            legs=[
                LegDraft(account_id, _BOOK[kind], document.currency, amount),
                *_credits(document, amount),
            ],
        ),
        now=now,
    )
    audit.record(
        actor=actor, verb=f"ledger.document.{kind.value}", object_type="document", object_id=document_id, now=now,
        data={"amount_minor": amount, "currency": document.currency, "reason": reason, "posting": posting.pk},
    )  # fmt: skip
    return posting


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


_BOOK = {PostingKind.DISCOUNT: BookAccount.DISCOUNT, PostingKind.WRITE_OFF: BookAccount.WRITE_OFF}


def _next_reference(actor: Actor, document: Document, kind: PostingKind) -> str:
    """The document and its turn. The account's lock makes the count safe."""
    mine = Posting.objects.of(actor.organisation_id).filter(
        portfolio_id=document.portfolio_id,
        kind=kind,
        source="ledger",
        reference__startswith=f"document:{document.pk}:",
    )
    return f"document:{document.pk}:{mine.count() + 1}"
