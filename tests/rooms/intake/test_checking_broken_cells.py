"""Each kind of broken cell names its row, field, what was found, what was expected and how to repair it."""

from pathlib import Path

import pytest

from aldia.domain.money import Rounding
from aldia.intake.checking.options import Checked, LoadOptions
from aldia.intake.checking.tabular import check_table, open_table

HEAD = (
    "cliente;nombre;cuit;factura;tipo;emision;vencimiento;importe;saldo;moneda;cancelada el;pagado;correo;telefono"
    ";idioma;en disputa;oc"
)
GOOD = {
    "cliente": "C7", "nombre": "Acme S.A.", "cuit": "30-71659554-0", "factura": "B-1", "tipo": "Factura", "emision": "30/11/2025",
    "vencimiento": "31/12/2025", "importe": "1.234,56", "saldo": "1.234,56", "moneda": "ARS", "cancelada el": "", "pagado": "",
    "correo": "pagos@acme.com.ar", "telefono": "011 4321-9876", "idioma": "es", "en disputa": "no", "oc": "",
}  # fmt: skip

BROKEN = [
    # changes, field, code, severity
    ({"cliente": "", "nombre": "", "cuit": ""}, "customer_id", "missing_customer", "error"),
    ({"cliente": "N/A", "nombre": "null", "cuit": "-"}, "customer_id", "missing_customer", "error"),
    ({"factura": ""}, "document_number", "missing", "error"),
    ({"factura": "   "}, "document_number", "missing", "error"),
    ({"vencimiento": ""}, "due_on", "missing", "error"),
    ({"importe": "", "saldo": ""}, "amount", "missing", "error"),
    ({"vencimiento": "31/02/2025"}, "due_on", "date_impossible", "error"),
    ({"vencimiento": "12/31/2025"}, "due_on", "date_impossible", "error"),
    ({"vencimiento": "2025-13-01"}, "due_on", "date_impossible", "error"),
    ({"vencimiento": "00/00/0000"}, "due_on", "date_impossible", "error"),
    ({"vencimiento": "mañana"}, "due_on", "date_unreadable", "error"),
    ({"vencimiento": "45678"}, "due_on", "date_unreadable", "error"),
    ({"vencimiento": "31/12/0025"}, "due_on", "date_far", "error"),
    ({"vencimiento": "31/12/9999"}, "due_on", "date_far", "error"),
    ({"emision": "99/99/99"}, "issued_on", "date_impossible", "error"),
    ({"importe": "mil doscientos"}, "amount", "amount_unreadable", "error"),
    ({"importe": "１００,００"}, "amount", "amount_unreadable", "error"),
    ({"importe": "١٠٠"}, "amount", "amount_unreadable", "error"),
    ({"vencimiento": "٣١/١٢/٢٠٢٥"}, "due_on", "date_unreadable", "error"),
    ({"importe": "12..5"}, "amount", "amount_grouping", "error"),
    ({"importe": "1,234.56"}, "amount", "amount_grouping", "error"),
    ({"importe": "1.23E+05"}, "amount", "amount_scientific", "error"),
    ({"importe": "1.234,567"}, "amount", "amount_too_fine", "error"),
    ({"importe": "9" * 16}, "amount", "amount_too_big", "error"),
    ({"importe": "-1.234,56"}, "amount", "amount_negative", "error"),
    ({"importe": "(10,00)", "saldo": ""}, "amount", "amount_negative", "error"),
    ({"importe": "0", "saldo": "0"}, "amount", "amount_zero", "warning"),
    ({"saldo": "2.000,00"}, "open_amount", "open_above_amount", "warning"),
    ({"saldo": "#¡VALOR", "importe": "1,00"}, "open_amount", "amount_unreadable", "error"),
    ({"moneda": "ZZZ"}, "currency", "currency_unknown", "error"),
    ({"moneda": "pesitos"}, "currency", "currency_unknown", "error"),
    ({"moneda": ""}, "currency", "currency_missing", "error"),
    ({"importe": "USD 1.234,56"}, "currency", "currency_conflict", "error"),
    ({"vencimiento": "29/11/2025"}, "due_on", "due_before_issue", "warning"),
    ({"cancelada el": "1/11/2025"}, "settled_on", "settled_before_issue", "warning"),
    ({"pagado": "100,00"}, "settled_amount", "settled_without_date", "warning"),
    (
        {"cancelada el": "15/12/2025", "pagado": "5.000,00"},
        "settled_amount",
        "settled_above_amount",
        "warning",
    ),
    ({"tipo": "Remito"}, "document_kind", "kind_unknown", "warning"),
    ({"en disputa": "quizás"}, "disputed", "truth_unreadable", "warning"),
    ({"cuit": "30-71659554-8"}, "tax_id", "tax_id_invalid", "warning"),
    ({"cuit": "123"}, "tax_id", "tax_id_invalid", "warning"),
    ({"correo": "sin arroba.com"}, "email", "email_invalid", "warning"),
    ({"correo": "a@b"}, "email", "email_invalid", "warning"),
    ({"correo": "a b@acme.com"}, "email", "email_invalid", "warning"),
    ({"correo": "a@acme.com, b@acme.com"}, "email", "email_several", "warning"),
    ({"telefono": "12"}, "phone", "phone_invalid", "warning"),
    ({"telefono": "llamar a Ana"}, "phone", "phone_invalid", "warning"),
    ({"idioma": "klingon"}, "language", "language_unknown", "warning"),
    ({"nombre": "Ac\x00me\x07"}, "customer_name", "text_cleaned", "warning"),
    ({"nombre": "Acme\u202eevil"}, "customer_name", "text_cleaned", "warning"),
    ({"nombre": "Acme\ufffd"}, "customer_name", "text_damaged", "warning"),
    ({"nombre": "MuÃ±oz"}, "customer_name", "text_damaged", "warning"),
    ({"nombre": '=HYPERLINK("http://x")'}, "customer_name", "text_formula", "warning"),
    ({"nombre": "@SUM(A1)"}, "customer_name", "text_formula", "warning"),
    ({"nombre": "x" * 201}, "customer_name", "text_too_long", "error"),
    ({"nombre": "x" * 40_000}, "customer_name", "cell_too_long", "error"),
    ({"factura": "9" * 61}, "document_number", "text_too_long", "error"),
    ({"factura": "OK-1"}, "document_number", "duplicate_different", "error"),
    ({"oc": "1;2;3"}, "row", "row_long", "error"),
    ({"nombre": '"a"b'}, "row", "row_quotes", "error"),
]


def quoted(row: dict[str, str]) -> str:
    """The row as a line; a formula's quotes are doubled, one broken row keeps its own."""
    cells = [
        f'"{cell.replace(chr(34), chr(34) * 2)}"' if cell.startswith("=") else cell for cell in row.values()
    ]
    return ";".join(cells)


def file_with(folder: Path, changes: dict[str, str]) -> Path:
    """Seven good rows and the broken one at row 5, the rest as good as the others."""
    rows = [
        GOOD | {"factura": f"OK-{number}", "importe": f"{number},50", "saldo": f"{number},50"}
        for number in range(1, 8)
    ]
    lines = [HEAD, *(quoted(row) for row in rows)]
    lines.insert(4, quoted(GOOD | changes))
    path = folder / "file.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "field", "code", "severity"), BROKEN, ids=[f"{n}-{row[2]}" for n, row in enumerate(BROKEN)]
)
def test_a_broken_cell_is_named_and_only_its_row_is_kept_out(
    tmp_path: Path, changes: dict[str, str], field: str, code: str, severity: str
) -> None:
    table, mapping = open_table(file_with(tmp_path, changes), "documents")
    (checked,) = check_table(table, mapping, LoadOptions(country="AR"))
    problem = next(row for row in checked.problems.to_dicts() if row["code"] == code)
    assert (problem["row"], problem["field"], problem["severity"]) == (5, field, severity)
    assert problem["expected"] and problem["hint"] and "%(" not in problem["expected"] + problem["hint"]
    assert problem["found"] or code in {"missing", "missing_customer", "currency_missing"}
    assert set(checked.problems["row"]) == {5}
    assert checked.good.height == (7 if severity == "error" else 8)
    assert (checked.rows, checked.rejected) == (8, 1 if severity == "error" else 0)
    assert 5 not in checked.good["row"].to_list() or severity == "warning"


def test_more_than_forty_kinds() -> None:
    assert len({(row[1], row[2]) for row in BROKEN}) >= 40


def test_a_good_row_has_no_problem_and_its_values(tmp_path: Path) -> None:
    table, mapping = open_table(file_with(tmp_path, {}), "documents")
    (checked,) = check_table(table, mapping, LoadOptions(country="AR"))
    assert checked.problems.is_empty()
    row = checked.good.filter(checked.good["row"] == 5).to_dicts()[0]
    assert (row["tax_id"], row["tax_id_kind"], row["is_tax_id_valid"]) == ("30716595540", "ar.cuit", True)
    assert (row["phone_e164"], row["email"], row["language"]) == ("+541143219876", "pagos@acme.com.ar", "es")
    assert (row["original_minor"], row["open_minor"], row["currency"]) == (123456, 123456, "ARS")


def checked_of(folder: Path, text: str) -> Checked:
    """What a file of debts in dollars is found to be."""
    path = folder / "file.csv"
    path.write_text(text)
    table, mapping = open_table(path, "documents")
    (checked,) = check_table(table, mapping, LoadOptions(currency="USD"))
    return checked


def test_the_same_row_twice_counts_once(tmp_path: Path) -> None:
    path = file_with(tmp_path, {"factura": "OK-1", "importe": "1,50", "saldo": "1,50"})
    table, mapping = open_table(path, "documents")
    (checked,) = check_table(table, mapping, LoadOptions(country="AR"))
    assert (checked.rejected, checked.repeated, checked.good.height) == (0, 1, 7)
    assert checked.problems["code"].to_list() == ["duplicate_same"]
    assert "2" in checked.problems["hint"].item()


def test_a_row_of_totals_is_set_aside(tmp_path: Path) -> None:
    checked = checked_of(
        tmp_path,
        "cliente;factura;vencimiento;saldo\n7;A-1;31/12/2025;10,50\n8;A-2;30/12/2025;10,50\nTotal;;;21,00\n",
    )
    assert (checked.good.height, checked.rejected, checked.skipped) == (2, 0, 1)
    assert checked.problems.select("row", "code", "found").rows() == [(4, "row_total", "Total   21,00")]


def test_a_balance_is_net_of_what_the_file_says_was_paid(tmp_path: Path) -> None:
    checked = checked_of(
        tmp_path,
        "cliente;factura;vencimiento;saldo;pagado;cancelada el\n7;1;31/12/2025;10,50;2,00;\n8;2;30/12/2025;10,50;2,00;31/12/2025\n",
    )
    told = checked.good.select("original_minor", "open_minor", "settled_minor").rows()
    assert told == [(1250, 1050, None), (1250, 1050, 200)]
    assert checked.problems.select("row", "code").rows() == [(2, "settled_without_date")]


def test_repetitions_are_found_across_pieces(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    rows = [f"7;A-{number % 300};31/12/2025;{number // 300 + 1},50" for number in range(500)]
    path.write_text("cliente;factura;vencimiento;saldo\n" + "\n".join(rows) + "\n")
    table, mapping = open_table(path, "documents")
    pieces = list(check_table(table, mapping, LoadOptions(currency="USD"), size=100))
    assert sum(piece.rejected for piece in pieces) == 200
    assert pieces[-1].problems["hint"][0].count("fila 102") == 1


def test_credit_notes_and_payments_lower_the_debt_whatever_their_sign(tmp_path: Path) -> None:
    checked = checked_of(
        tmp_path,
        "cliente;factura;tipo;vencimiento;importe\n7;1;NC;31/12/2025;10,50\n7;2;Nota de crédito;31/12/2025;-10,50\n"
        "7;3;Recibo;31/12/2025;(1,00)\n7;4;Pagaré;31/12/2025;2,00\n7;5;N/D;31/12/2025;2,00\n",
    )
    kinds = ["credit_note", "credit_note", "receipt", "promissory_note", "debit_note"]
    assert checked.good["document_kind"].to_list() == kinds
    assert checked.good["original_minor"].to_list() == [-1050, -1050, -100, 200, 200]


def test_instalments_share_their_loan_s_number(tmp_path: Path) -> None:
    checked = checked_of(
        tmp_path,
        "cliente;documento;tipo;vencimiento;importe\n7;P1;cuota;31/10/2025;1,50\n7;P1;cuota;30/11/2025;1,50\n",
    )
    assert checked.good.height == 2


def test_what_was_paid_without_a_date_lowers_the_balance(tmp_path: Path) -> None:
    checked = checked_of(
        tmp_path,
        "cliente;factura;vencimiento;importe;pagado\n7;1;31/12/2025;10,50;0,50\n8;2;31/12/2025;10,50;\n",
    )
    assert checked.good["open_minor"].to_list() == [1000, 1050]


def test_a_settlement_date_makes_a_receipt_of_what_is_not_open(tmp_path: Path) -> None:
    checked = checked_of(
        tmp_path,
        "cliente;factura;vencimiento;importe;saldo;fecha de pago\n7;1;31/12/2025;10,50;0;30/12/2025\n"
        "7;2;31/12/2025;10,50;4,00;30/12/2025\n7;3;31/12/2025;10,50;;30/12/2025\n7;4;31/12/2025;;9,00;30/12/2025\n",
    )
    rows = checked.good.select("original_minor", "open_minor", "is_open_declared", "settled_minor").rows()
    assert rows == [
        (1050, 0, True, 1050),
        (1050, 400, True, 650),
        (1050, 1050, False, 1050),
        (900, 900, False, 900),
    ]


def test_rounding_lets_fine_amounts_in(tmp_path: Path) -> None:
    table, mapping = open_table(file_with(tmp_path, {"importe": "1.234,565"}), "documents")
    (checked,) = check_table(table, mapping, LoadOptions(country="AR", round=Rounding.HALF_UP))
    assert checked.good.filter(checked.good["row"] == 5)["original_minor"].item() == 123457
