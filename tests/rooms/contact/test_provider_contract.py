"""One promise for every provider: what leaves arrives, what fails says what is certain, and calls are checked before they are read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from smpp34 import DeliverSm

import aldia.contact.providers as providers
from aldia.contact.providers.protocol import (
    Accepted,
    Approved,
    Attachment,
    Call,
    CallRefused,
    Outgoing,
    Provider,
    ProviderError,
)
from aldia.contact.providers.smpp import events
from aldia.contact.providers.twilio.events import signature as twilio_signature
from aldia.contact.providers.whatsapp.events import signature as meta_signature
from tests.rooms.contact.exchange import Exchange, exchange
from tests.rooms.contact.smsc import Smsc, smsc
from tests.rooms.contact.standins import Gateway, gateway
from tests.rooms.contact.test_smtp import Box

REFERENCE = "00ff00ff00ff00ff"
URL = "https://aldia.example/ganchos/x/token"


@dataclass
class Bench:
    """A provider beside the server that it speaks to, and one signed call of that server."""

    key: str
    channel: str
    config: dict[str, Any]
    peer: Gateway | Box | Smsc | Exchange | None = None
    call: Call | None = None
    named: str = REFERENCE  # how the call names the message
    changed: Call | None = None
    moods: tuple[str, ...] = ()
    says: str = "Ñandú"  # of the text, what arrives
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def provider(self) -> Provider:
        return providers.provider(self.key, self.config)

    @property
    def outgoing(self) -> Outgoing:
        recipient = "pagos@arbol.example" if self.channel == "email" else "+5491155550123"
        sender = "Sur <cobros@sur.example>" if self.channel == "email" else "+15550001111"
        return Outgoing(
            REFERENCE, self.channel, recipient, sender, "Aviso", "Hola, Ñandú: quedó pendiente.", **self.extra
        )

    def set_mood(self, mood: str) -> None:
        if isinstance(self.peer, Gateway | Smsc | Exchange):
            self.peer.mood = mood
        elif isinstance(self.peer, Box):
            self.peer.recipient_answer = {"refused": "550 5.1.1 no", "busy": "451 later"}.get(mood, "250 OK")
            self.peer.is_dropping = mood == "silent"

    def arrived(self) -> str:
        """All that came to the server, as text."""
        if isinstance(self.peer, Box):
            return "".join(f"{mail} {mail.get_content()}" for mail in self.peer.mails)
        if isinstance(self.peer, Smsc):
            return self.peer.texts() + self.peer.taken[0]["to"]
        if isinstance(self.peer, Exchange):
            return json.dumps(self.peer.asked)
        return json.dumps([call["told"] for call in self.peer.calls], ensure_ascii=False) if self.peer else ""


MOODS = ("refused", "busy", "silent")


def _twilio(peer: Gateway) -> Bench:
    body = b"MessageSid=SM1&MessageStatus=delivered"
    call = Call(URL, body, {"x-twilio-signature": twilio_signature(URL, body, "secreta")})
    config = {"base_url": peer.url, "user": "AC1", "password": "secreta", "callback_url": URL}
    return Bench("twilio", "sms", config, peer, call, "SM1", Call(URL, body + b"x", call.headers), MOODS)


def _kannel(peer: Gateway) -> Bench:
    call = Call(f"{URL}?uuid={REFERENCE}&status=1&clave=palabra", b"", method="GET")
    config = {"base_url": peer.url, "user": "u", "password": "p", "callback_url": URL, "word": "palabra"}
    return Bench(
        "kannel", "sms", config, peer, call, REFERENCE, Call(call.url.replace("palabra", "otra")), MOODS
    )


def _whatsapp(peer: Gateway) -> Bench:
    status = {
        "id": "wamid.1",
        "status": "delivered",
        "timestamp": "1700000000",
        "biz_opaque_callback_data": REFERENCE,
    }
    body = json.dumps(
        {"entry": [{"changes": [{"field": "messages", "value": {"statuses": [status]}}]}]}
    ).encode()
    call = Call(URL, body, {"x-hub-signature-256": meta_signature(body, "de la app")})
    config = {
        "base_url": peer.url,
        "phone_number_id": "1",
        "password": "t",
        "app_secret": "de la app",
        "waba_id": "2",
    }
    changed = Call(URL, body + b" ", call.headers)
    return Bench("whatsapp", "whatsapp", config, peer, call, REFERENCE, changed, MOODS)


def _smpp(peer: Smsc) -> Bench:
    receipt = (
        b"id:1A sub:001 dlvrd:001 submit date:2611221200 done date:2611221201 stat:DELIVRD err:000 text:"
    )
    pdu = DeliverSm("5491155550123", "15550001111", receipt, esm_class=0x04).encode()
    call, changed = events.call_of("s1", pdu), events.call_of("s1", pdu[:-1])
    return Bench("smpp", "sms", peer.config, peer, call, "1A", changed, MOODS)


@pytest.fixture(params=providers.FOLDERS)
def bench(request: pytest.FixtureRequest, free_tcp_port: int) -> Iterator[Bench]:
    key = request.param
    made = {"twilio": _twilio, "kannel": _kannel, "whatsapp": _whatsapp}.get(key)
    if made is not None:
        with gateway(key) as peer:
            yield made(peer)
    elif key == "smpp":
        with smsc() as centre:
            yield _smpp(centre)
    elif key == "asterisk":
        with exchange() as pbx:  # its words are sounds of its own
            yield Bench("asterisk", "call", pbx.config, pbx, moods=MOODS, says=REFERENCE)
    elif key == "smtp":
        box = Box()
        controller = Controller(box, hostname="127.0.0.1", port=free_tcp_port)
        controller.start()
        yield Bench("smtp", "email", {"host": "127.0.0.1", "port": free_tcp_port}, box, moods=MOODS)
        controller.stop()
    else:
        yield Bench(key, "letter", {})


def test_a_provider_is_a_folder_that_explains_itself(bench: Bench) -> None:
    folder = Path(providers.__file__).parent / bench.key
    assert (folder / "README.md").read_text(encoding="utf-8").startswith(f"# {bench.key}")
    assert bench.provider.key == bench.key and bench.channel in bench.provider.capabilities.channels


def test_what_leaves_arrives_as_it_was_written(bench: Bench) -> None:
    carrier = bench.provider
    accepted = carrier.send(bench.outgoing)
    carrier.close()
    assert isinstance(accepted, Accepted) and accepted.provider_reference
    if bench.provider.capabilities.leaves_machine:
        told = bench.arrived()
        assert bench.says in told and bench.outgoing.recipient.lstrip("+") in told


@pytest.mark.parametrize(
    ("mood", "is_certain", "is_permanent"),
    [("refused", True, True), ("busy", True, False), ("silent", False, False)],
)
def test_a_failure_says_what_is_certain(
    bench: Bench, mood: str, is_certain: bool, is_permanent: bool
) -> None:
    bench.set_mood(mood)
    carrier = bench.provider
    if mood not in bench.moods:  # the sandbox cannot fail
        assert carrier.send(bench.outgoing).provider_reference
        return
    with pytest.raises(ProviderError) as failure:
        carrier.send(bench.outgoing)
    carrier.close()
    assert (failure.value.is_certain, failure.value.is_permanent) == (is_certain, is_permanent)


def test_nobody_there_is_certain_and_may_pass(bench: Bench, free_tcp_port_factory: Any) -> None:
    port = free_tcp_port_factory()
    away = {"base_url": f"http://127.0.0.1:{port}", "port": port}
    carrier = providers.provider(bench.key, {**bench.config, **away} if bench.config else {})
    if not bench.moods:
        assert carrier.send(bench.outgoing).provider_reference
        return
    with pytest.raises(ProviderError) as failure:
        carrier.send(bench.outgoing)
    assert (failure.value.is_certain, failure.value.is_permanent) == (True, False)


def test_a_signed_call_is_read_and_a_changed_one_is_refused(bench: Bench) -> None:
    carrier = bench.provider
    if bench.call is None or bench.changed is None:
        with pytest.raises(CallRefused):
            carrier.parse_events(Call(URL, b"whatever"))
        return
    (event,) = carrier.parse_events(bench.call).events
    assert event.kind == "delivered" and bench.named in (event.reference, event.provider_reference)
    assert carrier.parse_events(bench.call).events[0].event_id == event.event_id
    for wrong in (bench.changed, Call(URL, bench.call.body)):
        with pytest.raises(CallRefused):
            carrier.parse_events(wrong)


def test_closing_twice_after_a_message_is_no_harm(bench: Bench) -> None:
    carrier = bench.provider
    assert isinstance(carrier.send(bench.outgoing), Accepted)
    carrier.close()
    carrier.close()


def test_whatsapp_sends_an_approved_template_with_its_values_in_order() -> None:
    with gateway("whatsapp") as peer:
        bench = _whatsapp(peer)
        bench.extra = {"template": Approved("overdue_soft", "es", ("Marta", "$ 100"))}
        bench.provider.send(bench.outgoing)
        (call,) = peer.calls
    assert call["path"] == "/1/messages" and call["headers"]["Authorization"] == "Bearer t"
    values = call["told"]["template"]["components"][0]["parameters"]
    assert [each["text"] for each in values] == ["Marta", "$ 100"]
    assert call["told"]["biz_opaque_callback_data"] == REFERENCE


def test_whatsapp_hands_a_file_over_once_and_says_the_words_under_it() -> None:
    with gateway("whatsapp") as peer:
        bench = _whatsapp(peer)
        carrier = bench.provider
        bench.extra = {"attachments": (Attachment("estado.pdf", "application/pdf", b"%PDF-1.7 x"),)}
        carrier.send(bench.outgoing)
        carrier.send(bench.outgoing)
        carrier.close()
    upload, first, second = peer.calls
    assert upload["path"] == "/1/media" and b"%PDF-1.7 x" in upload["told"]["body"]
    document = {"id": "media.1", "filename": "estado.pdf", "caption": bench.outgoing.text}
    assert first["told"]["document"] == second["told"]["document"] == document


@pytest.mark.parametrize(("mood", "is_permanent"), [("refused", True), ("busy", False), ("silent", False)])
def test_a_file_that_could_not_be_handed_over_means_that_nothing_left(mood: str, is_permanent: bool) -> None:
    with gateway("whatsapp") as peer:
        peer.mood = mood
        bench = _whatsapp(peer)
        bench.extra = {"attachments": (Attachment("estado.pdf", "application/pdf", b"%PDF"),)}
        carrier = bench.provider
        with pytest.raises(ProviderError) as refusal:
            carrier.send(bench.outgoing)
        carrier.close()
    assert (refusal.value.is_certain, refusal.value.is_permanent) == (True, is_permanent)
    assert len(peer.calls) == 1
