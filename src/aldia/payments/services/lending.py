"""What happens to a loan, with its money and its case, each in one transaction: granted, prepaid, paid off, changed, given up, recovered.

The ledger restates the instalments; the money comes as any receipt does; the case follows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access.permissions import Permission
from aldia.cases import services as cases
from aldia.domain import balances
from aldia.domain.loans import agreement as agreed
from aldia.domain.loans.extras import Base
from aldia.domain.loans.planning import Prepaying
from aldia.domain.loans.schedules import Method
from aldia.domain.money import is_indexed, money_of
from aldia.ledger import loans as reading
from aldia.ledger import services as ledger
from aldia.ledger.ceilings import check_ceiling
from aldia.ledger.indexed import unit_value
from aldia.parties import services as parties
from aldia.payments.models import Receipt
from aldia.payments.services.consequences import follow
from aldia.payments.services.receipts import ReceiptDraft, register_receipt
from aldia.payments.services.running import post_what_runs

if TYPE_CHECKING:
    from decimal import Decimal

    from aldia.access.actors import Actor, Clock
    from aldia.ledger.models import Loan


class BadPrepayment(Exception):
    """Raised when the money does not reach ahead of what is owed today, or ends the loan: say which to use instead."""


@dataclass(frozen=True, slots=True)
class Tender:
    """Money of today as it is handed over: how much, by what, and the reference that makes it unique.

    For a loan in an indexed unit it is the unit's money: pesos for UF.
    """

    amount_minor: int
    means: str
    reference: str
    source: str = "desk"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rescheduling:
    """What changes from today on; what is not said stays. `takes_arrears` moves overdue principal to the new instalments (re-ageing)."""

    first_due_on: date | None = None
    more_instalments: int = 0
    grace: int = 0
    yearly_rate: Decimal | None = None
    takes_arrears: bool = False


@dataclass(frozen=True, slots=True)
class BorrowerDraft:
    """A new client as the counter knows them. `tax_id_kind` is empty where nobody can tell that the document is right."""

    name: str
    tax_id: str
    tax_id_kind: str = ""
    phone_e164: str = ""
    email: str = ""
    country: str = ""


@transaction.atomic
def ensure_borrower(*, actor: Actor, draft: BorrowerDraft, clock: Clock) -> int:
    """Return the party of a borrower: known by a document that is right or that the counter wrote before, else new. Raises NotAllowed."""
    actor.check(Permission.GRANT_LOANS)
    row = {
        "customer_id": draft.tax_id, "name": draft.name, "tax_id": draft.tax_id, "tax_id_kind": draft.tax_id_kind,
        "country": draft.country, "email": draft.email, "phone_e164": draft.phone_e164,
        "phone_is_mobile": bool(draft.phone_e164),
    }  # fmt: skip
    known = parties.upsert_frame(
        organisation_id=actor.organisation_id, source="desk", frame=pl.DataFrame([row]), now=clock.now
    )
    return int(known.parties["party_id"][0])


@transaction.atomic
def grant_loan(
    *, actor: Actor, portfolio_id: int, party_id: int, agreement: agreed.Agreement, clock: Clock
) -> Loan:
    """Return a new loan of a client, with its case open. Raises NotLending of the ledger, BadSchedule, NotAllowed."""
    actor.check(Permission.GRANT_LOANS)
    opened = ledger.open_accounts(
        organisation_id=actor.organisation_id, portfolio_id=portfolio_id, party_ids=pl.Series([party_id]),
        opened_on=agreement.granted_on,
    )  # fmt: skip
    account_id = int(opened["account_id"][0])
    loan = ledger.grant_loan(actor=actor, account_id=account_id, agreement=agreement, clock=clock)
    cases.open_missing(actor=actor, as_of=clock.as_of, now=clock.now, account_ids=[account_id])
    follow(actor=actor, case_ids=[account_id], clock=clock)
    return loan


@transaction.atomic
def prepay_loan(*, actor: Actor, loan_id: int, tender: Tender, way: Prepaying, clock: Clock) -> Receipt:
    """Return the receipt of money that pays what is owed today and principal ahead: a lower instalment, or a shorter term.

    Raises BadPrepayment, BadChange of the ledger, NotAllowed.
    """
    actor.check(Permission.REGISTER_RECEIPTS)
    loan = _with_late(actor, loan_id, clock)
    if _is_known(loan, tender):
        return receive(actor, loan, tender, [], clock)
    settled = reading.settlement(actor, loan, clock.as_of)
    ahead = worth(loan, tender, clock) - sum(settled.due.values()) - sum(settled.accrued.values())
    if ahead <= 0:
        raise BadPrepayment(_("No alcanza para adelantar capital: es un pago de cuota."))
    if ahead >= settled.principal_minor:
        raise BadPrepayment(_("Alcanza para cancelar el préstamo: usa «Cancelar»."))
    agreement = reading.agreement_of(actor, loan_id)
    lines = reading.instalments(actor, loan, clock.as_of)
    due = [line.document_id for line in lines if line.due_on <= clock.as_of and line.open_minor]
    pieces = _after_prepaying(agreement, lines, settled.principal_minor - ahead, way, clock.as_of)
    paid = ledger.Piece(
        clock.as_of, {balances.PRINCIPAL: ahead, **settled.accrued}, label=_label(actor, loan_id)
    )
    made = ledger.restate_ahead(
        actor=actor, loan_id=loan_id, pieces=[*pieces, paid], reason="prepaid", agreement=None, clock=clock
    )
    return receive(actor, loan, tender, [*due, made[-1]], clock)


@transaction.atomic
def pay_off_loan(*, actor: Actor, loan_id: int, tender: Tender, clock: Clock) -> Receipt:
    """Return the receipt that ends the loan today; what has not accrued is let go. Raises BadPrepayment, BadChange, NotAllowed."""
    actor.check(Permission.REGISTER_RECEIPTS)
    loan = _with_late(actor, loan_id, clock)
    if _is_known(loan, tender):
        return receive(actor, loan, tender, [], clock)
    total = reading.settlement(actor, loan, clock.as_of).total_minor
    if worth(loan, tender, clock) < total:
        raise BadPrepayment(_("No alcanza para cancelar: el importe de hoy es mayor."))
    documents = ledger.settle_early(actor=actor, loan_id=loan_id, reason="settled", clock=clock)
    return receive(actor, loan, tender, documents, clock)


@transaction.atomic
def reschedule_loan(*, actor: Actor, loan_id: int, change: Rescheduling, clock: Clock) -> Loan:
    """Return the loan with what falls due from today on planned anew. Raises BadChange, BadSchedule, NotAllowed."""
    actor.check(Permission.CHANGE_LOANS)
    loan = _with_late(actor, loan_id, clock)
    lines = [line for line in reading.instalments(actor, loan, clock.as_of) if line.open_minor]
    ahead = [line for line in lines if line.due_on > clock.as_of]
    moved = lines if change.takes_arrears else ahead
    principal = sum(line.open.get(balances.PRINCIPAL, 0) for line in moved)
    if principal <= 0:
        raise ledger.BadChange(_("No queda capital por vencer: incluye el vencido o refinancia."))
    agreement = _changed(reading.agreement_of(actor, loan_id), change)
    if change.yearly_rate is not None:
        check_ceiling(agreement, clock.as_of)
    days = _days(agreement, ahead, len(moved), change, clock.as_of)
    since = reading.period_start(agreement, reading.instalments(actor, loan, clock.as_of), clock.as_of)
    pieces = [
        ledger.Piece(each.due_on, agreed.parts_of(each))
        for each in agreed.replanned(agreement, principal, since, days, grace=change.grace)
    ]
    if change.takes_arrears:
        pieces[0] = _with_arrears(pieces[0], [line for line in lines if line.due_on <= clock.as_of])
        ledger.restate_all(
            actor=actor, loan_id=loan_id, pieces=pieces, reason="re_aged", agreement=agreement, clock=clock
        )
    else:
        ledger.restate_ahead(
            actor=actor,
            loan_id=loan_id,
            pieces=pieces,
            reason="rescheduled",
            agreement=agreement,
            clock=clock,
        )
    follow(actor=actor, case_ids=[loan.account_id], clock=clock)
    return loan


@transaction.atomic
def hand_out_more(*, actor: Actor, loan_id: int, amount_minor: int, clock: Clock) -> Loan:
    """Return the loan with more money handed out today: it joins what is to fall due, with interest from today on.

    What was owed and its dates stay; charges per instalment are not charged twice. Raises BadChange, BadSchedule, NotAllowed.
    """
    actor.check(Permission.CHANGE_LOANS)
    loan = _with_late(actor, loan_id, clock)
    lines = reading.instalments(actor, loan, clock.as_of)
    ahead = [line for line in lines if line.due_on > clock.as_of and line.open_minor]
    if not ahead or amount_minor <= 0:
        raise ledger.BadChange(_("No quedan cuotas a las que sumarlo: otorga un préstamo nuevo."))
    agreement = reading.agreement_of(actor, loan_id)
    check_ceiling(agreement, clock.as_of)
    since = reading.period_start(agreement, lines, clock.as_of)
    part = Fraction((ahead[0].due_on - clock.as_of).days, (ahead[0].due_on - since).days)
    bound = tuple(extra for extra in agreement.extras if extra.base not in (Base.EACH, Base.ONCE))
    own = replace(agreement, extras=bound, balloon_minor=0)
    added = agreed.replanned(own, amount_minor, since, [line.due_on for line in ahead], first_part=part)
    pieces = [
        ledger.Piece(line.due_on, dict(Counter(line.open) + Counter(agreed.parts_of(each))))
        for line, each in zip(ahead, added, strict=True)
    ]
    whole = replace(agreement, principal_minor=agreement.principal_minor + amount_minor)
    changed = ledger.hand_out_more(
        actor=actor, loan_id=loan_id, amount_minor=amount_minor, pieces=pieces, agreement=whole, clock=clock
    )
    follow(actor=actor, case_ids=[loan.account_id], clock=clock)
    return changed


@transaction.atomic
def refinance_loan(*, actor: Actor, loan_id: int, agreement: agreed.Agreement, clock: Clock) -> Loan:
    """Return the new loan that pays what ends the old one today, arrears capitalised. Raises BadChange, BadSchedule, NotAllowed."""
    actor.check(Permission.CHANGE_LOANS)
    loan = _with_late(actor, loan_id, clock)
    fresh = ledger.refinance_loan(actor=actor, loan_id=loan_id, agreement=agreement, clock=clock)
    follow(actor=actor, case_ids=[loan.account_id], clock=clock)
    return fresh


@transaction.atomic
def write_off_loan(*, actor: Actor, loan_id: int, reason: str, clock: Clock) -> Loan:
    """Return the loan given up: what has not accrued is let go, the rest is written off by component. Raises BadChange, NotAllowed."""
    actor.check(Permission.CHANGE_LOANS)
    loan = _with_late(actor, loan_id, clock)
    for document_id in ledger.settle_early(actor=actor, loan_id=loan_id, reason="given_up", clock=clock):
        ledger.write_off(actor=actor, document_id=document_id, on=clock.as_of, reason=reason, now=clock.now)
    closed = ledger.close_written_off(actor=actor, loan_id=loan_id, reason=reason, clock=clock)
    follow(actor=actor, case_ids=[loan.account_id], clock=clock)
    return closed


@transaction.atomic
def recover_loan(*, actor: Actor, loan_id: int, tender: Tender, clock: Clock) -> Receipt:
    """Return the receipt of money that comes after a write-off. Raises BadChange when it is more than was given up, NotAllowed."""
    actor.check(Permission.REGISTER_RECEIPTS)
    loan = reading.loan(actor, loan_id)
    ledger.lock_accounts(organisation_id=actor.organisation_id, account_ids=[loan.account_id])
    if _is_known(loan, tender):
        return receive(actor, loan, tender, [], clock)
    documents = ledger.reopen_recovered(
        actor=actor, loan_id=loan_id, amount_minor=worth(loan, tender, clock), clock=clock
    )
    return receive(actor, loan, tender, documents, clock)


def worth(loan: Loan, tender: Tender, clock: Clock) -> int:
    """Return what the money pays of the loan, in the loan's own minor units. Raises NoUnitValue of the ledger."""
    if not is_indexed(loan.currency):
        return tender.amount_minor
    return unit_value(loan.organisation_id, loan.currency, clock.as_of).to_units(tender.amount_minor)


def _with_late(actor: Actor, loan_id: int, clock: Clock) -> Loan:
    """The loan with its account held and what runs on it posted through today."""
    loan = reading.loan(actor, loan_id)
    ledger.lock_accounts(organisation_id=actor.organisation_id, account_ids=[loan.account_id])
    post_what_runs(actor=actor, account_id=loan.account_id, on=clock.as_of, clock=clock)
    return loan


def _is_known(loan: Loan, tender: Tender) -> bool:
    """Whether this money was handed over before: then the loan is not changed for it again. Its account is locked."""
    rows = Receipt.objects.of(loan.organisation_id).filter(portfolio_id=loan.account.portfolio_id)
    return bool(rows.filter(source=tender.source, reference=tender.reference).exists())


def receive(actor: Actor, loan: Loan, tender: Tender, documents: Sequence[int], clock: Clock) -> Receipt:
    """Return the receipt of money handed over for a loan, on these documents first. Raises what `register_receipt` raises."""
    return register_receipt(
        actor=actor,
        draft=ReceiptDraft(
            portfolio_id=loan.account.portfolio_id,
            case_id=loan.account_id,
            amount_minor=tender.amount_minor,
            currency=money_of(loan.currency),
            on=clock.as_of,
            means=tender.means,
            source=tender.source,
            reference=tender.reference,
            document_ids=list(documents),
            note=tender.note,
        ),
        clock=clock,
    )


def _label(actor: Actor, loan_id: int) -> str:
    before = sum(version.reason == "prepaid" for version in reading.terms(actor, loan_id))
    return f"A{before + 1}"


def _after_prepaying(
    agreement: agreed.Agreement,
    lines: Sequence[reading.InstalmentLine],
    principal: int,
    way: Prepaying,
    on: date,
) -> list[ledger.Piece]:
    """What is left on the same dates. The period that runs still bears interest for the days to come."""
    ahead = [line for line in lines if line.due_on > on and line.open_minor]
    since, first = reading.period_start(agreement, lines, on), ahead[0]
    part = Fraction((first.due_on - on).days, (first.due_on - since).days)
    level = None
    if way is Prepaying.SHORTER:
        of = (
            (balances.PRINCIPAL,)
            if agreement.method is Method.GERMAN
            else (balances.PRINCIPAL, balances.COMPENSATORY_INTEREST)
        )
        level = sum(first.charged.get(component, 0) for component in of)
    planned = agreed.replanned(
        agreement, principal, since, [line.due_on for line in ahead], first_part=part, level_minor=level
    )
    return [
        ledger.Piece(each.due_on, agreed.parts_of(each) if each.line.due_minor else {}) for each in planned
    ]


def _changed(agreement: agreed.Agreement, change: Rescheduling) -> agreed.Agreement:
    if change.yearly_rate is None:
        return agreement
    return replace(agreement, yearly_rate=change.yearly_rate)


def _days(
    agreement: agreed.Agreement,
    ahead: Sequence[reading.InstalmentLine],
    moved: int,
    change: Rescheduling,
    on: date,
) -> list[date]:
    count = moved + change.more_instalments + change.grace
    if change.first_due_on is not None and change.first_due_on <= on:
        raise ledger.BadChange(_("La primera cuota reprogramada vence después de hoy."))
    first = change.first_due_on or (ahead[0].due_on if ahead else agreement.every.after(on, 1))
    return [agreement.every.after(first, at) for at in range(count)]


def _with_arrears(piece: ledger.Piece, overdue: Sequence[reading.InstalmentLine]) -> ledger.Piece:
    """The first new instalment also bears the overdue interest and charges: they are moved, never capitalised."""
    parts = dict(piece.parts)
    for line in overdue:
        for component, minor in line.open.items():
            if component != balances.PRINCIPAL:
                parts[component] = parts.get(component, 0) + minor
    return ledger.Piece(piece.due_on, parts)
