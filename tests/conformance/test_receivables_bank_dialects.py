"""Bank statements in the dialects of many banks: separator, encoding, heading row and cells as published."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from aldia.intake.checking.identity import phone, tax_id
from aldia.intake.checking.options import LoadOptions
from aldia.intake.checking.tabular import ReadOptions
from aldia.intake.mapping.fields import Kind
from aldia.intake.readers.registry import normalised
from aldia.intake.readers.table import read_table

HEADING_ROWS = {
    "bank2ynab__TransactionHistory_20180418043121.csv": 6,
    "bank2ynab__dba33fceecd62c3c727893361e0ba4d3.P000000027355791.csv": None,
}


def cases(folder: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((folder / "reference.json").read_text(encoding="utf-8"))[
        "cases"
    ]
    return {name: case for name, case in found.items() if case["kind"] == "CSV"}


def test_every_dialect_is_read(shared_data: Path) -> None:
    folder = shared_data / "bank" / "csv"
    for name, case in cases(folder).items():
        table = read_table(folder / name)
        dialect = table.dialect
        assert dialect.separator == case["delimiter"], name
        assert dialect.header_row == HEADING_ROWS.get(name, 1), name
        assert len(table.columns) == case["columns"], name
        single = dialect.encoding not in {"utf-8", "utf-8-sig"}
        assert single == (case["encoding"] == "single-byte"), name
        if dialect.header_row == 1:
            assert [column.removesuffix(" (2)") for column in table.columns] == [
                " ".join(cell.split()) for cell in case["first_row"]
            ], name
            assert table.rows == case["rows_including_heading"] - 1, name
        last = list(table.frame.select(table.columns).rows()[-1])
        assert last[: len(case["last_row"])] == case["last_row"], name


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("bank2ynab__2019-03-02_11-50-46_bunq-statement.csv", ("2018-12-06", -878), ("2018-12-17", -799)),
        ("bank2ynab__TransactionHistory_20180418043121.csv", ("2018-04-18", -666), ("2018-04-13", -666)),
        ("bank2ynab__export_BE11123456789012_20180304_1422.csv", ("2018-02-28", -340), ("2018-02-28", -340)),
        ("oca__balance.csv", ("2018-12-15", -3350), ("2018-12-15", 153350)),
        ("oca__sample_statement_en.csv", ("2018-12-15", -3350), ("2018-12-15", 152500)),
    ],
)
def test_statements_become_records(
    shared_data: Path, name: str, first: tuple[str, int], last: tuple[str, int]
) -> None:
    options = ReadOptions(
        kind=Kind.RECEIPTS,
        load=LoadOptions(currency=None if "sample" in name or "export" in name or "Trans" in name else "EUR"),
    )
    found = normalised(shared_data / "bank" / "csv" / name, options)
    records = found["records"]
    assert [(row["on"], row["amount_minor"]) for row in (records[0], records[-1])] == [first, last]
    assert json.dumps(found)


def test_tax_ids_are_told_valid_and_compact_as_published(shared_data: Path) -> None:
    folder = shared_data / "identifiers" / "tax_ids"
    answers = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["cases"]["numbers.csv"][
        "answers"
    ]
    main = {
        "ar.cuit",
        "br.cnpj",
        "br.cpf",
        "cl.rut",
        "co.nit",
        "mx.rfc",
        "pe.ruc",
        "es.nif",
        "pt.nif",
        "uy.rut",
        "py.ruc",
        "ec.ruc",
        "ve.rif",
        "gt.nit",
    }
    checked = 0
    with (folder / "numbers.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            answer = answers[row["id"]]
            if row["kind"] in main and answer["valid"]:
                assert tax_id(row["raw"], row["kind"][:2].upper()) == (
                    answer["compact"],
                    row["kind"],
                    True,
                ), row
                checked += 1
            elif row["kind"] in main:
                assert tax_id(row["raw"], row["kind"][:2].upper())[1] != row["kind"], row
    assert checked > 300


def test_phones_are_normalised_as_published(shared_data: Path) -> None:
    folder = shared_data / "identifiers" / "phones"
    answers = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["cases"]["phones.csv"][
        "answers"
    ]
    with (folder / "phones.csv").open(encoding="utf-8", newline="") as file:
        wrong = [
            row
            for row in csv.DictReader(file)
            if (phone(row["raw"], row["default_region"]) or (None,))[0] != answers[row["id"]]["e164"]
        ]
    assert not wrong
