"""Whoever pays is thanked once, in the words of the promise where one was kept; history is not thanked."""

from datetime import date, timedelta
from typing import Any

import pytest

from aldia.engine.strategy_reading import load_strategy
from aldia.outcomes import services as outcomes
from aldia.parties import services as parties
from aldia.payments import services as payments
from aldia.payments.models import Receipt
from aldia.strategy import services as strategy
from aldia.strategy.models import Strategy
from aldia.strategy.shipped import shipped_documents
from tests.rooms.strategy.conftest import BEGIN, World, instant


def thanks(world: World, days: int = 0) -> int:
    on = BEGIN + timedelta(days=days)
    return strategy.thank(actor=world.actor, as_of=on, now=instant(on))


def told(world: World) -> list[tuple[str, Any]]:
    return [(order.template_key, order.extra["paid_minor"]) for order in world.orders]


@pytest.fixture
def owing(world: World) -> World:
    world.owes("ana", 900_000, due=BEGIN - timedelta(days=3))
    world.opens()
    return world


def test_two_payments_of_a_day_are_thanked_once(owing: World) -> None:
    owing.pays("ana", 100_000, on=BEGIN)
    owing.pays("ana", 50_000, on=BEGIN)
    assert (thanks(owing), thanks(owing), thanks(owing, 1)) == (1, 0, 0)
    assert told(owing) == [("payment_thanks", 150_000)]


@pytest.mark.covers("S1-13b", "S4-23c")
def test_a_kept_promise_has_its_own_words(owing: World) -> None:
    outcomes.make_promise(
        actor=owing.actor, case_id=owing.clients["ana"], amount_minor=100_000, currency="USD",
        due_on=BEGIN + timedelta(days=2), clock=owing.clock(BEGIN),
    )  # fmt: skip
    owing.pays("ana", 100_000, on=BEGIN)
    assert thanks(owing) == 1
    assert told(owing) == [("promise_thanks", 100_000)]


def test_old_payments_settlements_of_a_load_and_reversed_ones_are_not_thanked(owing: World) -> None:
    def paid(source: str, reference: str, on: date = BEGIN) -> Receipt:
        draft = payments.ReceiptDraft(
            owing.portfolio_id, owing.clients["ana"], 10_000, "USD", on, "transfer", source, reference
        )
        return payments.register_receipt(actor=owing.actor, draft=draft, clock=owing.clock(BEGIN))

    paid("erp:settlement", "S1")
    paid("bank", "V1", BEGIN - timedelta(days=9))
    bounced = paid("bank", "C1")
    payments.reverse_receipt(
        actor=owing.actor, receipt_id=bounced.pk, reason="bounced", on=BEGIN, clock=owing.clock(BEGIN)
    )
    assert thanks(owing) == 0


def test_thanks_that_have_not_left_are_taken_back_with_the_payment_and_the_rest_is_thanked_anew(
    owing: World,
) -> None:
    owing.pays("ana", 100_000, on=BEGIN)
    owing.pays("ana", 50_000, on=BEGIN)
    assert thanks(owing) == 1
    bounced, other = Receipt.objects.of(owing.organisation).order_by("pk")
    reverse(owing, bounced)
    assert [(order.state, order.reason) for order in owing.orders] == [("cancelled", "reversed")]
    assert (thanks(owing), thanks(owing)) == (1, 0)
    assert told(owing)[-1] == ("payment_thanks", 50_000)
    reverse(owing, other)
    assert thanks(owing) == 0
    owing.lives(BEGIN)
    assert {order.state for order in owing.orders if order.origin == "thanks"} == {"cancelled"}
    assert not [message for message in owing.messages if message.order.origin == "thanks"]


def test_a_payment_taken_back_leaves_the_thanks_of_others_in_peace(owing: World) -> None:
    owing.owes("beto", 900_000, due=BEGIN - timedelta(days=3))
    owing.opens()
    for who in ("ana", "beto"):
        owing.pays(who, 100_000, on=BEGIN)
    assert thanks(owing) == 2
    reverse(owing, Receipt.objects.of(owing.organisation).get(account_id=owing.clients["ana"]))
    assert {order.case_id: order.state for order in owing.orders} == {
        owing.clients["ana"]: "cancelled", owing.clients["beto"]: "queued",
    }  # fmt: skip


def reverse(world: World, receipt: Receipt) -> None:
    payments.reverse_receipt(
        actor=world.actor, receipt_id=receipt.pk, reason="bounced", on=BEGIN, clock=world.clock(BEGIN)
    )


def test_a_strategy_that_says_so_thanks_nobody(owing: World) -> None:
    document = shipped_documents()["b2b_invoices"]
    row = Strategy.objects.of(owing.organisation).get(key="b2b_invoices")
    off = {**document, "thanks": {**document["thanks"], "is_on": False}}
    strategy.publish(
        actor=owing.actor,
        strategy_id=row.pk,
        document=off,
        note="sin gracias",
        clock=owing.clock(BEGIN),
    )
    owing.pays("ana", 100_000, on=BEGIN)
    assert thanks(owing) == 0


def test_whoever_opted_out_is_not_thanked(owing: World) -> None:
    owing.pays("ana", 100_000, on=BEGIN)
    assert thanks(owing) == 1
    [order] = owing.orders
    parties.record_consent(
        actor=owing.actor, party_id=order.party_id, creditor_id=order.creditor_id, channel="email", is_granted=False,
        evidence="portal", now=instant(BEGIN),
    )  # fmt: skip
    owing.lives(BEGIN)
    order.refresh_from_db()
    assert (order.state, order.reason) == ("withheld", "opted_out")


def test_the_document_refuses_thanks_without_channels() -> None:
    document = shipped_documents()["b2b_invoices"]
    with pytest.raises(strategy.StrategyInvalid, match=r"thanks\.channels"):
        load_strategy({**document, "thanks": {**document["thanks"], "channels": []}})
    assert load_strategy({name: part for name, part in document.items() if name != "thanks"}).thanks is None
