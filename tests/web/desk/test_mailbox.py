"""The mailbox and the outbox."""

import pytest
from django.test import Client

from aldia.access.models import Organisation
from aldia.contact.models import Message, Order
from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db
BOX, OUT = "/buzon/", "/buzon/salida/"


def _first(desk: Desk) -> Message:
    return Message.objects.of(desk.organisation).order_by("-pk").first()


def test_messages_are_shown_as_they_arrive_with_their_files_and_links(desk: Desk, client: Client) -> None:
    page = desk.login(client, "supervisor").get(BOX)
    text, message = page.content.decode(), _first(desk)
    assert page.status_code == 200
    assert message.recipient in text
    assert f'src="/buzon/{message.pk}/cuerpo/" sandbox' in text
    assert any("/p/" in link for _word, link in page.context["detail"]["links"])


def test_the_body_of_a_message_can_load_nothing_and_run_nothing(desk: Desk, client: Client) -> None:
    page = desk.login(client, "supervisor").get(f"{BOX}{_first(desk).pk}/cuerpo/")
    policy = page.headers["Content-Security-Policy"]
    assert page.status_code == 200
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy


def test_an_attachment_is_downloaded_as_it_went(desk: Desk, client: Client) -> None:
    message = next(row for row in Message.objects.of(desk.organisation) if row.attachments)
    page = desk.login(client, "supervisor").get(f"{BOX}{message.pk}/adjuntos/0/")
    assert b"".join(page.streaming_content).startswith(b"%PDF")
    assert client.get(f"{BOX}{message.pk}/adjuntos/99/").status_code == 404


def test_what_nobody_knows_is_settled_by_a_person_once(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    order = _first(desk).order
    Order.objects.of(desk.organisation).filter(pk=order.pk).update(state="unknown", reason="worker_died")
    assert "Sí salió" in client.get(OUT).content.decode()
    page = client.post(f"{OUT}{order.pk}/resolver/", {"salio": "no"}, follow=True)
    assert "Anotado: no salió" in page.content.decode()
    assert Order.objects.of(desk.organisation).get(pk=order.pk).state == "failed"
    again = client.post(f"{OUT}{order.pk}/resolver/", {"salio": "si"}, follow=True)
    assert "ya se resolvió" in again.content.decode()


def test_everything_stops_and_goes_on_again(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    page = client.post("/buzon/pausa/", {"pausa": "1"}, follow=True)
    assert "Todo detenido" in page.content.decode()
    assert Organisation.objects.get(pk=desk.organisation.pk).is_paused
    client.post("/buzon/pausa/", {"pausa": "0"})
    assert not Organisation.objects.get(pk=desk.organisation.pk).is_paused


def test_withheld_notices_say_why_in_words(desk: Desk, client: Client) -> None:
    Order.objects.of(desk.organisation).filter(pk=_first(desk).order_id).update(
        state="withheld", reason="settled"
    )
    text = desk.login(client, "supervisor").get(f"{OUT}?estado=withheld").content.decode()
    assert "Ya no debía nada." in text


@pytest.mark.parametrize(("who", "status"), [("ana", 403), ("auditor", 200), ("administrator", 200)])
def test_the_mailbox_is_for_who_sees_the_whole_team(
    desk: Desk, client: Client, who: str, status: int
) -> None:
    assert desk.login(client, who).get(BOX).status_code == status


def test_the_auditor_stops_nothing(desk: Desk, client: Client) -> None:
    assert desk.login(client, "auditor").post("/buzon/pausa/", {"pausa": "1"}).status_code == 403


def test_a_message_of_nobody_does_not_exist(desk: Desk, client: Client) -> None:
    assert desk.login(client, "supervisor").get(f"{BOX}999999/cuerpo/").status_code == 404
