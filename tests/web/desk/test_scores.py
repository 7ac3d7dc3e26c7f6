"""The screen of the next minute: an order with its reasons, and the score's own report."""

import pytest
from django.test import Client

from aldia.strategy import services
from tests.web.desk.seed import TODAY, Desk

pytestmark = pytest.mark.django_db


def test_the_next_minute_is_told_with_its_reasons_and_its_rule(desk: Desk, client: Client) -> None:
    page = desk.login(client, "manager").get("/estrategias/puntaje/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "Se usa una regla simple" in text
    assert page.context["rows"]
    assert "días de atraso" in text
    assert 'href="/estrategias/"' in _heading(text)
    his = desk.login(client, "ana").get("/estrategias/puntaje/").content.decode()
    assert "El próximo minuto" in _heading(his)
    assert 'href="/estrategias/"' not in his  # a collector may not go there


def _heading(text: str) -> str:
    return text.partition("<h1")[2].partition("</h1>")[0]


def test_learning_with_thin_history_says_how_much_is_missing(desk: Desk, client: Client) -> None:
    answer = desk.login(client, "manager").post("/estrategias/puntaje/aprender/", follow=True)
    assert "Todavía no hay historia bastante" in answer.content.decode()
    assert desk.login(client, "ana").post("/estrategias/puntaje/aprender/").status_code == 403


def test_the_list_of_clients_is_ordered_by_it_and_says_why_and_by_which_rule(
    desk: Desk, client: Client
) -> None:
    services.keep_worth(actor=desk.system, as_of=TODAY)
    page = desk.login(client).get("/clientes/?sort=worth&holder=me")
    worth = [row["worth_minor"] for row in page.context["rows"]]
    assert worth == sorted(worth, reverse=True)
    assert worth[0] > 0
    assert page.context["rows"][0]["why"]
    assert "se usa una regla simple" in page.content.decode()
    assert "se usa una regla simple" not in desk.login(client).get("/clientes/").content.decode()
