"""Settings of SMS, WhatsApp and the box of replies: secrets never shown, a real message to try it, switched on when it may."""

import pytest
from django.test import Client

from aldia.contact import mail_server, services
from aldia.contact.models import ChannelSetting
from tests.rooms.contact.standins import gateway
from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db
SMS, WHATSAPP = "/ajustes/canales/sms/", "/ajustes/canales/whatsapp/"


def _setting(desk: Desk, channel: str) -> ChannelSetting:
    return ChannelSetting.objects.of(desk.organisation).get(channel=channel)


def _twilio(url: str) -> dict[str, str]:
    return {
        "provider": "twilio",
        "sender": "+15550001111",
        "base_url": url,
        "user": "AC1",
        "password": "muy-secreta",
    }


def test_a_gateway_is_kept_with_its_secret_sealed_tried_and_switched_on(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    assert client.post(f"{SMS}interruptor/", {"encender": "1"}).status_code == 422
    with gateway("twilio") as peer:
        assert client.post(SMS, _twilio(peer.url)).status_code == 302
        page = client.get(SMS).content.decode()
        assert "muy-secreta" not in page and "/ganchos/twilio/" in page
        tried = client.post(f"{SMS}prueba/", {"to": "+5491155550123"}).content.decode()
        assert "Lo tomó" in tried and peer.calls[0]["told"]["To"] == "+5491155550123"
    setting = _setting(desk, "sms")
    assert "muy-secreta" not in str(setting.config)
    assert mail_server.open_config(setting)["password"] == "muy-secreta"
    assert client.post(f"{SMS}interruptor/", {"encender": "1"}).status_code == 302
    assert _setting(desk, "sms").is_live


def test_an_empty_secret_keeps_the_one_that_is_there(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    client.post(SMS, _twilio(""))
    client.post(SMS, {**_twilio(""), "password": "", "sender": "+15550002222"})
    setting = _setting(desk, "sms")
    assert (setting.sender, mail_server.open_config(setting)["password"]) == ("+15550002222", "muy-secreta")


def test_a_gateway_outside_needs_encryption(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    page = client.post(SMS, {**_twilio("http://sms.example.com")})
    assert page.status_code == 422 and "usa https" in page.content.decode()


def test_texts_are_proposed_and_their_state_is_shown(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    with gateway("whatsapp") as peer:
        told = {
            "phone_number_id": "1",
            "waba_id": "2",
            "password": "t",
            "app_secret": "s",
            "base_url": peer.url,
        }
        client.post(WHATSAPP, told)
        client.post(f"{WHATSAPP}textos/")
        proposed = [call["told"] for call in peer.calls]
    assert proposed and all(
        "{{1}}" in each["components"][0]["text"] for each in proposed if "example" in each["components"][0]
    )
    assert set(_setting(desk, "whatsapp").config["templates"].values()) == {"PENDING"}
    assert "PENDING" in client.get(WHATSAPP).content.decode()


def test_the_box_of_replies_is_kept(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    told = {
        "address": "cobros@andina.example",
        "host": "imap.andina.example",
        "port": "993",
        "security": "tls",
        "user": "cobros",
        "password": "x",
    }
    assert client.post("/ajustes/canales/email/buzon/", told).status_code == 302
    setting = _setting(desk, "email")
    assert mail_server.own_address(setting, "ab12") == "cobros+ab12@andina.example"
    assert (
        client.post(
            "/ajustes/canales/email/buzon/", {**told, "address": "cobros+x@andina.example"}
        ).status_code
        == 422
    )
    with pytest.raises(services.InboxRefused):
        services.set_inbox(actor=desk.system, server=services.InboxServer("sin arroba"), now=desk.clock.now)
