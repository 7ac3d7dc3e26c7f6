"""Lists of what is owed that read like an account, and the columns and currencies of the systems that print them."""

from pathlib import Path
from typing import Any

import pytest

from aldia.intake.checking.options import LoadOptions
from aldia.intake.checking.tabular import ReadOptions, check_table, open_table, read
from aldia.intake.mapping.fields import Kind
from aldia.intake.mapping.names import tokens_of

DAY = "30/09/2026"
WHO = f"Cliente;Comprobante;Vencimiento;{{}}\nACME;F1;{DAY};{{}}\nACME;F2;{DAY};{{}}\nACME;N1;{DAY};{{}}\n"


def listed(folder: Path, heading: str, *rows: str, currency: str | None = "ARS") -> dict[str, Any]:
    path = folder / "list.csv"
    path.write_text(WHO.format(heading, *rows), encoding="utf-8")
    return read(path, ReadOptions(kind=Kind.DOCUMENTS, load=LoadOptions(currency=currency)))


def amounts(answer: dict[str, Any]) -> list[tuple[int, int, str]]:
    return [(each["original_minor"], each["open_minor"], each["document_kind"]) for each in answer["records"]]


ACCOUNT = [(10050, 10050, "invoice"), (5000, 5000, "invoice"), (-2010, -2010, "credit_note")]


@pytest.mark.parametrize(
    ("heading", "rows"),
    [
        ("Debe;Haber", ("100,50;", "50,00;0,00", "0,00;20,10")),
        ("Debe;Haber;Saldo", ("100,50;;100,50", "50,00;;150,50", ";20,10;130,40")),
        ("Importe;Saldo", ("100,50;100,50", "50,00;150,50", "-20,10;130,40")),
        ("Importe;D/H", ("100,50;D", "50,00;D", "20,10;H")),
        ("Importe;Ind.DH", ("100,50;S", "50,00;S", "20,10;H")),
    ],
)
def test_each_side_of_an_account_is_a_document_or_a_credit(
    tmp_path: Path, heading: str, rows: tuple[str, ...]
) -> None:
    assert amounts(listed(tmp_path, heading, *rows)) == ACCOUNT


def test_a_balance_that_adds_up_the_rows_is_told_and_one_of_each_document_is_kept(tmp_path: Path) -> None:
    running = listed(tmp_path, "Debe;Haber;Saldo", "100,50;;100,50", "50,00;;150,50", ";20,10;130,40")
    assert [each["row"] for each in running["problems"] if each["code"] == "balance_running"] == [2]
    own = listed(
        tmp_path, "Cargos;Abonos;Saldo", "100,50;0,50;100,00", "50,00;0,00;50,00", "30,00;10,00;20,00"
    )
    assert [each[:2] for each in amounts(own)] == [(10050, 10000), (5000, 5000), (3000, 2000)]
    without = listed(tmp_path, "Cargos;Abonos", "100,50;0,50", "50,00;0,00", "30,00;10,00")
    assert amounts(without) == amounts(own)


def test_a_running_balance_is_one_in_every_piece_of_a_file(tmp_path: Path) -> None:
    rows = ("100,50;100,50", "50,00;150,50", "20,10;170,60")
    (tmp_path / "list.csv").write_text(WHO.format("Importe;Saldo", *rows), encoding="utf-8")
    table, mapping = open_table(tmp_path / "list.csv", Kind.DOCUMENTS)
    pieces = list(check_table(table, mapping, LoadOptions(currency="ARS"), size=2))
    table.close()
    assert [piece.good["open_minor"].to_list() for piece in pieces] == [[10050, 5000], [2010]]
    assert [piece.problems.height for piece in pieces] == [1, 0]


def test_payments_beside_an_amount_are_no_side_of_an_account(tmp_path: Path) -> None:
    found = listed(
        tmp_path, "Total factura;Abonos;Saldo", "100,50;0,50;100,00", "50,00;;50,00", "30,00;10,00;20,00"
    )
    assert [each[:2] for each in amounts(found)] == [(10050, 10000), (5000, 5000), (3000, 2000)]
    assert "credit" not in found["mapping"]["columns"]


def test_pesos_say_a_currency_only_with_their_country(tmp_path: Path) -> None:
    rows = ("100,50;Peso Mexicano", "50,00;Dólares", "20,10;Pesos")
    found = listed(tmp_path, "Importe;Moneda", *rows, currency=None)
    assert [each["currency"] for each in found["records"]] == ["MXN", "USD"]
    assert [(each["row"], each["code"]) for each in found["problems"]] == [(4, "currency_missing")]
    alone = listed(tmp_path, "Importe;Moneda", "100,50;$", "50,00;$", "20,10;Pesos", currency=None)
    assert [each["code"] for each in alone["problems"]] == ["currency_needed"]


def test_what_falls_due_is_not_what_is_still_due(tmp_path: Path) -> None:
    found = listed(tmp_path, "Imp. Vto.;Saldo;Estado de pago", *["100,50;20,50;Impaga"] * 3)
    assert (
        found["mapping"]["columns"] | {"amount": "Imp. Vto.", "open_amount": "Saldo"}
        == found["mapping"]["columns"]
    )
    assert "region" not in found["mapping"]["columns"]
    assert tokens_of("Amount Due") == {"amount", "due"}


def test_a_column_of_balances_that_was_not_read_is_named_once(tmp_path: Path) -> None:
    told = listed(tmp_path, "Importe;Saldo Cta.Cte.", "100,50;340,00", "50,00;340,00", "20,10;340,00")
    unread = [each for each in told["problems"] if each["code"] == "balance_unread"]
    assert [(each["row"], each["found"]) for each in unread] == [(2, "Saldo Cta.Cte.")]
    known = listed(tmp_path, "Importe;Saldo", "100,50;50,00", "50,00;50,00", "20,10;20,10")
    assert not [each for each in known["problems"] if each["code"] == "balance_unread"]
