"""The inbox of alarms."""

from datetime import date

import pytest
from django.test import Client

from aldia.access import selectors as access
from aldia.outcomes import selectors as outcomes
from aldia.outcomes.models import Alarm
from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db
INBOX = "/alarmas/"


def _open(desk: Desk) -> Alarm:
    return (
        Alarm.objects.of(desk.organisation)
        .filter(state="open", owner=desk.users["ana"])
        .order_by("-on", "-pk")
        .first()
    )


@pytest.mark.covers("S1-13c")
def test_each_client_rings_once_with_what_to_do_about_it(desk: Desk, client: Client) -> None:
    page = desk.login(client).get(INBOX)
    text = page.content.decode()
    assert page.status_code == 200
    names = [item.alarm.debtor_name for item in page.context["items"]]
    assert len(names) == len(set(names)) > 0
    assert "Ferretería El Algarrobo S.R.L." in names
    assert "Sugerido:" in text


def test_a_resolved_alarm_leaves_the_list_and_comes_back_with_undo(desk: Desk, client: Client) -> None:
    desk.login(client)
    alarm = _open(desk)
    page = client.post(f"{INBOX}{alarm.pk}/resolved/", follow=True)
    assert f"{alarm.case.debtor_name}: alarma resuelta" in page.content.decode()
    assert Alarm.objects.of(desk.organisation).get(pk=alarm.pk).state == "resolved"
    assert alarm.pk in [item.alarm.id for item in client.get(f"{INBOX}?ver=resueltas").context["items"]]
    client.post(f"{INBOX}{alarm.pk}/open/")
    assert Alarm.objects.of(desk.organisation).get(pk=alarm.pk).state == "open"


def test_a_seen_alarm_waits_under_seen(desk: Desk, client: Client) -> None:
    alarm = _open(desk)
    desk.login(client).post(f"{INBOX}{alarm.pk}/seen/")
    shown = client.get(f"{INBOX}?ver=vistas").context["items"]
    assert alarm.pk in [item.alarm.id for item in shown]


def test_nothing_to_do_is_good_news(desk: Desk, client: Client) -> None:
    Alarm.objects.of(desk.organisation).update(state="resolved")
    assert "Nada por atender. Te avisamos si algo cambia." in desk.login(client).get(INBOX).content.decode()


def test_the_auditor_looks_and_marks_nothing(desk: Desk, client: Client) -> None:
    desk.login(client, "auditor")
    assert client.get(f"{INBOX}?ver=equipo").status_code == 200
    assert client.post(f"{INBOX}{_open(desk).pk}/resolved/").status_code == 403


def test_a_page_mark_that_nobody_made_goes_back_to_the_first(desk: Desk, client: Client) -> None:
    page = desk.login(client).get(f"{INBOX}?pagina=xx", follow=True)
    assert "vuelve a la primera" in page.content.decode()


def test_an_alarm_of_another_organisation_does_not_exist(desk: Desk, client: Client) -> None:
    assert desk.login(client).post(f"{INBOX}999999/resolved/").status_code == 404


def test_a_postponed_alarm_is_silent_until_its_day(desk: Desk, client: Client) -> None:
    alarm = _open(desk)
    desk.login(client)
    form = client.get(f"{INBOX}?alarma={alarm.pk}&hacer=posponer").content.decode()
    assert f"/alarmas/{alarm.pk}/posponer/" in form
    page = client.post(
        f"{INBOX}{alarm.pk}/posponer/", {"until": "27/11", "note": "Vuelve el viernes"}, follow=True
    )
    assert "la alarma vuelve el" in page.content.decode()
    assert alarm.pk not in [item.alarm.id for item in page.context["items"]]
    later = client.get(f"{INBOX}?ver=pospuestas").context["items"]
    assert [(item.alarm.id, item.alarm.note) for item in later] == [(alarm.pk, "Vuelve el viernes")]
    filters = {"state": "open", "owner_id": desk.users["ana"].pk}
    rings = outcomes.alarms(desk.ana, outcomes.AlarmFilter(**filters, as_of=date(2026, 11, 27)))
    assert alarm.pk in [row.id for row in rings.rows]


@pytest.mark.parametrize("until", ["", "ayer", "24/11", "24/11/2028"])
def test_an_alarm_is_postponed_only_to_a_day_ahead(desk: Desk, client: Client, until: str) -> None:
    alarm = _open(desk)
    desk.login(client).post(f"{INBOX}{alarm.pk}/posponer/", {"until": until})
    assert Alarm.objects.of(desk.organisation).get(pk=alarm.pk).postponed_until_on is None


def test_an_alarm_given_to_somebody_else_rings_there_and_is_told(desk: Desk, client: Client) -> None:
    alarm, bruno = _open(desk), desk.users["bruno"]
    desk.login(client).post(f"{INBOX}{alarm.pk}/pasar/", {"to": bruno.pk, "note": "Es tuyo"})
    assert Alarm.objects.of(desk.organisation).get(pk=alarm.pk).owner == bruno
    assert [row.body for row in access.notifications(desk.actors["bruno"]) if row.kind == "alarm"][:1] == [
        "Es tuyo"
    ]
    assert client.post(f"{INBOX}{alarm.pk}/pasar/", {"to": "999999"}, follow=True).status_code == 200
    assert client.post(f"{INBOX}999999/pasar/", {"to": bruno.pk}).status_code == 404


def test_the_alarms_of_a_case_are_one_key_from_it(desk: Desk, client: Client) -> None:
    alarm = _open(desk)
    desk.login(client)
    assert f"/alarmas/?caso={alarm.case_id}" in client.get(f"/clientes/{alarm.case_id}/").content.decode()
    shown = client.get(f"{INBOX}?caso={alarm.case_id}").context["items"]
    assert {item.case_id for item in shown} == {alarm.case_id}


def test_who_has_no_alarm_of_his_own_and_sees_the_team_begins_with_everybodys(
    desk: Desk, client: Client
) -> None:
    page = desk.login(client, "supervisor").get(INBOX)
    assert page.context["view"] == "equipo"
    assert page.context["items"]
    assert desk.login(client).get(INBOX).context["view"] == "para-mi"
