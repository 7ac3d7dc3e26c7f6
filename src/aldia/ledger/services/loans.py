"""Loans in the books: granted, restated, settled, refinanced, written off. One primitive writes them all: `_restate`.

A restatement says what each instalment owes from now on. The journal gets the differences: principal moves between instalments (or
against the money lent), everything else against income. What was paid stays where it went.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.permissions import Permission
from aldia.db.locks import named_lock
from aldia.domain import balances
from aldia.domain.loans import agreement as agreed
from aldia.ledger import loans as reading
from aldia.ledger.ceilings import check_ceiling
from aldia.ledger.models import (
    Account,
    Authority,
    BookAccount,
    Document,
    DocumentKind,
    DocumentState,
    Loan,
    LoanState,
    LoanTerms,
    PostingKind,
)
from aldia.ledger.selectors import count_postings
from aldia.ledger.selectors import portfolio as portfolio_of
from aldia.ledger.services.journal import LegDraft, lock_accounts, post

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock


class NotLending(Exception):
    """Raised when a portfolio cannot lend: another system has the authority over its balances, or it has no product."""


class BadChange(Exception):
    """Raised when a loan cannot be changed so: it is not active, or the amount does not fit."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What an instalment owes from now on by component, and when; `label` names one that is not of the schedule."""

    due_on: date
    parts: dict[str, int]
    label: str = ""


@transaction.atomic
def grant_loan(*, actor: Actor, account_id: int, agreement: agreed.Agreement, clock: Clock) -> Loan:
    """Return a new loan of an account, its instalments charged on the day of the grant. Raises NotLending, BadSchedule, NotAllowed."""
    actor.check(Permission.GRANT_LOANS)
    return _grant(actor, account_id, agreement, clock)


@transaction.atomic
def restate_ahead(
    *,
    actor: Actor,
    loan_id: int,
    pieces: Sequence[Piece],
    reason: str,
    agreement: agreed.Agreement | None,
    clock: Clock,
) -> list[int]:
    """Replace what falls due after today by these pieces, and keep the version of the terms; return their documents.

    With no agreement the terms stay. Raises BadChange, UnknownLoan.
    """
    loan = _locked(actor, loan_id)
    lines = [
        line
        for line in reading.instalments(actor, loan, clock.as_of)
        if line.due_on > clock.as_of and line.open_minor
    ]
    documents = _restate(actor, loan, lines, pieces, reason, clock)
    _keep(actor, loan, agreement or reading.agreement_of(actor, loan_id), reason, clock)
    return documents


@transaction.atomic
def restate_all(
    *,
    actor: Actor,
    loan_id: int,
    pieces: Sequence[Piece],
    reason: str,
    agreement: agreed.Agreement,
    clock: Clock,
) -> list[int]:
    """Replace everything open, overdue instalments too, by these pieces (re-ageing); return their documents. Raises as `restate_ahead`."""
    loan = _locked(actor, loan_id)
    lines = [line for line in reading.instalments(actor, loan, clock.as_of) if line.open_minor]
    documents = _restate(actor, loan, lines, pieces, reason, clock)
    _keep(actor, loan, agreement, reason, clock)
    return documents


@transaction.atomic
def settle_early(*, actor: Actor, loan_id: int, reason: str, clock: Clock) -> list[int]:
    """Let go what has not accrued by today: principal and interest run so far stay, each where it was; return the open documents.

    Post the interest of delay first (`post_late_interest`). Raises BadChange, UnknownLoan.
    """
    loan = _locked(actor, loan_id)
    settled = reading.settlement(actor, loan, clock.as_of)
    lines = reading.instalments(actor, loan, clock.as_of)
    ahead = [line for line in lines if line.due_on > clock.as_of and line.open_minor]
    pieces = []
    for at, line in enumerate(ahead):
        parts = {
            balances.PRINCIPAL: line.open.get(balances.PRINCIPAL, 0),
            **(settled.accrued if at == 0 else {}),
        }
        pieces.append(Piece(line.due_on, parts))
    _restate(actor, loan, ahead, pieces, reason, clock)
    _keep(actor, loan, reading.agreement_of(actor, loan_id), reason, clock)
    return [line.document_id for line in reading.instalments(actor, loan, clock.as_of) if line.open_minor]


@transaction.atomic
def refinance_loan(*, actor: Actor, loan_id: int, agreement: agreed.Agreement, clock: Clock) -> Loan:
    """Return the loan that pays another one: what ends the old one today, arrears too, is part of its principal.

    Raises BadChange when the new principal does not reach, NotLending, BadSchedule, NotAllowed.
    """
    actor.check(Permission.CHANGE_LOANS)
    old = _locked(actor, loan_id)
    open_ids = settle_early(actor=actor, loan_id=loan_id, reason="refinanced", clock=clock)
    lines = [line for line in reading.instalments(actor, old, clock.as_of) if line.document_id in open_ids]
    owed = sum(line.open_minor for line in lines)
    if not 0 < owed <= agreement.principal_minor:
        raise BadChange(_("El préstamo nuevo tiene que alcanzar para cancelar el anterior."))
    legs = [
        LegDraft(old.account_id, BookAccount.RECEIVABLE, old.currency, -minor, line.document_id, component)
        for line in lines
        for component, minor in line.open.items()
    ]
    legs.append(LegDraft(old.account_id, BookAccount.LENT, old.currency, owed))
    post(
        actor=actor, portfolio_id=old.account.portfolio_id, kind=PostingKind.ADJUSTMENT, on=clock.as_of, source=old.source,
        reference="paid_by_refinancing", legs=legs, now=clock.now,
    )  # fmt: skip
    old.state = LoanState.REFINANCED
    old.save(update_fields=["state"])
    return _grant(actor, old.account_id, agreement, clock, refinances=old)


@transaction.atomic
def close_written_off(*, actor: Actor, loan_id: int, reason: str, clock: Clock) -> Loan:
    """Return the loan marked as written off; its documents were (`write_off`). Raises BadChange, NotAllowed."""
    actor.check(Permission.CHANGE_LOANS)
    loan = _locked(actor, loan_id)
    loan.state = LoanState.WRITTEN_OFF
    loan.save(update_fields=["state"])
    _keep(actor, loan, reading.agreement_of(actor, loan_id), "written_off", clock, {"why": reason})
    return loan


@transaction.atomic
def reopen_recovered(*, actor: Actor, loan_id: int, amount_minor: int, clock: Clock) -> list[int]:
    """Owe again, against recoveries, so much of what was written off, the oldest first; return the documents, for a receipt to cover.

    Raises BadChange when more would come back than was given up, UnknownLoan.
    """
    loan = _locked(actor, loan_id, LoanState.WRITTEN_OFF)
    left, legs = amount_minor, []
    for document_id, minor in reading.written_off(actor, loan):
        part = min(left, minor)
        left -= part
        legs.append(LegDraft(loan.account_id, BookAccount.RECEIVABLE, loan.currency, part, document_id))
    if left or amount_minor <= 0:
        raise BadChange(_("Es más de lo que se castigó de este préstamo."))
    legs.append(LegDraft(loan.account_id, BookAccount.RECOVERY, loan.currency, -amount_minor))
    version = _keep(actor, loan, reading.agreement_of(actor, loan_id), "recovered", clock)
    post(
        actor=actor, portfolio_id=loan.account.portfolio_id, kind=PostingKind.ADJUSTMENT, on=clock.as_of, source=loan.source,
        reference=f"recovered:{version}", legs=legs, now=clock.now,
    )  # fmt: skip
    return [leg.document_id for leg in legs if leg.document_id is not None and leg.amount_minor]


@transaction.atomic
def post_late_interest(*, actor: Actor, account_id: int, on: date, clock: Clock) -> int:
    """Post the interest of delay that has run by `on` and was not posted, on its instalments; return how much (minor units).

    Called where money arrives: the account must be locked. The same day again posts nothing. For a day before the last one it takes
    back what is unpaid of the days after it: below 0.
    """
    posted = 0
    for loan, line in reading.missing_late(actor, account_id, on):
        legs = []
        for component, minor in line.late.items():
            legs += [
                LegDraft(
                    account_id, BookAccount.RECEIVABLE, loan.currency, minor, line.document_id, component
                ),
                LegDraft(account_id, BookAccount.INCOME, loan.currency, -minor, None, component),
            ]
            posted += minor
        post(
            actor=actor, portfolio_id=loan.account.portfolio_id, kind=PostingKind.CHARGE, on=on, source=loan.source,
            reference=_late_reference(actor, loan, line.document_id, on), legs=legs, now=clock.now,
        )  # fmt: skip
    return posted


def _late_reference(actor: Actor, loan: Loan, document_id: int, on: date) -> str:
    start = f"late:{document_id}:{on}:"
    turn = count_postings(
        actor, portfolio_id=loan.account.portfolio_id, source=loan.source, reference_start=start
    )
    return f"{start}{turn + 1}"


@transaction.atomic
def hand_out_more(
    *,
    actor: Actor,
    loan_id: int,
    amount_minor: int,
    pieces: Sequence[Piece],
    agreement: agreed.Agreement,
    clock: Clock,
) -> Loan:
    """Return the loan with more money lent, and what falls due from now on. Raises BadChange, UnknownLoan, NotAllowed."""
    actor.check(Permission.CHANGE_LOANS)
    restate_ahead(
        actor=actor, loan_id=loan_id, pieces=pieces, reason="handed_out", agreement=agreement, clock=clock
    )
    rows = Loan.objects.of(actor.organisation_id).filter(pk=loan_id)
    rows.update(principal_minor=F("principal_minor") + amount_minor)
    return reading.loan(actor, loan_id)


def _grant(
    actor: Actor, account_id: int, agreement: agreed.Agreement, clock: Clock, refinances: Loan | None = None
) -> Loan:
    lock_accounts(organisation_id=actor.organisation_id, account_ids=[account_id])
    account = Account.objects.of(actor.organisation_id).get(pk=account_id)
    portfolio = portfolio_of(actor, account.portfolio_id)
    if portfolio.authority != Authority.ALDIA or "lending" not in portfolio.settings:
        raise NotLending(
            _("La cartera %(name)s no presta: elige otra o configúrala en Ajustes.")
            % {"name": portfolio.name}
        )
    check_ceiling(agreement, agreement.granted_on)
    instalments = agreed.plan(agreement)
    with named_lock("ledger.loans", actor.organisation_id):
        turn = Loan.objects.of(actor.organisation_id).count() + 1
        loan = Loan.objects.create(
            organisation_id=actor.organisation_id, account=account, number=f"P-{turn:06d}", currency=portfolio.currency,
            principal_minor=agreement.principal_minor, granted_on=agreement.granted_on, refinances=refinances, created_at=clock.now,
        )  # fmt: skip
    pieces = [Piece(each.due_on, agreed.parts_of(each)) for each in instalments]
    _restate(actor, loan, [], pieces, "granted", clock, on=agreement.granted_on)
    _keep(actor, loan, agreement, "granted", clock)
    audit.record(
        actor=actor, verb="ledger.loan.grant", object_type="loan", object_id=loan.pk, now=clock.now,
        data={"number": loan.number, "principal_minor": loan.principal_minor, "currency": loan.currency},
    )  # fmt: skip
    return loan


def _locked(actor: Actor, loan_id: int, state: str = LoanState.ACTIVE) -> Loan:
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


def _restate(
    actor: Actor,
    loan: Loan,
    lines: Sequence[reading.InstalmentLine],
    pieces: Sequence[Piece],
    reason: str,
    clock: Clock,
    on: date | None = None,
) -> list[int]:
    """Make these open lines owe these pieces, in order; lines that are left over owe nothing. The documents of the pieces."""
    day = on or clock.as_of
    scheduled = [piece for piece in pieces if not piece.label and any(piece.parts.values())]
    extra = [piece for piece in pieces if piece.label]
    reused = list(zip(lines, scheduled, strict=False))
    fresh = [*scheduled[len(lines) :], *extra]
    targets = [(line.document_id, piece, line.open) for line, piece in reused]
    targets += [
        (document_id, piece, {})
        for document_id, piece in zip(_open(actor, loan, fresh, day, clock), fresh, strict=True)
    ]
    gone = [(line.document_id, Piece(line.due_on, {}), line.open) for line in lines[len(scheduled) :]]
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
    _post(actor, loan, [leg for leg in legs if leg.amount_minor], reason, day, clock)
    _close_empty(actor, [document_id for document_id, _piece, _held in gone])
    return [document_id for document_id, _piece, _held in targets]


def _moves(loan: Loan, document_id: int, parts: dict[str, int], held: dict[str, int]) -> list[LegDraft]:
    return [
        LegDraft(loan.account_id, BookAccount.RECEIVABLE, loan.currency, change, document_id, component)
        for component in sorted(parts.keys() | held.keys())
        if (change := parts.get(component, 0) - held.get(component, 0))
    ]


def _open(actor: Actor, loan: Loan, pieces: Sequence[Piece], day: date, clock: Clock) -> list[int]:
    """New documents, still without balance."""
    mine = Document.objects.of(actor.organisation_id).filter(
        portfolio_id=loan.account.portfolio_id, source=loan.source
    )
    turn = mine.count()
    rows = [
        Document(
            organisation_id=actor.organisation_id, portfolio_id=loan.account.portfolio_id, account_id=loan.account_id,
            source=loan.source, reference=str(turn + at), number=f"{loan.number}/{piece.label or turn + at}",
            kind=DocumentKind.INSTALMENT, issued_on=day, due_on=piece.due_on, currency=loan.currency, original_minor=0,
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


def _post(actor: Actor, loan: Loan, legs: list[LegDraft], reason: str, day: date, clock: Clock) -> None:
    if not legs:
        return
    version = LoanTerms.objects.of(actor.organisation_id).filter(loan_id=loan.pk).count() + 1
    kind = PostingKind.CHARGE if reason == "granted" else PostingKind.ADJUSTMENT
    post(
        actor=actor, portfolio_id=loan.account.portfolio_id, kind=kind, on=day, source=loan.source, reference=f"{reason}:{version}",
        legs=legs, now=clock.now,
    )  # fmt: skip


def _keep(
    actor: Actor,
    loan: Loan,
    agreement: agreed.Agreement,
    reason: str,
    clock: Clock,
    told: dict[str, Any] | None = None,
) -> int:
    """Append a version of the terms; which one it is."""
    version = int(LoanTerms.objects.of(actor.organisation_id).filter(loan_id=loan.pk).count()) + 1
    LoanTerms.objects.create(
        organisation_id=actor.organisation_id, loan_id=loan.pk, version=version, on=clock.as_of, recorded_at=clock.now,
        recorded_by=actor.label, reason=reason, agreement=agreed.to_json(agreement),
    )  # fmt: skip
    if reason != "granted":
        audit.record(
            actor=actor, verb=f"ledger.loan.{reason}", object_type="loan", object_id=loan.pk, now=clock.now,
            data={"version": version, **(told or {})},
        )  # fmt: skip
    return version
