"""Files by WhatsApp: fetched as the Cloud API serves them, kept by their content, refused with a reason, never lost."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from aldia.contact import inbox, services
from aldia.contact.inbound.models import InboundFile, Reply
from aldia.contact.models import ChannelSetting
from aldia.contact.providers.protocol import Call
from aldia.contact.providers.whatsapp.events import signature
from aldia.db.vault import seal
from aldia.ledger import selectors as ledger
from aldia.parties import services as party_services
from tests.rooms.contact.conftest import NOON, Post
from tests.rooms.contact.standins import Gateway, gateway

JPEG = b"\xff\xd8\xff\xe0" + b"a receipt" * 20


@pytest.fixture
def meta(post: Post) -> Iterator[Gateway]:
    """Meta's stand-in, and the channel of the organisation set to it."""
    with gateway("whatsapp") as peer:
        config = {"phone_number_id": "1", "waba_id": "2", "base_url": peer.url}
        sealed = {"password": seal("t"), "app_secret": seal("app")}
        rows = ChannelSetting.objects.of(post.organisation).filter(channel="whatsapp")
        rows.update(provider="whatsapp", config={**config, **sealed})
        yield peer


def _write(post: Post, media: str, *, kind: str = "image", mime: str = "image/jpeg", **told: str) -> Reply:
    """A person sends a file: Meta calls back, signed."""
    message = {"id": f"wamid.{media}", "from": "5491155501234", "timestamp": str(int(NOON.timestamp())), "type": kind,
               kind: {"id": media, "mime_type": mime, **told}}  # fmt: skip
    value = {"messages": [message]}
    body = json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()
    address = services.open_door(actor=post.actor, channel="whatsapp", provider_key="whatsapp", now=NOON)
    call = Call(address, body, {"x-hub-signature-256": signature(body, "app")})
    services.keep_call(provider_key="whatsapp", token=address.rsplit("/", 1)[1], call=call, now=NOON)
    services.process_arrivals(limit=10, now=NOON)
    return Reply.objects.of(post.organisation).get(event_id=f"whatsapp:wamid.{media}")


def _fetch(minutes: int = 0) -> dict[str, int]:
    return dict(services.fetch_files(limit=20, now=NOON + timedelta(minutes=minutes)))


@pytest.mark.covers("S3-68a")
def test_an_image_is_fetched_with_the_token_and_kept_by_its_content(post: Post, meta: Gateway) -> None:
    meta.keep("m1", JPEG)
    reply = _write(post, "m1", caption="Ya pagué")
    assert _fetch() == {"kept": 1} and _fetch() == {}
    assert [call["headers"]["Authorization"] for call in meta.calls] == ["Bearer t", "Bearer t"]
    (shown,) = inbox.files_of(post.organisation.pk, [reply.pk])[reply.pk]
    assert shown.is_image and not shown.why and reply.text == "Ya pagué"
    stored, where = ledger.open_file(post.actor, inbox.receipt_in(reply) or 0)
    assert where.read_bytes() == JPEG and stored.sha256 == hashlib.sha256(JPEG).hexdigest()


def test_a_document_keeps_its_name_and_a_digest_in_base_64_is_one_too(post: Post, meta: Gateway) -> None:
    pdf = b"%PDF-1.7 transfer"
    meta.keep("m1", pdf, sha256=base64.b64encode(hashlib.sha256(pdf).digest()).decode())
    reply = _write(post, "m1", kind="document", mime="application/pdf", filename="transferencia.pdf")
    assert _fetch() == {"kept": 1}
    assert InboundFile.objects.of(post.organisation).get(reply=reply).name == "transferencia.pdf"


@pytest.mark.parametrize(
    ("content", "lies", "reason"),
    [
        (b"<html><script>alert(1)</script>", {}, "not_what_it_says"),
        (JPEG, {"sha256": "0" * 64}, "changed"),
        (JPEG, {"sha256": ""}, "changed"),
        (JPEG, {"file_size": 99_000_000}, "too_large"),
        (b"%PDF-" + b"0" * 17_000_000, {"file_size": 1}, "too_large"),
        (JPEG, {"url": "https://elsewhere.example/m1"}, "elsewhere"),
        (JPEG, {"url": "file:///etc/passwd"}, "elsewhere"),
        (b"", {}, "empty"),
    ],
)
def test_a_hostile_file_is_refused_with_its_reason_and_the_message_stays(
    post: Post, meta: Gateway, content: bytes, lies: dict[str, Any], reason: str
) -> None:
    meta.keep("m1", content, **lies)
    reply = _write(post, "m1", caption="mira")
    assert _fetch() == {"refused": 1}
    row = InboundFile.objects.of(post.organisation).get(reply=reply)
    assert (row.reason, row.file_id) == (reason, None)
    (shown,) = inbox.files_of(post.organisation.pk, [reply.pk])[reply.pk]
    assert shown.why and not shown.is_image and reply.text == "mira"
    assert inbox.receipt_in(reply) is None


def test_a_file_that_the_provider_forgot_is_told_as_such(post: Post, meta: Gateway) -> None:
    reply = _write(post, "never")
    assert _fetch() == {"refused": 1}
    assert InboundFile.objects.of(post.organisation).get(reply=reply).reason == "gone"


def test_a_silent_provider_is_asked_later_then_given_up_and_a_person_may_ask_again(
    post: Post, meta: Gateway
) -> None:
    meta.keep("m1", JPEG)
    _write(post, "m1")
    meta.mood = "busy"
    seen = [_fetch(minutes) for minutes in (0, 0, 2, 10, 60, 600)]
    assert seen == [{"left": 1}, {}, {"left": 1}, {"left": 1}, {"left": 1}, {"refused": 1}]
    row = InboundFile.objects.of(post.organisation).get()
    meta.mood = "taken"
    services.fetch_again(actor=post.actor, file_id=row.pk, now=NOON)
    assert _fetch(700) == {"kept": 1}
    with pytest.raises(services.UnknownFile):
        services.fetch_again(actor=post.actor, file_id=row.pk, now=NOON)


def test_the_assistant_waits_for_a_file_that_is_on_its_way(post: Post, meta: Gateway) -> None:
    meta.keep("m1", JPEG)
    reply = _write(post, "m1")
    reply.case_id = post.case_id
    reply.save(update_fields=["case_id"])
    since = NOON - timedelta(days=1)
    assert inbox.to_be_answered(["whatsapp"], since=since, limit=9) == []
    _fetch()
    assert [each.pk for each in inbox.to_be_answered(["whatsapp"], since=since, limit=9)] == [reply.pk]


def test_a_file_told_twice_is_fetched_once(post: Post, meta: Gateway) -> None:
    meta.keep("m1", JPEG)
    _write(post, "m1")
    _write(post, "m1")
    assert InboundFile.objects.of(post.organisation).count() == 1


def test_what_a_person_sends_by_whatsapp_to_who_wrote_today_carries_the_statement(
    post: Post, meta: Gateway
) -> None:
    point = party_services.PointDraft(kind="PHONE", value="+5491155501234")
    party_services.add_point(actor=post.actor, party_id=post.party_id, point=point, now=NOON)
    for origin in ("user:1", "run:1"):
        post.order(channel="whatsapp", origin=origin)
        post.send()
    names = [[each["name"] for each in message.attachments] for message in post.messages()]
    assert names == [["estado-de-cuenta.pdf"], []]
