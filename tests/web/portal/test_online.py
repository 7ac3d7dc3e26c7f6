"""Paying from the debtor's page: three pages of ours from the link to the receipt, nothing by a GET, hidden without a gateway."""

import re

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from aldia.access import services as access
from aldia.contact import services as contact
from aldia.ledger.models import Document
from aldia.payments import services as payments
from aldia.payments.models import PayIntent, PayMethod, Receipt
from tests.rooms.contact.conftest import NOON, TUESDAY, Post, make_post
from tests.rooms.payments.paying import SECRET, MercadoPago, Transbank, signed

pytestmark = pytest.mark.usefixtures("dist")


@pytest.fixture
def post(db: None) -> Post:
    made = make_post()
    access.move_clock(actor=made.actor, to=TUESDAY, now=timezone.now())
    return made


@pytest.fixture
def token(post: Post) -> str:
    made, _link = contact.make_link(
        organisation_id=post.organisation.pk, case_id=post.case_id, party_id=post.party_id, origin="test:1", now=timezone.now(),
    )  # fmt: skip
    return made


@pytest.fixture
def inside(client: Client, token: str) -> Client:
    client.post(f"/p/{token}/verificar/", {"digits": "5678"})
    return client


def offer(post: Post, provider: str, currencies: str = "ARS", **told: object) -> PayMethod:
    told = {
        "access_token": "APP-1",
        "secret": SECRET,
        "commerce": "5970",
        "currencies": currencies,
        "is_test": True,
        **told,
    }
    method = payments.set_method(actor=post.actor, provider=provider, creditor_id=None, told=told, now=NOON)
    return payments.switch_method(actor=post.actor, method_id=method.pk, is_on=True, now=NOON)


def open_of(post: Post) -> list[int]:
    return list(Document.objects.of(post.organisation).order_by("pk").values_list("balance_minor", flat=True))


@pytest.mark.covers("S3-1c", "S4-23b", "S2-26")
def test_from_the_link_to_the_receipt_there_are_three_pages_of_ours(
    client: Client, post: Post, token: str
) -> None:
    way = offer(post, "practice")
    assert "Pagar" not in client.get(f"/p/{token}/").content.decode()
    account = client.post(f"/p/{token}/verificar/", {"digits": "5678"}, follow=True).content.decode()
    assert f'name="way" value="{way.pk}"' in account and "ahora" in account
    bank = client.post(f"/p/{token}/pagar/", {"what": "all", "way": way.pk})
    played = client.post(bank["Location"], {"answer": "yes"})
    page = client.get(played["Location"]).content.decode()
    assert "Recibimos tu pago" in page and "6.000" in page
    paper = client.get(f"{played['Location']}recibo.pdf")
    assert b"".join(paper).startswith(b"%PDF")
    assert open_of(post) == [0, 0, 0]
    assert "Estás al día" in client.get(f"/p/{token}/cuenta/").content.decode()


def test_without_a_gateway_the_page_offers_none(inside: Client, post: Post, token: str) -> None:
    for page in ("cuenta", "pagar"):
        told = inside.get(f"/p/{token}/{page}/").content.decode()
        assert 'name="way"' not in told
    offer(post, "mercadopago", is_test=False)  # real money is never taken in a sandbox
    assert 'name="way"' not in inside.get(f"/p/{token}/pagar/").content.decode()


@pytest.mark.parametrize(
    ("chosen", "left"), [("document", [100_000, 0, 300_000]), ("part", [0, 150_000, 300_000])]
)
def test_one_document_or_another_amount_may_be_paid(
    inside: Client, post: Post, token: str, chosen: str, left: list[int]
) -> None:
    way = offer(post, "practice")
    told = {"what": str(post.document_ids[1])} if chosen == "document" else {"what": "part", "part": "1500"}
    bank = inside.post(f"/p/{token}/pagar/", {**told, "way": way.pk})
    inside.post(bank["Location"], {"answer": "yes"})
    assert open_of(post) == left


def test_looking_begins_nothing_and_a_refusal_takes_nothing(inside: Client, post: Post, token: str) -> None:
    way = offer(post, "practice")
    for _time in range(2):
        inside.get(f"/p/{token}/pagar/", {"what": "all", "way": way.pk})
    assert not PayIntent.objects.of(post.organisation).exists()
    bank = inside.post(f"/p/{token}/pagar/", {"way": way.pk})["Location"]
    inside.get(bank)
    assert "Estamos confirmando" in inside.get(bank.removesuffix("ensayo/")).content.decode()
    page = inside.post(bank, {"answer": "no"}, follow=True).content.decode()
    assert "El pago no se hizo" in page and not Receipt.objects.of(post.organisation).exists()


@pytest.mark.parametrize(
    ("part", "why"), [("", "Escribe cuánto"), ("0", "mayor que cero"), ("9999999", "no se puede")]
)
def test_an_amount_that_cannot_be_is_said_and_kept_nowhere(
    inside: Client, post: Post, token: str, part: str, why: str
) -> None:
    way = offer(post, "practice")
    answer = inside.post(f"/p/{token}/pagar/", {"what": "part", "part": part, "way": way.pk})
    assert answer.status_code == 422 and why in answer.content.decode()
    assert not PayIntent.objects.of(post.organisation).exists()


def test_a_real_gateway_is_reached_by_a_page_of_ours_and_its_notice_settles(
    inside: Client, post: Post, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = MercadoPago()
    monkeypatch.setattr(httpx, "request", shop)
    way = offer(post, "mercadopago")
    gone = inside.post(f"/p/{token}/pagar/", {"what": "all", "way": way.pk})
    assert gone["Refresh"] == "0; url=https://pay.example/pref-1"
    intent = PayIntent.objects.of(post.organisation).get()
    told = signed(shop.pay(intent))
    headers = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in told["headers"].items()}
    address = f"/ganchos/cobro/{way.token}/?data.id=9001&type=payment"
    forged = inside.post(address, told["body"], content_type="application/json")
    kept = inside.post(address, told["body"], content_type="application/json", **headers)
    assert (forged.status_code, kept.status_code) == (400, 200)
    back = inside.get(f"/ganchos/cobro/{way.token}/{intent.key}/?status=approved")
    assert back["Location"].endswith(f"/p/{token}/pago/{intent.key}/")
    payments.read_notices(limit=9, real_now=timezone.now(), organisation_id=post.organisation.pk)
    assert Receipt.objects.of(post.organisation).count() == 1 and open_of(post) == [0, 0, 0]
    assert inside.get(f"/ganchos/cobro/{way.token}/otra/").status_code == 404


def test_webpay_is_reached_by_a_form_that_may_only_go_there(
    inside: Client, post: Post, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(httpx, "request", Transbank())
    Document.objects.of(post.organisation).update(currency="CLP")
    way = offer(post, "webpay", "CLP")
    gone = inside.post(f"/p/{token}/pagar/", {"what": "all", "way": way.pk})
    assert 'action="https://webpay.example/init"' in gone.content.decode()
    assert re.search(r"form-action 'self' https://webpay\.example", gone["Content-Security-Policy"])


def test_a_stranger_sees_nothing_of_a_payment(client: Client, post: Post, token: str) -> None:
    offer(post, "practice")
    for page in ("pagar/", "pago/nada/", "pago/nada/recibo.pdf", "pago/nada/ensayo/"):
        assert client.get(f"/p/{token}/{page}")["Location"] == f"/p/{token}/"
    client.post(f"/p/{token}/verificar/", {"digits": "5678"})
    assert client.get(f"/p/{token}/pago/nada/").status_code == 404


def test_a_transfer_shows_its_account_and_reference(inside: Client, post: Post, token: str) -> None:
    offer(post, "transfer", "ARS", holder="Cooperativa Sur", account="0110599520000001234567", bank="Nación")
    page = inside.get(f"/p/{token}/pagar/").content.decode()
    assert "0110599520000001234567" in page and re.search(r"PG\d{10}", page)
