"""Loans in the books: granted, changed, settled, refinanced, written off. One primitive writes them all: `restating.restate`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

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
    Loan,
    LoanState,
    PostingKind,
)
from aldia.ledger.selectors import count_postings
from aldia.ledger.selectors import portfolio as portfolio_of
from aldia.ledger.services.journal import LegDraft, lock_accounts, post
from aldia.ledger.services.restating import (
    BadChange,
    Piece,
    Restatement,
    keep_terms,
    loan_posting,
    locked_loan,
    restate,
)

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock


class NotLending(Exception):
    """Raised when a portfolio cannot lend: another system has the authority over its balances, or it has no product."""


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
    loan = locked_loan(actor, loan_id)
    lines = [
        line
        for line in reading.instalments(actor, loan, clock.as_of)
        if line.due_on > clock.as_of and line.open_minor
    ]
    documents = restate(actor, Restatement(loan, lines, pieces, reason, clock.as_of), clock)
    keep_terms(actor, loan, agreement or reading.agreement_of(actor, loan_id), reason, clock)
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
    loan = locked_loan(actor, loan_id)
    lines = [line for line in reading.instalments(actor, loan, clock.as_of) if line.open_minor]
    documents = restate(actor, Restatement(loan, lines, pieces, reason, clock.as_of), clock)
    keep_terms(actor, loan, agreement, reason, clock)
    return documents


@transaction.atomic
def settle_early(*, actor: Actor, loan_id: int, reason: str, clock: Clock) -> list[int]:
    """Let go what has not accrued by today: principal and interest run so far stay, each where it was; return the open documents.

    Post the interest of delay first (`post_late_interest`). Raises BadChange, UnknownLoan.
    """
    loan = locked_loan(actor, loan_id)
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
    restate(actor, Restatement(loan, ahead, pieces, reason, clock.as_of), clock)
    keep_terms(actor, loan, reading.agreement_of(actor, loan_id), reason, clock)
    return [line.document_id for line in reading.instalments(actor, loan, clock.as_of) if line.open_minor]


@transaction.atomic
def refinance_loan(*, actor: Actor, loan_id: int, agreement: agreed.Agreement, clock: Clock) -> Loan:
    """Return the loan that pays another one: what ends the old one today, arrears too, is part of its principal.

    Raises BadChange when the new principal does not reach, NotLending, BadSchedule, NotAllowed.
    """
    actor.check(Permission.CHANGE_LOANS)
    old = locked_loan(actor, loan_id)
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
    paid = loan_posting(old, PostingKind.ADJUSTMENT, clock.as_of, "paid_by_refinancing", legs)
    post(actor=actor, draft=paid, now=clock.now)
    old.state = LoanState.REFINANCED
    old.save(update_fields=["state"])
    return _grant(actor, old.account_id, agreement, clock, refinances=old)


@transaction.atomic
def close_written_off(*, actor: Actor, loan_id: int, reason: str, clock: Clock) -> Loan:
    """Return the loan marked as written off; its documents were (`write_off`). Raises BadChange, NotAllowed."""
    actor.check(Permission.CHANGE_LOANS)
    loan = locked_loan(actor, loan_id)
    loan.state = LoanState.WRITTEN_OFF
    loan.save(update_fields=["state"])
    keep_terms(actor, loan, reading.agreement_of(actor, loan_id), "written_off", clock, {"why": reason})
    return loan


@transaction.atomic
def reopen_recovered(*, actor: Actor, loan_id: int, amount_minor: int, clock: Clock) -> list[int]:
    """Owe again, against recoveries, so much of what was written off, the oldest first; return the documents, for a receipt to cover.

    Raises BadChange when more would come back than was given up, UnknownLoan.
    """
    loan = locked_loan(actor, loan_id, LoanState.WRITTEN_OFF)
    left, legs = amount_minor, []
    for document_id, minor in reading.written_off(actor, loan):
        part = min(left, minor)
        left -= part
        legs.append(LegDraft(loan.account_id, BookAccount.RECEIVABLE, loan.currency, part, document_id))
    if left or amount_minor <= 0:
        raise BadChange(_("Es más de lo que se castigó de este préstamo."))
    legs.append(LegDraft(loan.account_id, BookAccount.RECOVERY, loan.currency, -amount_minor))
    version = keep_terms(actor, loan, reading.agreement_of(actor, loan_id), "recovered", clock)
    owed = loan_posting(loan, PostingKind.ADJUSTMENT, clock.as_of, f"recovered:{version}", legs)
    post(actor=actor, draft=owed, now=clock.now)
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
        reference = _late_reference(actor, loan, line.document_id, on)
        post(actor=actor, draft=loan_posting(loan, PostingKind.CHARGE, on, reference, legs), now=clock.now)
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
    restate(actor, Restatement(loan, [], pieces, "granted", agreement.granted_on), clock)
    keep_terms(actor, loan, agreement, "granted", clock)
    audit.record(
        actor=actor, verb="ledger.loan.grant", object_type="loan", object_id=loan.pk, now=clock.now,
        data={"number": loan.number, "principal_minor": loan.principal_minor, "currency": loan.currency},
    )  # fmt: skip
    return loan
