"""Today: the round of the collector, the board of who leads, the agenda of both."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from aldia.access import services as access
from aldia.cases import services as cases
from aldia.outcomes.models import Task
from aldia.strategy import services as strategy
from aldia.strategy.scores import SETTING, rule_of_thumb
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dist")]
HTMX = {"HTTP_HX_REQUEST": "true"}


def title(html: str) -> str:
    found = re.search(r'<h1 class="ald-title">([^<]+)</h1>', html)
    assert found, html[:400]
    return found[1]


def begin(client: Client, query: str = "") -> str:
    return client.get(reverse("desk:today") + query).content.decode()


def case_in(html: str) -> int:
    found = re.search(r"/hoy/(\d+)/saltar/", html)
    assert found
    return int(found[1])


def test_the_day_begins_with_the_case_that_deserves_it_most_reserved(desk: Desk, client: Client) -> None:
    html = begin(desk.login(client))
    assert "Reservado para ti" in html and "Cola de Julieta Sosa" in html
    assert cases.reserve(actor=desk.ana, case_id=case_in(html), now=NOW)


def test_no_answer_and_the_next_case_come_in_one_answer(desk: Desk, client: Client) -> None:
    before = begin(desk.login(client))
    address = reverse("desk:outcome", args=[case_in(before), "no_answer"]) + "?cola=1"
    after = client.post(address, {"channel": "call", "client_id": "n-1"}, **HTMX)
    html = after.content.decode()
    assert title(html) != title(before)
    assert "No contesta: " in html and "Deshacer" in html
    assert after["HX-Retarget"] == "#espacio" and after["HX-Push-Url"] == reverse("desk:today")


def test_progress_counts_the_cases_worked_today(desk: Desk, client: Client) -> None:
    html = begin(desk.login(client))
    done, total = map(int, re.search(r"(\d+) de (\d+)</span>", html).groups())  # type: ignore[union-attr]
    client.post(
        reverse("desk:outcome", args=[case_in(html), "no_answer"]), {"channel": "call", "client_id": "n-2"}
    )
    assert f"{done + 1} de {total}" in begin(client)


def test_a_skipped_case_comes_again_at_the_end_of_the_round(desk: Desk, client: Client) -> None:
    first = begin(desk.login(client))
    second = client.post(reverse("desk:skip", args=[case_in(first)]), **HTMX).content.decode()
    assert title(second) != title(first)
    seen = {title(first), title(second)}
    html = second
    for _turn in range(60):
        html = client.post(reverse("desk:skip", args=[case_in(html)]), **HTMX).content.decode()
        if title(html) == title(first):
            break
        seen.add(title(html))
    assert title(html) == title(first) and len(seen) > 10


@pytest.mark.covers("S3-23", "S3-36a")
def test_two_collectors_never_get_the_same_case_and_are_told_who_is_in_it(desk: Desk, client: Client) -> None:
    cases.reserve(actor=desk.actors["bruno"], case_id=desk.case_ids[0], now=NOW)
    html = begin(desk.login(client), f"?caso={desk.case_ids[0]}")
    assert "Lautaro Funes está en este caso. Te damos el siguiente." in html
    assert case_in(html) != desk.case_ids[0]


def test_a_pause_frees_the_case(desk: Desk, client: Client) -> None:
    case_id = case_in(begin(desk.login(client)))
    html = client.post(reverse("desk:pause", args=[case_id]), follow=True).content.decode()
    assert "Tu caso quedó libre" in html
    assert cases.reserve(actor=desk.actors["bruno"], case_id=case_id, now=NOW)


def test_with_nothing_left_the_day_is_calm(desk: Desk, client: Client) -> None:
    cases.assign(
        actor=desk.system,
        case_ids=desk.case_ids,
        user_id=desk.users["bruno"].pk,
        team_id=None,
        as_of=TODAY,
        now=NOW,
    )
    assert "Y nada más por hoy" in begin(desk.login(client))


@pytest.mark.covers("S2-27", "S3-37b", "S3-1d", "S3-90")
def test_who_leads_sees_in_which_case_each_person_is_now(desk: Desk, client: Client) -> None:
    cases.reserve(actor=desk.ana, case_id=desk.case_ids[2], now=NOW)
    cases.reserve(actor=desk.actors["bruno"], case_id=desk.case_ids[25], now=NOW - timedelta(hours=1))
    page = desk.login(client, "supervisor").get(reverse("desk:today"))
    where = {row["member"].user.name: row["in_hand"] for row in page.context["rows"]}
    assert where["Julieta Sosa"].case_id == desk.case_ids[2]
    assert where["Lautaro Funes"] is None  # it was left an hour ago
    assert "Panificadora Doña Herminia" in page.content.decode()
    assert client.get(f"/clientes/{desk.case_ids[2]}/").status_code == 200


@pytest.mark.covers("S3-34")
def test_who_leads_sees_the_day_of_each_person_and_may_work_too(desk: Desk, client: Client) -> None:
    html = begin(desk.login(client, "supervisor"))
    assert "Quién está con qué" in html and "Julieta Sosa" in html and "6 sin asignar" in html
    assert "Cola de Rocío Paz" in begin(client, "?cola=1")


def test_the_agenda_has_what_is_late_first_and_a_task_can_be_moved_in_words_or_done(
    desk: Desk, client: Client
) -> None:
    desk.login(client)
    html = client.get(reverse("desk:agenda")).content.decode()
    assert html.index("Kiosco La Esquina de Tito") < html.index("Marcela Quiroga")
    task = Task.objects.of(desk.organisation).filter(state="open", due_on__lt=TODAY).first()
    client.post(reverse("desk:task-move", args=[task.pk]), {"on": "mañana"})
    task.refresh_from_db()
    assert task.due_on == TODAY + timedelta(days=1)
    client.post(reverse("desk:task-move", args=[task.pk]), {"on": "ayer"})
    task.refresh_from_db()
    assert task.due_on == TODAY + timedelta(days=1)
    client.post(reverse("desk:task-finish", args=[task.pk]))
    task.refresh_from_db()
    assert task.state == "done"


def test_a_collector_sees_only_the_own_agenda(desk: Desk, client: Client) -> None:
    html = (
        desk.login(client, "bruno")
        .get(reverse("desk:agenda") + f"?de={desk.users['ana'].pk}")
        .content.decode()
    )
    assert "Kiosco La Esquina de Tito" not in html


def test_the_queue_is_a_list_with_the_reason_of_each_place_and_begins_where_one_says(
    desk: Desk, client: Client
) -> None:
    page = desk.login(client).get(reverse("desk:queue"))
    rows = page.context["rows"]
    assert [row["points"] for row in rows] == sorted((row["points"] for row in rows), reverse=True)
    assert "Importe y antigüedad" in page.content.decode()
    assert client.post(reverse("desk:queue-order"), {"orden": "minuto"}).status_code == 403
    second = rows[1]["case_id"]
    assert case_in(begin(client, f"?caso={second}")) == second
    rest = client.get(reverse("desk:queue"), {"despues": second}).context["rows"]
    assert [row["case_id"] for row in rest] == [row["case_id"] for row in rows[2:]]


@pytest.mark.covers("S3-88")
def test_who_leads_orders_the_queue_by_the_minute_once_there_is_a_score_of_its_own(
    desk: Desk, client: Client
) -> None:
    strategy.keep_worth(actor=desk.system, as_of=TODAY)
    desk.login(client, "supervisor")
    refused = client.post(reverse("desk:queue-order"), {"orden": "minuto"}, follow=True)
    assert "Todavía no hay un puntaje de tu historia" in refused.content.decode()
    card = {"card": rule_of_thumb().to_json(), "told": {"learnt_from": 900}}
    access.change_settings(actor=desk.system, now=NOW, settings={SETTING: card})
    client.post(reverse("desk:queue-order"), {"orden": "minuto"})
    page = desk.login(client).get(reverse("desk:queue"))
    worth = [row["worth_minor"] for row in page.context["rows"]]
    assert worth == sorted(worth, reverse=True) and worth[0] > 0
    assert "sube:" in page.content.decode() or "baja:" in page.content.decode()
    first = begin(client)
    assert case_in(first) == page.context["rows"][0]["case_id"]
    assert "Un minuto con este caso debería traer" in first
