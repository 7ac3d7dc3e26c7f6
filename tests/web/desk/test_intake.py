"""The import wizard, as a person walks it."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aldia.intake.models import Load
from aldia.intake.services import Slate
from aldia.ledger.models import Creditor, Document, Portfolio
from aldia.parties.models import Party
from tests.rooms.intake.invoices import SOL, cfdi
from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db
NEW = "/importar/nuevo/"
HEAD = "cliente,nombre,factura,emision,vencimiento,importe,saldo\n"
GOOD = (
    "Z1,Ferretería El Árbol,F-1,2026-09-15,2026-10-14,1000.00,1000.00\n"
    "Z1,Ferretería El Árbol,F-2,2026-10-01,2026-11-03,500.50,200.50\n"
    "Z2,Óptica Sur,F-3,2026-10-20,2026-12-22,99.99,99.99\n"
)
BAD = "Z3,Sin Fecha,F-4,2026-10-20,nunca,50.00,50.00\n"


def _give(client: Client, text: str, **more: Any) -> Any:
    asked = {
        "file": SimpleUploadedFile("abiertas.csv", text.encode()),
        "kind": "documents",
        "portfolio": "nueva",
        "portfolio_name": "Sucursales",
        "creditor": "Distribuidora Andina",
        "currency": "ARS",
        "country": "AR",
        "debt_kind": "commercial",
    }
    return client.post(NEW, {**asked, **more}, follow=True)


def _columns(page: Any) -> dict[str, str]:
    return {line["id"]: line["field"] for line in page.context["lines"]}


def _reviewed(client: Client, text: str, **more: Any) -> Any:
    page = _give(client, text, **more)
    return client.post(page.request["PATH_INFO"], _columns(page), follow=True)


def _merged(client: Client, text: str, **more: Any) -> Load:
    load = _reviewed(client, text, **more).context["load"]
    client.post(f"/importar/{load.pk}/confirmar/")
    return Load.objects.of(load.organisation_id).get(pk=load.pk)


def test_a_file_walks_from_upload_to_the_portfolio_and_back(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    page = _give(client, HEAD + GOOD + BAD)
    assert page.status_code == 200
    assert {line["field"] for line in page.context["lines"]} >= {
        "customer_id",
        "document_number",
        "due_on",
        "open_amount",
    }
    assert "Ferretería El Árbol" in page.content.decode()
    page = client.post(page.request["PATH_INFO"], _columns(page), follow=True)
    load = page.context["load"]
    assert load.state == "previewed"
    assert (load.counts["new"], load.counts["rejected"]) == (3, 1)
    assert not Document.objects.of(desk.organisation).filter(number="F-1").exists()
    done = client.post(f"/importar/{load.pk}/confirmar/", follow=True)
    assert "Importación lista" in done.content.decode()
    assert Document.objects.of(desk.organisation).filter(number__startswith="F-").count() == 3
    client.post(f"/importar/{load.pk}/deshacer/", follow=True)
    live = Document.objects.of(desk.organisation).filter(number__startswith="F-").exclude(state="CANCELLED")
    assert not live.exists()


def test_the_same_file_again_says_that_it_brings_nothing_new(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    _merged(client, HEAD + GOOD)
    page = _reviewed(client, HEAD + GOOD, portfolio="sucursales")
    assert "Este archivo no trae nada nuevo." in page.content.decode()
    assert page.context["load"].counts["same"] == 3


def test_ambiguous_dates_are_a_question_with_its_answers(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    text = HEAD + "Z1,Uno,F-1,01/02/2026,03/04/2026,10.50,10.50\n"
    page = _give(client, text)
    assert page.context["question"].name == "date_order"
    assert [order for order, _text in page.context["question"].options] == ["dmy", "mdy", "ymd"]
    page = client.post(page.request["PATH_INFO"], {"pregunta": "1", "date_order": "dmy"}, follow=True)
    assert page.context["question"] is None
    assert ("Fechas", "día/mes/año") in page.context["reading"]


def test_a_missing_currency_is_asked(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    page = _give(client, HEAD + GOOD, currency="")
    assert page.context["question"].name == "currency"
    page = client.post(page.request["PATH_INFO"], {"pregunta": "1", "currency": "USD"}, follow=True)
    assert page.context["question"] is None


def test_columns_that_cannot_be_told_are_chosen_by_hand(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    page = _give(client, "a,b,c,d\nZ1,F-1,2026-10-14,10.50\n")
    assert "Dinos qué columna es" in page.content.decode()
    told = dict(
        zip(
            [line["id"] for line in page.context["lines"]],
            ["customer_id", "document_number", "due_on", "amount"],
            strict=True,
        )
    )
    page = client.post(page.request["PATH_INFO"], told, follow=True)
    assert page.context["load"].counts["new"] == 1


def test_two_columns_for_one_fact_are_refused_with_their_names(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    page = _give(client, HEAD + GOOD)
    told = _columns(page) | {"columna-1": "customer_id"}
    page = client.post(page.request["PATH_INFO"], told)
    assert page.status_code == 422
    assert "dicen ser lo mismo" in page.content.decode()


def test_amounts_too_fine_are_rounded_all_at_once(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    page = _reviewed(
        client, HEAD + "Z1,Uno,F-1,2026-09-15,2026-10-14,10.505,10.505\n" + GOOD.replace("F-1", "F-9")
    )
    load = page.context["load"]
    assert load.counts["rejected"] == 1
    assert "Redondear la fila" in page.content.decode()
    page = client.post(f"/importar/{load.pk}/arreglar/", {"redondear": "1"}, follow=True)
    assert page.context["load"].counts["rejected"] == 0


def test_rejected_rows_are_seen_and_downloaded(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    load = _reviewed(client, HEAD + GOOD + BAD).context["load"]
    rows = client.get(f"/importar/{load.pk}/filas/").content.decode()
    assert "nunca" in rows
    csv = client.get(f"/importar/{load.pk}/rechazadas.csv")
    assert csv["Content-Disposition"].startswith("attachment")
    assert "nunca" in csv.content.decode("utf-8-sig")


def test_a_file_that_is_no_table_is_told_and_another_one_is_asked_for(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    page = client.post(
        NEW,
        {
            "file": SimpleUploadedFile("foto.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 400),
            "kind": "documents",
            "portfolio": "mayorista",
            "country": "AR",
        },
        follow=True,
    )
    assert "No podemos leer este archivo" in page.content.decode()
    assert "Elegir otro archivo" in page.content.decode()


def test_an_empty_form_says_what_is_missing(desk: Desk, client: Client) -> None:
    page = desk.login(client, "manager").post(
        NEW, {"portfolio": "nueva", "kind": "documents", "country": "AR"}
    )
    assert page.status_code == 422
    assert "Ponle un nombre" in page.content.decode()


def test_contacts_enter_without_balances(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    text = "cliente,nombre,correo\nC000,Ferretería El Algarrobo S.R.L.,nuevo@algarrobo.example\nZ8,Nueva Casa,casa@nueva.example\n"
    page = _give(client, text, kind="contacts", portfolio="mayorista")
    page = client.post(page.request["PATH_INFO"], _columns(page), follow=True)
    assert "Contactos importados" in page.content.decode()
    assert Party.objects.of(desk.organisation).filter(name="Nueva Casa").exists()


def test_a_draft_belongs_to_who_gave_the_file(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    address = _give(client, HEAD + GOOD).request["PATH_INFO"]
    other = desk.login(Client(), "administrator").get(address, follow=True)
    assert "Ese archivo ya no está" in other.content.decode()


def test_the_history_offers_to_undo_only_the_last_of_each_source(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    first = _merged(client, HEAD + GOOD)
    last = _merged(client, HEAD + "Z9,Otra,F-9,2026-09-15,2026-10-14,10.00,10.00\n", portfolio="sucursales")
    text = client.get("/importar/").content.decode()
    assert f"/importar/{last.pk}/deshacer/" in text
    assert f"/importar/{first.pk}/deshacer/" not in text
    refused = client.post(f"/importar/{first.pk}/deshacer/", follow=True)
    assert "posterior" in refused.content.decode()


@pytest.mark.parametrize(
    ("who", "status"), [("ana", 403), ("supervisor", 403), ("auditor", 200), ("manager", 200)]
)
def test_only_who_loads_files_comes_in(desk: Desk, client: Client, who: str, status: int) -> None:
    assert desk.login(client, who).get("/importar/").status_code == status


def test_looking_at_a_file_makes_no_creditor_portfolio_or_source(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    before = (Creditor.objects.of(desk.organisation).count(), Portfolio.objects.of(desk.organisation).count())
    load = _reviewed(client, HEAD + GOOD, creditor="nueva", creditor_name="Molinos").context["load"]
    assert (load.source, load.place) == (None, "Sucursales")
    assert before == (
        Creditor.objects.of(desk.organisation).count(),
        Portfolio.objects.of(desk.organisation).count(),
    )
    assert b"Sucursales" in client.get("/importar/").content
    client.post(f"/importar/{load.pk}/confirmar/")
    made = Portfolio.objects.of(desk.organisation).get(name="Sucursales")
    assert (made.creditor.name, Load.objects.of(desk.organisation).get(pk=load.pk).source.portfolio_id) == (
        "Molinos",
        made.pk,
    )


def test_a_file_that_was_looked_at_can_be_discarded(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    load = _reviewed(client, HEAD + GOOD).context["load"]
    page = client.post(f"/importar/{load.pk}/descartar/", follow=True)
    assert not Load.objects.of(desk.organisation).filter(pk=load.pk).exists()
    assert "Archivo descartado" in page.content.decode()
    again = client.post(f"/importar/{load.pk}/descartar/", follow=True)
    assert "ya se hizo o se descartó" in again.content.decode()


def test_an_import_that_was_done_is_not_discarded(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    load = _merged(client, HEAD + GOOD)
    client.post(f"/importar/{load.pk}/descartar/")
    assert Load.objects.of(desk.organisation).get(pk=load.pk).state == "merged"


def test_looking_again_leaves_one_review_of_the_file(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    page = _give(client, HEAD + GOOD)
    for _ in range(2):
        client.post(page.request["PATH_INFO"], _columns(page), follow=True)
    assert Load.objects.of(desk.organisation).filter(state="previewed").count() == 1


def test_the_page_that_waits_sees_how_far_the_work_is(
    desk: Desk, client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    desk.login(client, "manager")
    slate = Slate(tmp_path / "uploads" / str(desk.organisation.pk) / "abc.avance")
    assert "Leyendo" not in client.get("/importar/avance/abc/").content.decode()
    slate("check", 50_000, 200_000)
    shown = client.get("/importar/avance/abc/").content.decode()
    assert "Leyendo y revisando las filas: 50.000 de 200.000" in shown and "ald-w-25" in shown
    slate.wipe()
    assert "Leyendo" not in client.get("/importar/avance/abc/").content.decode()


def test_what_was_left_out_is_corrected_on_the_screen_and_enters_after_a_second_look(
    desk: Desk, client: Client
) -> None:
    desk.login(client, "manager")
    first = _merged(client, HEAD + GOOD + BAD + BAD.replace("F-4", "F-5"))
    page = client.get(f"/importar/{first.pk}/")
    assert "Corregir las 2 filas" in page.content.decode()
    address = f"/importar/{first.pk}/corregir/"
    page = client.get(address, {"codigo": "date_unreadable", "campo": "due_on"})
    assert [row.row for row, _cells in page.context["rows"]] == [5, 6]
    assert 'name="celda-5-due_on"' in page.content.decode() and "Sin Fecha" in page.content.decode()
    told = {
        "codigo": "date_unreadable",
        "campo": "due_on",
        "todas": "2026-12-01",
        "celda-5-due_on": "2026-11-30",
        "revisar": "1",
    }
    seen = client.post(address, {**told, "celda-6-due_on": "nunca"}, follow=True)
    again = seen.context["load"]
    assert (again.repairs_id, again.counts["new"], again.counts["rejected"]) == (first.pk, 2, 0)
    client.post(f"/importar/{again.pk}/confirmar/")
    due = Document.objects.of(first.organisation_id).filter(number__in=["F-4", "F-5"]).order_by("number")
    assert [row.due_on.isoformat() for row in due] == ["2026-11-30", "2026-12-01"]
    assert "ya se corrigieron" in client.get(address).content.decode()


def _electronic(client: Client, *texts: str, **more: Any) -> Any:
    files = [SimpleUploadedFile(f"{place}.xml", text.encode()) for place, text in enumerate(texts, 1)]
    asked = {
        "kind": "documents",
        "portfolio": "nueva",
        "portfolio_name": "México",
        "creditor": "nueva",
        "creditor_name": "Sol",
    }
    return client.post(NEW, {**asked, "file": files, "country": "MX", **more}, follow=True)


def test_several_electronic_documents_go_straight_to_their_review(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    refused = _electronic(client, cfdi("1F2E3D4C-0001"))
    assert refused.status_code == 422 and "creditor_tax_id" in refused.context["form"].errors
    page = _electronic(client, cfdi("1F2E3D4C-0001"), cfdi(""), creditor_tax_id=SOL, payment_days="30")
    load = page.context["load"]
    assert (load.kind, load.counts["new"], load.counts["rejected"]) == ("einvoices", 1, 1)
    assert "2.xml" in page.content.decode() and "desk:import-columns" not in page.content.decode()
    rows = client.get(f"/importar/{load.pk}/filas/")
    assert "2.xml" in rows.content.decode()
    client.post(f"/importar/{load.pk}/confirmar/")
    assert Document.objects.of(desk.organisation).get(number="A-0001").original_minor == 11_600
    assert Creditor.objects.of(desk.organisation).get(name="Sol").tax_id == SOL
