"""Reports that are no plain list: customers that head their rows, balances by age, a series beside the number, closing words."""

from pathlib import Path
from typing import Any

import pytest

from aldia.intake.checking.options import LoadOptions
from aldia.intake.checking.tabular import ReadOptions, read
from aldia.intake.mapping.fields import Kind

BY_CUSTOMER = """Vendedor: Ana;;;;
Documento;Emision;Vencimiento;Importe;Saldo
Cliente: 1001 - Almacen Perez;;;;
F-1;01/08/2026;31/08/2026;1.000,00;1.000,00
F-2;15/08/2026;14/09/2026;2.500,50;1.500,50
Total cliente;;;3.500,50;2.500,50
Zona: Norte;;;;
Cliente: 1002 - Kiosco Lopez;;;;
F-3;20/08/2026;19/09/2026;300,00;300,00
Total general;;;3.800,50;2.800,50
Generado el 30/09/2026 por admin;;;;
"""
BY_AGE = """Customer,Invoice No,Due Date,Not due,1-30,31-60,>60
Acme,I-1,2026-08-31,0.00,150.25,0,0
Beta,I-2,2026-07-01,10.00,,75.10,
Gama,I-3,2026-10-20,99.99,,,
"""
PLAIN = "Cliente;{}Vencimiento;Importe\n{}\n"
DAY = "31/08/2026"


def listed(folder: Path, text: str, **options: Any) -> dict[str, Any]:
    path = folder / "report.csv"
    path.write_text(text, encoding="utf-8")
    return read(path, ReadOptions(kind=Kind.DOCUMENTS, load=LoadOptions(currency="USD"), **options))


def test_a_heading_that_names_the_customer_is_of_all_rows_below_it(tmp_path: Path) -> None:
    found = listed(tmp_path, BY_CUSTOMER)
    told = [(each["customer_id"], each["customer_name"], each["row"]) for each in found["records"]]
    assert told == [
        ("1001", "Almacen Perez", 4),
        ("1001", "Almacen Perez", 5),
        ("1002", "Kiosco Lopez", 9),
    ]
    assert {each["code"] for each in found["problems"]} == {"row_total"}


@pytest.mark.parametrize(
    "second", ["Norte\nAna", "Vencidas 1 - 30 dias\nF-9;01/08/2026;31/08/2026;1,00;1,00"]
)
def test_headings_of_two_levels_or_of_ages_name_nobody(tmp_path: Path, second: str) -> None:
    text = BY_CUSTOMER.replace("Cliente: 1001 - ", "").replace(
        "Zona: Norte;;;;\nCliente: 1002 - Kiosco Lopez", second
    )
    assert listed(tmp_path, text)["problems"][0]["field"] == "customer_id"


def test_the_one_sum_by_age_of_a_document_is_what_is_open_of_it(tmp_path: Path) -> None:
    found = listed(tmp_path, BY_AGE)
    assert [(each["document_number"], each["open_minor"]) for each in found["records"]] == [
        ("I-1", 15025),
        ("I-3", 9999),
    ]
    assert [(each["row"], each["found"]) for each in found["problems"]] == [(3, "10.00 + 75.10")]


@pytest.mark.parametrize(
    ("heading", "rows", "numbers"),
    [
        ("Serie;Folio;", ["A;101", "B;101", ";7", "F1;F1-8"], ["A-101", "B-101", "7", "F1-8"]),
        ("Punto de Venta;Número;", ["1;55", "2;55"], ["1-55", "2-55"]),
        ("UUID;Folio;", ["11111111-2222-3333-4444-555555555555;9"], ["9"]),
    ],
)
def test_a_series_and_a_number_are_one_name(
    tmp_path: Path, heading: str, rows: list[str], numbers: list[str]
) -> None:
    text = PLAIN.format(heading, "\n".join(f"K;{row};{DAY};10,50" for row in rows))
    assert [each["document_number"] for each in listed(tmp_path, text)["records"]] == numbers


def test_two_columns_of_one_heading_are_asked_where_they_differ(tmp_path: Path) -> None:
    twice = "Cliente;Factura;Vencimiento;Importe;Importe\nK;F-1;31/08/2026;100,00;{}\n"
    assert listed(tmp_path, twice.format("121,00"))["problems"][0]["code"] == "mapping_tie"
    assert listed(tmp_path, twice.format("100,00"))["records"][0]["open_minor"] == 10000


def test_the_state_of_a_document_is_no_place(tmp_path: Path) -> None:
    text = "Cliente;Factura;Vencimiento;Importe;Estado\nK;F-1;31/08/2026;100,00;{}\n"
    assert "region" not in listed(tmp_path, text.format("Vencida"))["mapping"]["columns"]
    assert listed(tmp_path, text.format("Jalisco"))["records"][0]["region"] == "Jalisco"
