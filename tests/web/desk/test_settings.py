"""The settings: every page opens, only an administrator changes, and what is wrong is said beside its field."""

from html import unescape

import pytest
from django.test import Client

from aldia.access.models import Organisation, OrganisationHoliday
from aldia.contact import selectors as contact
from aldia.contact.rulepacks import policy_under, shipped_rules
from aldia.domain.compliance.matching import CaseFacts
from aldia.ledger.models import Creditor, Portfolio
from aldia.outcomes import selectors as outcomes
from tests.web.desk.seed import TODAY, Desk

pytestmark = pytest.mark.django_db
PAGES = (
    "organizacion",
    "carteras",
    "normas",
    "plantillas",
    "canales",
    "canales/email",
    "en-vivo",
    "resultados",
    "alarmas",
    "feriados",
    "personas",
    "permisos",
)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_the_administrator_and_the_auditor(
    desk: Desk, client: Client, page: str
) -> None:
    for who in ("administrator", "auditor"):
        assert desk.login(client, who).get(f"/ajustes/{page}/").status_code == 200


def test_everybody_begins_at_the_first_page_of_the_role(desk: Desk, client: Client) -> None:
    assert desk.login(client, "administrator").get("/ajustes/").url == "/ajustes/organizacion/"
    assert desk.login(client, "ana").get("/ajustes/").url == "/ajustes/permisos/"


def test_the_organisation_changes_its_formats_and_a_strange_zone_is_refused(
    desk: Desk, client: Client
) -> None:
    told = {"name": "Andina", "locale": "es_MX", "language": "es", "timezone": "America/Mexico_City"}
    administrator = desk.login(client, "administrator")
    assert administrator.post("/ajustes/organizacion/", told).status_code == 302
    assert Organisation.objects.get(pk=desk.organisation.pk).locale == "es_MX"
    refused = administrator.post("/ajustes/organizacion/", {**told, "timezone": "Luna/Mar"})
    assert refused.status_code == 422
    assert "Luna/Mar" in refused.content.decode()
    assert desk.login(client, "supervisor").post("/ajustes/organizacion/", told).status_code == 403


def test_one_gesture_stops_every_message_and_another_lets_them_leave(desk: Desk, client: Client) -> None:
    manager = desk.login(client, "manager")
    manager.post("/buzon/pausa/", {"pausa": "1"})
    assert Organisation.objects.get(pk=desk.organisation.pk).is_paused
    manager.post("/buzon/pausa/", {"pausa": "0"})
    assert not Organisation.objects.get(pk=desk.organisation.pk).is_paused


def test_a_portfolio_says_which_legal_facts_it_lacks_and_gets_them(desk: Desk, client: Client) -> None:
    administrator = desk.login(client, "administrator")
    assert "Falta:" in administrator.get("/ajustes/carteras/").content.decode()
    url = f"/ajustes/carteras/{desk.portfolio_id}/"
    form = administrator.get(url).context["form"]
    told = {name: value for name in form.fields if (value := form[name].value()) not in (None, "")}
    answer = administrator.post(
        url,
        {**told, "country": "CO", "debt_kind": "consumer", "debtor_kind": "consumer", "age_percent": "40"},
    )
    assert answer.status_code == 302, answer.context["form"].errors
    row = Portfolio.objects.of(desk.organisation).get(pk=desk.portfolio_id)
    assert (row.country, row.debtor_kind, row.settings["attention"]["age_percent"]) == ("CO", "consumer", 40)
    assert administrator.post(url, {**told, "country": "colombia"}).status_code == 422


def test_the_creditor_tells_how_to_pay(desk: Desk, client: Client) -> None:
    url = f"/ajustes/acreedores/{desk.creditor_id}/"
    answer = desk.login(client, "administrator").post(
        url, {"name": "Andina", "payment_instructions": "Alias ANDINA.COBROS"}
    )
    assert answer.status_code == 302
    assert (
        Creditor.objects.of(desk.organisation).get(pk=desk.creditor_id).payment_instructions
        == "Alias ANDINA.COBROS"
    )


def test_a_holiday_is_added_and_removed(desk: Desk, client: Client) -> None:
    administrator = desk.login(client, "administrator")
    refused = administrator.post("/ajustes/feriados/", {"on": "el día del niño", "name": "Nochebuena"})
    assert refused.status_code == 422
    assert "No entendemos la fecha" in refused.content.decode()
    administrator.post("/ajustes/feriados/", {"on": "24 dic", "name": "Nochebuena"})
    page = administrator.get("/ajustes/feriados/").content.decode()
    assert "Nochebuena" in page
    assert "Navidad" in page, "the country's own days are beside"
    administrator.post("/ajustes/feriados/quitar/", {"on": "2026-12-24"})
    assert not OrganisationHoliday.objects.of(desk.organisation).exists()
    assert administrator.post("/ajustes/feriados/quitar/", {"on": "x"}).status_code == 404


def test_a_text_is_drafted_previewed_in_the_worst_case_and_published(desk: Desk, client: Client) -> None:
    row = contact.templates(desk.system).filter(channel="sms", language="es", treatment="tu").first()
    assert row is not None
    administrator = desk.login(client, "administrator")
    url = f"/ajustes/plantillas/{row.pk}/"
    shown = administrator.post(f"{url}vista/", {"body": "{nombre}, debes {importe}"}).content.decode()
    assert "Cooperativa de Provisión" in shown
    refused = administrator.post(url, {"body": "Hola {apodo}", "do": "save"})
    assert refused.status_code == 422
    assert "{apodo}" in refused.content.decode()
    assert administrator.post(url, {"body": "Hola {nombre}", "do": "publish"}).status_code == 302
    assert (
        contact.templates(desk.system, is_published=True)
        .get(key=row.key, channel="sms", language="es", treatment="tu")
        .version
        == row.version + 1
    )


def test_a_channel_without_a_provider_is_not_switched_on(desk: Desk, client: Client) -> None:
    answer = desk.login(client, "administrator").post(
        "/ajustes/canales/sms/", {"provider": "sandbox", "is_live": "1"}
    )
    assert answer.status_code == 422
    assert "elige un proveedor" in answer.content.decode()
    assert not contact.channels(desk.system).get(channel="sms").is_live


def test_a_result_changes_its_name_and_a_repeated_letter_is_refused(desk: Desk, client: Client) -> None:
    told = {
        "es": "No atiende",
        "en": "No answer",
        "pt": "Não atende",
        "contact": "no_contact",
        "letter": "N",
        "next_kind": "call",
        "business_days": "2",
        "is_active": "1",
    }
    administrator = desk.login(client, "administrator")
    assert administrator.post("/ajustes/resultados/no_answer/", told).status_code == 302
    assert outcomes.outcome_labels(desk.system, "es")["no_answer"] == "No atiende"
    assert administrator.post("/ajustes/resultados/no_answer/", {**told, "letter": "P"}).status_code == 422
    assert administrator.get("/ajustes/resultados/nothing/").status_code == 404


def test_the_thresholds_of_alarms_are_kept_in_minor_units(desk: Desk, client: Client) -> None:
    told = {"promise_days_ahead": 1, "no_contact_days": 20, "new_debt_days": 3, "prescription_days_ahead": 90, "task_overdue_days": 1,
            "cheque_business_days_ahead": 1, "protest_business_days_ahead": 4, "large_debt": "500000"}  # fmt: skip
    assert desk.login(client, "administrator").post("/ajustes/alarmas/", told).status_code == 302
    kept = Organisation.objects.get(pk=desk.organisation.pk).settings["alarms"]
    assert kept["no_contact_days"] == 20
    assert kept["large_debt_minor"] == {desk.organisation.currency: 500_000_00}


@pytest.mark.covers("S0-18a")
def test_may_i_call_on_saturday_is_answered_with_its_reason(desk: Desk, client: Client) -> None:
    manager = desk.login(client, "manager")
    told = {"cliente": "Algarrobo", "canal": "call", "dia": "29/11/2026", "hora": "23:30"}
    answer = manager.get("/ajustes/normas/", told).context["answer"]
    assert not answer.is_allowed
    assert answer.text
    assert "No encontramos" in manager.get("/ajustes/normas/", {**told, "cliente": "Zzzz"}).content.decode()
    assert "15:10" in manager.get("/ajustes/normas/", {**told, "hora": "tarde"}).content.decode()


@pytest.mark.enforces("shown")
def test_every_rule_that_binds_a_portfolio_is_shown_with_its_words_and_its_law(
    desk: Desk, client: Client
) -> None:
    page = desk.login(client, "manager").get(f"/ajustes/normas/?cartera={desk.portfolio_id}")
    text = unescape(page.content.decode())
    binding = policy_under(
        shipped_rules(), CaseFacts("AR", None, "commercial", "business", "creditor"), on=TODAY
    ).rules
    assert binding
    assert [rule.id for rule in binding if rule.summary and rule.summary.es not in text] == []


@pytest.mark.enforces("contact_window")
def test_a_rule_of_the_house_is_added_answers_and_ends_with_its_reasons_in_sight(
    desk: Desk, client: Client
) -> None:
    here, told = "/ajustes/normas/", {"kind": "contact_window", "channels": ["call"], "days": ["tue"],
            "opens": "10:00", "closes": "11:00"}  # fmt: skip
    assert desk.login(client, "manager").post(here, {**told, "reason": "x"}).status_code == 403
    administrator = desk.login(client, "administrator")
    assert administrator.post(here, told).status_code == 422
    refused = administrator.post(here, {**told, "opens": "12:00", "reason": "x"})
    assert "La hora de cierre va después" in refused.content.decode()
    assert administrator.post(here, {**told, "reason": "Acuerdo con el gremio"}).status_code == 302
    asked = {"cliente": "Algarrobo", "canal": "call", "dia": "25/11/2026", "hora": "10:30"}
    page = administrator.get(here, asked)
    assert not page.context["answer"].is_allowed
    text = unescape(page.content.decode())
    assert (
        "Llamadas: solo mar 10:00–11:00." in text and "Acuerdo con el gremio" in text and "De la casa" in text
    )
    ending = f"{here}casa/{page.context['house'][0]['row'].pk}/terminar/"
    assert desk.login(client, "manager").post(ending, {"reason": "x"}).status_code == 403
    desk.login(client, "administrator").post(ending, {"reason": "Terminó el acuerdo"})
    assert "Terminó el acuerdo" in client.get(here).content.decode()
    assert client.post(ending, {"reason": "otra vez"}).status_code == 404


def _sms(desk: Desk, key: str = "overdue_soft") -> str:
    rows = contact.templates(desk.actors["administrator"])
    row = rows.get(key=key, channel="sms", language="es", treatment="tu", state="PUBLISHED")
    return f"/ajustes/plantillas/{row.pk}/"


@pytest.mark.covers("S4-23e")
def test_the_tone_of_a_text_is_told_as_it_is_written_with_its_parts_and_their_cost(
    desk: Desk, client: Client
) -> None:
    here = _sms(desk)
    desk.login(client, "administrator")
    calm = client.get(here).content.decode()
    assert "se puede publicar" in calm and "Facilidad de lectura" in calm and "UCS-2" in calm
    live = client.post(
        f"{here}vista/", {"subject": "", "body": "PAGUE YA {importe} o habrá embargo"}
    ).content.decode()
    assert "hay que cambiarlo" in live and "suena a amenaza" in live and "mayúsculas" in live


@pytest.mark.covers("S4-23e")
def test_a_text_with_a_threat_is_not_published_and_one_without_is(desk: Desk, client: Client) -> None:
    here = _sms(desk)
    desk.login(client, "administrator")
    refused = client.post(
        here, {"do": "publish", "body": "Hola, {nombre}. Paga {importe} o te llevamos a la policía."}
    )
    assert refused.status_code == 422 and "suena a amenaza" in refused.content.decode()
    done = client.post(
        here, {"do": "publish", "body": "Hola, {nombre}. Queda {importe}. Mira aquí: {enlace}"}, follow=True
    )
    assert "Versión 2 publicada" in done.content.decode()


def test_whoever_writes_a_text_gets_it_by_mail(desk: Desk, client: Client) -> None:
    body = "Hola, {nombre}. Queda {importe}. Mira aquí: {enlace}"
    desk.login(client, "administrator").post(_sms(desk), {"do": "try", "body": body})
    mail = contact.staff_mails(desk.actors["administrator"], limit=1)[0]
    assert mail.recipient == desk.users["administrator"].email
    assert mail.subject.startswith("[Prueba]") and mail.text.startswith("Hola, Nélida.")


def test_a_domain_gets_its_key_shows_its_record_and_then_signs(desk: Desk, client: Client) -> None:
    creditor = Creditor.objects.of(desk.organisation).get()
    admin = desk.login(client, "administrator")
    admin.post(
        f"/ajustes/canales/email/remitente/{creditor.pk}/",
        {"name": "Cobros", "address": "cobros@firma.example"},
    )
    address = "/ajustes/canales/email/firma/firma.example/"
    assert admin.post(address, {"firma": "1"}).status_code == 404  # nothing to sign with yet
    assert admin.post(address, {"firma": "clave"}).status_code == 302
    page = unescape(admin.get("/ajustes/canales/email/").content.decode())
    assert "._domainkey.firma.example" in page and "v=DKIM1; k=rsa; p=" in page and "PRIVATE KEY" not in page
    admin.post(address, {"firma": "1"})
    assert "Dejar de firmar" in admin.get("/ajustes/canales/email/").content.decode()
    assert desk.login(client, "auditor").post(address, {"firma": "0"}).status_code == 403
