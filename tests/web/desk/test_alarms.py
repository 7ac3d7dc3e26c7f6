"""The inbox of alarms."""

import pytest
from django.test import Client

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
