"""A collection plan on the desk: what it reunites, what each version changed, the plan against what was done, the self-assessment."""

import io
from datetime import date
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from aldia.access.actors import Clock
from aldia.kpi import selectors as kpi
from aldia.kpi import services as kpi_services
from aldia.ledger import selectors as ledger
from aldia.strategy import selectors as strategy
from aldia.strategy import services
from aldia.strategy.plan_parts import UnknownPart
from tests.beginnings import beginning
from tests.web.desk.conftest import company_at_work
from tests.web.desk.seed import NOW, TODAY, Desk
from tests.web.reading import flat

pytestmark = pytest.mark.django_db
SINCE = date(2026, 1, 1)  # before the day of the list of going live, which is the real one
PLAN = "/estrategias/documentos/plan/mayoristas/"


def company_with_a_plan() -> Desk:
    desk = company_at_work()
    services.ensure_catalogue(organisation_id=desk.organisation.pk, now=NOW)
    write(desk, strategies=["b2b_invoices"], processes=["outcomes"], reports=["board"])
    return desk


planned = beginning(company_with_a_plan)


def write(desk: Desk, **parts: list[str]) -> Any:
    draft = services.PolicyDraft(
        "plan", "mayoristas", "Plan de mayoristas", "Primero, con calma.", SINCE, parts=parts
    )
    return services.write_policy(actor=desk.actors["manager"], policy=draft, clock=Clock(TODAY, NOW))


def republish(desk: Desk) -> None:
    view = strategy.strategy(desk.actors["manager"], "b2b_invoices", as_of=TODAY, language="es")
    document = dict(view.draft) | {"description": {"es": "Otra", "en": "Other", "pt": "Outra"}}
    services.publish(
        actor=desk.actors["manager"],
        strategy_id=view.card.id,
        document=document,
        note="prueba",
        clock=Clock(TODAY, NOW),
    )


@pytest.mark.covers("S3-19")
def test_a_plan_reunites_policies_techniques_processes_and_reports_with_owner_version_and_date(
    desk: Desk, client: Client
) -> None:
    services.ensure_catalogue(organisation_id=desk.organisation.pk, now=NOW)
    manager = desk.login(client, "manager")
    told = {
        "title": "Mayoristas", "body": "Con calma.", "effective_on": TODAY.isoformat(), "portfolio_id": "",
        "strategies": ["b2b_invoices"], "processes": ["outcomes", "house_rules"], "reports": ["board"],
    }  # fmt: skip
    assert manager.get("/estrategias/documentos/plan/nueva/").status_code == 200
    assert manager.post("/estrategias/documentos/plan/nueva/", told).status_code == 302
    page = flat(manager.get(PLAN))
    assert '<a href="/estrategias/b2b_invoices/">' in page
    assert '<a href="/ajustes/resultados/">' in page
    assert "Marta Ledesma" in page
    assert "falta nombrarlo" in page  # it names no written policy
    assert manager.post(PLAN, {**told, "strategies": ["no_such"]}).status_code == 422


@pytest.mark.covers("S3-19")
def test_a_version_never_changes_and_says_what_moved_away_from_it(planned: Desk) -> None:
    actor = planned.actors["manager"]
    republish(planned)
    [first] = strategy.policy_versions(actor, "plan", "mayoristas")
    [named] = strategy.plan_parts(actor, first, on=TODAY)["strategies"]
    assert (named.version, named.now, named.has_moved) == (1, 2, True)
    write(planned, strategies=["b2b_invoices"], processes=["outcomes"])
    second, kept = strategy.policy_versions(actor, "plan", "mayoristas")
    assert kept.parts == first.parts
    told = strategy.plan_changes(actor, kept, second, on=TODAY)
    assert [(row.before[-3:], row.after[-3:]) for row in told] == [(" v1", " v2"), ("ero", "")]
    with pytest.raises(UnknownPart):
        write(planned, strategies=["nobody"])


@pytest.mark.covers("S3-15a", "S3-51")
def test_the_plan_stands_against_what_was_done_by_strategy_with_the_rows_behind(
    planned: Desk, client: Client
) -> None:
    actor = planned.actors["manager"]
    services.run(actor=planned.system, as_of=TODAY, now=NOW)
    portfolio = ledger.portfolios(actor)[0]
    goal = kpi_services.Goal("portfolio", portfolio.pk, "attempts", TODAY)
    kpi_services.set_target(actor=actor, goal=goal, value=50, clock=Clock(TODAY, NOW))
    planned.log(0, "no_answer")
    [plan] = strategy.policy_versions(actor, "plan", "mayoristas")
    [line] = kpi.plan_lines(actor, plan, TODAY, as_of=TODAY)
    assert portfolio.name in line.portfolios
    assert [aim.reached for aim in line.aims] == [
        aim.reached for aim in kpi.progress(actor, TODAY, as_of=TODAY)
    ]
    assert line.done_share == 100 * line.acts["taken"] // (line.acts["taken"] + line.acts["missed"])
    page = planned.login(client, "manager").get(
        f"{PLAN}avance/?estrategia=b2b_invoices&actos=taken"
    ).content.decode()  # fmt: skip
    assert page.count('data-cell="name"') == min(line.acts["taken"], 200)
    assert "Gestiones" in page
    assert planned.login(client, "ana").get(f"{PLAN}avance/").status_code == 403


@pytest.mark.covers("S3-49b")
def test_the_checklist_is_a_self_assessment_that_is_taken_away_as_a_workbook(
    planned: Desk, client: Client
) -> None:
    answer = planned.login(client, "manager").get("/ajustes/en-vivo/lista.xlsx")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    checks = strategy.readiness(planned.actors["manager"], as_of=TODAY)
    assert len(rows) == len(checks) + 1
    [plan] = [row for row in rows if row[0] == "Plan de cobranza"]
    assert plan[1:] == (
        "No",
        "«Plan de mayoristas» no nombra: Políticas escritas\n«Plan de mayoristas» no nombra: Qué se puede ofrecer",
        "No",
    )
