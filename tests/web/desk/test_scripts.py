"""What the agent sees of the plan on a case: the step, the script of its stage or segment, and the offers that are allowed."""

import pytest
from django.test import Client

from aldia.cases.models import Case
from aldia.contact import services as contact
from aldia.contact.models import Template
from aldia.contact.selectors import template_keys
from aldia.domain.negotiation import Band, Level, NegotiationPolicy
from aldia.outcomes import services as outcomes
from aldia.strategy import services as strategy
from tests.beginnings import beginning
from tests.web.desk.conftest import company_at_work
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
RULES = NegotiationPolicy(bands=(Band(0, "*", 20, 10),), levels=(Level("COLLECTOR", 50, 3),))


def company_with_scripts() -> Desk:
    desk = company_at_work()
    organisation_id = desk.organisation.pk
    contact.ensure_templates(organisation_id=organisation_id, now=NOW)
    strategy.ensure_catalogue(organisation_id=organisation_id, now=NOW)
    draft = outcomes.NegotiationDraft("", "De la casa", RULES)
    outcomes.save_negotiation_policy(actor=desk.system, draft=draft, clock=desk.clock)
    plan = strategy.PolicyDraft("plan", "unico", "Plan único", "Con calma.", TODAY)
    strategy.write_policy(actor=desk.actors["manager"], policy=plan, clock=desk.clock)
    return desk


ready = beginning(company_with_scripts)


def overdue_case(desk: Desk) -> Case:
    return desk.case(5)


def script_of(desk: Desk, client: Client, case: Case, **headers: str) -> str:
    return desk.login(client, "ana").get(f"/clientes/{case.pk}/guion/", **headers).content.decode()


@pytest.mark.covers("S3-24")
def test_the_case_tells_its_plan_and_step_what_to_say_and_what_may_be_offered(
    ready: Desk, client: Client
) -> None:
    case = overdue_case(ready)
    page = script_of(ready, client, case, HTTP_HX_REQUEST="true")
    assert "<html" not in page
    assert "Plan único" in page
    assert "Contactos en 7 días" in page
    assert "Guion de" in page
    assert "¿hablo con" in page
    assert "{nombre}" not in page
    assert f"/clientes/{case.pk}/acuerdo/?&amp;offer=" in page
    assert f"/clientes/{case.pk}/guion/" in client.get(f"/clientes/{case.pk}/").content.decode()
    assert "<html" in script_of(ready, client, case)


@pytest.mark.covers("S3-24")
def test_a_segment_has_its_own_script_that_its_cases_hear_once_it_is_published(
    ready: Desk, client: Client
) -> None:
    case = overdue_case(ready)
    strategy.save_segment(
        actor=ready.actors["manager"], key="todos", name="Todos", rule="total > 0", clock=ready.clock
    )
    strategy.keep_segments(actor=ready.system, as_of=TODAY)
    texts = Template.objects.of(ready.organisation).filter(channel="script", language="es")
    admin = ready.login(client, "administrator")
    for base in texts.filter(treatment="tu"):
        answer = admin.post(f"/ajustes/plantillas/{base.pk}/segmento/", {"segment": "todos"})
        body = {"subject": "", "body": "Hola, ¿hablo con {nombre}? Solo para todos.", "do": "publish"}
        assert admin.post(answer["Location"], body).status_code == 302
    assert "Solo para todos." in script_of(ready, client, case)
    again = ready.login(client, "administrator")
    assert again.post(f"/ajustes/plantillas/{base.pk}/segmento/", {"segment": "nadie"}).status_code == 404
    assert texts.filter(key__endswith=".todos", state="PUBLISHED").count() == 5


def test_a_script_is_listed_with_the_texts_and_is_no_notice_that_a_strategy_may_send(
    ready: Desk, client: Client
) -> None:
    page = ready.login(client, "administrator").get("/ajustes/plantillas/?canal=script").content.decode()
    assert "Guion de mora tardía" in page
    assert not any(key.startswith("script_") for key in template_keys(ready.organisation.pk))


def test_the_words_of_the_keypad_are_texts_that_no_strategy_may_send(ready: Desk, client: Client) -> None:
    admin = ready.login(client, "administrator")
    assert "Llamada automática: teclas" in admin.get("/ajustes/plantillas/?canal=keypad").content.decode()
    row = Template.objects.of(ready.organisation).get(key="keypad_menu", language="es")
    address, keys = f"/ajustes/plantillas/{row.pk}/", "Marca 1, 2 o 3."
    page = admin.get(address).content.decode()
    assert "aldia/es/menu" in page and "s de voz" in page and "{nombre}" not in page
    assert "No dice la tecla 9." in admin.post(f"{address}vista/", {"body": keys}).content.decode()
    refused = admin.post(address, {"body": keys, "do": "publish", "confirmed": "Lo grabó Marta"})
    assert refused.status_code == 422
    assert not any(key.startswith("keypad_") for key in template_keys(ready.organisation.pk))
