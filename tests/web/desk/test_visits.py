"""The visits of a day: their order, what the law says of each, and the result with its photo and position, kept once."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Outcome, OutcomeDetail, Task
from aldia.parties.models import ContactPoint
from tests.beginnings import beginning
from tests.web.desk.conftest import company_at_work
from tests.web.desk.seed import NOW, TODAY, Desk
from tests.web.reading import flat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dist"), pytest.mark.covers("S1-11a")]
UNPROCESSABLE = 422
HERE = "-31.416700 -64.183300 12 2026-11-24T12:40:00.000Z"
PHOTO = b"\xff\xd8\xff\xe0" + b"0" * 60
ADDRESSES = {
    0: "Av. Sabattini 2140, X5000 Córdoba", 1: "Belgrano 15, X5000 Córdoba",
    2: "AV. SABATTINI 90, X5000 CORDOBA", 3: "",
}  # fmt: skip


def company_with_visits() -> Desk:
    """The company, with four clients to visit today."""
    desk = company_at_work()
    for number, address in ADDRESSES.items():
        points = ContactPoint.objects.of(desk.organisation).filter(
            party_id=desk.case(number).party_id, kind="ADDRESS"
        )
        points.update(value=address) if address else points.delete()
        draft = outcomes.TaskDraft(
            case_id=desk.case_ids[number], kind="visit", due_on=TODAY - timedelta(days=number % 2),
            identity=f"manual:visit-{number}", origin="manual", owner_id=desk.users["ana"].pk,
        )  # fmt: skip
        outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=[draft], now=NOW)
    return desk


company = beginning(company_with_visits)


def page(client: Client) -> str:
    return flat(client.get(reverse("desk:visits")))


def address_of(desk: Desk, number: int, key: str = "no_answer") -> str:
    task = Task.objects.of(desk.organisation).get(identity=f"manual:visit-{number}")
    return reverse("desk:outcome", args=[desk.case_ids[number], key]) + f"?visita={task.pk}"


def test_neighbours_follow_one_another_and_who_has_no_address_comes_last(desk: Desk, client: Client) -> None:
    html = page(desk.login(client))
    places = [
        html.index(f'href="{reverse("desk:case", args=[desk.case_ids[number]])}?visita=')
        for number in (2, 0, 1, 3)
    ]
    assert places == sorted(places)
    assert "geo:0,0?q=Belgrano+15" in html and "Sin domicilio" in html
    assert 'href="/visitas/"' in html


def test_the_law_is_told_at_each_door(desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    html = page(desk.login(client))
    assert (
        "Visitar ahora: Sí" not in html and html.count("Di si es su casa o su trabajo") == len(ADDRESSES) - 1
    )
    points = ContactPoint.objects.of(desk.organisation).filter(kind="ADDRESS")
    points.filter(party_id=desk.case(0).party_id).update(label="Casa")
    points.filter(party_id=desk.case(1).party_id).update(label="Su trabajo")
    html = page(client)
    assert html.count("Visitar ahora: Sí") == 1 and html.count("Di si es su casa o su trabajo") == 1
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW.replace(hour=5))
    html = page(client)
    assert html.count("ald-route__gate--no") == len(ADDRESSES) - 1


def test_who_has_no_visits_has_no_entry_and_a_calm_page(desk: Desk, client: Client) -> None:
    desk.login(client, "bruno")
    assert 'href="/visitas/"' not in client.get(reverse("desk:agenda")).content.decode()
    assert "No te queda ninguna visita" in page(client)


def test_the_result_keeps_photo_and_position_once_and_the_history_tells_them(
    desk: Desk, client: Client
) -> None:
    address = address_of(desk, 0)
    assert 'name="photo"' in desk.login(client).get(address).content.decode()
    for _again in range(2):
        told = {"channel": "visit", "client_id": "v-1", "position": HERE, "note": "Portón azul"}
        photo = SimpleUploadedFile("frente.jpg", PHOTO, "image/jpeg")
        assert client.post(address, told | {"photo": photo}).url == reverse("desk:visits")
    row = Outcome.objects.of(desk.organisation).get(client_id="v-1")
    answers = OutcomeDetail.objects.of(desk.organisation).get(outcome_id=row.pk).answers
    assert (row.channel, answers["position"]["latitude"], answers["position"]["accuracy_m"]) == (
        "visit",
        -31.4167,
        12,
    )
    history = client.get(reverse("desk:case", args=[desk.case_ids[0]])).content.decode()
    assert "-31.41670, -64.18330, ±12 m" in history and "mlat=-31.4167" in history
    assert reverse("desk:file", args=[answers["photo"]]) in history
    assert f"{reverse('desk:case', args=[desk.case_ids[0]])}?visita=" not in page(client)


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("position", "95 0 12 2026-11-24T12:40:00Z"),
        ("position", "-31 -64 12 2026-11-26T12:40:00Z"),
        ("photo", SimpleUploadedFile("frente.jpg", b"<html>", "image/jpeg")),
    ],
)
def test_what_is_no_place_or_no_photo_is_refused_beside_its_field(
    desk: Desk, client: Client, field: str, told: object
) -> None:
    data = {"channel": "visit", "client_id": "v-2", field: told}
    answer = desk.login(client).post(address_of(desk, 1), data)
    assert answer.status_code == UNPROCESSABLE and 'role="alert"' in answer.content.decode()
    assert not Outcome.objects.of(desk.organisation).filter(client_id="v-2").exists()
