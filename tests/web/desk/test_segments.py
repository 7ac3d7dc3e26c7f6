"""Segments on the desk: the rule as rows and as text with its live count, and the list of clients narrowed to one."""

import json

import pytest
from django.test import Client

from aldia.strategy import selectors as strategy
from aldia.strategy import services
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
NEW = "/estrategias/segmentos/nuevo/"
ROWS = {
    "mode": "rows", "joiner": "and", "joiner-0": "and", "joiner-1": "or", "group": ["0", "0", "1", "1"],
    "fact": ["dpd", "overdue", "region", "region"], "op": ["between", ">=", "in", "null"],
    "value": ["1", "10,5", "AR-C, AR-B", ""], "until": ["30", "", "", ""],
}  # fmt: skip
WRITTEN = "dpd BETWEEN 1 AND 30 AND overdue >= 10.5 AND (region IN ('AR-C', 'AR-B') OR region IS NULL)"


@pytest.fixture
def manager(desk: Desk, client: Client) -> Client:
    services.ensure_catalogue(organisation_id=desk.organisation.pk, now=NOW)
    return desk.login(client, "manager")


def test_rows_are_written_as_the_text_and_nothing_is_saved_by_looking(desk: Desk, manager: Client) -> None:
    answer = manager.post(NEW, {**ROWS, "name": "Tempranos"})
    assert answer.status_code == 200
    assert answer.context["editor"].rule == WRITTEN
    assert "está entre 1 y 30" in answer.content.decode()
    assert strategy.segment_names(desk.actors["manager"]) == []


def test_text_becomes_rows_and_rows_become_text(manager: Client) -> None:
    rows = manager.post(NEW, {"mode": "text", "rule": WRITTEN, "do": "as_rows"})
    assert rows.context["editor"].mode == "rows"
    assert rows.context["editor"].rule == WRITTEN
    text = manager.post(NEW, {**ROWS, "do": "as_text"})
    assert (text.context["editor"].mode, text.context["editor"].text) == ("text", WRITTEN)
    broken = manager.post(NEW, {"mode": "text", "rule": "dpdd > 3", "do": "as_rows"})
    assert broken.context["editor"].mode == "text"
    assert "¿Quisiste escribir dpd?" in broken.content.decode()


@pytest.mark.parametrize(("gesture", "rule"), [
    ("row:0", "dpd > 3 AND dpd > 0"), ("group", "dpd > 3 AND dpd > 0"), ("drop:0-0", "TRUE"), ("drop:9-9", "dpd > 3"),
    ("row:77", "dpd > 3"), ("nothing", "dpd > 3"),
])  # fmt: skip
def test_buttons_add_and_take_away_rows(manager: Client, gesture: str, rule: str) -> None:
    row = {"mode": "rows", "group": "0", "fact": "dpd", "op": ">", "value": "3", "until": ""}
    assert manager.post(NEW, {**row, "do": gesture}).context["editor"].rule == rule


def test_a_row_says_what_is_wrong_with_it_and_is_not_saved(desk: Desk, manager: Client) -> None:
    row = {
        "mode": "rows",
        "group": "0",
        "fact": "overdue",
        "op": ">",
        "value": "mil",
        "until": "",
        "name": "X",
    }
    answer = manager.post(NEW, {**row, "do": "save"})
    assert answer.status_code == 422
    assert "es dinero y se compara con un texto. Escribe 1000." in answer.content.decode()
    assert manager.post(NEW, {**ROWS, "name": " ", "do": "save"}).status_code == 422
    assert strategy.segment_names(desk.actors["manager"]) == []


@pytest.mark.covers("S2-21")
def test_a_segment_is_saved_counted_and_narrows_the_list_of_clients(desk: Desk, manager: Client) -> None:
    rule = {"mode": "text", "rule": "overdue > 0", "name": "En mora", "do": "save"}
    assert manager.post(NEW, rule, follow=True).status_code == 200
    assert manager.post(NEW, rule, follow=True).status_code == 200
    assert strategy.segment_names(desk.actors["manager"]) == [
        ("en_mora", "En mora"),
        ("en_mora_2", "En mora"),
    ]
    listed = {row.key: row.count for row in manager.get("/estrategias/segmentos/").context["rows"]}
    told = manager.get("/clientes/?segment=en_mora").context
    assert listed["en_mora"] == told["page"].count > 0
    assert told["chips"][0]["value"] == "En mora"
    assert manager.get("/clientes/?segment=nada").context["page"].count == 0
    page = manager.get(f"/estrategias/segmentos/en_mora/?dia={TODAY.isoformat()}")
    assert page.context["past"]["count"] == listed["en_mora"]
    assert manager.post("/estrategias/segmentos/en_mora/borrar/").status_code == 302
    assert manager.get("/estrategias/segmentos/en_mora/").status_code == 404


def test_the_condition_of_a_step_is_written_in_the_draft_and_published_by_nobody(
    desk: Desk, manager: Client
) -> None:
    page = "/estrategias/b2b_invoices/pasos/predue/condicion/"
    assert manager.get(page).context["editor"].rule == "NOT is_disputed"
    assert manager.post(page, {"mode": "text", "rule": "document_ope > 3", "do": "save"}).status_code == 422
    assert manager.post(page, {"mode": "text", "rule": "document_open > 3", "do": "save"}).status_code == 302
    view = strategy.strategy(desk.actors["manager"], "b2b_invoices", as_of=TODAY, language="es")
    assert view.draft["always"][0]["condition"] == "document_open > 3"
    assert (view.card.number, view.card.has_draft) == (1, True)
    assert manager.get("/estrategias/b2b_invoices/pasos/nada/condicion/").status_code == 404


def test_a_supervisor_reads_segments_and_a_collector_does_not(desk: Desk, client: Client) -> None:
    supervisor = desk.login(client, "supervisor")
    assert supervisor.get("/estrategias/segmentos/").status_code == 200
    assert supervisor.post(NEW, {**ROWS, "name": "X", "do": "save"}).status_code == 403
    assert desk.login(client, "ana").get("/estrategias/segmentos/").status_code == 403


def test_the_text_screen_tells_problems_in_words_with_their_place(desk: Desk, manager: Client) -> None:
    document = strategy.strategy(desk.actors["manager"], "b2b_invoices", as_of=TODAY, language="es").draft
    document["always"][0]["condition"] = "document_open > 'mil'"
    answer = manager.post(
        "/estrategias/b2b_invoices/texto/", {"document": json.dumps(document), "do": "save"}
    )
    shown = answer.content.decode()
    assert "En todas las etapas, paso «Cortesía antes del vencimiento», condición, columna 17" in shown
    assert "«saldo del documento» es dinero y se compara con un texto. Escribe 1000." in shown
    assert "always" not in shown.split("ald-summary")[1].split("</section>")[0]
