"""The cuts, the people and the process of the indicators on their screens."""

from datetime import date, timedelta

import pytest
from django.test import Client

from aldia.access.models import Organisation
from aldia.kpi import services as kpi
from aldia.ledger.models import Document
from tests.beginnings import beginning
from tests.web.desk.seed import NOW, TODAY, Desk, make_desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dist")]
FORBIDDEN = 403


def measured_desk() -> Desk:
    desk = make_desk()
    before = TODAY - timedelta(days=30)
    kpi.rebuild(actor=desk.system, from_on=before, to_on=before + timedelta(days=1), now=NOW)
    kpi.snapshot(actor=desk.system, as_of=TODAY, now=NOW)
    return desk


measured = beginning(measured_desk)


def _index(desk: Desk, on: date) -> float:
    """What part of what the late cases owed on a day was overdue, by hand: nobody paid any of it."""
    ids = [desk.case_ids[number] for number in (3, 5, 7, 9)]
    owed = Document.objects.of(desk.organisation).filter(
        account_id__in=ids, issued_on__lte=on, currency="ARS"
    )
    overdue = sum(row.original_minor for row in owed if row.due_on < on)
    return overdue / sum(row.original_minor for row in owed)


@pytest.mark.covers("S4-45c", "S4-45d", "S4-27a")
def test_what_is_owed_is_cut_by_what_the_reader_chooses(measured: Desk, client: Client) -> None:
    manager = measured.login(client, "manager")
    page = manager.get("/indicadores/cortes/?moneda=ARS")
    assert [(item["word"], item["row"].cases) for item in page.context["rows"]] == [("Córdoba", 40)]
    by_stage = manager.get("/indicadores/cortes/?moneda=ARS&por=stage")
    words = {item["word"]: item["href"] for item in by_stage.context["rows"]}
    [late] = [item for item in by_stage.context["rows"] if item["word"] == "Mora tardía"]
    assert (late["before"], late["index"]) == pytest.approx(
        (_index(measured, TODAY - timedelta(days=30)), _index(measured, TODAY))
    )
    assert words["Mora tardía"] == "/clientes/?stage=late"
    assert manager.get(words["Mora tardía"]).status_code == 200
    for by in ("portfolio_id", "party_kind", "holder_id", "team_id", "column:nada", "<b>"):
        assert manager.get("/indicadores/cortes/", {"por": by, "moneda": "ARS"}).status_code == 200
    assert measured.login(client, "ana").get("/indicadores/cortes/").status_code == FORBIDDEN


@pytest.mark.covers("S4-37", "S3-89")
def test_productivity_and_effectiveness_stand_side_by_side(measured: Desk, client: Client) -> None:
    page = measured.login(client, "manager").get("/indicadores/personas/?moneda=ARS")
    rows = {row.name: row for row in page.context["rows"]}
    assert (rows["Julieta Sosa"].cases, rows["Lautaro Funes"].cases) == (24, 10)
    assert "los 14 días hasta el pago" in page.content.decode()
    alone = measured.login(client, "ana").get("/indicadores/personas/?moneda=ARS")
    assert [row.name for row in alone.context["rows"]] == ["Julieta Sosa"]


@pytest.mark.covers("S1-3", "S1-9b", "S4-25", "S4-53")
def test_the_process_is_told_on_one_page(measured: Desk, client: Client) -> None:
    page = measured.login(client, "manager").get("/indicadores/proceso/?moneda=ARS&periodo=90")
    text = page.content.decode()
    assert "¿Alguien queda olvidado?" in text and "Dónde espera el trabajo" in text and "sin precio" in text
    assert len(page.context["parts"]) == 10
    before = page.context["net"]
    prices = {"lab": {"per_thousand_minor": {"email": 1_000_00}}}
    Organisation.objects.filter(pk=measured.organisation.pk).update(settings=prices)
    priced = client.get("/indicadores/proceso/?moneda=ARS&periodo=90").context
    assert (priced["spent"], priced["net"]) == (3_00, before - 3_00)  # three mails at one a thousandth
    assert measured.login(client, "ana").get("/indicadores/proceso/").status_code == FORBIDDEN


@pytest.mark.covers("S2-33a", "S2-33b")
def test_an_insured_portfolio_shows_what_to_declare_and_what_nobody_insures(
    measured: Desk, client: Client
) -> None:
    admin = measured.login(client, "administrator")
    assert "Ninguna cartera está asegurada" in admin.get("/indicadores/seguro/").content.decode()
    address = f"/ajustes/carteras/{measured.portfolio_id}/"
    form = admin.get(address).context["form"]
    told = {name: "" if value is None else value for name, value in form.initial.items()}
    assert admin.post(address, {**told, "cover": "85"}).status_code == 422
    told |= {"cover": "85", "cover_limit": "1000000", "declare_days": "60"}
    assert admin.post(address, told).status_code == 302
    page = admin.get("/indicadores/seguro/")
    rows = {row.debtor: row for row in page.context["rows"]}
    late = rows[
        "Agroinsumos Tres Lomas S.A."
    ]  # 2,750,000 since 44 days, half of it since 37, a third not due
    owed = 2_750_000_00 + 2_750_000_00 // 2 + 2_750_000_00 // 3
    assert (late.owed_minor, late.insured_minor, late.over_minor) == (owed, 850_000_00, owed - 1_000_000_00)
    assert (late.declare_by, late.days_left, late.is_soon) == (TODAY + timedelta(days=16), 16, False)
    assert rows["Frigorífico La Querencia"].is_soon
    assert page.context["rows"][0].is_lost and "Plazo vencido" in page.content.decode()
    assert admin.get(f"/clientes/{late.case_id}/evidencia/").content[:2] == b"PK"
    assert measured.login(client, "ana").get("/indicadores/seguro/").status_code == FORBIDDEN
