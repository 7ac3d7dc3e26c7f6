"""Calling from the case: one panel asks, follows and asks for the outcome; settings keep the exchange; a recording is heard on record."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from aldia.access.models import AuditEvent
from aldia.contact.calls import recordings
from aldia.contact.calls.models import PhoneCall
from aldia.contact.models import ChannelSetting
from aldia.kpi import services as kpi
from aldia.kpi.models import ActivityDay
from aldia.outcomes.models import Outcome
from aldia.web.desk.views import case_call
from tests.rooms.contact.exchange import PASSWORD, SOUND, exchange
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
SETTINGS = "/ajustes/llamadas/"


def _called(desk: Desk, client: Client) -> PhoneCall:
    """A call of the sandbox that rings."""
    case = desk.case_ids[0]
    page = client.get(f"/clientes/{case}/llamar/", headers={"HX-Request": "true"}).content.decode()
    assert "haces de cliente" in page
    answer = client.post(
        f"/clientes/{case}/llamar/", {"client_id": "un-clic"}, headers={"HX-Request": "true"}
    )
    assert "Suena el teléfono del cliente" in answer.content.decode()
    return PhoneCall.objects.of(desk.organisation).get()


@pytest.mark.covers("S2-22a", "S4-39a", "S2-19")
def test_a_collector_calls_from_the_case_and_the_outcome_keeps_the_length(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = timezone.now()
    monkeypatch.setattr(case_call, "real_now", lambda: hour)
    desk.login(client)
    assert (
        f"/clientes/{desk.case_ids[0]}/llamar/"
        in client.get(f"/clientes/{desk.case_ids[0]}/").content.decode()
    )
    call = _called(desk, client)
    here = f"/clientes/{call.case_id}/llamada/{call.pk}/"
    assert "every 2s" in client.get(here, headers={"HX-Request": "true"}).content.decode()
    assert "En conversación" in client.post(f"{here}simular/", {"hace": "answers"}).content.decode()
    PhoneCall.objects.of(desk.organisation).filter(pk=call.pk).update(
        answered_at=hour - timedelta(seconds=75)
    )
    over = client.post(f"{here}colgar/", headers={"HX-Request": "true"}).content.decode()
    assert "1 min 15 s" in over and "¿Qué resultó?" in over and "every 2s" not in over
    told = client.post(
        f"/clientes/{call.case_id}/resultado/informed/", {"channel": "call", "client_id": "fin"}
    )
    assert told.status_code in {200, 302}
    assert Outcome.objects.of(desk.organisation).get(client_id="fin").seconds == 75
    assert "1 min 15 s" in client.get(f"/clientes/{call.case_id}/").content.decode()


@pytest.mark.covers("S4-39a")
def test_calls_and_talk_are_told_by_person_and_kind_of_debt_as_counted_by_hand(
    desk: Desk, client: Client
) -> None:
    for number, seconds in ((0, 75), (1, 130)):
        desk.log(number, "informed", seconds=seconds)
    kpi.snapshot(actor=desk.system, as_of=TODAY, now=NOW)
    days = set(ActivityDay.objects.of(desk.organisation).values_list("on", flat=True))
    mine = Outcome.objects.of(desk.organisation).filter(channel="call", user_id=desk.users["ana"].pk)
    rows = list(mine.filter(on__in=days).values_list("portfolio_id", "seconds"))
    page = desk.login(client, "manager").get("/indicadores/personas/?moneda=ARS")
    told = [line for line, _kind, _talked in page.context["by_kind"] if line.name == "Julieta Sosa"]
    assert sum(line.calls for line in told) == len(rows)
    assert sum(line.seconds for line in told) == sum(seconds or 0 for _portfolio, seconds in rows) >= 205
    assert {line.debt_kind for line in told} == {
        "commercial"
    } and "Llamadas por clase de deuda" in page.content.decode()


def test_somebody_elses_call_is_not_there(desk: Desk, client: Client) -> None:
    desk.login(client)
    call = _called(desk, client)
    desk.login(client, "bruno")
    for path in ("", "colgar/", "simular/"):
        address = f"/clientes/{call.case_id}/llamada/{call.pk}/{path}"
        assert (client.post(address) if path else client.get(address)).status_code in {403, 404}


@pytest.mark.covers("S2-22b")
def test_a_recording_is_played_from_the_history_and_each_time_is_on_record(
    desk: Desk, client: Client
) -> None:
    desk.login(client)
    call = _called(desk, client)
    client.post(f"/clientes/{call.case_id}/llamada/{call.pk}/simular/", {"hace": "no_answer"})
    PhoneCall.objects.of(desk.organisation).filter(pk=call.pk).update(noticed_at=timezone.now())
    recordings.keep(call, SOUND, kept_days=30, now=timezone.now())
    address = f"/llamadas/{call.pk}/grabacion/"
    assert address in client.get(f"/clientes/{call.case_id}/").content.decode()
    heard = client.get(address)
    assert (heard.content, heard["Content-Type"], heard["Cache-Control"]) == (SOUND, "audio/wav", "no-store")
    desk.login(client, "supervisor")
    assert client.get(address).status_code == 200
    desk.login(client, "bruno")
    assert client.get(address).status_code == 403
    assert AuditEvent.objects.of(desk.organisation).filter(verb="contact.recording.play").count() == 2


def test_the_exchange_is_set_tried_given_extensions_and_switched_on(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    assert client.get("/ajustes/canales/call/")["Location"] == SETTINGS
    assert client.post(f"{SETTINGS}interruptor/", {"encender": "1"}).status_code == 422
    with exchange() as pbx:
        told = {**pbx.config, "sender": "+541155550100"}
        assert (
            "usa https"
            in client.post(SETTINGS, {**told, "base_url": "http://central.example"}).content.decode()
        )
        assert "avisar" in client.post(SETTINGS, {**told, "is_recorded": "on"}).content.decode()
        assert client.post(SETTINGS, told).status_code == 302
        assert PASSWORD not in client.get(SETTINGS).content.decode()
        assert "Asterisk 22.1.0" in client.post(f"{SETTINGS}prueba/").content.decode()
    ana = desk.users["ana"].pk
    assert (
        "no es un interno"
        in client.post(f"{SETTINGS}internos/", {f"interno-{ana}": "10 01;"}).content.decode()
    )
    assert client.post(f"{SETTINGS}internos/", {f"interno-{ana}": "1001"}).status_code == 302
    assert 'value="1001"' in client.get(SETTINGS).content.decode()
    assert client.post(f"{SETTINGS}interruptor/", {"encender": "1"}).status_code == 302
    assert ChannelSetting.objects.of(desk.organisation).get(channel="call").is_live


@pytest.mark.covers("S3-44b")
def test_the_keypad_is_tried_in_words_and_nothing_is_kept(desk: Desk, client: Client) -> None:
    page, address = desk.login(client, "administrator"), "/ajustes/llamadas/teclas/"
    assert address in page.get("/ajustes/llamadas/").content.decode()
    kept = page.get(address).context["kept"]
    for key in "2123451":
        shown = page.post(address, {"tecla": key, "hablado": kept, "idioma": "es"})
        kept = shown.context["kept"]
    assert "Anotaría la promesa" in shown.content.decode() and shown.context["is_over"]
    assert not PhoneCall.objects.of(desk.organisation).exists()
    forged = page.post(address, {"hablado": kept + "x", "idioma": "es"}).context
    assert len(forged["said"]) == 2 and not forged["is_over"]
