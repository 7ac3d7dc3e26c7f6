"""The laboratory on the desk: a dry run is a page that reads, and what acts cost is a form that answers."""

import pytest
from django.test import Client

from aldia.access.actors import system
from aldia.ledger.models import Portfolio
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.strategy.models import SimulationAsked
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
B2B = "/estrategias/b2b_invoices/"
EFFORT = "/estrategias/laboratorio/costos/"


@pytest.fixture
def treated(desk: Desk) -> Desk:
    services.ensure_catalogue(organisation_id=desk.organisation.pk, now=NOW)
    return desk


def test_a_dry_run_shows_volumes_hours_and_cases(treated: Desk, client: Client) -> None:
    answer = treated.login(client, "manager").get(f"{B2B}ensayo/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert len(answer.context["told"].days) == 30
    assert "Diez casos, paso a paso" in page
    assert "lab-volumes" in page
    assert treated.login(client, "manager").get(f"{B2B}ensayo/?version=99").status_code == 200


def test_costs_and_times_are_kept_by_who_may_and_wrong_ones_are_pointed_at(
    treated: Desk, client: Client
) -> None:
    team = strategy.effort_of(treated.actors["manager"]).teams[0].key
    form = {"minutes-call": "9", "minutes-visit": "45", "minutes-review": "10", "price-email": "1200.50"}
    form |= {f"hours-{one.key}": "5,5" for one in strategy.effort_of(treated.actors["manager"]).teams}
    administrator = treated.login(client, "administrator")
    wrong = administrator.post(EFFORT, {**form, "minutes-call": "muchos"})
    assert wrong.status_code == 422
    assert "muchos" in wrong.content.decode()
    assert administrator.post(EFFORT, form).status_code == 302
    kept = strategy.effort_of(treated.actors["manager"])
    assert (kept.minutes_of("call"), kept.per_thousand_minor["email"]) == (9, 1200_50)
    assert next(one.hours for one in kept.teams if one.key == team) == 5.5
    assert treated.login(client, "manager").post(EFFORT, form).status_code == 403


def test_a_simulation_is_asked_for_and_its_refusal_told(treated: Desk, client: Client) -> None:
    manager = treated.login(client, "manager")
    assert manager.post(f"{B2B}simulacion/", {"days": "0"}).status_code == 422
    assert (
        manager.post(f"{B2B}simulacion/", {"days": "30", "against": "consumer_instalments"}).status_code
        == 302
    )
    assert "Se está calculando" in manager.get(f"{B2B}simulacion/").content.decode()
    assert "HX-Refresh" not in manager.get(f"{B2B}simulacion/?espera=1")
    row = services.answer_simulation(actor=treated.actors["manager"], now=NOW)
    assert row is not None
    assert row.refused[:20] in manager.get(f"{B2B}simulacion/").content.decode()
    assert manager.get(f"{B2B}simulacion/?espera=1")["HX-Refresh"] == "true"


def test_an_answered_simulation_is_drawn_with_its_bands(treated: Desk, client: Client) -> None:
    services.ask_simulation(
        actor=treated.actors["manager"], first="b2b_invoices", days=30, clock=treated.clock
    )
    band = {"low": 100, "middle": 200, "high": 300}
    side = {"strategy": "b2b_invoices", "version": 1, "by_day": [band] * 30, "total": band, "notices": {"email": 4}, "tasks": {"call": 2},
            "hours": 1, "cost_minor": {"email": None}, "pressure": [1.5, 3.0], "frozen": []}  # fmt: skip
    result = {"as_of": "2026-11-22", "days": 30, "currency": "ARS", "cases": 10, "share": 1.0, "sides": [side], "difference": None,
              "better": None, "weeks": 9, "payments": 80, "doubts": ["Poco"], "by_contact": {"email": 1.4}, "seed": 7}  # fmt: skip
    SimulationAsked.objects.of(treated.organisation.pk).update(state="done", result=result)
    page = treated.login(client, "manager").get(f"{B2B}simulacion/").content.decode()
    assert "lab-money" in page
    assert "no su causa" in page


def test_the_nights_that_were_are_a_page(treated: Desk, client: Client) -> None:
    manager = treated.login(client, "manager")
    assert "no corrió ninguna noche" in manager.get(f"{B2B}historia/").content.decode()
    services.run(actor=system(treated.organisation.pk), as_of=TODAY, now=NOW)
    answer = manager.get(f"{B2B}historia/?dias=14")
    assert answer.context["told"].differences == 0
    assert len(answer.context["told"].days) == 1


def test_an_experiment_is_planned_watched_and_stopped_by_screen(treated: Desk, client: Client) -> None:
    manager = treated.login(client, "manager")
    form = {
        "name": "Tono amable",
        "strategy": "b2b_invoices",
        "challenger": "50",
        "control": "10",
        "base": "30",
        "effect": "10",
    }
    assert manager.post("/estrategias/experimentos/", form).status_code == 422
    told = manager.get("/estrategias/experimentos/plan/", {**form, "horizon": "7"}).content.decode()
    assert "Cada brazo necesita" in told
    assert "todos recibirían lo mismo" in told
    assert "van de 1 a 180" in manager.get("/estrategias/experimentos/plan/", form).content.decode()
    assert (
        told.strip() in manager.get("/estrategias/experimentos/", {**form, "horizon": "7"}).content.decode()
    )
    answer = manager.post("/estrategias/experimentos/", {**form, "horizon": "7"})
    assert answer.status_code == 302
    page = manager.get(answer["Location"]).content.decode()
    assert "Todavía no se puede decir" in page
    assert manager.post(f"{answer['Location']}detener/").status_code == 302
    assert "Detenido" in manager.get("/estrategias/experimentos/").content.decode()
    assert manager.get("/estrategias/experimentos/999/").status_code == 404


def test_a_strategy_is_tried_against_another_and_kept_by_screen(treated: Desk, client: Client) -> None:
    form = {
        "name": "Otra forma", "strategy": "b2b_invoices", "challenger_key": "consumer_instalments", "challenger": "50",
        "control": "0", "base": "30", "effect": "10", "horizon": "7",
    }  # fmt: skip
    manager = treated.login(client, "manager")
    told = manager.get("/estrategias/experimentos/plan/", form).content.decode()
    assert "siguen sus pasos desde esta noche" in told
    assert "experiment_arm" not in told
    address = manager.post("/estrategias/experimentos/", form)["Location"]
    assert "quien administra la elige" in manager.get(address).content.decode()
    assert manager.post(f"{address}quedarse/").status_code == 403
    boss = treated.login(client, "administrator")
    assert "Detener y quedarse con la retadora" in boss.get(address).content.decode()
    assert boss.post(f"{address}quedarse/").status_code == 302
    portfolios = Portfolio.objects.of(treated.organisation).values_list("strategy_key", flat=True)
    assert "consumer_instalments" in set(portfolios)
    assert "Detener" not in boss.get(address).content.decode()
