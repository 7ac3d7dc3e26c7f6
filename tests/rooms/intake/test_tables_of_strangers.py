"""Lists as other systems print them: signs behind symbols, sides of an account, headings on every page, names that lie."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from aldia.intake.checking.options import LoadOptions
from aldia.intake.checking.tabular import ReadOptions, read
from aldia.intake.mapping.fields import Kind

HEAD = "Cliente;Documento;Vencimiento;Saldo;Moneda\n"


def read_text(folder: Path, text: str, **options: Any) -> dict[str, Any]:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return read(path, ReadOptions(**options))


def codes(answer: dict[str, Any]) -> list[tuple[int, str]]:
    return [(each["row"], each["code"]) for each in answer["problems"]]


@pytest.mark.parametrize(
    "written", ["$(12,00)", "($12,00)", "US$ (12,00)", "$ -12,00", "12,00-", "12,00 CR", "12,00 H"]
)
def test_an_amount_below_zero_is_one_however_it_is_written(tmp_path: Path, written: str) -> None:
    found = read_text(tmp_path, f"{HEAD}1;A;31/01/2024;{written};USD\n2;B;31/01/2024;15,30 D;USD\n")
    assert [each["open_minor"] for each in found["records"]] == [-1200, 1530]
    assert [each["document_kind"] for each in found["records"]] == ["credit_note", "invoice"]


def test_in_a_statement_the_debits_are_what_goes_out(tmp_path: Path) -> None:
    text = "Data;Histórico;Valor;Saldo\n02/05/2024;PIX RECEBIDO;1.000,00C;1.500,00 C\n13/05/2024;TARIFA;10,00 D;1.490,00 C\n"
    found = read_text(tmp_path, text, kind=Kind.RECEIPTS, load=LoadOptions(currency="BRL"))
    assert [each["amount"] for each in found["statements"][0]["entries"]] == ["1000.00", "-10.00"]
    assert (found["statements"][0]["opening"], found["statements"][0]["closing"]) == ("500.00", "1490.00")


def test_a_line_that_tells_a_balance_is_no_movement_of_a_statement(tmp_path: Path) -> None:
    lines = (
        "01/05/2024;Saldo anterior;;90,00",
        "13/05/2024;Saldo Ana;10,50;100,50",
        "Closing balance;;0,00;100,50",
    )
    text = "Fecha;Concepto;Importe;Saldo\n" + "\n".join(lines)
    found = read_text(tmp_path, text, kind=Kind.RECEIPTS, load=LoadOptions(currency="EUR"))
    assert [each["amount_minor"] for each in found["records"]] == [1050]
    assert codes(found) == [(2, "row_total"), (4, "row_total")]


@pytest.mark.parametrize(
    ("heading", "on"),
    [
        ("Data Lançamento;Docto.;Crédito (R$);Débito (R$)", "2024-05-02"),
        ("Transaction Date;Posting Date;Deposits;Withdrawals", "2024-05-13"),
        ("Día;Oficina;Abono;Cargo", "2024-05-02"),
    ],
)
def test_a_statement_is_read_by_the_names_that_banks_give_its_columns(
    tmp_path: Path, heading: str, on: str
) -> None:
    second = "13/05/2024" if "Posting" in heading else "7"
    rows = f"02/05/2024;{second};10,50;\n02/05/2024;{second};;3,25\n13/05/2024;{second};;1,00\n"
    found = read_text(tmp_path, f"{heading}\n{rows}", kind=Kind.RECEIPTS, load=LoadOptions(currency="BRL"))
    assert [each["amount_minor"] for each in found["records"]] == [1050, -325, -100]
    assert found["records"][0]["on"] == on


def test_totals_and_headings_of_each_page_are_no_documents(tmp_path: Path) -> None:
    rows = "1;A;31/01/2024;10,50;PEN\n" + HEAD + "2;B;15/02/2024;20,00;PEN\nGrand total;;;30,50;\n"
    found = read_text(tmp_path, HEAD + rows)
    assert [each["document_number"] for each in found["records"]] == ["A", "B"]
    assert codes(found) == [(3, "row_total"), (5, "row_total")]


def test_a_column_of_pesos_of_chile_tells_thousands_from_decimals(tmp_path: Path) -> None:
    found = read_text(tmp_path, HEAD + "1;A;31/01/2024;1.500;CLP\n2;B;31/01/2024;$ 12.350;CLP\n")
    assert [each["open_minor"] for each in found["records"]] == [1500, 12350]
    mixed = read_text(tmp_path, HEAD + "1;A;31/01/2024;1.500;CLP\n2;B;31/01/2024;12.350;USD\n")
    assert [each["code"] for each in mixed["problems"]] == ["decimals_ambiguous"]


def test_a_workbook_is_read_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Customer", "Invoice", "Due date", "Pending amount", "Currency"],
        ["Ann", "I-1", "2024-05-31", 100.1, "USD"],
    ):
        sheet.append(row)
    path = tmp_path / "export.xls"
    book.save(path)
    found = read(path)
    assert [(each["document_number"], each["open_minor"]) for each in found["records"]] == [("I-1", 10010)]


def test_of_several_sheets_the_only_one_of_documents_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheets = {"Resumen": [["Cliente", "Total"], ["Ann", 12]], "Detalle": [HEAD.strip().split(";")]}
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in [*rows, [1, "A", "31/01/2024", 12, "USD"]]:
            sheet.append(row)
    book.save(tmp_path / "book.xlsx")
    found = read(tmp_path / "book.xlsx")
    assert (found["dialect"]["sheet"], found["records"][0]["document_number"]) == ("Detalle", "A")


def test_dates_and_sums_beside_a_code_and_a_name_are_no_list_of_people(tmp_path: Path) -> None:
    plan = "Cliente;Nombre;Contrato;Vencimiento1;Importe1;Vencimiento2;Importe2\n7;Acme;K-1;31/01/2027;10,00;28/02/2027;10,00\n"
    refused = read_text(tmp_path, plan)
    assert refused["mapping"] is None and refused["problems"][0]["field"] == "due_on"
    named = read_text(tmp_path, plan, kind=Kind.CONTACTS)
    assert named["records"][0]["customer_name"] == "Acme"
    people = read_text(tmp_path, "Cliente;Nombre\n7;Acme\n8;Sur\n")
    assert [each["customer_name"] for each in people["records"]] == ["Acme", "Sur"]
