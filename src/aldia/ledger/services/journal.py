"""The journal, one posting at a time.

Conventions (debits positive, credits negative):

    charge       + receivable (document)      - sales
    adjustment   ± receivable (document)      ∓ opening
    receipt      + cash                       - unapplied
    allocation   + unapplied                  - receivable (document)
    discount     + discount                   - receivable (document)
    write_off    + write_off                  - receivable (document)
    reversal     the opposite legs of the posting that it reverses
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.db.prepared import prepared
from aldia.domain.balances import PRINCIPAL, check_balanced
from aldia.domain.balances import Leg as BalancedLeg
from aldia.domain.balances import Unbalanced as UnbalancedLegs
from aldia.ledger.models import Account, BookAccount, DocumentState, Leg, Posting, PostingKind

UNIDENTIFIED = 0
"""The account of money that nobody knows whose it is yet."""


class UnbalancedPosting(Exception):
    """Raised when the legs of a posting do not sum to zero in some currency; names the posting and the excess."""


class AlreadyPosted(Exception):
    """Raised when the reference was used before: references are unique for ever within portfolio, kind and source."""


class AlreadyReversed(AlreadyPosted):
    """Raised when the posting was reversed before: a posting is reversed once."""


class UnknownAccount(Exception):
    """Raised when a leg names an account or document that the organisation does not have."""


class UnknownPosting(Exception):
    """Raised when the posting to reverse is not of this organisation."""


@dataclass(frozen=True, slots=True)
class LegDraft:
    """One line to post. `amount_minor` is signed: debits positive."""

    account_id: int
    book: str
    currency: str
    amount_minor: int
    document_id: int | None = None
    component: str = PRINCIPAL


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingDraft:
    """A posting to make: its head, dated `on`, and its legs. `reference` is unique for ever within portfolio, kind and source."""

    portfolio_id: int
    kind: str
    on: date
    source: str
    reference: str
    legs: Sequence[LegDraft]
    reverses_id: int | None = None


@transaction.atomic
def post(*, actor: Actor, draft: PostingDraft, now: datetime) -> Posting:
    """Return the new posting, its documents' balances and states moved in the same transaction.

    The rows of its accounts stay locked until the transaction ends. Raises UnbalancedPosting, AlreadyPosted,
    UnknownAccount.
    """
    legs = [leg for leg in draft.legs if leg.amount_minor]
    _check_legs(legs, f"{draft.kind} {draft.source}/{draft.reference}")
    lock_accounts(organisation_id=actor.organisation_id, account_ids=[leg.account_id for leg in legs])
    posting = _head(actor, draft, now)
    Leg.objects.bulk_create(_row(leg, posting) for leg in legs)
    _move_documents(actor.organisation_id, legs)
    return posting


def _head(actor: Actor, draft: PostingDraft, now: datetime) -> Posting:
    try:
        with transaction.atomic():
            posting: Posting = Posting.objects.create(
                organisation_id=actor.organisation_id, portfolio_id=draft.portfolio_id, on=draft.on, recorded_at=now,
                kind=draft.kind, source=draft.source, reference=draft.reference, reverses_id=draft.reverses_id,
            )  # fmt: skip
    except IntegrityError as error:
        raise AlreadyPosted(
            _("El asiento %(kind)s %(source)s/%(reference)s ya existe; cada referencia se usa una sola vez.")
            % {"kind": draft.kind, "source": draft.source, "reference": draft.reference}
        ) from error
    return posting


@transaction.atomic
def reverse(*, actor: Actor, posting_id: int, on: date, now: datetime) -> Posting:
    """Return the posting that undoes another, with the opposite legs, dated `on`.

    Raises UnknownPosting, AlreadyReversed.
    """
    original = Posting.objects.of(actor.organisation_id).filter(pk=posting_id).first()
    if original is None:
        raise UnknownPosting(_("No hay un asiento %(id)s en esta organización.") % {"id": posting_id})
    legs = [
        LegDraft(leg.account_id, leg.book, leg.currency, -leg.amount_minor, leg.document_id, leg.component)
        for leg in Leg.objects.of(actor.organisation_id).filter(posting_id=posting_id)
    ]
    try:
        return post(
            actor=actor,
            draft=PostingDraft(
                portfolio_id=original.portfolio_id,
                kind=PostingKind.REVERSAL,
                on=on,
                source="ledger",
                reference=str(posting_id),
                legs=legs,
                reverses_id=posting_id,
            ),
            now=now,
        )
    except AlreadyPosted as error:
        raise AlreadyReversed(_("El asiento %(id)s ya estaba reversado.") % {"id": posting_id}) from error


def lock_accounts(*, organisation_id: int, account_ids: Iterable[int]) -> None:
    """Lock the accounts' rows, always in the same order so that two transactions never wait for each other.

    Must be called inside a transaction. SQLite needs no row locks: it has one writer at a time.
    Raises UnknownAccount, naming them.
    """
    wanted = sorted(set(account_ids) - {UNIDENTIFIED})
    found = set(_lock_one(organisation_id, *wanted) if len(wanted) == 1 else _lock(organisation_id, wanted))
    if missing := [account for account in wanted if account not in found]:
        raise UnknownAccount(
            _("No hay cuentas %(ids)s en esta organización.") % {"ids": ", ".join(map(str, missing))}
        )


def _lock(organisation_id: int, wanted: list[int]) -> QuerySet[Account, int]:
    rows = Account.objects.of(organisation_id).select_for_update().filter(pk__in=wanted).order_by("pk")
    return rows.values_list("pk", flat=True)


@prepared
def _lock_one(organisation_id: int, account_id: int) -> QuerySet[Account, int]:
    return _lock(organisation_id, [account_id])


def _check_legs(drafts: Sequence[LegDraft], name: str) -> None:
    try:
        check_balanced(
            [BalancedLeg(leg.book, leg.currency, leg.amount_minor, leg.component) for leg in drafts]
        )
    except UnbalancedLegs as error:
        raise UnbalancedPosting(f"{name}: {error}") from error


def _row(leg: LegDraft, posting: Posting) -> Leg:
    return Leg(
        posting_id=posting.pk, organisation_id=posting.organisation_id, account_id=leg.account_id,
        document_id=leg.document_id, book=leg.book, component=leg.component, currency=leg.currency,
        amount_minor=leg.amount_minor, on=posting.on, recorded_at=posting.recorded_at,
    )  # fmt: skip


def _move_documents(organisation_id: int, legs: Iterable[LegDraft]) -> None:
    """Add what the legs change to each document's balance, inside the database: two writers never lose one another's."""
    moves: dict[tuple[int, int, str], int] = defaultdict(int)
    for leg in legs:
        if leg.book == BookAccount.RECEIVABLE and leg.document_id is not None:
            moves[leg.document_id, leg.account_id, leg.currency] += leg.amount_minor
    with connection.cursor() as cursor:
        for (document_id, account_id, currency), change in sorted(moves.items()):
            cursor.execute(_MOVE, [change, change, organisation_id, document_id, account_id, currency])
            if not cursor.rowcount:
                raise UnknownAccount(
                    _("El documento %(id)s en %(currency)s no es de la cuenta %(account)s.")
                    % {"id": document_id, "currency": currency, "account": account_id}
                )


_MOVE = f"""
    UPDATE ledger_document SET balance_minor = balance_minor + %s, state = CASE
        WHEN balance_minor + %s <> 0 THEN '{DocumentState.OPEN.value}'
        WHEN state = '{DocumentState.OPEN.value}' THEN '{DocumentState.SETTLED.value}' ELSE state END
    WHERE organisation_id = %s AND id = %s AND account_id = %s AND currency = %s
"""
