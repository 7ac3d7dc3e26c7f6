"""One case on its screen: what it shows, its outcomes and gestures."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.web.desk.seed import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dist")]
HTMX = {"HTTP_HX_REQUEST": "true"}


def test_the_360_shows_money_first_and_the_document_masked(desk: Desk, client: Client) -> None:
    html = desk.login(client).get(reverse("desk:case", args=[desk.case_ids[0]])).content.decode()
    assert "Ferretería El Algarrobo S.R.L." in html
    assert "CUIT 30-71" in html and "•••••" in html and "30710000000" not in html
    assert "No llegó la promesa de" in html
    assert "¿Puedo contactar ahora?" in html
    assert "Pagó $" in html
