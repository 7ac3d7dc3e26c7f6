"""The proposal on the case, the list and its approvals, one agreement, and the policies in the settings."""

from dataclasses import replace

import pytest
from django.test import Client

from aldia.contact.models import Order
from aldia.domain.negotiation import Band, Level, NegotiationPolicy
from aldia.outcomes import selectors as reads
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Agreement, NegotiationVersion
from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db
RULES = NegotiationPolicy(
    bands=(Band(0, "*", 20, 10),), levels=(Level("COLLECTOR", 50, 3), Level("SUPERVISOR", 100, 12))
)
CASE = 5


@pytest.fixture
def house(desk: Desk) -> Desk:
    draft = outcomes.NegotiationDraft("", "De la casa", RULES)
    outcomes.save_negotiation_policy(actor=desk.system, draft=draft, clock=desk.clock)
    return desk


def _address(desk: Desk) -> str:
    return f"/clientes/{desk.case_ids[CASE]}/acuerdo/"


def _agreement(desk: Desk) -> Agreement:
    return Agreement.objects.of(desk.organisation).latest("pk")


@pytest.mark.covers("S3-59")
def test_the_panel_offers_what_the_policy_allows_and_shows_each_instalment(
    house: Desk, client: Client
) -> None:
    page = house.login(client).get(_address(house))
    form = page.context["form"]
    assert [key.split("-")[1] for key, _word, _detail in form.offers] == ["1", "2", "3"]
    told = {"mirar": "1", "offer": form.offers[2][0], "first_on": "mañana"}
    view = client.post(_address(house), told)
    assert len(view.context["form"].sheet.lines) == 3
    assert "Dentro de tu permiso" in view.content.decode()
    assert not Agreement.objects.of(house.organisation).exists()


def test_an_offer_becomes_an_agreement_that_is_sent_and_accepted_by_telephone(
    house: Desk, client: Client
) -> None:
    offer = house.login(client).get(_address(house)).context["form"].offers[0][0]
    page = client.post(_address(house), {"offer": offer, "first_on": "mañana"}, follow=True)
    row = _agreement(house)
    assert (row.state, page.status_code) == ("offered", 200)
    address = f"/compromisos/acuerdos/{row.pk}/"
    client.post(f"{address}enviar/", {"channel": "email", "client_id": "uno"})
    assert Order.objects.of(house.organisation).filter(template_key="agreement_offer").count() == 1
    assert client.post(f"{address}aceptado/", {"evidence": ""}).status_code == 422
    page = client.post(f"{address}aceptado/", {"evidence": "Llamada de hoy con Marta"}, follow=True)
    assert "El sello es auténtico" in page.content.decode()
    assert _agreement(house).state == "active"
    assert "Ya hay un acuerdo vigente" in client.get(_address(house)).content.decode()
    assert "Acuerdo de pago" in client.get(f"/clientes/{row.case_id}/").content.decode()


def test_what_goes_beyond_waits_in_the_inbox_of_who_may_approve_it(house: Desk, client: Client) -> None:
    told = {
        "offer": "propia",
        "discount": "0",
        "down": "",
        "parts": "12",
        "every": "month",
        "first_on": "mañana",
    }
    view = house.login(client).post(_address(house), told | {"mirar": "1"}).content.decode()
    assert "Pide autorización de Supervisor" in view
    assert "Como mucho 3 cuotas" in view
    client.post(_address(house), told | {"reason": "Es lo que puede"})
    address = f"/compromisos/acuerdos/{_agreement(house).pk}/"
    assert client.post(f"{address}decidir/", {"decision": "si"}).status_code == 403
    house.login(client, "supervisor")
    assert [row.state for row, *_rest in client.get("/compromisos/acuerdos/").context["rows"]] == ["approval"]
    assert "espera tu autorización" in client.get("/novedades/").content.decode()
    client.post(f"{address}decidir/", {"decision": "si"})
    assert _agreement(house).state == "offered"
    client.post(f"{address}retirar/", {"reason": "Pidió otra cosa"})
    assert _agreement(house).state == "withdrawn"


def test_what_cannot_be_proposed_says_how_to_repair_it(house: Desk, client: Client) -> None:
    house.login(client)
    wrongs = {
        "con un número": {"parts": "muchas"},
        "No entendemos el importe": {"parts": "2", "discount": "diez"},
        "qué día empieza": {"parts": "2", "first_on": "nunca"},
        "a nadie": {"parts": "100"},
    }
    for text, told in wrongs.items():
        page = client.post(_address(house), {"offer": "propia", "first_on": "mañana", **told})
        assert page.status_code == 422
        assert text in page.content.decode()


def test_without_a_policy_the_panel_says_where_to_write_one(desk: Desk, client: Client) -> None:
    assert "/ajustes/negociacion/" in desk.login(client).get(_address(desk)).content.decode()
    assert client.get("/ajustes/negociacion/").status_code == 403  # a collector does not write them


def test_a_policy_is_written_seen_tried_and_kept_as_versions(house: Desk, client: Client) -> None:
    address = "/ajustes/negociacion/de-la-casa/"
    form = house.login(client, "manager").get(address).context["form"]
    told = {**form.told, "is_active": "1", "example_amount": "1000", "example_days": "95"}
    tried = client.post(address, told | {"mirar": "1", "band-0-at_once": "30"})
    assert tried.context["offered"][1][1][0].sheet.discount_minor == 300_00
    assert client.post(address, told | {"band-0-at_once": "30"}).status_code == 302
    kept = reads.negotiation_policies(house.system)[0]
    assert kept.number == 2
    assert kept.rules == replace(RULES, bands=(Band(0, "*", 30, 10),))
    wrong = client.post(address, told | {"band-0-at_once": "130"})
    assert wrong.status_code == 422
    assert NegotiationVersion.objects.of(house.organisation).count() == 2
