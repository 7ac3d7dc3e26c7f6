"""One strategy, every channel, three debtors in three countries: each peer shows its delivery, and what comes back finds its case."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from aldia.access.actors import Clock
from aldia.contact import selectors as contact
from aldia.contact import services
from aldia.contact.inbound.models import Reply
from aldia.contact.models import DeliveryEvent, Message, Order
from aldia.contact.providers.protocol import Call
from aldia.contact.providers.whatsapp.events import signature
from aldia.outcomes import selectors as outcome_selectors
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import OutcomeDetail, Promise, Task
from aldia.parties import selectors as party_selectors
from tests.rooms.contact.conftest import TUESDAY, Post, post
from tests.rooms.contact.test_arriving import _bounce, _reply
from tests.scenarios.channel_peers import COUNTRIES, DOCUMENT, WHEN, Peers, all_channels, at_noon, live

__all__ = ["post"]
pytestmark = pytest.mark.django_db
WRITTEN = ("email", "sms", "whatsapp", "letter")
BEFORE_THE_CALLS = 25


@pytest.fixture
def peers(post: Post, free_tcp_port: int) -> Iterator[Peers]:
    with all_channels(post, free_tcp_port) as made:
        yield made


def _lived(post: Post, peers: Peers, *channels: str) -> dict[tuple[str, str], Order]:
    """The days of these channels, and the order that each left for each country."""
    found = {}
    for channel in channels:
        left = live(post, WHEN[channel])
        for country in COUNTRIES:
            found[country, channel] = left[str(peers.case_of(country))]
    assert {key: (each.channel, each.state, each.reason) for key, each in found.items()} == {
        (country, channel): (channel, "sent", "") for country, channel in found
    }
    return found


def _told_by_whatsapp(post: Post, reference: str, sender: str, now: datetime) -> None:
    told = {"id": "wamid.1", "status": "read", "timestamp": "1773000000", "biz_opaque_callback_data": reference}  # fmt: skip
    message = {"id": "wamid.9", "from": sender.lstrip("+"), "type": "text", "text": {"body": "Já paguei"}, "timestamp": "1773000000"}  # fmt: skip
    value = {"statuses": [told], "messages": [message]}
    body = json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()
    address = services.open_door(actor=post.actor, channel="whatsapp", provider_key="whatsapp", now=now)
    call = Call(address, body, {"x-hub-signature-256": signature(body, "app")})
    services.keep_call(provider_key="whatsapp", token=address.rsplit("/", 1)[1], call=call, now=now)


def _answered(post: Post, peers: Peers, orders: dict[tuple[str, str], Order], now: datetime) -> None:
    """What comes back: a reply and a bounce by e-mail, a receipt and a word by SMS, a reading and a reply by WhatsApp."""
    rows = Message.objects.of(post.organisation)
    reference = {key: rows.get(order=each).reference for key, each in orders.items()}
    keep = {"organisation_id": post.organisation.pk, "now": now}
    mark = f"cobros+{reference['AR', 'email']}@sur.example"
    services.keep_mail(raw=_reply("¿Me pasan el detalle?", to=mark), **keep)
    services.keep_mail(
        raw=_bounce(reference["CO", "email"], "550 5.1.1 No existe el usuario", "5.1.1"), **keep
    )
    peers.sms.keep_receipt(orders["CO", "sms"].provider_reference, "DELIVRD")
    peers.sms.keep_message(COUNTRIES["AR"][1].lstrip("+"), "BAJA")
    fetched = 0
    for _turn in range(30):
        fetched += services.fetch_sms(now=now) if fetched < 2 else 0
    _told_by_whatsapp(post, reference["BR", "whatsapp"], COUNTRIES["BR"][1], now)
    services.process_arrivals(limit=20, now=now)


@pytest.mark.covers("S0-18b", "S1-2")
def test_every_written_channel_delivers_in_every_country_and_answers_reach_their_case(
    post: Post, peers: Peers
) -> None:
    orders = _lived(post, peers, *WRITTEN)
    phones = {phone.lstrip("+") for _currency, phone, _address in COUNTRIES.values()}
    assert sorted(str(mail["To"]) for mail in peers.mail.mails) == [
        f"pagos.{each}@casa.example" for each in ("ar", "br", "co")
    ]
    assert {each["to"] for each in peers.sms.taken} == phones
    assert sorted(call["told"]["to"] for call in peers.whatsapp.calls) == sorted(phones)
    later = at_noon(BEFORE_THE_CALLS)
    assert services.print_letters(actor=post.actor, now=later).letters == 3

    _answered(post, peers, orders, later)
    came = {(each.channel, each.case_id) for each in Reply.objects.of(post.organisation)}
    assert came == {
        ("email", peers.case_of("AR")), ("sms", peers.case_of("AR")), ("whatsapp", peers.case_of("BR")),
    }  # fmt: skip
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


def _pressed(post: Post, peers: Peers, country: str, keys: str) -> None:
    """The telephone of that country rings, is picked up, and these keys are pressed until it hangs up."""
    channel, pbx = peers.line_to(country), peers.telephone
    peers.hear(post, pbx.rings(channel), pbx.picks_up(channel, after=6))
    for key in keys:
        peers.hear(post, pbx.presses(channel, key))
    peers.hear(post, pbx.hangs_up(channel, after=40))


@pytest.mark.covers("S0-18b", "S3-44b")
def test_the_same_strategy_calls_and_each_key_reaches_the_case_of_who_pressed_it(
    post: Post, peers: Peers
) -> None:
    orders = _lived(post, peers, "call")
    peers.telephone.seconds = WHEN["call"] * 24 * 3600  # the clock of the exchange is that of the day
    assert sorted(told["endpoint"] for told in peers.telephone.channels.values()) == sorted(
        f"PJSIP/{phone}@troncal" for _currency, phone, _address in COUNTRIES.values()
    )
    _pressed(post, peers, "CO", f"2{DOCUMENT}51")
    _pressed(post, peers, "BR", "3")
    rings = peers.telephone.hangs_up(peers.line_to("AR"), 19)  # nobody is at home in Córdoba
    peers.hear(post, rings)

    promise = Promise.objects.of(post.organisation).get()
    on = TUESDAY + timedelta(days=WHEN["call"] + 5)
    assert (promise.case_id, promise.amount_minor, promise.due_on) == (peers.case_of("CO"), 250_000, on)
    asked = Task.objects.of(post.organisation).get(origin__startswith="call:")
    assert (asked.case_id, asked.kind) == (peers.case_of("BR"), "call")
    said = {
        path for _method, path, told in peers.telephone.asked if "aldia/pt-br/menu" in told.get("media", "")
    }
    assert len(said) == 1  # in Portuguese to who speaks it, in Spanish to the other
    told = DeliveryEvent.objects.of(post.organisation).values_list("order_id", "kind")
    assert set(told) == {
        (orders["AR", "call"].pk, "failed"), (orders["CO", "call"].pk, "delivered"), (orders["BR", "call"].pk, "delivered"),
    }  # fmt: skip
    assert not peers.telephone.channels


@pytest.mark.covers("S0-18b", "S1-11a")
def test_the_same_strategy_sends_somebody_and_the_visit_is_a_contact_of_its_case(
    post: Post, peers: Peers
) -> None:
    live(post, WHEN["visit"])
    clock = Clock(TUESDAY + timedelta(days=WHEN["visit"]), at_noon(WHEN["visit"]))
    tasks = Task.objects.of(post.organisation).filter(kind="visit")
    assert {task.case_id for task in tasks} == {peers.case_of(each) for each in COUNTRIES}
    tasks.update(owner_id=peers.visitor.user_id)
    route = outcome_selectors.visits(peers.visitor, clock)
    assert [visit.case_id for visit in route] == [peers.case_of(each) for each in COUNTRIES]

    case_id = peers.case_of("AR")
    (answer,) = contact.may_contact_now(
        peers.visitor, case_id, clock=clock, language="es", channels=("visit",)
    )
    assert answer.is_allowed and answer.to == COUNTRIES["AR"][2]
    position = f"-31.416700 -64.183300 12 {clock.now.isoformat()}"
    row = outcomes.log_outcome(
        actor=peers.visitor,
        case_id=case_id,
        draft=outcomes.OutcomeDraft(
            type_key="no_answer", channel="visit", answers={"position": position}, client_id="puerta-1"
        ),
        clock=clock,
    )
    kept = OutcomeDetail.objects.of(post.organisation).get(outcome_id=row.pk).answers["position"]
    assert (row.channel, row.on, kept["latitude"]) == ("visit", date(2026, 4, 14), -31.4167)
    assert [visit.case_id for visit in outcome_selectors.visits(peers.visitor, clock)] == [
        peers.case_of("CO"), peers.case_of("BR"),
    ]  # fmt: skip
