"""People: added, changed, away with a stand-in, their cases handed over; and the matrix that is printed."""

import pytest
from django.test import Client

from aldia.access.models import Membership
from aldia.access.permissions import ROLE_PERMISSIONS, Permission
from aldia.cases.models import Case
from tests.web.desk.seed import PASSWORD, Desk

pytestmark = pytest.mark.django_db


def membership(desk: Desk, who: str) -> Membership:
    return Membership.objects.of(desk.organisation).get(user=desk.users[who])


def test_an_administrator_adds_a_person_once(desk: Desk, client: Client) -> None:
    told = {"name": "Nora Vidal", "email": "nora@andina.example", "role": "COLLECTOR", "team": desk.team_id}
    administrator = desk.login(client, "administrator")
    assert administrator.post("/ajustes/personas/nueva/", told).status_code == 302
    again = administrator.post("/ajustes/personas/nueva/", told)
    assert again.status_code == 422
    assert "ya es parte" in again.content.decode()
    assert desk.login(client, "supervisor").post("/ajustes/personas/nueva/", told).status_code == 403


def test_a_role_is_changed(desk: Desk, client: Client) -> None:
    row = membership(desk, "bruno")
    told = {"role": "SUPERVISOR", "team": desk.team_id, "is_active": "1"}
    assert desk.login(client, "administrator").post(f"/ajustes/personas/{row.pk}/", told).status_code == 302
    assert membership(desk, "bruno").role == "SUPERVISOR"


def test_who_administers_hands_a_person_a_link_to_choose_its_password(desk: Desk, client: Client) -> None:
    page = f"/ajustes/personas/{membership(desk, 'ana').pk}/"
    shown = desk.login(client, "administrator").post(f"{page}enlace/")
    assert "/cuenta/password/reset/key/" in shown.context["link"]
    assert shown.context["link"] in shown.content.decode()
    assert desk.login(client, "supervisor").post(f"{page}enlace/").status_code == 403


@pytest.mark.covers("S3-37b", "S3-87")
def test_it_is_kept_from_where_and_with_what_each_person_came_in(desk: Desk, client: Client) -> None:
    told = {"login": desk.users["ana"].email, "password": PASSWORD}
    client.post("/cuenta/login/", told, REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT="Firefox de prueba")
    page = f"/ajustes/personas/{membership(desk, 'ana').pk}/"
    text = desk.login(client, "administrator").get(page).content.decode()
    assert "203.0.113.7" in text and "Firefox de prueba" in text
    assert "203.0.113.7" not in desk.login(client, "supervisor").get(page).content.decode()


def test_an_absence_has_both_ends_and_a_stand_in(desk: Desk, client: Client) -> None:
    row, other = membership(desk, "ana"), membership(desk, "bruno")
    url, supervisor = f"/ajustes/personas/{row.pk}/ausencia/", desk.login(client, "supervisor")
    assert supervisor.post(url, {"from_on": "2026-11-24"}).status_code == 422
    assert supervisor.post(url, {"from_on": "2026-11-24", "until_on": "2026-11-24"}).status_code == 422
    assert (
        supervisor.post(
            url, {"from_on": "2026-11-24", "until_on": "2026-12-01", "stand_in": other.pk}
        ).status_code
        == 302
    )
    assert membership(desk, "ana").stand_in_id == other.pk
    assert "Ausente" in supervisor.get("/ajustes/personas/").content.decode()


def test_every_case_of_a_person_passes_to_another(desk: Desk, client: Client) -> None:
    row, other = membership(desk, "bruno"), membership(desk, "ana")
    answer = desk.login(client, "supervisor").post(f"/ajustes/personas/{row.pk}/traspaso/", {"to": other.pk})
    assert answer.status_code == 302
    assert (
        not Case.objects.of(desk.organisation).filter(holder_id=desk.users["bruno"].pk, is_open=True).exists()
    )
    assert client.post(f"/ajustes/personas/{row.pk}/traspaso/", {"to": ""}).status_code == 422


def test_the_matrix_shows_what_the_program_enforces(desk: Desk, client: Client) -> None:
    rows = desk.login(client, "ana").get("/ajustes/permisos/").context["rows"]
    shown = sum(sum(marks) for _verb, marks in rows)
    assert shown == sum(len(verbs - {Permission.ANSWER_AS_DEBTOR}) for verbs in ROLE_PERMISSIONS.values())
