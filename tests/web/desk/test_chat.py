"""The assistant on the desk: switched, tried, its conversations taken and answered with a saved text."""

import pytest
from django.test import Client

from aldia.chat import services as chat
from aldia.chat.models import Conversation, SavedReply
from aldia.chat.switching import ChatRules
from aldia.contact import services as contact
from aldia.contact.inbound.models import Reply
from aldia.contact.models import DebtorLink
from aldia.ledger import selectors as ledger
from tests.web.desk.seed import NOW, Desk

pytestmark = pytest.mark.django_db
SETTINGS = "/ajustes/asistente/"


def _link(desk: Desk) -> DebtorLink:
    case_id = desk.case_ids[0]
    _portfolio, _creditor, party_id = ledger.account_of(desk.system, case_id)
    _token, link = contact.make_link(
        organisation_id=desk.organisation.pk, case_id=case_id, party_id=party_id, origin="test:1", now=NOW
    )
    return link


def _handed(desk: Desk, text: str = "quiero hablar con una persona") -> Reply:
    clock = desk.clock
    chat.set_chat(actor=desk.system, rules=ChatRules(is_on=True), clock=clock)
    chat.talk(link=_link(desk), written=chat.Written(text, "a"), clock=clock)
    return Reply.objects.of(desk.organisation).get(channel="portal", is_open=True)


@pytest.mark.covers("S3-70")
def test_it_is_switched_on_for_the_house_and_off_for_a_portfolio(desk: Desk, client: Client) -> None:
    page = desk.login(client, "administrator")
    told = {
        "is_on": "on",
        "portal": "on",
        "whatsapp": "on",
        "from_hour": "8",
        "to_hour": "20",
        "least_percent": "5",
    }
    assert page.post(SETTINGS, told).status_code == 302
    desk.organisation.refresh_from_db()
    assert desk.organisation.settings["chat"]["channels"] == ["portal", "whatsapp"]
    assert page.post(SETTINGS, told | {"to_hour": "7"}).status_code == 422
    shown = page.get(SETTINGS).content.decode()
    assert "Como la organización" in shown


@pytest.mark.covers("S3-68a")
def test_a_conversation_is_tried_and_nothing_is_kept(desk: Desk, client: Client) -> None:
    page = desk.login(client, "administrator")
    kept = page.get(f"{SETTINGS}prueba/").context["kept"]
    for text in ("pago el viernes 200", "1234", "sí"):
        shown = page.post(f"{SETTINGS}prueba/", {"texto": text, "hablado": kept, "idioma": "es"})
        kept = shown.context["kept"]
    assert "Anotado" in shown.content.decode()
    assert not Conversation.objects.of(desk.organisation).exists()
    english = page.post(f"{SETTINGS}prueba/", {"hablado": kept, "idioma": "en"}).context["bubbles"]
    assert len(english) == 2


@pytest.mark.covers("S3-75")
def test_a_conversation_waits_with_its_reason_and_is_answered_with_a_saved_text(
    desk: Desk, client: Client
) -> None:
    reply = _handed(desk)
    saved = SavedReply.objects.create(organisation=desk.organisation, name="Saludo", text="Hola, ya lo veo.")
    page = desk.login(client, "supervisor")
    shown = page.get(f"/respuestas/?respuesta={reply.pk}&guardada={saved.pk}").content.decode()
    assert "Pidió hablar con una persona" in shown and "el asistente calla" in shown
    assert ">Hola, ya lo veo.</textarea>" in shown and "Sugerido: Agendar la llamada" in shown
    page.post(f"/respuestas/{reply.pk}/contestar/", {"texto": "Hola, ya lo veo."})
    assert "La tienes tú" in page.get(f"/respuestas/?respuesta={reply.pk}").content.decode()
    assert "Hola, ya lo veo." in page.get(f"/clientes/{reply.case_id}/historia/").content.decode()
    page.post(f"/respuestas/{reply.pk}/atendida/")
    assert not Conversation.objects.of(desk.organisation).get().is_held


def test_whoever_comes_second_is_told_and_does_not_write(desk: Desk, client: Client) -> None:
    reply = _handed(desk)
    chat.take(actor=desk.ana, case_id=reply.case_id, clock=desk.clock)
    page = desk.login(client, "supervisor")
    assert (
        "tiene esta conversación: habla antes"
        in page.get(f"/respuestas/?respuesta={reply.pk}").content.decode()
    )
    page.post(f"/respuestas/{reply.pk}/contestar/", {"texto": "yo también"})
    assert "yo también" not in page.get(f"/respuestas/?respuesta={reply.pk}").content.decode()
    page.post(f"/respuestas/{reply.pk}/tomar/")
    page.post(f"/respuestas/{reply.pk}/contestar/", {"texto": "ahora sí"})
    assert "ahora sí" in page.get(f"/respuestas/?respuesta={reply.pk}").content.decode()


def test_a_saved_reply_is_written_and_taken_away(desk: Desk, client: Client) -> None:
    page = desk.login(client, "administrator")
    assert page.post(f"{SETTINGS}respuestas/", {"name": "", "text": "x"}).status_code == 422
    page.post(f"{SETTINGS}respuestas/", {"name": "Saludo", "text": "Hola"})
    row = SavedReply.objects.of(desk.organisation).get()
    page.post(f"{SETTINGS}respuestas/", {"quitar": str(row.pk)})
    assert not SavedReply.objects.of(desk.organisation).exists()
