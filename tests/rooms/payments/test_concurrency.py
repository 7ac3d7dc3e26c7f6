"""Many clients pay the same debt at once: no payment is lost, none counts twice."""

from uuid import uuid4

import httpx
import pytest
from django.db import connection

from aldia.payments import selectors
from aldia.payments import services as payments
from aldia.payments.gateways.protocol import Told
from aldia.payments.models import Receipt
from aldia.payments.services.online import settle as settle_intent
from tests.rooms.payments.conftest import NOW, Desk, make_desk
from tests.rooms.payments.paying import MercadoPago, begin, offer
from tests.waiting import at_once

CLIENTS = 32


@pytest.fixture
def shared(own_database: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose rows other connections can see, with a gateway that answers."""
    monkeypatch.setattr(httpx, "request", MercadoPago())
    return make_desk(f"muchos-{uuid4().hex[:8]}")


def test_thirty_two_clients_pay_one_debt_and_no_payment_is_lost(shared: Desk) -> None:
    document = shared.book.charge(100 * CLIENTS)
    at_once(lambda n: shared.pay(100, reference=f"C{n}"), CLIENTS)
    assert shared.balances(document) == [0]
    assert Receipt.objects.of(shared.organisation_id).count() == CLIENTS
    assert selectors.verify(shared.organisation_id).ok


def test_the_same_payment_told_by_thirty_two_clients_counts_once(shared: Desk) -> None:
    document = shared.book.charge(10_000)
    receipts = at_once(lambda _n: shared.pay(100, reference="ONE"), CLIENTS)
    assert len({receipt.pk for receipt in receipts}) == 1
    assert shared.balances(document) == [9_900]
    assert selectors.verify(shared.organisation_id).ok


def test_a_gateway_that_tells_the_same_thing_to_many_at_once_is_believed_once(shared: Desk) -> None:
    charged = shared.book.charge(10_000)
    intent = begin(shared, offer(shared), 10_000).intent

    def settle(*told: Told) -> None:
        at_once(lambda _n: settle_intent(intent=intent, told=told, real_now=NOW), CLIENTS // 4)

    settle(Told("received", "9001", 10_000, "USD"))
    assert shared.balances(charged) == [0]
    settle(Told("received", "9001", 10_000, "USD", returned_minor=2_500))
    assert shared.balances(charged) == [2_500]
    settle(Told("returned", "9001", 10_000, "USD"))
    assert shared.balances(charged) == [10_000]
    rows = Receipt.objects.of(shared.organisation_id).order_by("pk").values_list("amount_minor", "state")
    assert list(rows) == [(10_000, "REVERSED"), (7_500, "REVERSED")]
    assert selectors.verify(shared.organisation_id).ok


def test_payments_and_reversals_at_once_end_where_one_at_a_time_would(shared: Desk) -> None:
    first, second = shared.book.charge(1_000), shared.book.charge(1_000)
    cheques = [shared.pay(50, reference=f"Q{n}") for n in range(CLIENTS // 2)]

    def work(number: int) -> object:
        if number % 2:
            return shared.pay(50, reference=f"N{number}")
        return payments.reverse_receipt(
            actor=shared.book.actor,
            receipt_id=cheques[number // 2].pk,
            reason="sin fondos",
            on=shared.clock.as_of,
            clock=shared.clock,
        )

    at_once(work, CLIENTS)
    # What was reversed while others paid may have left holes in the first document, never in the sum.
    assert sum(shared.balances(first, second)) == 2_000 - 50 * (CLIENTS // 2)
    report = selectors.verify(shared.organisation_id)
    assert report.ok, report.differences
    assert connection.in_atomic_block is False
