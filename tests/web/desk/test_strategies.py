"""The strategies on the desk: timeline, text with pointed problems, versions, today's preview, nights, policies."""

import json

import pytest
from django.test import Client

from aldia.cases.models import Case
from aldia.ledger import selectors as ledger
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
B2B = "/estrategias/b2b_invoices/"


@pytest.fixture
def treated(desk: Desk) -> Desk:
    services.ensure_catalogue(organisation_id=desk.organisation.pk, now=NOW)
    return desk


def draft(desk: Desk) -> dict[str, object]:
    return dict(strategy.strategy(desk.actors["manager"], "b2b_invoices", as_of=TODAY, language="es").draft)


def test_the_list_says_which_portfolios_each_works_named_or_not(treated: Desk, client: Client) -> None:
    manager = treated.login(client, "manager")

    def works(key: str) -> tuple[str, ...]:
        return next(row.portfolios for row in manager.get("/estrategias/").context["rows"] if row.key == key)

    named = next(row for row in ledger.portfolios(treated.ana) if not row.strategy_key)
    assert named.name in works("b2b_invoices")
    named.strategy_key = "consumer_instalments"
    named.save()
    assert named.name in works("consumer_instalments")
    assert named.name not in works("b2b_invoices")


def test_a_strategy_is_a_timeline_with_its_rule_in_words(treated: Desk, client: Client) -> None:
    manager = treated.login(client, "manager")
    assert "Facturas entre empresas" in manager.get("/estrategias/").content.decode()
    page = manager.get(f"{B2B}?paso=predue").content.decode()
    assert "D−3" in page
    assert "Cortesía antes del vencimiento" in page
    assert "NOT is_disputed" in page
    assert manager.get("/estrategias/nothing/").status_code == 404


@pytest.mark.covers("S0-12")
def test_today_is_previewed_with_reasons_before_running(treated: Desk, client: Client) -> None:
    answer = treated.login(client, "manager").get("/estrategias/hoy/")
    assert answer.status_code == 200
    assert answer.context["told"].cells
    assert "Por qué" in answer.content.decode()


def test_a_text_that_is_no_json_names_its_line_and_nothing_is_kept(treated: Desk, client: Client) -> None:
    before = draft(treated)
    answer = treated.login(client, "manager").post(
        f"{B2B}texto/", {"document": '{"key": \n oops}', "do": "save"}
    )
    assert answer.status_code == 422
    assert "Línea 2" in answer.content.decode()
    assert draft(treated) == before


@pytest.mark.covers("S0-11")
def test_a_draft_with_problems_is_kept_and_they_are_pointed_at(treated: Desk, client: Client) -> None:
    document = draft(treated)
    document["always"] = [{**document["always"][0], "condition": "overdu > 5"}]  # type: ignore[index]
    answer = treated.login(client, "manager").post(
        f"{B2B}texto/", {"document": json.dumps(document), "do": "save"}
    )
    assert answer.status_code == 422
    assert "overdu" in answer.content.decode()
    assert strategy.strategy(treated.actors["manager"], "b2b_invoices", as_of=TODAY, language="es").problems


def test_publishing_makes_the_next_version_and_tells_the_difference(treated: Desk, client: Client) -> None:
    document = draft(treated)
    steps = [dict(step) for step in document["always"]]  # type: ignore[attr-defined]
    steps[0]["offset"] = -5
    manager = treated.login(client, "manager")
    answer = manager.post(
        f"{B2B}texto/",
        {"document": json.dumps({**document, "always": steps}), "do": "publish", "note": "Antes"},
    )
    assert answer.status_code == 302
    page = manager.get(f"{B2B}versiones/").content.decode()
    assert "Cortesía antes del vencimiento: día" in page
    assert "Antes" in page


def test_a_supervisor_reads_the_text_but_does_not_publish(treated: Desk, client: Client) -> None:
    supervisor = treated.login(client, "supervisor")
    assert supervisor.get(f"{B2B}texto/").status_code == 200
    answer = supervisor.post(f"{B2B}texto/", {"document": json.dumps(draft(treated)), "do": "publish"})
    assert answer.status_code == 403
    assert treated.login(client, "ana").get("/estrategias/").status_code == 403


def test_a_night_leaves_its_report(treated: Desk, client: Client) -> None:
    services.run(actor=treated.system, as_of=TODAY, now=NOW)
    run_id = strategy.runs(treated.actors["manager"])[0].id
    page = treated.login(client, "manager").get(f"/estrategias/noches/{run_id}/").content.decode()
    assert "Casos mirados" in page
    assert client.get("/estrategias/noches/999999/").status_code == 404


@pytest.mark.covers("S0-8", "S3-10..13")
def test_a_policy_has_an_owner_a_version_and_a_date(treated: Desk, client: Client) -> None:
    manager = treated.login(client, "manager")
    told = {"title": "Quitas", "body": "Hasta 10 %.", "effective_on": TODAY.isoformat(), "portfolio_id": ""}
    assert manager.post("/estrategias/documentos/policy/nueva/", told).status_code == 302
    assert (
        manager.post("/estrategias/documentos/policy/quitas/", {**told, "body": "Hasta 15 %."}).status_code
        == 302
    )
    page = manager.get("/estrategias/documentos/policy/quitas/").content.decode()
    assert "v2" in page
    assert "Marta Ledesma" in page
    assert manager.post("/estrategias/documentos/policy/quitas/", {**told, "title": ""}).status_code == 422


def test_a_case_says_why_step_by_step_and_which_version_worked_it(treated: Desk, client: Client) -> None:
    case = Case.objects.of(treated.organisation).filter(overdue_minor__gt=0).first()
    assert case is not None
    page = treated.login(client, "ana").get(f"/clientes/{case.pk}/estrategia/?dia={TODAY.isoformat()}")
    text = page.content.decode()
    assert page.status_code == 200
    assert "ninguna estrategia había decidido nada" in text
    assert page.context["steps"] or "Ninguna estrategia trabaja este caso" in text
