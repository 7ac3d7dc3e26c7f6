"""Webhooks leave signed, at least once, with growing pauses; never into this installation's own network."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import polars as pl
import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, system
from aldia.access.models import Organisation
from aldia.contact import services as contact
from aldia.contact.models import CallState, WebhookCall
from aldia.contact.outbox import webhooks
from aldia.contact.outbox.webhooks import PAUSES, PrivateAddress, check_address
from aldia.contact.signing import new_secret, signed_headers
from tests.waiting import LIMIT

NOW = datetime(2026, 3, 2, 11, tzinfo=UTC)


class Receiver:
    """A system that keeps what it is told and answers as it is asked to."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.told: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.told.append(({key.lower(): value for key, value in self.headers.items()}, body))
                self.send_response(outer.answers.pop(0) if outer.answers else 204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.server.shutdown()
    one.thread.join(LIMIT)
    one.server.server_close()


@pytest.fixture
def actor(db: None) -> Actor:
    house = access.create_organisation(key="uno", name="Uno", country="AR", currency="USD", now=NOW)
    type(house).objects.filter(pk=house.pk).update(is_sandbox=False)
    return system(house.pk)


SOON = NOW + timedelta(seconds=1)


def leave(actor: Actor, identity: str = "s:step:case:1:1:1:2026-03-02") -> None:
    calls = pl.DataFrame(
        [{"identity": identity, "event": "late", "about": "", "case_id": 7, "party_id": 9}]
    )  # fmt: skip
    rows = contact.call_rows(organisation_id=actor.organisation_id, calls=calls, now=NOW)
    rows.write(0, len(rows.parties))


def call(actor: Actor) -> WebhookCall:
    return WebhookCall.objects.of(actor.organisation_id).get()


def test_what_leaves_is_signed_as_the_standard_says(actor: Actor, receiver: Receiver, settings: Any) -> None:
    settings.WEBHOOKS_MAY_STAY_INSIDE = True
    secret = contact.set_webhook(actor=actor, url=receiver.url, is_on=True, now=NOW)
    leave(actor)
    assert contact.send_webhooks(clock=lambda: SOON, limit=10) == 1
    ((headers, body),) = receiver.told
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{int(SOON.timestamp())}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(body)["data"] == {"identity": call(actor).identity, "case": 7, "customers": []}
    assert call(actor).state == CallState.DELIVERED


def test_the_published_example_of_the_standard_is_reproduced() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    told = signed_headers(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", body, now=datetime.fromtimestamp(1614265330, UTC)
    )
    assert told["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_that_fails_is_told_again_until_it_answers(
    actor: Actor, receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOKS_MAY_STAY_INSIDE = True
    contact.set_webhook(actor=actor, url=receiver.url, is_on=True, now=NOW)
    leave(actor)
    leave(actor)
    receiver.answers = [500]
    assert contact.send_webhooks(clock=lambda: SOON, limit=10) == 0
    assert contact.send_webhooks(clock=lambda: SOON, limit=10) == 0  # its time has not come
    later = SOON + PAUSES[0] * 2
    assert contact.send_webhooks(clock=lambda: later, limit=10) == 1
    identities = [headers["webhook-id"] for headers, _body in receiver.told]
    assert (len(identities), len(set(identities)), call(actor).tries) == (2, 1, 2)


def test_after_the_last_try_a_person_may_send_it_again(
    actor: Actor, receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOKS_MAY_STAY_INSIDE = True
    contact.set_webhook(actor=actor, url=receiver.url, is_on=True, now=NOW)
    leave(actor)
    receiver.answers = [410]
    assert contact.send_webhooks(clock=lambda: SOON, limit=10) == 1
    assert (call(actor).state, call(actor).answer) == (CallState.FAILED, "410 Gone")
    contact.tell_again(actor=actor, call_id=call(actor).pk, now=NOW)
    assert contact.send_webhooks(clock=lambda: SOON, limit=10) == 1
    with pytest.raises(contact.UnknownCall):
        contact.tell_again(actor=actor, call_id=call(actor).pk, now=NOW)


def test_in_sandbox_nothing_leaves(actor: Actor, receiver: Receiver, settings: Any) -> None:
    settings.WEBHOOKS_MAY_STAY_INSIDE = True
    contact.set_webhook(actor=actor, url=receiver.url, is_on=True, now=NOW)
    Organisation.objects.filter(pk=actor.organisation_id).update(is_sandbox=True)
    leave(actor)
    contact.send_webhooks(clock=lambda: SOON, limit=10)
    assert (call(actor).state, receiver.told) == (CallState.SIMULATED, [])


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://127.0.0.1/", "https://10.0.0.8/x", "https://[::1]/", "ftp://x/", "https:///x"]
)  # fmt: skip
def test_no_address_of_our_own_network_is_accepted(actor: Actor, url: str) -> None:
    with pytest.raises(contact.AddressRefused, match="https://"):
        contact.set_webhook(actor=actor, url=url, is_on=True, now=NOW)


def test_a_name_that_leads_inside_is_refused_when_it_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = [(2, 1, 6, "", ("192.168.0.5", 443))]
    monkeypatch.setattr(webhooks.socket, "getaddrinfo", lambda *_args, **_more: inside)
    with pytest.raises(PrivateAddress, match=r"192\.168\.0\.5"):
        check_address("https://innocent.example/")


def test_each_secret_is_its_own() -> None:
    assert new_secret() != new_secret()
