"""What a loan's instalments owe from now on: the one primitive that writes loans in the books.

The journal gets the differences: principal moves between instalments (or against the money lent), everything else against income.
What was paid stays where it went.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.domain import balances
from aldia.domain.loans import agreement as agreed
from aldia.ledger import loans as reading
from aldia.ledger.models import (
    BookAccount,
    Document,
    DocumentKind,
    DocumentState,
    Loan,
    LoanState,
    LoanTerms,
    PostingKind,
)
from aldia.ledger.services.journal import LegDraft, PostingDraft, lock_accounts, post

if TYPE_CHECKING:
    from datetime import date

    from aldia.access.actors import Actor, Clock


class BadChange(Exception):
    """Raised when a loan cannot be changed so: it is not active, or the amount does not fit."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What an instalment owes from now on by component, and when; `label` names one that is not of the schedule."""

    due_on: date
    parts: dict[str, int]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Restatement:
    """What a loan's open `lines` become on a day: these pieces, in order. `reason` names the posting and the version of the terms."""

    loan: Loan
    lines: Sequence[reading.InstalmentLine]
    pieces: Sequence[Piece]
    reason: str
    on: date


def locked_loan(actor: Actor, loan_id: int, state: str = LoanState.ACTIVE) -> Loan:
    """The loan with its account's row held. Raises UnknownLoan, BadChange when it is in another state."""
    loan = reading.loan(actor, loan_id)
    lock_accounts(organisation_id=actor.organisation_id, account_ids=[loan.account_id])
    loan = reading.loan(actor, loan_id)
    if loan.state != state:
        raise BadChange(
            _("El préstamo %(number)s está %(state)s.")
            % {"number": loan.number, "state": loan.get_state_display().lower()}
        )
    return loan


def restate(actor: Actor, told: Restatement, clock: Clock) -> list[int]:
    """Make the lines owe the pieces; lines that are left over owe nothing. Return the documents of the pieces.

    The account must be locked.
    """
    loan = told.loan
    targets = _targets(actor, told, clock)
    left_over = told.lines[_count_reused(told) :]
    gone = [(line.document_id, Piece(line.due_on, {}), line.open) for line in left_over]
    legs: list[LegDraft] = []
    against: Counter[str] = Counter()
    for document_id, piece, held in [*targets, *gone]:
        moved = _moves(loan, document_id, piece.parts, held)
        legs += moved
        for leg in moved:
            against[leg.component] += leg.amount_minor
        _shape(actor, document_id, piece.due_on, sum(leg.amount_minor for leg in moved))
    for component, minor in against.items():
        book = BookAccount.LENT if component == balances.PRINCIPAL else BookAccount.INCOME
        legs.append(LegDraft(loan.account_id, book, loan.currency, -minor, None, component))
    _post(actor, told, [leg for leg in legs if leg.amount_minor], clock)
    _close_empty(actor, [line.document_id for line in left_over])
    return [document_id for document_id, _piece, _held in targets]


def keep_terms(
    actor: Actor,
    loan: Loan,
    agreement: agreed.Agreement,
    reason: str,
    clock: Clock,
    told: dict[str, Any] | None = None,
) -> int:
    """Append a version of the terms; which one it is. What was granted before it was told holds since it was granted."""
    on = agreement.granted_on if reason == "granted" else clock.as_of
    version = int(LoanTerms.objects.of(actor.organisation_id).filter(loan_id=loan.pk).count()) + 1
    LoanTerms.objects.create(
        organisation_id=actor.organisation_id, loan_id=loan.pk, version=version, on=on, recorded_at=clock.now,
        recorded_by=actor.label, reason=reason, agreement=agreed.to_json(agreement),
    )  # fmt: skip
    if reason != "granted":
        audit.record(
            actor=actor, verb=f"ledger.loan.{reason}", object_type="loan", object_id=loan.pk, now=clock.now,
            data={"version": version, **(told or {})},
        )  # fmt: skip
    return version


def loan_posting(loan: Loan, kind: str, on: date, reference: str, legs: Sequence[LegDraft]) -> PostingDraft:
    """Return a posting of a loan, in its portfolio and by its own source."""
    return PostingDraft(
        portfolio_id=loan.account.portfolio_id,
        kind=kind,
        on=on,
        source=loan.source,
        reference=reference,
        legs=legs,
    )


def _scheduled(told: Restatement) -> list[Piece]:
    return [piece for piece in told.pieces if not piece.label and any(piece.parts.values())]


def _count_reused(told: Restatement) -> int:
    return min(len(told.lines), len(_scheduled(told)))


def _targets(actor: Actor, told: Restatement, clock: Clock) -> list[tuple[int, Piece, dict[str, int]]]:
    """Each piece with its document, a line's or a new one, and what that owes by component today."""
    scheduled = _scheduled(told)
    reused = [
        (line.document_id, piece, line.open) for line, piece in zip(told.lines, scheduled, strict=False)
    ]
    fresh = [*scheduled[len(told.lines) :], *(piece for piece in told.pieces if piece.label)]
    opened = zip(_open(actor, told, fresh, clock), fresh, strict=True)
    return [*reused, *((document_id, piece, {}) for document_id, piece in opened)]


def _moves(loan: Loan, document_id: int, parts: dict[str, int], held: dict[str, int]) -> list[LegDraft]:
    return [
        LegDraft(loan.account_id, BookAccount.RECEIVABLE, loan.currency, change, document_id, component)
        for component in sorted(parts.keys() | held.keys())
        if (change := parts.get(component, 0) - held.get(component, 0))
    ]


def _open(actor: Actor, told: Restatement, pieces: Sequence[Piece], clock: Clock) -> list[int]:
    """New documents, still without balance."""
    loan = told.loan
    mine = Document.objects.of(actor.organisation_id).filter(
        portfolio_id=loan.account.portfolio_id, source=loan.source
    )
    turn = mine.count()
    rows = [
        Document(
            organisation_id=actor.organisation_id, portfolio_id=loan.account.portfolio_id, account_id=loan.account_id,
            source=loan.source, reference=str(turn + at), number=f"{loan.number}/{piece.label or turn + at}",
            kind=DocumentKind.INSTALMENT, issued_on=told.on, due_on=piece.due_on, currency=loan.currency, original_minor=0,
            balance_minor=0, attributes={"loan": loan.pk}, created_at=clock.now,
        )
        for at, piece in enumerate(pieces, start=1)
    ]  # fmt: skip
    return [row.pk for row in Document.objects.bulk_create(rows)]


def _shape(actor: Actor, document_id: int, due_on: date, change: int) -> None:
    rows = Document.objects.of(actor.organisation_id).filter(pk=document_id)
    rows.update(due_on=due_on, original_minor=F("original_minor") + change)


def _close_empty(actor: Actor, document_ids: Sequence[int]) -> None:
    rows = Document.objects.of(actor.organisation_id).filter(
        pk__in=document_ids, original_minor=0, balance_minor=0
    )
    rows.update(state=DocumentState.CANCELLED)


def _post(actor: Actor, told: Restatement, legs: list[LegDraft], clock: Clock) -> None:
    if not legs:
        return
    loan = told.loan
    version = LoanTerms.objects.of(actor.organisation_id).filter(loan_id=loan.pk).count() + 1
    kind = PostingKind.CHARGE if told.reason == "granted" else PostingKind.ADJUSTMENT
    post(
        actor=actor, draft=loan_posting(loan, kind, told.on, f"{told.reason}:{version}", legs), now=clock.now
    )
