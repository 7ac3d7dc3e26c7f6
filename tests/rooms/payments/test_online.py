"""Payments online against two stand-ins and a bank: one receipt for ever, whatever comes, how often and in which order."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest

from aldia.access.actors import debtor
from aldia.access.permissions import NotAllowed
from aldia.domain.transfer_references import reference_of
from aldia.outcomes.models import Alarm
from aldia.payments import methods, selectors
from aldia.payments import services as payments
from aldia.payments.gateways.protocol import NoticeRefused
from aldia.payments.models import PayIntent, PayNotice, Receipt
from tests.rooms.payments.conftest import NOW, Desk, make_desk
from tests.rooms.payments.paying import MercadoPago, Transbank, begin, offer, signed
from tests.rooms.payments.test_statements import _line as bank_line
from tests.rooms.payments.test_statements import lines_of, match, take

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> MercadoPago:
    made = MercadoPago()
    monkeypatch.setattr(httpx, "request", made)
    return made


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Transbank:
    made = Transbank()
    monkeypatch.setattr(httpx, "request", made)
    return made


def intent_of(desk: Desk) -> PayIntent:
    rows = PayIntent.objects.of(desk.organisation_id).select_related("method", "organisation", "receipt")
    return rows.latest("pk")


def receipts(desk: Desk) -> list[tuple[int, str, str]]:
    rows = Receipt.objects.of(desk.organisation_id).order_by("pk")
    return [(row.amount_minor, row.currency, row.state) for row in rows]


def alarms(desk: Desk) -> list[str]:
    return list(Alarm.objects.of(desk.organisation_id).order_by("pk").values_list("kind", flat=True))


def tell(desk: Desk, token: str, **call: Any) -> None:
    payments.keep_notice(token=token, now=LATER, **call)
    payments.read_notices(limit=9, real_now=LATER, organisation_id=desk.organisation_id)


@pytest.mark.covers("S2-26")
def test_a_signed_notice_pays_the_chosen_document_once_however_often_it_comes(
    desk: Desk, shop: MercadoPago
) -> None:
    other, chosen = desk.book.charge(10_000), desk.book.charge(25_000)
    method = offer(desk)
    gone = begin(desk, method, 25_000, "USD", chosen.pk)
    assert gone.url == "https://pay.example/pref-1" and intent_of(desk).state == "started"
    number = shop.pay(gone.intent)
    for request in ("r-1", "r-1", "r-2"):
        tell(desk, method.token, **signed(number, request=request))
    assert PayNotice.objects.of(desk.organisation_id).count() == 2
    assert receipts(desk) == [(25_000, "USD", "ACTIVE")] and desk.balances(other, chosen) == [10_000, 0]
    assert intent_of(desk).state == "paid" and intent_of(desk).receipt is not None
    assert alarms(desk) == [] and selectors.verify(desk.organisation_id).ok


def test_a_forged_notice_is_not_kept(desk: Desk, shop: MercadoPago) -> None:
    method = offer(desk)
    honest = signed("9001")
    wrongs = [
        signed("9001", secret="otra"),
        honest | {"query": {"data.id": "9002"}},
        honest | {"headers": {}},
        honest | {"headers": {"x-signature": "ts=1,v1=", "x-request-id": "r-1"}},
    ]
    for wrong in wrongs:
        with pytest.raises(NoticeRefused):
            payments.keep_notice(token=method.token, now=NOW, **wrong)
    with pytest.raises(payments.UnknownMethod):
        payments.keep_notice(token="nadie", now=NOW, **honest)
    assert not PayNotice.objects.of(desk.organisation_id).exists()


@pytest.mark.parametrize("order", list(permutations(["refused", "paid", "returned"])))
def test_the_order_in_which_a_gateway_tells_changes_nothing(
    desk: Desk, shop: MercadoPago, order: tuple[str, ...]
) -> None:
    charged = desk.book.charge(10_000)
    method = offer(desk)
    intent = begin(desk, method, 10_000).intent
    told = {
        "refused": lambda: shop.pay(intent, "1", status="rejected", status_detail="cc_rejected_other_reason"),
        "paid": lambda: shop.payments.get("2") or shop.pay(intent, "2"),
        "returned": lambda: shop.pay(intent, "2", status="refunded", status_detail="refunded"),
    }
    for step in order:
        told[step]()
        payments.ask_about(intent=intent_of(desk), real_now=LATER)
    assert intent_of(desk).state == "refunded"
    assert receipts(desk) == [(10_000, "USD", "REVERSED")] and desk.balances(charged) == [10_000]
    assert alarms(desk) == ["receipt_reversed"] and selectors.verify(desk.organisation_id).ok


def test_a_charge_back_reverses_the_receipt(desk: Desk, shop: MercadoPago) -> None:
    charged = desk.book.charge(10_000)
    intent = begin(desk, offer(desk), 10_000).intent
    shop.pay(intent)
    payments.ask_about(intent=intent_of(desk), real_now=LATER)
    shop.pay(intent, status="charged_back", status_detail="settled")
    for _time in range(2):
        payments.ask_about(intent=intent_of(desk), real_now=LATER)
    assert intent_of(desk).state == "charged_back" and desk.balances(charged) == [10_000]
    assert [state for *_rest, state in receipts(desk)] == ["REVERSED"]


def refund(shop: MercadoPago, intent: PayIntent, major: str, **changes: Any) -> dict[str, Any]:
    """What the signed notice is about when part of the payment went back: all of it so far."""
    told = {"status_detail": "partially_refunded", "transaction_amount_refunded": float(major), **changes}
    return signed(shop.pay(intent, **told), request=f"refund-{major}")


def test_each_partial_refund_takes_back_exactly_its_part(desk: Desk, shop: MercadoPago) -> None:
    first, second = desk.book.charge(10_000), desk.book.charge(25_000)
    method = offer(desk)
    intent = begin(desk, method, 35_000).intent
    tell(desk, method.token, **signed(shop.pay(intent)))
    assert desk.balances(first, second) == [0, 0]
    for major, owed in (
        ("50.00", [0, 5_000]),
        ("50.00", [0, 5_000]),
        ("300.50", [5_050, 25_000]),
        ("50.00", [5_050, 25_000]),
    ):
        tell(desk, method.token, **refund(shop, intent, major))
        payments.ask_about(intent=intent_of(desk), real_now=LATER)
        assert desk.balances(first, second) == owed
    assert [(minor, state) for minor, _currency, state in receipts(desk)] == [
        (35_000, "REVERSED"), (30_000, "REVERSED"), (4_950, "ACTIVE"),
    ]  # fmt: skip
    now = intent_of(desk)
    assert now.state == "paid" and now.receipt is not None and now.receipt.amount_minor == 4_950
    told = Alarm.objects.of(desk.organisation_id).filter(kind="receipt_reversed").order_by("pk")
    assert [each.data["amount_minor"] for each in told] == [5_000, 25_050]
    tell(desk, method.token, **refund(shop, intent, "350.00", status="refunded", status_detail="refunded"))
    assert intent_of(desk).state == "refunded" and desk.balances(first, second) == [10_000, 25_000]
    assert selectors.verify(desk.organisation_id).ok


def test_the_first_news_of_a_payment_may_be_that_part_of_it_went_back(desk: Desk, shop: MercadoPago) -> None:
    charged, method = desk.book.charge(10_000), offer(desk)
    intent = begin(desk, method, 10_000).intent
    tell(desk, method.token, **refund(shop, intent, "30.00"))
    assert desk.balances(charged) == [3_000] and selectors.verify(desk.organisation_id).ok


def test_what_a_person_reversed_stays_as_the_person_left_it(desk: Desk, shop: MercadoPago) -> None:
    charged, method = desk.book.charge(10_000), offer(desk)
    intent = begin(desk, method, 10_000).intent
    tell(desk, method.token, **signed(shop.pay(intent)))
    receipt = Receipt.objects.of(desk.organisation_id).get()
    payments.reverse_receipt(
        actor=desk.book.actor, receipt_id=receipt.pk, reason="a mano", on=desk.clock.as_of, clock=desk.clock
    )
    tell(desk, method.token, **refund(shop, intent, "30.00"))
    assert len(receipts(desk)) == 1 and desk.balances(charged) == [10_000]


def test_webpay_says_what_stays_of_a_payment(desk: Desk, bank: Transbank) -> None:
    charged = desk.book.charge(12_000, currency="CLP")
    gone = begin(desk, offer(desk, "webpay", "CLP"), 12_000, "CLP")
    row = bank.transactions[gone.fields["token_ws"]]
    row["said"] = True
    payments.ask_about(intent=intent_of(desk), real_now=LATER)
    row |= {"status": "PARTIALLY_NULLIFIED", "balance": 9_000}
    for _time in range(2):
        payments.ask_about(intent=intent_of(desk), real_now=LATER)
    assert desk.balances(charged) == [3_000]
    assert [(minor, state) for minor, _currency, state in receipts(desk)] == [
        (12_000, "REVERSED"),
        (9_000, "ACTIVE"),
    ]


@pytest.mark.parametrize(
    ("changes", "came"),
    [({"transaction_amount": 70}, (7_000, "USD")), ({"currency_id": "ARS"}, (10_000, "ARS"))],
)
def test_what_truly_came_is_the_receipt_and_a_difference_rings(
    desk: Desk, shop: MercadoPago, changes: dict[str, Any], came: tuple[int, str]
) -> None:
    desk.book.charge(10_000)
    intent = begin(desk, offer(desk), 10_000).intent
    shop.pay(intent, **changes)
    payments.ask_about(intent=intent_of(desk), real_now=LATER)
    assert receipts(desk) == [(*came, "ACTIVE")] and alarms(desk) == ["online_surplus"]


def test_what_was_paid_already_stays_unapplied_and_somebody_is_told(desk: Desk, shop: MercadoPago) -> None:
    desk.book.charge(10_000)
    intent = begin(desk, offer(desk), 10_000).intent
    desk.pay(10_000)
    shop.pay(intent)
    payments.ask_about(intent=intent_of(desk), real_now=LATER)
    assert Receipt.objects.of(desk.organisation_id).latest("pk").unapplied_minor == 10_000
    assert alarms(desk) == ["online_surplus"] and selectors.verify(desk.organisation_id).ok


def test_an_intent_survives_a_silent_gateway_and_is_asked_again(desk: Desk, shop: MercadoPago) -> None:
    desk.book.charge(10_000)
    method = offer(desk)
    shop.is_down = True
    with pytest.raises(payments.PaymentRefused):
        begin(desk, method, 10_000)
    assert intent_of(desk).state == "created"  # whether it began is not known
    assert payments.ask_open_intents(real_now=LATER, limit=9) == 0
    shop.is_down = False
    shop.pay(intent_of(desk))
    assert payments.ask_open_intents(real_now=LATER, limit=9) == 0  # asked a moment ago
    assert payments.ask_open_intents(real_now=LATER + timedelta(minutes=3), limit=9) == 1
    assert intent_of(desk).state == "paid" and receipts(desk) == [(10_000, "USD", "ACTIVE")]


def test_an_intent_that_nobody_ends_expires_and_money_that_comes_later_is_a_receipt_all_the_same(
    desk: Desk, shop: MercadoPago
) -> None:
    desk.book.charge(10_000)
    method = offer(desk)
    intent = begin(desk, method, 10_000).intent
    PayIntent.objects.of(desk.organisation_id).update(created_at=NOW - timedelta(days=400))
    payments.ask_open_intents(real_now=LATER, limit=9)
    assert intent_of(desk).state == "expired"
    tell(desk, method.token, **signed(shop.pay(intent)))
    assert intent_of(desk).state == "paid" and receipts(desk) == [(10_000, "USD", "ACTIVE")]


@pytest.mark.parametrize("minor", [0, 400, 10_001])
def test_less_than_the_least_and_more_than_what_is_owed_never_reach_a_gateway(
    desk: Desk, shop: MercadoPago, minor: int
) -> None:
    desk.book.charge(10_000)
    with pytest.raises(payments.PaymentRefused):
        begin(desk, offer(desk, least_minor=500), minor)
    assert not shop.preferences and not PayIntent.objects.of(desk.organisation_id).exists()


@pytest.mark.covers("S2-26")
@pytest.mark.parametrize(("said", "state"), [(True, "paid"), (False, "refused"), (None, "started")])
def test_webpay_is_committed_when_the_payer_comes_back_once(
    desk: Desk, bank: Transbank, said: bool | None, state: str
) -> None:
    charged = desk.book.charge(9_990, currency="CLP")
    method = offer(desk, "webpay", "CLP")
    gone = begin(desk, method, 9_990, "CLP")
    token = gone.fields["token_ws"]
    bank.transactions[token]["said"] = said
    for _time in range(2):
        page = payments.page_after(
            token=method.token, key=gone.intent.key, query={"token_ws": token}, body=b"", now=LATER
        )
        assert page == f"https://aldia.example/p/T/pago/{gone.intent.key}/"
    assert intent_of(desk).state == state and bank.commits == (said is not None)
    assert desk.balances(charged) == [0 if said else 9_990] and len(receipts(desk)) == bool(said)


@pytest.mark.covers("S2-26")
def test_a_transfer_with_its_reference_comes_back_matched_by_the_bank(desk: Desk) -> None:
    charged = desk.book.charge(10_000)
    offer(desk, "transfer", holder="Propia SA", account="0110599520000001234567")
    to = methods.transfer_for(desk.book.actor, case_id=desk.account.pk, currency="USD", amount_minor=10_000)
    assert to is not None and to.reference == reference_of(desk.account.pk) and to.pix == ""
    take(desk, bank_line(10_000, text=f"TRANSF RECIBIDA {to.reference.lower()} VARIOS"))
    assert match(desk).automatic == 1 and desk.balances(charged) == [0]
    assert lines_of(desk)[0].confidence >= 95


def test_a_transfer_in_brazil_has_its_pix(desk: Desk) -> None:
    desk.book.charge(10_000, currency="BRL")
    offer(
        desk, "transfer", "BRL", holder="Propia Ltda", account="1", pix_key="a@b.example", pix_city="Recife"
    )
    to = methods.transfer_for(desk.book.actor, case_id=desk.account.pk, currency="BRL", amount_minor=10_000)
    assert to is not None and to.pix.startswith("000201") and to.reference in to.pix


def test_settings_keep_secrets_sealed_ask_for_permission_and_say_what_is_wrong(desk: Desk) -> None:
    method = offer(desk)
    assert "APP-1" not in str(method.config) and "palabra" not in str(method.config)
    kept = offer(desk, access_token="", secret="")
    assert kept.pk == method.pk and kept.config == method.config
    with pytest.raises(payments.MethodRefused):
        offer(desk, "webpay", "USD")
    with pytest.raises(payments.MethodRefused):
        offer(desk, "transfer", holder="Propia", account="")
    with pytest.raises(NotAllowed):
        begin_actor = desk.book.actor.__class__(desk.organisation_id, "user:1")
        payments.set_method(actor=begin_actor, provider="webpay", creditor_id=None, told={}, now=NOW)


def test_a_payment_begun_in_one_house_is_out_of_reach_of_another(desk: Desk, shop: MercadoPago) -> None:
    """Two houses share the gateway's account: what reaches one house's door settles nothing of the other's."""
    desk.book.charge(25_000)
    mine = offer(desk)
    gone = begin(desk, mine, 25_000)
    number = shop.pay(gone.intent)
    other = make_desk("dos")
    theirs = offer(other)
    assert methods.newest_intents(other.book.actor, mine.pk) == []
    with pytest.raises(PayIntent.DoesNotExist):
        methods.intent_of(other.book.actor, case_id=desk.account.pk, key=gone.intent.key)
    draft = payments.PayDraft(theirs, 25_000, "USD", "https://aldia.example/p/T/pago/{key}/")
    stranger = debtor(other.organisation_id, party_id=other.account.party_id)
    with pytest.raises((LookupError, NotAllowed, payments.PaymentRefused)):
        payments.begin_payment(actor=stranger, case_id=desk.account.pk, draft=draft, clock=other.clock)
    tell(other, theirs.token, **signed(number))
    payments.ask_open_intents(real_now=LATER, limit=9, organisation_id=other.organisation_id)
    assert (receipts(other), intent_of(desk).state, receipts(desk)) == ([], "started", [])
    tell(desk, mine.token, **signed(number))
    assert (intent_of(desk).state, receipts(desk), receipts(other)) == (
        "paid",
        [(25_000, "USD", "ACTIVE")],
        [],
    )
