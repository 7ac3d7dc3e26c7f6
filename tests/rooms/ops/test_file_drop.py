"""The folder where other systems leave files and find what they are told: idempotent, with a report beside each file."""

import csv
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from aldia.access import services as access
from aldia.access.actors import system
from aldia.access.models import Organisation
from aldia.access.selectors import clock_of
from aldia.ledger.models import Document
from aldia.ops import drop
from aldia.payments import services as payments
from tests.rooms.intake.invoices import SOL, cfdi

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
ROWS = "cliente,nombre,factura,emision,vencimiento,importe\nC1,Árbol,F-1,2026-01-15,2026-02-14,100.00\n"


@pytest.fixture
def home(settings: object, tmp_path: Path) -> Path:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    return tmp_path


@pytest.fixture
def house(home: Path) -> Organisation:
    return access.create_organisation(key="sur", name="Sur", country="AR", currency="ARS", now=NOW)


def leave(home: Path, name: str, text: str, *, age: int = 60) -> Path:
    path = home / "entrada" / "erp" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    moment = NOW.timestamp() - age
    os.utime(path, (moment, moment))
    return path


def test_a_file_is_taken_once_and_put_away_with_its_report(home: Path, house: Organisation) -> None:
    leave(home, "opciones.json", json.dumps({"currency": "ARS", "country": "AR"}))
    leave(home, "abiertas.csv", ROWS)
    [report] = drop.take_all(house, now=NOW)
    assert (report["new"], report["state"], report["source"]) == (1, "done", "erp")
    place = home / "entrada" / "erp" / "hechos" / clock_of(house, NOW).as_of.isoformat()
    assert json.loads((place / "abiertas.csv.informe.json").read_text()) == report
    leave(home, "abiertas.csv", ROWS)
    [again] = drop.take_all(house, now=NOW)
    assert (again["new"], again["same"]) == (0, 1) and (place / "abiertas-2.csv").is_file()
    assert Document.objects.of(house).get().portfolio.key == "erp"
    assert drop.take_all(house, now=NOW) == []


def test_a_file_that_is_being_written_waits_and_a_bad_one_goes_to_the_rejected(
    home: Path, house: Organisation
) -> None:
    leave(home, "abiertas.csv", ROWS, age=1)
    leave(home, "facturas.zip.part", "x")
    leave(home, "mala.xml", "<a><b></a>")
    [report] = drop.take_all(house, now=NOW)
    assert (report["file"], report["state"]) == ("mala.xml", "refused") and report["problems"][0][
        "code"
    ] == "xml_damaged"
    leave(home, "opciones.json", '{"moneda": "ARS"}')
    reports = drop.take_all(house, now=NOW + timedelta(minutes=1))
    assert [each["problems"][0]["code"] for each in reports] == ["bad_options"]
    assert sorted(path.name for path in (home / "entrada/erp/rechazados").rglob("*.csv")) == ["abiertas.csv"]


STATEMENT = ":20:1\n:25:0170/001\n:28C:1/1\n:60F:C260301ARS0,00\n:61:2603050305C100,00NTRFF-1//B1\n:86:F-1 ARBOL\n:62F:C260305ARS100,00\n-\n"


def test_a_statement_of_a_bank_comes_by_the_drop_and_pays_what_it_names(
    home: Path, house: Organisation
) -> None:
    leave(home, "opciones.json", json.dumps({"currency": "ARS", "country": "AR"}))
    leave(home, "abiertas.csv", ROWS)
    drop.take_all(house, now=NOW)
    for expected in (1, 0):
        leave(home, "movimientos.sta", STATEMENT)
        [report] = drop.take_all(house, now=NOW)
        assert (report["state"], report["kind"], report["lines"], report["new"]) == (
            "done",
            "bank",
            1,
            expected,
        )
    leave(home, "opciones.json", json.dumps({"currency": "ARS", "bank_account": "0170001"}))
    leave(
        home,
        "extracto.csv",
        "Fecha;Descripción;Referencia;Importe;Saldo\n2026-03-06;Pago Ana;R-9;55,00;155,00\n",
    )
    [table] = drop.take_all(house, now=NOW)
    assert (table["state"], table["new"], table["same"]) == ("done", 1, 0), table


def test_electronic_documents_come_by_the_drop_too(home: Path, house: Organisation) -> None:
    leave(home, "opciones.json", json.dumps({"creditor_tax_id": SOL, "country": "MX", "payment_days": 30}))
    leave(home, "a.xml", cfdi("1F2E3D4C-0001"))
    [report] = drop.take_all(house, now=NOW)
    assert (report["new"], report["problems"][0]["file"]) == (1, "a.xml")


def test_a_finished_day_is_told_once_and_leaves_out_what_a_file_brought(
    home: Path, house: Organisation
) -> None:
    leave(home, "opciones.json", json.dumps({"currency": "ARS", "country": "AR"}))
    leave(home, "abiertas.csv", ROWS)
    leave(home, "cobros.csv", "fecha,importe,cliente,factura,referencia\n2026-03-05,10.00,C1,F-1,T-1\n")
    drop.take_all(house, now=NOW)
    row = Document.objects.of(house).get()
    payments.register_receipt(
        actor=system(house.pk),
        draft=payments.ReceiptDraft(
            portfolio_id=row.portfolio_id,
            case_id=row.account_id,
            amount_minor=2_500,
            currency="ARS",
            on=date(2026, 3, 10),
            means="transfer",
            source="desk",
            reference="=D-1",
        ),
        clock=clock_of(house, NOW),
    )
    tomorrow = NOW + timedelta(days=1)
    paths = drop.tell_days(house, now=tomorrow)
    assert [path.name for path in paths] == ["cobros.csv", "promesas.csv"] and paths[
        0
    ].parent.name == "2026-03-10"
    [told] = list(csv.DictReader(paths[0].read_text(encoding="utf-8").splitlines()))
    assert (told["cobro"], told["importe"], told["importe_aplicado"], told["documento_numero"]) == ("desk:=D-1", "25.00", "25.00", "F-1")  # fmt: skip
    assert drop.tell_days(house, now=tomorrow) == []


def test_the_command_does_both(home: Path, house: Organisation, capsys: pytest.CaptureFixture[str]) -> None:
    leave(home, "abiertas.csv", ROWS)
    call_command("drop", "--json")
    assert json.loads(capsys.readouterr().out)["taken"][0]["file"] == "abiertas.csv"
