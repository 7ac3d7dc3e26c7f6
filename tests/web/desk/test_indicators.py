"""The indicators screen: figures with their formula and rows, own figures of a collector, the workbook."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.test import Client

from aldia.kpi import services as kpi
from aldia.kpi.models import ActivityDay
from aldia.ledger.models import Portfolio
from aldia.strategy import services as strategies
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def measured(desk: Desk) -> Desk:
    kpi.snapshot(actor=desk.system, as_of=TODAY, now=NOW)
    return desk


@pytest.mark.covers("S0-1a", "S0-1b", "S3-3c", "S3-3a")
def test_a_manager_sees_each_figure_with_its_formula_and_the_numbers_put_in(
    measured: Desk, client: Client
) -> None:
    page = measured.login(client, "manager").get("/indicadores/").content.decode()
    assert "Antigüedad de la cartera" in page
    assert "saldo por cobrar final × días / ventas a crédito" in page
    assert "por cobrar $" in page.replace("\xa0", " ")
    assert page.count("Ver las filas") >= 8
    board = measured.login(client, "manager").get("/indicadores/").context
    assert sum(bucket["minor"] for bucket in board["buckets"]) == board["board"].latest.total_minor > 0


@pytest.mark.parametrize(
    "measure", ["overdue", "recovered", "promise_kept_count", "contactability", "dso_simple"]
)
def test_every_figure_opens_the_rows_behind_it(measured: Desk, client: Client, measure: str) -> None:
    answer = measured.login(client, "manager").get(f"/indicadores/{measure}/filas/?periodo=90")
    assert answer.status_code == 200
    assert "data-item" in answer.content.decode()


def test_the_rows_of_the_overdue_add_up_to_the_figure(measured: Desk, client: Client) -> None:
    told = measured.login(client, "manager").get("/indicadores/overdue/filas/").context
    assert (
        told["page"].sum_minor == sum(row["amount_minor"] for row in told["page"].rows)
        or told["page"].next_cursor
    )
    assert told["page"].sum_minor > 0


def test_an_unknown_figure_is_not_found_and_a_strange_address_falls_back(
    measured: Desk, client: Client
) -> None:
    manager = measured.login(client, "manager")
    assert manager.get("/indicadores/invented/filas/").status_code == 404
    assert manager.get("/indicadores/?periodo=x&moneda=ZZZ&cartera=999999").status_code == 200
    assert manager.get("/indicadores/overdue/filas/?pagina=x").status_code == 302


def test_a_collector_sees_only_what_is_his(measured: Desk, client: Client) -> None:
    answer = measured.login(client, "ana").get("/indicadores/")
    page = answer.content.decode()
    assert "Antigüedad de la cartera" not in page
    assert [row["name"] for row in answer.context["board"].by_collector] == ["Julieta Sosa"]
    assert measured.login(client, "ana").get("/indicadores/exportar/").status_code == 403


@pytest.mark.covers("S0-10", "S3-10..13")
def test_the_workbook_keeps_numbers_as_numbers_and_text_as_text(measured: Desk, client: Client) -> None:
    content = measured.login(client, "manager").get("/indicadores/exportar/").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    values = {row[0]: row[1] for row in book["Indicadores"].iter_rows(min_row=2, values_only=True)}
    assert values["Vencido"] > 0
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_without_any_day_the_page_says_what_to_do(desk: Desk, client: Client) -> None:
    page = desk.login(client, "manager").get("/indicadores/").content.decode()
    assert "Todavía no hay un día vivido" in page


@pytest.mark.covers("S0-1c", "S3-25", "S3-3d", "S3-14")
def test_a_figure_leads_to_the_strategy_behind_it(measured: Desk, client: Client) -> None:
    Portfolio.objects.of(measured.organisation).filter(pk=measured.portfolio_id).update(
        strategy_key="b2b_invoices"
    )
    strategies.ensure_catalogue(organisation_id=measured.organisation.pk, now=NOW)
    manager = measured.login(client, "manager")
    assert 'href="/estrategias/b2b_invoices/"' in manager.get("/indicadores/").content.decode()
    one = manager.get(f"/indicadores/?cartera={measured.portfolio_id}").content.decode()
    assert 'href="/estrategias/b2b_invoices/"' in one and "/indicadores/exportar/?cartera=" in one
    other = manager.get(f"/indicadores/?cartera={measured.other_portfolio_id}").content.decode()
    assert 'href="/estrategias/b2b_invoices/"' not in other
    assert manager.get("/estrategias/b2b_invoices/texto/").status_code == 200


@pytest.mark.covers("S0-1b", "S1-11b")
def test_what_people_did_after_dawn_is_counted_the_next_day_and_promises_draw_the_weeks_to_come(
    desk: Desk, client: Client
) -> None:
    kpi.snapshot(actor=desk.system, as_of=TODAY, now=NOW)
    Desk.log(desk, 0, "no_answer")
    kpi.snapshot(actor=desk.system, as_of=TODAY + timedelta(days=1), now=NOW)
    board = desk.login(client, "manager").get("/indicadores/").context["board"]
    done = ActivityDay.objects.of(desk.organisation).filter(on=TODAY, user_id=desk.users["ana"].pk)
    assert sum(done.values_list("attempts", flat=True)) > 0
    assert sum(board.promised_minor.values()) > 0
