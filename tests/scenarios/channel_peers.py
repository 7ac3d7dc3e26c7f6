"""The servers of all the channels, a strategy that uses each of them, and debtors of three countries who can be reached by all."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

import polars as pl
from aiosmtpd.controller import Controller

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, member
from aldia.cases import services as cases
from aldia.contact import approved_texts, services
from aldia.contact.calls import listening
from aldia.contact.models import ChannelSetting, Order, Template
from aldia.db.vault import seal
from aldia.ledger import services as ledger
from aldia.outcomes import services as outcomes
from aldia.parties import services as parties
from aldia.parties.models import Party
from aldia.strategy import services as strategy
from tests.rooms.contact.conftest import NOON, TUESDAY, Post
from tests.rooms.contact.exchange import BEGAN, Exchange, exchange
from tests.rooms.contact.smsc import Smsc, smsc
from tests.rooms.contact.standins import Gateway, gateway
from tests.rooms.contact.test_smtp import Box

DUE: Final = date(2026, 2, 1)
DOCUMENT: Final = "5678"  # the last of everybody's tax id
WHEN: Final = {"email": 0, "sms": 8, "whatsapp": 16, "letter": 24, "call": 34, "visit": 42}
"""Days from TUESDAY on which each channel has its turn: in Colombia one channel a week is all that the law allows."""
COUNTRIES: Final = {
    "AR": ("ARS", "+5491155550123", "San Martín 1200, 5000 Córdoba"),
    "CO": ("COP", "+573001234567", "Calle 100 # 8A-55, Bogotá"),
    "BR": ("BRL", "+5511987654321", "Av. Paulista 1000, 01310-100 São Paulo"),
}


@dataclass
class Peers:
    """What each channel hands over to, who visits, and the debtors by country: case, party, portfolio."""

    mail: Box
    sms: Smsc
    whatsapp: Gateway
    telephone: Exchange
    visitor: Actor
    cases: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def case_of(self, country: str) -> int:
        return self.cases[country][0]

    def line_to(self, country: str) -> str:
        """The channel of the exchange that rings there."""
        number = COUNTRIES[country][1]
        return next(key for key, told in self.telephone.channels.items() if number in told["endpoint"])

    def hear(self, post: Post, *texts: str) -> None:
        """Follow what the exchange told."""
        for text in texts:
            now = BEGAN + timedelta(seconds=self.telephone.seconds)
            listening.take(post.organisation.pk, text, now=now)


@contextmanager
def all_channels(post: Post, port: int) -> Iterator[Peers]:
    """Every server listening, every channel switched on, everybody ready to be reached."""
    with ExitStack() as stack:
        box = Box()
        controller = Controller(box, hostname="127.0.0.1", port=port)
        controller.start()
        stack.callback(controller.stop)
        type(post.organisation).objects.filter(pk=post.organisation.pk).update(is_sandbox=False)
        outcomes.ensure_outcome_tree(organisation_id=post.organisation.pk)
        row = access.add_member(
            actor=post.actor, email="vera@sur.example", name="Vera", role="COLLECTOR", now=NOON
        )
        visitor = member(post.organisation.pk, user_id=row.user_id, role=row.role)
        servers = (
            stack.enter_context(smsc()),
            stack.enter_context(gateway("whatsapp")),
            stack.enter_context(exchange()),
        )
        made = Peers(box, *servers, visitor)
        _switch_on(post, made, port)
        _publish(post)
        for country in COUNTRIES:
            made.cases[country] = _debtor(post, country, visitor)
        yield made


def live(post: Post, days: int) -> dict[str, Order]:
    """One day as aldia lives it: the strategy decides, the outbox sends at noon; the orders of that day by case."""
    on, now = TUESDAY + timedelta(days=days), NOON + timedelta(days=days)
    strategy.run(actor=post.actor, as_of=on, now=now - timedelta(hours=7))
    post.send(now)
    return {str(order.case_id): order for order in Order.objects.of(post.organisation).filter(as_of=on)}


def _document() -> dict[str, Any]:
    """One strategy, each of its steps by another channel, in its days."""

    def step(channel: str, action: dict[str, Any]) -> dict[str, Any]:
        late = (TUESDAY - DUE).days - 1 + WHEN[channel]  # counted from the first day in arrears
        name = dict.fromkeys(("es", "en", "pt"), channel.title())
        return {
            "key": channel, "name": name, "grain": "case", "anchor": "arrears_since", "offset": late, "priority": 50,
            "action": action,
        }  # fmt: skip

    steps = [
        step(channel, {"kind": "notice", "template": "call_menu" if channel == "call" else "overdue_soft", "channels": [channel]})
        for channel in WHEN if channel != "visit"
    ]  # fmt: skip
    title = {"es": "Visitar su negocio", "en": "Visit the business", "pt": "Visitar a empresa"}
    steps.append(step("visit", {"kind": "task", "task": "visit", "title": title}))
    named = dict.fromkeys(("es", "en", "pt"), "Todos los canales")
    stage = {"key": "late", "name": named, "entry": "dpd > 0", "steps": steps}
    return {
        "format": 1,
        "key": "every_channel",
        "version": 1,
        "name": named,
        "description": named,
        "stages": [stage],
    }


def _publish(post: Post) -> None:
    clock = Clock(date(2026, 1, 1), NOON)
    made = strategy.create_strategy(actor=post.actor, document=_document(), clock=clock)
    strategy.publish(actor=post.actor, strategy_id=made.pk, document=_document(), note="Todos", clock=clock)


def _switch_on(post: Post, peers: Peers, port: int) -> None:
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
    services.set_exchange(
        actor=post.actor, told={**peers.telephone.config, "sender": "+541155550100"}, now=NOON
    )
    services.switch_channel(actor=post.actor, channel="call", is_on=True, now=NOON)


def _debtor(post: Post, country: str, visitor: Actor) -> tuple[int, int, int]:
    """A company that owes in its own country and money, with an address for every channel: its case, party and portfolio."""
    currency = COUNTRIES[country][0]
    portfolio = ledger.ensure_portfolio(
        actor=post.actor, creditor_id=post.creditor_id, key=f"cartera-{country.lower()}", name=country, currency=currency, now=NOON,
        country=country, debt_kind="commercial", debtor_kind="business", strategy_key="every_channel",
    )  # fmt: skip
    party = Party.objects.create(
        organisation=post.organisation, kind="COMPANY", name=f"Ferretería {country}", name_folded="ferreteria", country=country,
        language="pt-br" if country == "BR" else "es", tax_id=f"3071234{DOCUMENT}",
    )  # fmt: skip
    _reachable(post, party, country)
    opened = ledger.open_accounts(
        organisation_id=post.organisation.pk, portfolio_id=portfolio.pk, party_ids=pl.Series([party.pk]), opened_on=DUE
    )  # fmt: skip
    case_id = int(opened["account_id"][0])
    row = {
        "account_id": case_id, "source": "erp", "reference": f"F-{country}", "number": f"F {country} 1", "kind": "invoice",
        "issued_on": date(2026, 1, 5), "due_on": DUE, "currency": currency, "original_minor": 250_000,
    }  # fmt: skip
    ledger.add_documents(
        organisation_id=post.organisation.pk, portfolio_id=portfolio.pk, documents=pl.DataFrame([row]), declared_on=DUE,
        posting_source=f"load:{country}", now=NOON,
    )  # fmt: skip
    cases.open_missing(actor=post.actor, as_of=TUESDAY, now=NOON)
    cases.refresh(actor=post.actor, case_ids=None, as_of=TUESDAY, now=NOON)
    return case_id, party.pk, portfolio.pk


def _reachable(post: Post, party: Party, country: str) -> None:
    """An address for every channel, and the consent that Colombia asks for: nobody is written to without it there."""
    _currency, phone, address = COUNTRIES[country]
    for kind, value, label in (
        ("EMAIL", f"pagos.{country.lower()}@casa.example", ""),
        ("PHONE", phone, ""),
        ("ADDRESS", address, "Casa matriz"),
    ):
        draft = parties.PointDraft(kind=kind, value=value, label=label)
        point = parties.add_point(actor=post.actor, party_id=party.pk, point=draft, now=NOON)
        if kind == "PHONE":
            point.is_mobile = True
            point.save(update_fields=["is_mobile"])
    for channel in WHEN:
        parties.record_consent(
            actor=post.actor, party_id=party.pk, creditor_id=post.creditor_id, channel=channel, is_granted=True,
            evidence="contrato", now=NOON,
        )  # fmt: skip


def at_noon(days: int) -> datetime:
    """Noon in Buenos Aires, so many days after TUESDAY."""
    return NOON + timedelta(days=days)
