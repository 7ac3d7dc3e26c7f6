"""The screen of the next minute: an order with its reasons, and the score's own report."""

import pytest
from django.test import Client

from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db


def test_the_next_minute_is_told_with_its_reasons_and_its_rule(desk: Desk, client: Client) -> None:
    page = desk.login(client, "manager").get("/estrategias/puntaje/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "Se usa una regla simple" in text
    assert page.context["rows"]
    assert "días de atraso" in text


def test_learning_with_thin_history_says_how_much_is_missing(desk: Desk, client: Client) -> None:
    answer = desk.login(client, "manager").post("/estrategias/puntaje/aprender/", follow=True)
    assert "Todavía no hay historia bastante" in answer.content.decode()
    assert desk.login(client, "ana").post("/estrategias/puntaje/aprender/").status_code == 403
