"""A statement that came as CSV gives the same lines as any other; a list of collections gives none."""

from pathlib import Path
from typing import Any

import pytest

from aldia.intake.checking.options import LoadOptions
from aldia.intake.checking.tabular import ReadOptions, read
from aldia.intake.mapping.fields import Kind
from aldia.intake.mapping.mapping import Mapping
from aldia.intake.readers.registry import normalised
from aldia.intake.services.statements import _by_currency


def told(folder: Path, text: str) -> dict[str, Any]:
    path = folder / "banco.csv"
    path.write_text(text, encoding="utf-8")
    return normalised(path)


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_balance_column_proves_opening_and_closing_in_either_order(
    tmp_path: Path, newest_first: bool
) -> None:
    rows = [
        "02/10/2025;Panadería Sol;500;;1500;CLP",
        "13/10/2025;Comisión;;20;1480;CLP",
    ]
    body = "\n".join(reversed(rows) if newest_first else rows)
    answer = told(tmp_path, f"Fecha;Concepto;Crédito;Débito;Saldo;Moneda\n{body}\n")
    (only,) = answer["statements"]
    assert (only["currency"], only["opening"], only["closing"]) == ("CLP", "1000", "1480")
    assert {(entry["booked_on"], entry["amount"]) for entry in only["entries"]} == {
        ("2025-10-02", "500"),
        ("2025-10-13", "-20"),
    }


def test_balances_that_do_not_follow_are_not_invented(tmp_path: Path) -> None:
    answer = told(
        tmp_path,
        "Fecha,Concepto,Importe,Saldo,Moneda\n13/10/2025,Uno,10.50,100.00,EUR\n14/10/2025,Dos,-1.00,50.00,EUR\n",
    )
    (only,) = answer["statements"]
    assert (only["opening"], only["closing"]) == (None, None)
    assert [entry["amount"] for entry in only["entries"]] == ["10.50", "-1.00"]


def test_a_list_of_collections_is_no_statement(tmp_path: Path) -> None:
    answer = told(tmp_path, "fecha;cliente;importe;moneda;referencia\n25/11/2026;C-001;100,00;ARS;TR-778\n")
    assert len(answer["records"]) == 1
    assert "statements" not in answer


def test_lines_of_other_money_are_a_statement_of_their_own() -> None:
    lines = [{"amount": "5.00", "currency": code} for code in ("USD", "CLP", None, "USD")]
    whole = {"account": "1", "currency": "CLP", "opening": "0", "closing": "9", "entries": lines}
    own, other = _by_currency(whole)
    assert (own["currency"], own["opening"], own["closing"], len(own["entries"])) == ("CLP", None, "9", 2)
    assert (other["account"], other["currency"], other["closing"], len(other["entries"])) == (
        "1",
        "USD",
        None,
        2,
    )
    assert _by_currency({**whole, "entries": lines[1:3]}) == [{**whole, "entries": lines[1:3]}]


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Buchungstag;Valutadatum;Verwendungszweck;Betrag\n30.09.26;30.09.26;RE 1;1.234,56\n29.09.26;29.09.26;Miete;-5,00\n", ["1234.56", "-5.00"]),
        ("Bokföringsdag;Belopp;Namn;Valuta\n2026/09/30;1234,56;Kund AB;SEK\n2026/09/29;-34,56;Hyra;SEK\n", ["1234.56", "-34.56"]),
        ("Dato;Tekst;Beløb;Saldo\n30.09.2026;Kunde;1.234,56;5.000,00\n29.09.2026;Gebyr;-34,56;3.765,44\n", ["1234.56", "-34.56"]),
        ("Data contabile;Descrizione;Accrediti;Addebiti\n30/09/2026;BONIFICO;1.234,56;\n29/09/2026;SPESE;;-2,00\n", ["1234.56", "-2.00"]),
        ("Datum;Naam;Code;Af Bij;Bedrag (EUR)\n20260930;ACME;OV;Bij;1234,56\n20260929;Shop;OV;Af;34,56\n", ["1234.56", "-34.56"]),
        ("30/09/2026;PIX TRANSF ACME;1234,56\n29/09/2026;TAR PACOTE;-45,00\n", ["1234.56", "-45.00"]),
        ("Data;Histórico;Valor\n31/08/2026;Saldo Anterior;1000,00\n29/09/2026;TARIFA;-45,00\n30/09/2026;S A L D O;955,00\n", ["-45.00"]),
    ],
    ids=["de", "se", "dk", "it", "nl", "unnamed", "balances_as_lines"],
)  # fmt: skip
def test_a_bank_of_another_country_is_read_by_its_own_words(
    tmp_path: Path, text: str, amounts: list[str]
) -> None:
    (tmp_path / "bank.csv").write_text(text, encoding="utf-8")
    found = read(tmp_path / "bank.csv", ReadOptions(load=LoadOptions(currency="EUR")))
    assert [each["amount"] for each in found["statements"][0]["entries"]] == amounts
    assert not [each for each in found["problems"] if each["severity"] == "error"]


def test_a_side_that_nobody_knows_is_no_money(tmp_path: Path) -> None:
    lines = "".join(
        f"{day:02d}/09/2026;x;{side};10,00\n" for day, side in enumerate(["D", "C", "D", "X"], start=17)
    )
    (tmp_path / "bank.csv").write_text(f"Fecha;Concepto;D/C;Importe\n{lines}", encoding="utf-8")
    given = Mapping.from_dict({"direction": "D/C"}, kind=Kind.RECEIPTS)
    found = read(tmp_path / "bank.csv", ReadOptions(Kind.RECEIPTS, given, LoadOptions(currency="EUR")))
    assert [each["amount_minor"] for each in found["records"]] == [-1000, 1000, -1000]
    assert [(each["row"], each["code"]) for each in found["problems"]] == [(5, "direction_unknown")]
