"""A few loans of a house that also lends by itself: one paid on time, one late, one prepaid, one refinanced, one given up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from aldia.domain.loans.agreement import Agreement, LateAgreement, RateKind
from aldia.domain.loans.calendars import Every, Unit
from aldia.domain.loans.extras import Base, Extra
from aldia.domain.loans.planning import Prepaying
from aldia.domain.loans.schedules import Method
from aldia.domain.money import to_minor
from aldia.ledger import loans as reading
from aldia.ledger import services as ledger
from aldia.payments import services as payments

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock
    from aldia.ledger.models import Loan

NAME: Final = "Préstamos de mostrador"
PRODUCT: Final = {
    "count": "12", "every": "month", "method": "french", "yearly_rate": "24", "rate_kind": "effective", "insurance_rate": "0.05",
    "late_rate": "24", "grace_days": "2", "step": "100",
}  # fmt: skip
BORROWERS: Final = (  # name, invented document, months ago, amount, instalments paid
    ("Amparo Ruiz", "1010101011", 5, 4_000_000, 4), ("Hernán Cifuentes", "1010101012", 6, 2_500_000, 3),
    ("Yolanda Prada", "1010101013", 4, 8_000_000, 3), ("Wilson Camargo", "1010101014", 9, 3_000_000, 4),
    ("Luz Dary Molina", "1010101015", 11, 1_200_000, 2), ("Edgar Suárez", "1010101016", 1, 900_000, 0),
)  # fmt: skip


def lend(actor: Actor, creditor_id: int, debt: dict[str, str], currency: str, clock: Clock) -> None:
    """Make the portfolio that lends and its loans, each with the life it had."""
    portfolio = ledger.ensure_portfolio(
        actor=actor, creditor_id=creditor_id, key="prestamos-de-mostrador", name=NAME, currency=currency, now=clock.now,
        settings={"team": "cobranzas", "lending": PRODUCT}, **debt,
    )  # fmt: skip
    loans = [_granted(actor, portfolio.pk, currency, clock, row) for row in BORROWERS]
    for loan, (_name, _document, _months, _amount, paid) in zip(loans, BORROWERS, strict=True):
        for line in reading.instalments(actor, reading.loan(actor, loan.pk), clock.as_of)[:paid]:
            _paid(actor, loan, line.open_minor, min(line.due_on, clock.as_of), clock)
    _prepay(actor, loans[2], clock)
    owed = reading.settlement(actor, reading.loan(actor, loans[3].pk), clock.as_of).total_minor
    payments.refinance_loan(
        actor=actor, loan_id=loans[3].pk, agreement=_agreement(owed, clock.as_of, count=24), clock=clock
    )
    payments.write_off_loan(
        actor=actor, loan_id=loans[4].pk, reason="Sin bienes ni domicilio conocido", clock=clock
    )


def stand_at_the_counter(actor: Actor, clock: Clock) -> None:
    """Open the box of the day and take one instalment in cash."""
    lending = reading.lending_portfolios(actor)
    if not lending:
        return
    currency = lending[0].currency
    payments.open_box(
        actor=actor,
        currency=currency,
        opening_minor=to_minor(Decimal(200_000), currency, rounding=None),
        clock=clock,
    )
    late = next(row for row in reading.loans(actor, search="Hernán").rows)
    settled = reading.settlement(actor, late, clock.as_of)
    due = sum(settled.due.values()) + sum(settled.late.values())
    payments.take_at_counter(
        actor=actor, loan_id=late.pk, purpose="instalment", clock=clock,
        tender=payments.Tender(due // 3, payments.CASH, f"demo:{clock.as_of}", source="mostrador"),
    )  # fmt: skip


def _granted(actor: Actor, portfolio_id: int, currency: str, clock: Clock, row: tuple[Any, ...]) -> Loan:
    name, document, months, amount, _paid_count = row
    granted = clock.as_of - timedelta(days=30 * months + 3)
    draft = payments.BorrowerDraft(name, document, email=f"{document}@cliente.example", country="CO")
    return payments.grant_to_borrower(
        actor=actor, portfolio_id=portfolio_id, borrower=draft, is_cash=False, clock=clock,
        agreement=_agreement(to_minor(Decimal(amount), currency, rounding=None), granted),
    )  # fmt: skip


def _agreement(principal_minor: int, granted: date, count: int = 12) -> Agreement:
    return Agreement(
        principal_minor=principal_minor, granted_on=granted, count=count, every=Every(1, Unit.MONTHS), method=Method.FRENCH,
        yearly_rate=Decimal("0.24"), rate_kind=RateKind.EFFECTIVE, step=10_000,
        extras=(Extra("insurance", Base.BALANCE, Decimal("0.0005")),), late=LateAgreement(Decimal("0.24"), grace_days=2),
    )  # fmt: skip


def _paid(actor: Actor, loan: Loan, minor: int, on: date, clock: Clock) -> None:
    payments.register_receipt(
        actor=actor,
        draft=payments.ReceiptDraft(
            portfolio_id=loan.account.portfolio_id,
            case_id=loan.account_id,
            amount_minor=minor,
            currency=loan.currency,
            on=on,
            means="transfer",
            source="mostrador",
            reference=f"demo:{loan.number}:{on}",
        ),
        clock=clock,
    )


def _prepay(actor: Actor, loan: Loan, clock: Clock) -> None:
    settled = reading.settlement(actor, reading.loan(actor, loan.pk), clock.as_of)
    due = sum(settled.due.values()) + sum(settled.late.values()) + sum(settled.accrued.values())
    payments.prepay_loan(
        actor=actor, loan_id=loan.pk, way=Prepaying.SHORTER, clock=clock,
        tender=payments.Tender(due + settled.principal_minor // 3, "transfer", f"demo:{loan.number}:adelanto", source="mostrador"),
    )  # fmt: skip
