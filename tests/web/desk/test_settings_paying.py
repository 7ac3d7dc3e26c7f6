"""Settings of payment online: secrets never shown, wrong data said, switched on by who may."""

import pytest
from django.test import Client

from aldia.payments.models import PayMethod
from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db
NEW = "/ajustes/cobro/nueva/{}/"


def test_a_gateway_is_kept_with_its_secrets_sealed_and_switched_on(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    told = {
        "access_token": "APP-muy-secreta",
        "secret": "palabra",
        "currencies": "ars usd",
        "least": "500,50",
        "is_test": "on",
    }
    kept = client.post(NEW.format("mercadopago"), told)
    row = PayMethod.objects.of(desk.organisation).get()
    assert kept["Location"] == f"/ajustes/cobro/{row.pk}/"
    page = client.get(kept["Location"]).content.decode()
    assert "muy-secreta" not in page and "palabra" not in page and f"/ganchos/cobro/{row.token}/" in page
    assert (row.currencies, row.least_minor, row.is_test, row.is_on) == (["ARS", "USD"], 50_050, True, False)
    client.post(f"/ajustes/cobro/{row.pk}/interruptor/", {"encender": "1"})
    again = client.post(f"/ajustes/cobro/{row.pk}/", {**told, "access_token": "", "secret": "", "least": ""})
    assert again.status_code == 302
    fresh = PayMethod.objects.of(desk.organisation).get()
    assert fresh.is_on and fresh.least_minor == 0 and fresh.config == row.config
    assert "Mercado Pago" in client.get("/ajustes/cobro/").content.decode()


@pytest.mark.parametrize(
    ("provider", "told", "why"),
    [
        ("webpay", {"currencies": "ARS"}, "solo en CLP"),
        ("transfer", {"currencies": "XXQ"}, "XXQ"),
        ("transfer", {"currencies": "BRL", "pix_key": "a@b.c"}, "su ciudad"),
        ("mercadopago", {"currencies": "ARS", "base_url": "http://pay.example"}, "usa https"),
        ("mercadopago", {"currencies": "ARS", "least": "mucho"}, "Escribe un importe"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    desk: Desk, client: Client, provider: str, told: dict[str, str], why: str
) -> None:
    desk.login(client, "administrator")
    page = client.post(NEW.format(provider), told)
    assert page.status_code == 422 and why in page.content.decode()
    assert not PayMethod.objects.of(desk.organisation).exists()


def test_one_that_lacks_its_secret_cannot_be_switched_on(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    client.post(NEW.format("mercadopago"), {"currencies": "ARS"})
    row = PayMethod.objects.of(desk.organisation).get()
    page = client.post(f"/ajustes/cobro/{row.pk}/interruptor/", {"encender": "1"}, follow=True)
    assert "faltan datos" in page.content.decode()
    assert not PayMethod.objects.of(desk.organisation).get().is_on


def test_only_who_edits_settings_may_write(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    assert client.get("/ajustes/cobro/").status_code == 200
    assert client.post(NEW.format("transfer"), {"currencies": "ARS"}).status_code == 403
    assert not PayMethod.objects.of(desk.organisation).exists()
