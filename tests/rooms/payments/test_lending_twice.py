"""Money of a loan that is sent twice counts once."""

import pytest

from aldia.ledger import loans as reading
from aldia.payments import services as payments
from tests.beginnings import beginning
from tests.rooms.payments.test_lending import GRANTED, Lender, make_lender

pytestmark = [pytest.mark.django_db, pytest.mark.covers("S4-1c")]
lender = beginning(make_lender)


@pytest.mark.parametrize("purpose", ["lower", "shorter", "payoff"])
def test_the_same_money_sent_twice_changes_a_loan_once(lender: Lender, purpose: str) -> None:
    loan = lender.lend()
    paid = 1_200_00 if purpose == "payoff" else 600_00
    told = {
        "actor": lender.actor, "loan_id": loan.pk, "purpose": purpose, "clock": lender.clock(GRANTED),
        "tender": payments.Tender(paid, "transfer", "once"),
    }  # fmt: skip
    first = payments.take_at_counter(**told)  # type: ignore[arg-type]
    before = lender.lines(loan, "2026-01-15")
    assert payments.take_at_counter(**told).pk == first.pk  # type: ignore[arg-type]
    assert lender.lines(loan, "2026-01-15") == before
    assert lender.holds()


def test_the_same_recovery_sent_twice_comes_back_once(lender: Lender) -> None:
    loan = lender.lend()
    payments.write_off_loan(
        actor=lender.actor, loan_id=loan.pk, reason="se fue", clock=lender.clock("2026-03-20")
    )

    def given_up() -> int:
        row = reading.loan(lender.actor, loan.pk)
        return sum(minor for _document, minor in reading.written_off(lender.actor, row))

    before = given_up()
    tender, clock = payments.Tender(300_00, "transfer", "once"), lender.clock("2026-03-21")
    for _twice in range(2):
        payments.recover_loan(actor=lender.actor, loan_id=loan.pk, tender=tender, clock=clock)
    assert given_up() == before - 300_00
    assert lender.holds()
