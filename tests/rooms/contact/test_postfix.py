"""The whole way of a message through a Postfix, as an organisation's own server would be."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from aldia.access.models import Organisation
from aldia.contact import services
from aldia.contact.models import Attempt, StaffMail
from aldia.parties.models import ContactPoint
from tests.rooms.contact.conftest import NOON, Post
from tests.rooms.contact.postfix import DOMAIN, Box, postfix

pytestmark = [pytest.mark.needs("smtp"), pytest.mark.slow]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Box, int]]:
    with tempfile.TemporaryDirectory(prefix="aldia-postfix-") as folder:
        port, lmtp_port = free_ports(2)
        with postfix(Path(folder), port=port, lmtp_port=lmtp_port) as box:
            yield box, port


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _number in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


@pytest.fixture
def live(post: Post, server: tuple[Box, int]) -> Post:
    Organisation.objects.filter(pk=post.organisation.pk).update(is_sandbox=False)
    told = services.MailServer("127.0.0.1", server[1], "none")
    services.set_mail_server(actor=post.actor, server=told, now=NOON)
    services.switch_mail(actor=post.actor, is_on=True, now=NOON)
    return post


@pytest.mark.covers("S0-3f")
def test_a_notice_arrives_with_its_statement_and_the_servers_own_name_for_it(
    live: Post, server: tuple[Box, int]
) -> None:
    order = live.order()
    assert live.send() == {"sent": 1}
    mail = server[0].next()
    assert mail["To"] == f"pagos@{DOMAIN}"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["estado-de-cuenta.pdf"]
    assert mail["Content-Language"] == "es"
    attempt = Attempt.objects.of(live.organisation).get(order_id=order.pk)
    assert "queued as" in attempt.detail


def test_an_address_that_the_server_refuses_is_final(live: Post) -> None:
    ContactPoint.objects.of(live.organisation).update(value="pagos@nadie.invalid")
    order = live.order()
    assert live.send() == {"failed": 1}
    assert (live.again(order).state, live.again(order).reason) == ("failed", "provider_refused")


def test_the_test_message_tells_what_the_server_said(live: Post, server: tuple[Box, int]) -> None:
    tried = services.try_mail(actor=live.actor, to=f"ana@{DOMAIN}", now=NOON)
    assert tried.is_accepted
    assert "250 2.0.0 Ok: queued as" in tried.answer
    assert server[0].next()["Subject"] == "Prueba de correo de aldia"
    refused = services.try_mail(actor=live.actor, to="ana@nadie.invalid", now=NOON)
    assert (refused.is_accepted, refused.words) == (False, "El servidor no aceptó la dirección de destino.")
    assert "Relay access denied" in refused.answer


def test_the_mail_to_the_staff_goes_the_same_way(live: Post, server: tuple[Box, int]) -> None:
    draft = services.StaffMailDraft(7, "digest:1", f"ana@{DOMAIN}", "Cooperativa: 2 empeoraron", "Hola")
    for _again in range(2):
        services.write_to_staff(actor=live.actor, mails=[draft], now=NOON, real_now=NOON)
    assert services.send_staff_mail(clock=lambda: NOON, limit=10) == 1
    assert server[0].next()["Subject"] == "Cooperativa: 2 empeoraron"
    [kept] = StaffMail.objects.of(live.organisation)
    assert (kept.state, kept.is_sandbox) == ("sent", False)
