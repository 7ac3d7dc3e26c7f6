"""The counter: a cash box opened, what enters and leaves it, and its count. A difference is explained or the box stays open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.permissions import Permission
from aldia.domain.loans.planning import Prepaying
from aldia.domain.money import currency_code, money_of
from aldia.ledger import loans as reading
from aldia.payments import cash
from aldia.payments.models import BoxState, CashBox, CashMovement, CashReason, Receipt
from aldia.payments.services.lending import (
    BorrowerDraft,
    Tender,
    ensure_borrower,
    grant_loan,
    hand_out_more,
    pay_off_loan,
    prepay_loan,
    receive,
    recover_loan,
    worth,
)

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock
    from aldia.domain.loans.agreement import Agreement
    from aldia.ledger.models import Loan

CASH: Final = "cash"
SIGN: Final = {CashReason.ADDED: 1, CashReason.DEPOSIT: -1, CashReason.EXPENSE: -1}
"""What people move by hand, and which way."""
PURPOSES: Final = ("instalment", "lower", "shorter", "payoff", "recovery")


class BadBox(Exception):
    """Raised when a box cannot do that: none is open, one is already, it was closed, or a difference lacks its explanation."""


@transaction.atomic
def open_box(*, actor: Actor, currency: str, opening_minor: int, clock: Clock) -> CashBox:
    """Return a new box of the actor with so much in it. Raises BadBox when one is open in that currency, NotAllowed."""
    actor.check(Permission.TAKE_CASH)
    if actor.user_id is None or opening_minor < 0:
        raise BadBox(_("Una caja es de una persona y no empieza debajo de cero."))
    try:
        with transaction.atomic():
            row = CashBox.objects.create(
                organisation_id=actor.organisation_id, user_id=actor.user_id, currency=currency_code(currency),
                opened_on=clock.as_of, opened_at=clock.now, opening_minor=opening_minor,
            )  # fmt: skip
    except IntegrityError as error:
        raise BadBox(_("Ya tienes una caja abierta en esa moneda: ciérrala antes.")) from error
    _record(actor, "open", row, clock, {"opening_minor": opening_minor})
    return row


@transaction.atomic
def move_cash(*, actor: Actor, box_id: int, reason: str, amount_minor: int, clock: Clock) -> CashMovement:
    """Return a movement by hand: cash added, taken to the bank, or spent. Raises BadBox, NotAllowed."""
    actor.check(Permission.TAKE_CASH)
    row = _own(actor, box_id)
    if reason not in SIGN or amount_minor <= 0:
        raise BadBox(_("Di qué entra o sale, y cuánto."))
    signed = SIGN[CashReason(reason)] * amount_minor
    if cash.expected(row) + signed < 0:
        raise BadBox(_("No hay tanto en la caja."))
    return _move(actor, row, CashReason(reason), signed, clock)


@transaction.atomic
def close_box(*, actor: Actor, box_id: int, counted_minor: int, explanation: str, clock: Clock) -> CashBox:
    """Return the box closed with what was counted. Raises BadBox when it differs and nobody says why, NotAllowed."""
    actor.check(Permission.TAKE_CASH)
    row = _own(actor, box_id)
    should = cash.expected(row)
    if counted_minor < 0 or (counted_minor != should and not explanation.strip()):
        raise BadBox(_("Lo contado no es lo esperado: escribe por qué."))
    row.expected_minor, row.counted_minor, row.explanation = should, counted_minor, explanation.strip()[:300]
    row.state, row.closed_at = BoxState.CLOSED, clock.now
    row.save()
    _record(actor, "close", row, clock, {"expected_minor": should, "counted_minor": counted_minor})
    return row


@transaction.atomic
def take_at_counter(*, actor: Actor, loan_id: int, purpose: str, tender: Tender, clock: Clock) -> Receipt:
    """Return the receipt of money handed over for a loan: an instalment, principal ahead, its end, or a recovery.

    Cash enters the actor's box. Raises BadBox, BadPrepayment, BadReceipt, BadChange of the ledger, NotAllowed.
    """
    actor.check(Permission.TAKE_CASH)
    loan = reading.loan(actor, loan_id)
    row = _own_of(actor, money_of(loan.currency)) if tender.means == CASH else None
    receipt = _receive(actor, loan, purpose, tender, clock)
    if (
        row is not None
        and not CashMovement.objects.of(actor.organisation_id).filter(receipt_id=receipt.pk).exists()
    ):
        _move(
            actor,
            row,
            CashReason.RECEIPT,
            receipt.amount_minor,
            clock,
            receipt_id=receipt.pk,
            loan_id=loan.pk,
        )
    return receipt


@transaction.atomic
def grant_to_borrower(
    *,
    actor: Actor,
    portfolio_id: int,
    borrower: int | BorrowerDraft,
    agreement: Agreement,
    is_cash: bool,
    clock: Clock,
) -> Loan:
    """Return a loan granted to a known party or a new one, its money handed out of the actor's box when it is cash.

    Raises as `grant_loan`, and BadBox.
    """
    if isinstance(borrower, BorrowerDraft):
        borrower = ensure_borrower(actor=actor, draft=borrower, clock=clock)
    loan = grant_loan(
        actor=actor, portfolio_id=portfolio_id, party_id=borrower, agreement=agreement, clock=clock
    )
    if is_cash:
        _hand_out(actor, loan, loan.principal_minor, clock)
    return loan


@transaction.atomic
def hand_out_at_counter(
    *, actor: Actor, loan_id: int, amount_minor: int, is_cash: bool, clock: Clock
) -> Loan:
    """Return the loan with more money handed out, of the actor's box when it is cash. Raises as `hand_out_more`, and BadBox."""
    loan = hand_out_more(actor=actor, loan_id=loan_id, amount_minor=amount_minor, clock=clock)
    if is_cash:
        _hand_out(actor, loan, amount_minor, clock)
    return loan


def _hand_out(actor: Actor, loan: Loan, minor: int, clock: Clock) -> None:
    """Take what is lent out of the actor's box: money, whatever the loan's unit."""
    row = _own_of(actor, money_of(loan.currency))
    paid = cash.in_money(loan, minor, clock.as_of)
    if cash.expected(row) < paid:
        raise BadBox(_("No hay tanto en la caja."))
    _move(actor, row, CashReason.LENT, -paid, clock, loan_id=loan.pk)


def _receive(actor: Actor, loan: Loan, purpose: str, tender: Tender, clock: Clock) -> Receipt:
    told = {"actor": actor, "loan_id": loan.pk, "tender": tender, "clock": clock}
    if purpose == "payoff":
        return pay_off_loan(**told)  # type: ignore[arg-type]
    if purpose == "recovery":
        return recover_loan(**told)  # type: ignore[arg-type]
    if purpose in ("lower", "shorter"):
        return prepay_loan(**told, way=Prepaying(purpose))  # type: ignore[arg-type]
    worth(loan, tender, clock)  # at the counter money is not left waiting for a value
    lines = reading.instalments(actor, loan, clock.as_of)
    return receive(actor, loan, tender, [line.document_id for line in lines if line.open_minor], clock)


def _own_of(actor: Actor, currency: str) -> CashBox:
    rows = CashBox.objects.of(actor.organisation_id).select_for_update()
    row: CashBox | None = rows.filter(user_id=actor.user_id, currency=currency, state=BoxState.OPEN).first()
    if row is None:
        raise BadBox(_("Abre tu caja en %(currency)s antes de mover efectivo.") % {"currency": currency})
    return row


def _own(actor: Actor, box_id: int) -> CashBox:
    rows = CashBox.objects.of(actor.organisation_id).select_for_update()
    row: CashBox | None = rows.filter(pk=box_id, user_id=actor.user_id, state=BoxState.OPEN).first()
    if row is None:
        raise BadBox(_("Esa caja no es tuya o ya se cerró."))
    return row


def _move(
    actor: Actor, row: CashBox, reason: CashReason, amount_minor: int, clock: Clock, **of: int
) -> CashMovement:
    return CashMovement.objects.create(
        organisation_id=actor.organisation_id, box_id=row.pk, reason=reason, amount_minor=amount_minor, on=clock.as_of,
        recorded_at=clock.now, recorded_by=actor.label, **of,
    )  # fmt: skip


def _record(actor: Actor, verb: str, row: CashBox, clock: Clock, data: dict[str, object]) -> None:
    audit.record(
        actor=actor, verb=f"payments.box.{verb}", object_type="cash_box", object_id=row.pk, now=clock.now,
        data={"currency": row.currency, **data},
    )  # fmt: skip
