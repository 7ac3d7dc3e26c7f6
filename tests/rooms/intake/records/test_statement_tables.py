"""A statement that came as CSV gives the same lines as any other; a list of collections gives none."""

from pathlib import Path
from typing import Any

import pytest

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
