"""SMS by SMPP, against a real SMSC: long texts in parts, receipts kept before they are answered, lines that break, and what people write."""

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from smpp34 import DeliverSm, Tlv

import aldia.contact.providers as providers
from aldia.contact import services
from aldia.contact.inbound.models import Arrival, Reply
from aldia.contact.models import ChannelSetting, DeliveryEvent, Order
from aldia.contact.providers.protocol import Event, Outgoing, ProviderError
from aldia.contact.providers.smpp import events
from aldia.db.vault import seal
from aldia.parties import services as parties
from tests.rooms.contact.conftest import NOON, Post
from tests.rooms.contact.smsc import Smsc, smsc

LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def centre() -> Iterator[Smsc]:
    with smsc() as made:
        yield made


def _outgoing(text: str) -> Outgoing:
    return Outgoing("00ff00ff00ff00ff", "sms", "+5491155550123", "ANDINA", "", text)


def test_a_long_text_leaves_in_parts_that_the_telephone_joins(centre: Smsc) -> None:
    carrier = providers.provider("smpp", centre.config)
    accepted = carrier.send(_outgoing("Hola " * 60))
    carrier.close()
    assert centre.texts() == "Hola " * 60 and len(centre.taken) == 2
    assert [each["heading"][4:] for each in centre.taken] == [b"\x02\x01", b"\x02\x02"]
    assert [each["registered"] for each in centre.taken] == [0, 1]
    assert accepted.provider_reference == "2A" and centre.taken[0]["from"] == "ANDINA"


def test_after_a_broken_line_the_next_message_binds_again(centre: Smsc) -> None:
    carrier = providers.provider("smpp", centre.config)
    carrier.send(_outgoing("Uno"))
    carrier._link._socket.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]
    assert carrier.send(_outgoing("Dos")).provider_reference
    carrier.close()
    assert centre.binds == 2


def test_a_refusal_after_a_part_left_is_no_longer_certain(centre: Smsc) -> None:
    centre.refuses_from = 2
    carrier = providers.provider("smpp", centre.config)
    with pytest.raises(ProviderError) as failure:
        carrier.send(_outgoing("Hola " * 60))
    carrier.close()
    assert not failure.value.is_certain


def _receipt_of(text: bytes, ids: str = "same", *tlvs: Tlv) -> Event:
    pdu = DeliverSm("549", "1", text, esm_class=0x04, tlvs=list(tlvs)).encode()
    (event,) = providers.provider("smpp", {"receipt_ids": ids}).parse_events(events.call_of("s", pdu)).events
    return event


@pytest.mark.parametrize(
    ("ids", "answered", "written", "stored"),
    [("same", "1A", "1A", "1A"), ("decimal", "1A", "26", "26"), ("hexadecimal", "26", "1A", "26")],
)
def test_the_two_spellings_of_a_number_are_one(ids: str, answered: str, written: str, stored: str) -> None:
    assert events.name_in_answer(answered, ids) == stored
    receipt = _receipt_of(f"id:{written} stat:UNDELIV err:012".encode(), ids)
    assert (receipt.provider_reference, receipt.kind) == (stored, "failed")


def test_the_optional_fields_of_a_receipt_are_believed_before_its_text() -> None:
    told = _receipt_of(b"id:9 stat:ENROUTE", "same", Tlv(0x001E, b"77\0"), Tlv(0x0427, b"\x02"))
    assert (told.provider_reference, told.kind) == ("77", "delivered")


def _by_sms(post: Post, centre: Smsc) -> Order:
    type(post.organisation).objects.filter(pk=post.organisation.pk).update(is_sandbox=False)
    ChannelSetting.objects.update_or_create(
        organisation=post.organisation, channel="sms",
        defaults={"provider": "smpp", "is_live": True, "sender": "+15550001111", "config": {**centre.config, "password": seal("secreta")}},
    )  # fmt: skip
    point = parties.PointDraft(kind="PHONE", value="+5491155550123")
    kept = parties.add_point(actor=post.actor, party_id=post.party_id, point=point, now=NOON)
    kept.is_mobile = True
    kept.save(update_fields=["is_mobile"])
    order = post.order(channel="sms")
    post.send()
    return post.again(order)


def _fetch(post: Post) -> int:
    fetched = services.fetch_sms(now=LATER)
    services.process_arrivals(limit=10, now=LATER)
    return fetched


@pytest.mark.django_db
def test_receipts_and_answers_of_the_operator_come_back_to_the_case(post: Post, centre: Smsc) -> None:
    order = _by_sms(post, centre)
    assert (order.state, order.reason, order.provider_reference) == ("sent", "", f"{len(centre.taken):X}A")
    centre.keep_receipt(order.provider_reference, "DELIVRD")
    centre.keep_receipt(order.provider_reference, "DELIVRD")
    centre.keep_message("5491155550123", "Ya pagué")
    fetched = 0
    for _turn in range(30):  # a slow machine needs more than one
        fetched += _fetch(post) if fetched < 3 else 0
    assert fetched == 3
    assert [each.kind for each in DeliveryEvent.objects.of(post.organisation)] == ["delivered"]
    (reply,) = Reply.objects.of(post.organisation)
    assert (reply.case_id, reply.suggestion) == (post.case_id, "already_paid")
    assert all(answer.is_success for answer in centre.answers)
    assert not Arrival.objects.of(post.organisation).exclude(state="done").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mood", "state"), [("busy", "queued"), ("refused", "failed"), ("silent", "unknown")]
)
def test_how_the_operator_takes_it_is_how_the_order_ends(
    post: Post, centre: Smsc, mood: str, state: str
) -> None:
    centre.mood = mood
    assert _by_sms(post, centre).state == state
    centre.mood, tried = "taken", len(centre.taken)
    post.send(LATER)
    assert (len(centre.taken) > tried) is (
        state == "queued"
    )  # only what certainly did not leave is tried again
