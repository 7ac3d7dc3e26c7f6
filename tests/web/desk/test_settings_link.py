"""The screens of the link with other books and of the API's tokens: kept, tried, shown once, revoked."""

import pytest
from django.test import Client, override_settings

from aldia.access.models import ApiToken
from aldia.intake.links.registry import SYSTEMS
from aldia.intake.models import Link
from tests.rooms.intake.tryton import PASSWORD, Tryton
from tests.web.desk.seed import Desk

LINK, TOKENS = "/ajustes/enlace/", "/ajustes/api/"
WRITTEN = {
    "url": "https://erp.example", "database": "libros", "user": "aldia", "secret": PASSWORD, "portfolio": "Tryton", "method": "",
    "is_on": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def inside() -> object:
    with override_settings(WEBHOOKS_MAY_STAY_INSIDE=True):
        yield


def test_a_link_is_written_tried_and_turned(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tryton = Tryton()
    tryton.invoice("7", "C-1", ("1000.00", desk.clock.as_of))
    monkeypatch.setitem(SYSTEMS, "tryton", tryton.books)
    desk.login(client, "administrator")
    assert client.post(LINK, WRITTEN).status_code == 302
    assert "Tryton" in client.post(f"{LINK}prueba/").content.decode()
    assert client.post(f"{LINK}vuelta/").status_code == 302
    kept = Link.objects.of(desk.organisation.pk).get()
    assert kept.problem == {}
    assert kept.counts["new"] == 1
    assert PASSWORD not in client.get(LINK).content.decode()


def test_what_is_wrong_is_shown_with_its_repair(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SYSTEMS, "tryton", Tryton().books)
    desk.login(client, "administrator")
    client.post(LINK, {**WRITTEN, "secret": "otra"})
    client.post(f"{LINK}vuelta/")
    assert "escríbelos otra vez" in client.get(LINK).content.decode()


def test_a_token_is_shown_once_and_revoked(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    page = client.post(TOKENS, {"name": "ERP", "see_all_cases": "on"})
    token = ApiToken.objects.of(desk.organisation.pk).get()
    assert page.content.decode().count("aldia_") >= 1
    assert page["Cache-Control"] == "no-store"
    assert "no se vuelve a mostrar" not in client.get(TOKENS).content.decode()
    client.post(f"{TOKENS}{token.pk}/revocar/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_token_without_permission_is_refused(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    assert client.post(TOKENS, {"name": "ERP"}).status_code == 422
    assert not ApiToken.objects.of(desk.organisation.pk).exists()
