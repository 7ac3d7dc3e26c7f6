"""E-mail against a real SMTP server on loopback: what arrives, and what each way of failing means."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from aldia.contact import services
from aldia.contact.models import ChannelSetting
from aldia.contact.providers.protocol import Attachment, Outgoing, ProviderError
from aldia.contact.providers.smtp.sender import Smtp, make
from tests.rooms.contact.conftest import NOON, Post


@dataclass
class Box:
    """What the server took, and how it was told to behave."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipient_answer: str = "250 OK"
    data_answer: str = "250 OK"
    is_dropping: bool = False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.is_dropping:
            server.transport.abort()
            return "451 gone"
        self.mails.append(message_from_bytes(envelope.content or b"", policy=policy.default))  # type: ignore[arg-type]
        return self.data_answer


@pytest.fixture
def server(free_tcp_port: int) -> Iterator[tuple[Box, int]]:
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=free_tcp_port)
    controller.start()
    yield box, free_tcp_port
    controller.stop()


def sender(port: int) -> Smtp:
    return make({"host": "127.0.0.1", "port": port})


def outgoing(**changes: Any) -> Outgoing:
    told: dict[str, Any] = {
        "reference": "abc123", "channel": "email", "recipient": "pagos@arbol.example",
        "sender": '"Cooperativa Sur" <cobros@sur.example>', "subject": "Quedó pendiente", "text": "Hola, Ñandú.",
        "html": "<p>Hola</p>", "attachments": (Attachment("a.pdf", "application/pdf", b"%PDF"),), **changes,
    }  # fmt: skip
    return Outgoing(**told)


def test_a_mail_arrives_whole(server: tuple[Box, int]) -> None:
    box, port = server
    smtp = sender(port)
    smtp.send(outgoing(headers={"List-Unsubscribe": "<https://x.example/baja>"}))
    smtp.send(outgoing(reference="second"))
    smtp.close()
    first, second = box.mails
    assert (first["To"], first["Subject"]) == ("pagos@arbol.example", "Quedó pendiente")
    assert (
        first["From"] == "Cooperativa Sur <cobros@sur.example>"
        and first["Message-ID"] == "<abc123@sur.example>"
    )
    assert (
        first["List-Unsubscribe"] == "<https://x.example/baja>"
        and second["Message-ID"] != first["Message-ID"]
    )
    text = first.get_body(("plain",))
    assert text is not None and "Ñandú" in text.get_content()
    assert [part.get_filename() for part in first.iter_attachments()] == ["a.pdf"]


@pytest.mark.parametrize(
    ("answer", "is_permanent"), [("550 5.1.1 no such user", True), ("451 4.7.1 later", False)]
)
def test_a_refused_recipient_is_certain(server: tuple[Box, int], answer: str, is_permanent: bool) -> None:
    box, port = server
    box.recipient_answer = answer
    smtp = sender(port)
    with pytest.raises(ProviderError) as caught:
        smtp.send(outgoing())
    assert (caught.value.is_certain, caught.value.is_permanent) == (True, is_permanent)
    box.recipient_answer = "250 OK"
    smtp.send(outgoing())  # the same connection serves the next message
    smtp.close()
    assert len(box.mails) == 1


def test_a_connection_that_dies_while_handing_over_is_not_certain(server: tuple[Box, int]) -> None:
    box, port = server
    box.is_dropping = True
    with pytest.raises(ProviderError) as caught:
        sender(port).send(outgoing())
    assert not caught.value.is_certain


def test_nobody_listening_is_certain_and_passes() -> None:
    with pytest.raises(ProviderError) as caught:
        sender(1).send(outgoing())
    assert (caught.value.is_certain, caught.value.is_permanent) == (True, False)


def test_an_injected_header_is_refused_before_anything_leaves(server: tuple[Box, int]) -> None:
    box, port = server
    with pytest.raises(ProviderError) as caught:
        sender(port).send(outgoing(subject="Hola\r\nBcc: todos@x.example"))
    assert (caught.value.is_certain, caught.value.is_permanent) == (True, True)
    assert box.mails == []


@pytest.mark.covers("S0-3f")
def test_a_live_organisation_sends_through_its_server(post: Post, server: tuple[Box, int]) -> None:
    box, port = server
    type(post.organisation).objects.filter(pk=post.organisation.pk).update(is_sandbox=False)
    setting = ChannelSetting.objects.of(post.organisation).get(channel="email")
    setting.provider, setting.is_live, setting.config = "smtp", True, {"host": "127.0.0.1", "port": port}
    setting.save()
    order = post.order()
    services.send_due(limit=10, clock=lambda: NOON)
    assert post.again(order).state == "sent"
    [mail] = box.mails
    assert mail["To"] == "pagos@elarbol.example" and "estado-de-cuenta.pdf" in [
        p.get_filename() for p in mail.iter_attachments()
    ]
    assert not post.messages()[0].is_sandbox


def test_a_server_that_closes_after_some_messages_gets_the_next_on_a_new_session(
    server: tuple[Box, int],
) -> None:
    box, port = server
    smtp = sender(port)
    smtp.send(outgoing())
    assert smtp._connection is not None and smtp._connection.sock is not None
    smtp._connection.sock.shutdown(socket.SHUT_RDWR)
    smtp.send(outgoing(reference="aa00ff00ff00ff00"))
    smtp.close()
    assert len(box.mails) == 2
