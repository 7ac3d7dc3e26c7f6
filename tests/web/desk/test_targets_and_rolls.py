"""Roll rates, targets, exchange rates and who lacks consent, on their screens."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from aldia.kpi import selectors as kpi
from aldia.kpi import services
from aldia.kpi.models import RollMonth, Target
from aldia.kpi.rolls import keep_rolls
from aldia.ledger import services as ledger
from aldia.ledger.models import ExchangeRate
from aldia.strategy import selectors as strategy
from tests.web.desk.seed import TODAY, Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dist")]
OCTOBER, UNPROCESSABLE, FORBIDDEN = date(2026, 10, 1), 422, 403


@pytest.mark.covers("S0-10")
def test_the_matrix_tells_each_bucket_s_money_and_opens_the_rows_behind_a_cell(
    desk: Desk, client: Client
) -> None:
    keep_rolls(desk.organisation.pk, OCTOBER)
    cell = RollMonth.objects.of(desk.organisation).exclude(to_bucket="paid").first()
    see = desk.login(client, "manager").get
    html = see("/indicadores/rodamiento/").content.decode()
    assert "octubre 2026" in html and "Rodamiento" in html
    address = reverse("desk:indicator-roll-rows", args=[cell.from_bucket, cell.to_bucket])
    assert address in html
    rows = see(address, {"cartera": cell.portfolio_id})
    assert rows.context["page"].total == cell.documents
    assert rows.context["page"].sum_minor == cell.minor
    assert see("/indicadores/rodamiento/nada/1-30/").status_code == 404


def test_without_a_whole_month_the_matrix_says_when_it_will_come(desk: Desk, client: Client) -> None:
    assert (
        "el primer día de cada mes"
        in desk.login(client, "manager").get("/indicadores/rodamiento/").content.decode()
    )
    assert desk.login(client, "ana").get("/indicadores/rodamiento/").status_code == FORBIDDEN


@pytest.mark.covers("S2-3")
def test_a_manager_sets_a_target_and_the_collector_sees_his_own_progress(desk: Desk, client: Client) -> None:
    given = {
        "mes": "2026-11",
        "de": f"person:{desk.users['ana'].pk}",
        "medida": "attempts",
        "valor": "40",
        "moneda": "ARS",
    }
    page = desk.login(client, "manager").post("/indicadores/objetivos/guardar/", given, follow=True)
    assert "Julieta Sosa" in page.content.decode()
    line = desk.login(client, "ana").get("/indicadores/objetivos/avance/", {"corta": "1"}).content.decode()
    [own] = kpi.progress(desk.ana, TODAY, as_of=TODAY)
    assert "Gestiones" in line and f"{own.reached} de 40" in " ".join(line.split())
    assert desk.login(client, "ana").post("/indicadores/objetivos/guardar/", given).status_code == FORBIDDEN


def test_an_amount_is_typed_as_the_organisation_writes_it_and_a_mistake_gives_the_form_back(
    desk: Desk, client: Client
) -> None:
    given = {
        "mes": "2026-11",
        "de": "organisation:0",
        "medida": "recovered",
        "valor": "1.250.000,50",
        "moneda": "ARS",
    }
    post = desk.login(client, "manager").post
    post("/indicadores/objetivos/guardar/", given)
    assert Target.objects.of(desk.organisation).get().value == 1_250_000_50
    wrong = post("/indicadores/objetivos/guardar/", {**given, "valor": "mucho"})
    assert wrong.status_code == UNPROCESSABLE and "Nada se guardó" in wrong.content.decode()
    for strange in ({"de": "team:²"}, {"de": ""}, {"medida": "nada"}, {"valor": "-3", "medida": "attempts"}):
        assert post("/indicadores/objetivos/guardar/", {**given, **strange}).status_code == UNPROCESSABLE
    assert Target.objects.of(desk.organisation).count() == 1


def test_a_target_of_the_team_is_on_the_board_s_progress(desk: Desk, client: Client) -> None:
    goal = services.Goal("team", desk.team_id, "promises_made", TODAY)
    services.set_target(actor=desk.actors["manager"], goal=goal, value=15, clock=desk.clock)
    html = desk.login(client, "supervisor").get("/indicadores/objetivos/avance/").content.decode()
    assert "Objetivos del mes" in html and "Promesas hechas" in html


def test_a_rate_is_added_kept_and_never_changed(desk: Desk, client: Client) -> None:
    given = {"on": "hoy", "currency": "usd", "rate": "1.450,50", "quote": "ARS", "source": "Banco Central"}
    desk.login(client, "administrator")
    page = client.post("/ajustes/cotizaciones/", given, follow=True).content.decode()
    assert "Cotización guardada" in page and "Banco Central" in page
    assert ExchangeRate.objects.of(desk.organisation).get().rate == Decimal("1450.50")
    again = client.post("/ajustes/cotizaciones/", {**given, "rate": "9"}, follow=True).content.decode()
    assert "lo dicho no cambia" in again
    for strange in (
        {"rate": "mucho"},
        {"rate": "0"},
        {"currency": "ARS"},
        {"quote": "XX"},
        {"on": "ayer no"},
    ):
        assert client.post("/ajustes/cotizaciones/", {**given, **strange}).status_code == UNPROCESSABLE
    assert ExchangeRate.objects.of(desk.organisation).count() == 1


def test_going_live_says_how_many_people_lack_consent_and_lists_them(desk: Desk, client: Client) -> None:
    ledger.change_portfolio(
        actor=desk.system, portfolio_id=desk.portfolio_id, now=desk.clock.now, country="CO", debt_kind="consumer",
        debtor_kind="consumer",
    )  # fmt: skip
    [check] = [row for row in strategy.readiness(desk.actors["manager"], as_of=TODAY) if row.key == "consent"]
    assert check.missing and len(check.missing) == len(check.places)
    page = desk.login(client, "manager").get("/ajustes/en-vivo/").content.decode()
    address = reverse("desk:settings-consents", args=[desk.portfolio_id, "email"])
    assert "falta la autorización para correo" in page and address in page
    listed = client.get(address)
    people = strategy.cases_without_consent(desk.actors["manager"], desk.portfolio_id, "email", as_of=TODAY)
    assert listed.context["total"] == len(people) > 0
    assert client.get(reverse("desk:settings-consents", args=[999_999, "email"])).status_code == 404
