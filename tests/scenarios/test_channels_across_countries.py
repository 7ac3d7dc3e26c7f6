"""Three debtors in three countries, four channels: each peer shows its delivery, and what comes back reaches the right case."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from aiosmtpd.controller import Controller

from aldia.cases import services as cases
from aldia.contact import approved_texts, services
from aldia.contact.inbound.models import Reply
from aldia.contact.models import ChannelSetting, DeliveryEvent, Message, Order, Template
from aldia.contact.providers.protocol import Call
from aldia.contact.providers.whatsapp.events import signature
from aldia.db.vault import seal
from aldia.ledger import services as ledger
from aldia.parties import selectors as party_selectors
from aldia.parties import services as parties
from aldia.parties.models import Party
from tests.rooms.contact.conftest import NOON, TUESDAY, Post, post
from tests.rooms.contact.smsc import Smsc, smsc
from tests.rooms.contact.standins import Gateway, gateway
from tests.rooms.contact.test_arriving import _bounce, _reply
from tests.rooms.contact.test_smtp import Box

__all__ = ["post"]
pytestmark = pytest.mark.django_db
# Days apart, as a strategy spaces its steps: in Colombia one channel a week is all that the law allows.
WHEN = {"email": 0, "sms": 8, "whatsapp": 16, "letter": 24}
COUNTRIES = {
    "AR": ("ARS", "+5491155550123", "San Martín 1200, 5000 Córdoba"),
    "CO": ("COP", "+573001234567", "Calle 100 # 8A-55, Bogotá"),
    "BR": ("BRL", "+5511987654321", "Av. Paulista 1000, 01310-100 São Paulo"),
}


@dataclass
class Peers:
    """The servers of all the channels."""

    mail: Box
    sms: Smsc
    whatsapp: Gateway
    cases: dict[str, tuple[int, int, int]] = field(default_factory=dict)  # country: case, party, portfolio


@pytest.fixture
def peers(post: Post, free_tcp_port: int) -> Iterator[Peers]:
    with ExitStack() as stack:
        box = Box()
        controller = Controller(box, hostname="127.0.0.1", port=free_tcp_port)
        controller.start()
        stack.callback(controller.stop)
        made = Peers(box, stack.enter_context(smsc()), stack.enter_context(gateway("whatsapp")))
        type(post.organisation).objects.filter(pk=post.organisation.pk).update(is_sandbox=False)
        _channels(post, made, free_tcp_port)
        for country in COUNTRIES:
            made.cases[country] = _debtor(post, country)
        yield made


def _channels(post: Post, peers: Peers, port: int) -> None:
    approved = [
        approved_texts.proposal(row)
        for row in Template.objects.of(post.organisation).filter(channel="whatsapp")
    ]
    told: dict[str, tuple[str, dict[str, Any]]] = {
        "email": ("smtp", {"host": "127.0.0.1", "port": port, "inbox": {"address": "cobros@sur.example"}}),
        "sms": ("smpp", {**peers.sms.config, "password": seal("secreta")}),
        "whatsapp": ("whatsapp", {
            "base_url": peers.whatsapp.url, "phone_number_id": "1", "waba_id": "2", "password": seal("t"), "app_secret": seal("app"),
            "templates": {f"{each.name}:{each.language}": "APPROVED" for each in approved},
        }),
        "letter": ("printing", {}),
    }  # fmt: skip
    for channel, (provider, config) in told.items():
        ChannelSetting.objects.update_or_create(
            organisation=post.organisation, channel=channel,
            defaults={"provider": provider, "is_live": True, "sender": "" if channel == "email" else "+15550001111", "config": config},
        )  # fmt: skip


def _debtor(post: Post, country: str) -> tuple[int, int, int]:
    """A company that owes in its own country and money, with an address for every channel: its case, party and portfolio."""
    currency, phone, address = COUNTRIES[country]
    portfolio = ledger.ensure_portfolio(
        actor=post.actor, creditor_id=post.creditor_id, key=f"cartera-{country.lower()}", name=country, currency=currency, now=NOON,
        country=country, debt_kind="commercial", debtor_kind="business",
    )  # fmt: skip
    party = Party.objects.create(
        organisation=post.organisation, kind="COMPANY", name=f"Ferretería {country}", name_folded="ferreteria", country=country,
        language="pt-br" if country == "BR" else "es",
    )  # fmt: skip
    for kind, value in (
        ("EMAIL", f"pagos.{country.lower()}@casa.example"),
        ("PHONE", phone),
        ("ADDRESS", address),
    ):
        point = parties.add_point(
            actor=post.actor, party_id=party.pk, point=parties.PointDraft(kind=kind, value=value), now=NOON
        )
        if kind == "PHONE":
            point.is_mobile = True
            point.save(update_fields=["is_mobile"])
    for channel in WHEN:  # Colombia asks for it; nobody is written to without it there
        parties.record_consent(
            actor=post.actor, party_id=party.pk, creditor_id=post.creditor_id, channel=channel, is_granted=True,
            evidence="contrato", now=NOON,
        )  # fmt: skip
    opened = ledger.open_accounts(
        organisation_id=post.organisation.pk, portfolio_id=portfolio.pk, party_ids=pl.Series([party.pk]), opened_on=TUESDAY
    )  # fmt: skip
    case_id = int(opened["account_id"][0])
    row = {
        "account_id": case_id, "source": "erp", "reference": f"F-{country}", "number": f"F {country} 1", "kind": "invoice",
        "issued_on": date(2026, 1, 5), "due_on": date(2026, 2, 1), "currency": currency, "original_minor": 250_000,
    }  # fmt: skip
    ledger.add_documents(
        organisation_id=post.organisation.pk, portfolio_id=portfolio.pk, documents=pl.DataFrame([row]), declared_on=TUESDAY,
        posting_source=f"load:{country}", now=NOON,
    )  # fmt: skip
    cases.open_missing(actor=post.actor, as_of=TUESDAY, now=NOON)
    return case_id, party.pk, portfolio.pk


def _leave(post: Post, peers: Peers) -> dict[tuple[str, str], Order]:
    """Every step at its day, as a strategy leaves it for every case."""
    found = {}
    for channel, days in WHEN.items():
        now = NOON + timedelta(days=days)
        drafts = [
            post.draft(case_id=case_id, party_id=party_id, portfolio_id=portfolio_id, identity=f"b2b:{channel}:{case_id}:1:1",
                       channel=channel, not_before_at=now, expires_at=now + timedelta(hours=6), has_statement=False)
            for case_id, party_id, portfolio_id in peers.cases.values()
        ]  # fmt: skip
        services.place_orders(organisation_id=post.organisation.pk, orders=drafts, now=now)
        post.send(now)
        for country, (case_id, _party, _portfolio) in peers.cases.items():
            found[country, channel] = post.by_identity(f"b2b:{channel}:{case_id}:1:1")
    return found


def _told_by_whatsapp(post: Post, peers: Peers, reference: str, sender: str, now: datetime) -> None:
    status = {
        "id": "wamid.1",
        "status": "read",
        "timestamp": "1773000000",
        "biz_opaque_callback_data": reference,
    }
    message = {
        "id": "wamid.9",
        "from": sender.lstrip("+"),
        "type": "text",
        "text": {"body": "Já paguei"},
        "timestamp": "1773000000",
    }
    value = {"statuses": [status], "messages": [message]}
    body = json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()
    address = services.open_door(actor=post.actor, channel="whatsapp", provider_key="whatsapp", now=now)
    call = Call(address, body, {"x-hub-signature-256": signature(body, "app")})
    services.keep_call(provider_key="whatsapp", token=address.rsplit("/", 1)[1], call=call, now=now)


@pytest.mark.covers("S0-18b", "S1-2")
def test_every_channel_delivers_in_every_country_and_answers_reach_their_case(
    post: Post, peers: Peers
) -> None:
    orders = _leave(post, peers)
    assert {key: (each.state, each.reason) for key, each in orders.items()} == dict.fromkeys(
        orders, ("sent", "")
    )
    assert {str(mail["To"]) for mail in peers.mail.mails} == {
        f"pagos.{each}@casa.example" for each in ("ar", "co", "br")
    }
    assert len(peers.mail.mails) == 3
    assert {each["to"] for each in peers.sms.taken} == {
        phone.lstrip("+") for _c, phone, _a in COUNTRIES.values()
    }
    assert [call["told"]["to"] for call in peers.whatsapp.calls] == [
        p.lstrip("+") for _c, p, _a in COUNTRIES.values()
    ]
    later = NOON + timedelta(days=25)
    assert services.print_letters(actor=post.actor, now=later).letters == 3

    reference = {
        key: Message.objects.of(post.organisation).get(order=each).reference for key, each in orders.items()
    }
    mark = f"cobros+{reference['AR', 'email']}@sur.example"
    services.keep_mail(
        organisation_id=post.organisation.pk, raw=_reply("¿Me pasan el detalle?", to=mark), now=later
    )
    bounce = _bounce(reference["CO", "email"], "550 5.1.1 No existe el usuario", "5.1.1")
    services.keep_mail(organisation_id=post.organisation.pk, raw=bounce, now=later)
    peers.sms.keep_receipt(orders["CO", "sms"].provider_reference, "DELIVRD")
    peers.sms.keep_message(COUNTRIES["AR"][1].lstrip("+"), "BAJA")
    fetched = 0
    for _turn in range(30):
        fetched += services.fetch_sms(now=later) if fetched < 2 else 0
    _told_by_whatsapp(post, peers, reference["BR", "whatsapp"], COUNTRIES["BR"][1], later)
    services.process_arrivals(limit=20, now=later)

    case_of = {country: told[0] for country, told in peers.cases.items()}
    came = {(each.channel, each.case_id) for each in Reply.objects.of(post.organisation)}
    assert came == {("email", case_of["AR"]), ("sms", case_of["AR"]), ("whatsapp", case_of["BR"])}
    events = {
        (each.order_id, each.kind)
        for each in DeliveryEvent.objects.of(post.organisation).exclude(kind="sent")
    }
    assert events == {
        (orders["CO", "email"].pk, "bounced"), (orders["CO", "sms"].pk, "delivered"), (orders["BR", "whatsapp"].pk, "read"),
    }  # fmt: skip
    assert "sms" in party_selectors.opted_out(post.organisation.pk, peers.cases["AR"][1], post.creditor_id)
    states = {p.kind: p.state for p in party_selectors.points(post.actor, peers.cases["CO"][1])}
    assert states["EMAIL"] == "BOUNCED" and states["PHONE"] == "ACTIVE"
