"""Replies on the screen: what it seems to say, the next step, who is already there; and the door where providers call."""

from email.message import EmailMessage

import pytest
from django.test import Client

from aldia.access.actors import Actor
from aldia.cases import services as cases
from aldia.contact import services
from aldia.contact.inbound.models import Arrival, InboundFile, Reply
from aldia.contact.models import Message
from aldia.contact.providers.twilio.events import signature
from aldia.ledger import services as ledger
from aldia.parties import selectors as parties
from tests.web.desk.seed import NOW, Desk

pytestmark = pytest.mark.django_db
PAGE = "/respuestas/"


def _write(
    desk: Desk, text: str, *, sender: str = "alguien@otra.example", to: str = "cobros@x.example"
) -> Reply:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = (
        sender,
        to,
        "Re: aviso",
        f"<{hash(text)}@x>",
    )
    mail.set_content(text)
    services.keep_mail(organisation_id=desk.organisation.pk, raw=mail.as_bytes(), now=NOW)
    services.process_arrivals(limit=5, now=NOW)
    return Reply.objects.of(desk.organisation).latest("pk")


def _answered(desk: Desk, text: str) -> Reply:
    message = Message.objects.of(desk.organisation).filter(channel="email").order_by("pk").first()
    return _write(desk, text, to=f"cobros+{message.reference}@x.example")


def test_a_reply_is_shown_with_its_client_and_the_suggested_gesture(desk: Desk, client: Client) -> None:
    reply = _answered(desk, "Ya pagué ayer")
    page = desk.login(client, "supervisor").get(PAGE).content.decode()
    assert "Ya pagué ayer" in page and "Sugerido: Anotar el pago informado" in page
    assert f"/clientes/{reply.case_id}/resultado/already_paid/" in page


def test_who_is_already_in_the_case_is_told(desk: Desk, client: Client) -> None:
    reply = _answered(desk, "Llámenme")
    ana: Actor = desk.ana
    cases.reserve(actor=ana, case_id=reply.case_id, now=NOW)
    page = desk.login(client, "supervisor").get(PAGE).content.decode()
    assert "está en este caso: espera o pregúntale antes de contestar" in page


def test_a_wish_to_stop_is_kept_with_one_gesture(desk: Desk, client: Client) -> None:
    reply = _answered(desk, "Por favor no me escriban más")
    desk.login(client, "supervisor").post(f"{PAGE}{reply.pk}/atendida/", {"baja": "1"})
    reply.refresh_from_db()
    assert not reply.is_open
    page = client.get(f"{PAGE}?ver=cerradas").content.decode()
    assert "Por favor no me escriban más" in page


def test_a_reply_of_nobody_is_put_to_its_client_by_a_person(desk: Desk, client: Client) -> None:
    reply = _write(desk, "Hola, soy yo")
    desk.login(client, "supervisor")
    assert "Hola, soy yo" not in client.get(PAGE).content.decode()
    assert "¿De qué cliente es?" in client.get(f"{PAGE}?ver=sin-identificar").content.decode()
    client.post(f"{PAGE}{reply.pk}/cliente/", {"caso": str(desk.case_ids[0])})
    assert "Hola, soy yo" in client.get(PAGE).content.decode()
    assert "Hola, soy yo" in client.get(f"/clientes/{desk.case_ids[0]}/historia/").content.decode()


def _door(desk: Desk) -> str:
    services.set_channel(
        actor=desk.system, channel="sms", provider="twilio", now=NOW, config={"user": "AC1", "password": ""}
    )
    return services.open_door(actor=desk.system, channel="sms", provider_key="twilio", now=NOW)


def test_a_provider_calls_at_its_own_door_and_is_kept_once_as_it_came(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = _door(desk)
    monkeypatch.setattr("aldia.contact.services.arriving._config_of", lambda *_: {"password": "secreta"})
    body = b"MessageSid=SM7&From=%2B5491155550199&Body=BAJA"
    path = url[url.index("/ganchos") :]
    told = {"content_type": "application/x-www-form-urlencoded"}
    signed = {"HTTP_X_TWILIO_SIGNATURE": signature(url, body, "secreta")}
    assert client.post(path, body, **told).status_code == 400
    assert Arrival.objects.of(desk.organisation).count() == 0
    for _again in range(3):
        assert client.post(path, body, **told, **signed).status_code == 200
    (kept,) = Arrival.objects.of(desk.organisation)
    assert bytes(kept.body) == body
    assert client.post(path[:-3] + "xxx", body, **told, **signed).status_code == 404
    services.process_arrivals(limit=5, now=NOW)
    assert Reply.objects.of(desk.organisation).get().event_id == "twilio:SM7"
    assert parties.with_point(desk.organisation.pk, "PHONE", "+5491155550199") == []


def _with_file(desk: Desk, content: bytes, kind: str, **told: object) -> InboundFile:
    reply = _answered(desk, "Adjunto el comprobante")
    stored = ledger.store_file(actor=desk.system, name="pago", content_type=kind, content=content, now=NOW)
    state = {"state": "kept", "kind": kind, "file_id": stored.pk} | told
    return InboundFile.objects.create(
        organisation=desk.organisation, reply=reply, number=0, provider="whatsapp", media="1", told_kind=kind, **state
    )  # fmt: skip


@pytest.mark.covers("S3-68a")
def test_an_image_that_came_is_seen_in_the_inbox_and_in_the_history_and_runs_nothing(
    desk: Desk, client: Client
) -> None:
    file = _with_file(desk, b"\xff\xd8\xff\xe0", "image/jpeg")
    page, address = desk.login(client, "administrator"), f"/respuestas/archivos/{file.pk}/"
    assert f'src="{address}"' in page.get(f"{PAGE}?respuesta={file.reply_id}").content.decode()
    Reply.objects.of(desk.organisation).filter(pk=file.reply_id).update(media=["image/jpeg"])
    assert f'src="{address}"' in page.get(f"/clientes/{file.reply.case_id}/historia/").content.decode()
    shown = page.get(address)
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert "sandbox" in shown["Content-Security-Policy"] and shown["Cache-Control"] == "private, no-store"


def test_any_other_file_is_saved_and_not_opened_and_a_refused_one_says_why(
    desk: Desk, client: Client
) -> None:
    file = _with_file(desk, b"%PDF-1.7", "application/pdf")
    page, address = desk.login(client, "administrator"), f"/respuestas/archivos/{file.pk}/"
    shown = page.get(address)
    assert (
        shown["Content-Type"] == "application/octet-stream" and "attachment" in shown["Content-Disposition"]
    )
    InboundFile.objects.of(desk.organisation).filter(pk=file.pk).update(state="refused", reason="silent")
    assert page.get(address).status_code == 404
    assert "El proveedor no lo entregó" in page.get(f"{PAGE}?respuesta={file.reply_id}").content.decode()
    assert page.post(f"{address}pedir/").status_code == 302
    assert InboundFile.objects.of(desk.organisation).get(pk=file.pk).state == "waiting"
