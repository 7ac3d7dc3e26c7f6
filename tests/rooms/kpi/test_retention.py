"""Whether clients stay after they are collected, by hand on one account."""

from datetime import date

import pytest

from aldia.kpi.retention import Retention, Stay, retention
from tests.beginnings import beginning
from tests.rooms.kpi.conftest import query
from tests.rooms.payments.conftest import Desk, make_desk

pytestmark = pytest.mark.django_db
SEEN = query("2026-07-01", "2026-07-31")  # payments from 4 February to 4 May count


def late_payer() -> Desk:
    """An invoice due on 1 March, paid on 11 March."""
    money = make_desk("permanencia")
    invoice = money.book.charge(1_000_00, issued="2026-02-01", due="2026-03-01")
    money.pay(1_000_00, on=date(2026, 3, 11), document_ids=[invoice.pk], clock=money.on("2026-07-31"))
    return money


money = beginning(late_payer)


@pytest.mark.covers("S4-27b")
def test_who_paid_late_and_bought_again_stayed(money: Desk) -> None:
    assert retention(money.book.actor, SEEN) == Retention(Stay(1, 0), Stay(0, 0))
    money.book.charge(500_00, issued="2026-06-10", due="2026-07-01")  # 91 days later: too late
    assert retention(money.book.actor, SEEN).collected == Stay(1, 0)
    money.book.charge(500_00, issued="2026-06-09", due="2026-07-01")
    assert retention(money.book.actor, SEEN).collected == Stay(1, 1)


def test_a_payment_too_recent_to_come_back_is_not_counted(money: Desk) -> None:
    assert retention(money.book.actor, query("2026-05-01", "2026-06-08")) == Retention(Stay(0, 0), Stay(0, 0))


def test_few_clients_say_nothing() -> None:
    assert (Stay(4, 0).lost_percent, Stay(8, 5).lost_percent, Stay(0, 0).lost_percent) == (None, 38, None)
