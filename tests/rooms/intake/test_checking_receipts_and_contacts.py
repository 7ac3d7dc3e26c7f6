"""Receipts of lists and of bank statements, contacts, and the normalised records of `read`."""

import json
from datetime import date
from pathlib import Path

import pytest

from aldia.intake.checking.identity import phone, tax_id
from aldia.intake.checking.options import Checked, LoadOptions
from aldia.intake.checking.tabular import check_table, open_table
from aldia.intake.readers.registry import normalised


def checked(
    folder: Path, text: str, kind: str, options: LoadOptions | None = None, *, keep_outgoing: bool = False
) -> Checked:
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    table, mapping = open_table(path, kind)
    (found,) = check_table(
        table, mapping, options or LoadOptions(currency="USD"), keep_outgoing=keep_outgoing
    )
    return found


def test_a_list_of_receipts(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        "recibo,fecha,importe,cliente,factura,medio de pago\nR1,31/12/2025,10.50,7,A-1,transferencia\n",
        "receipts",
    )
    row = found.good.to_dicts()[0]
    assert (row["reference"], row["on"], row["amount_minor"]) == ("R1", date(2025, 12, 31), 1050)
    assert (row["customer_id"], row["document_number"], row["means"]) == ("7", "A-1", "transferencia")


def test_money_that_goes_out_is_set_aside_or_kept(tmp_path: Path) -> None:
    text = "date,description,debit,credit\n31/12/2025,fee,5.00,\n31/12/2025,deposit,,7.00\n"
    found = checked(tmp_path, text, "receipts")
    assert found.good["amount_minor"].to_list() == [700]
    assert (found.skipped, found.problems["code"].to_list()) == (1, ["receipt_outgoing"])
    assert checked(tmp_path, text, "receipts", keep_outgoing=True).good["amount_minor"].to_list() == [
        -500,
        700,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Date,Label,Amount,D/C\n12/15/2018,a,33.50,D\n12/15/2018,b,10.00,C\n",
        "Fecha,Concepto,Cargo/Abono,Importe\n15122018,a,-,33.50\n15122018,b,+,10.00\n",  # «-» is no empty cell here
    ],
)
def test_debit_or_credit_in_a_column_of_its_own(tmp_path: Path, text: str) -> None:
    assert checked(tmp_path, text, "receipts", keep_outgoing=True).good["amount_minor"].to_list() == [
        -3350,
        1000,
    ]


def test_lines_that_go_on_with_the_text_are_joined(tmp_path: Path) -> None:
    text = "date,description,amount\n31/12/2025,PAYMENT,7.00\n,REF 123,\n30/12/2025,OTHER,8.00\n"
    found = checked(tmp_path, text, "receipts")
    assert found.good["text"].to_list() == ["PAYMENT REF 123", "OTHER"]
    assert found.rejected == 0


def test_receipts_without_date_or_amount_are_named(tmp_path: Path) -> None:
    found = checked(
        tmp_path, "referencia,fecha,importe\nR1,,10.50\nR2,31/12/2025,\nR3,31/12/2025,1.50\n", "receipts"
    )
    assert found.problems.select("row", "field", "code").rows() == [
        (2, "on", "missing"),
        (3, "amount", "missing"),
    ]


def test_contacts_with_their_language(tmp_path: Path) -> None:
    text = "customer id,name,e-mail,phone,language\n7,Ana,ANA@Acme.com,+54 9 11 2345-6789,pt\n8,,,,\n9,Bo,bad,,en\n"
    found = checked(tmp_path, text, "contacts")
    row = found.good.to_dicts()[0]
    assert (row["email"], row["phone_e164"], row["language"]) == ("ana@acme.com", "+5491123456789", "pt-BR")
    assert found.problems.select("row", "code").rows() == [(3, "missing_reach"), (4, "email_invalid")]


def test_a_phone_without_country_says_so(tmp_path: Path) -> None:
    found = checked(tmp_path, "customer id,phone\n7,4321-9876\n", "contacts", LoadOptions())
    assert found.problems["code"].to_list() == ["phone_without_country"]
    assert found.good["phone_raw"].to_list() == ["4321-9876"]


def test_the_row_s_own_country_wins(tmp_path: Path) -> None:
    text = "customer id,tax id,phone,country\n7,76.086.428-5,2 2123 4567,Chile\n8,30-71659554-0,011 4321-9876,Argentina\n"
    good = checked(tmp_path, text, "contacts", LoadOptions(country="MX")).good
    assert good["tax_id_kind"].to_list() == ["cl.rut", "ar.cuit"]
    assert good["phone_e164"].to_list() == ["+56221234567", "+541143219876"]


@pytest.mark.parametrize(
    ("raw", "country", "found"),
    [
        ("Tel. +54 9 11 2345-6789 (oficina)", "AR", ("+5491123456789", True)),
        ("011 4321-9876 / 011 4321-0000", "AR", ("+541143219876", False)),
        ("", "AR", None),
        ("x" * 10_000, "AR", None),
    ],
)
def test_phones_among_words(raw: str, country: str, found: tuple[str, bool] | None) -> None:
    assert phone(raw, country) == found


def test_a_tax_id_of_an_unknown_country_is_kept_unverified() -> None:
    assert tax_id(" 12.345-6 ", None) == ("123456", None, None)
    assert tax_id("155-2-2015", "PA") == ("15522015", None, None)


def test_read_gives_records_that_fit_in_json(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("cliente;factura;vencimiento;saldo usd\n7;A-1;31/12/2025;10,50\n7;A-2;31/02/2025;10,50\n")
    found = json.loads(json.dumps(normalised(path)))
    assert found["format"] == "csv"
    assert (found["dialect"]["separator"], found["dialect"]["header_row"]) == (";", 1)
    assert found["mapping"]["columns"]["open_amount"] == "saldo usd"
    assert found["records"][0]["due_on"] == "2025-12-31"
    assert found["problems"][0]["row"] == 3


def test_read_gives_the_cells_and_the_reason_when_it_cannot_type_them(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("cosa;otra\n1;2\n")
    found = normalised(path)
    assert found["records"] == [{"row": 2, "cells": {"cosa": "1", "otra": "2"}}]
    assert found["problems"][0]["code"] == "mapping_missing"
    assert normalised(tmp_path / "missing.csv")["problems"][0]["code"] == "not_found"
