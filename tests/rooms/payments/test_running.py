"""What runs on a late loan, before it is posted: in the preview of a receipt, and in what the client is told to owe."""

from datetime import date

import pytest

from aldia.payments.running import owed_today
from aldia.payments.selectors import plan_receipt
from tests.beginnings import beginning
from tests.rooms.payments.test_lending import Lender, make_lender

pytestmark = pytest.mark.django_db
lender = beginning(make_lender)


@pytest.mark.parametrize("paid", [50, 5_000, 10_757, 40_000])
def test_the_preview_counts_the_interest_of_delay_that_the_money_posts(lender: Lender, paid: int) -> None:
    loan = lender.lend()
    on = date(2026, 2, 25)
    told = {"case_id": loan.account_id, "amount_minor": paid, "currency": loan.currency}
    plan = plan_receipt(lender.actor, on=on, as_of=on, **told)
    lender.pay(paid, "2026-02-25")
    left = {line.document_id: line.open_minor for line in lender.lines(loan, "2026-02-25")}
    assert all(left[row.document_id] == row.open_minor - row.covers_minor for row in plan.covers)
    assert plan.covers[0].is_whole == (paid >= 10_757)
    assert plan.running == {loan.currency: 95}


def test_a_borrower_that_pays_what_it_is_told_to_owe_today_is_up_to_date(lender: Lender) -> None:
    loan = lender.lend()
    late = owed_today(lender.actor, loan.account_id, as_of=date(2026, 2, 25))[0]
    assert (late.open_minor, late.running_minor) == (10_757, 95)
    lender.pay(late.open_minor, "2026-02-25")
    assert lender.lines(loan, "2026-02-25")[0].open_minor == 0
