"""The published receivables through our own reader, mapping and checks: counts, totals and ageing as published."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from aldia.domain.money import Rounding
from aldia.intake.checking.options import Checked, LoadOptions
from aldia.intake.checking.tabular import check_table, open_table

BUCKETS = (("not_due", None, 0), ("1-30", 1, 30), ("31-60", 31, 60), ("61-90", 61, 90), ("over_90", 91, None))
Case = dict[str, Any]


def loaded(folder: Path, name: str, options: LoadOptions) -> Checked:
    table, mapping = open_table(folder / name, "documents")
    (checked,) = check_table(table, mapping, options)
    return checked


def case_of(folder: Path, name: str) -> Case:
    found: Case = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["cases"][name]
    return found


def minor(amount: str) -> int:
    return int(Decimal(amount) * 100)


def aged(open_rows: pl.DataFrame, as_of: date) -> dict[str, dict[str, int]]:
    late = open_rows.with_columns((pl.lit(as_of) - pl.col("due_on")).dt.total_days().alias("late"))
    cells = {}
    for key, first, last in BUCKETS:
        rows = late.filter(
            pl.lit(first is None) | (pl.col("late") >= (first or 0)),
            pl.lit(last is None) | (pl.col("late") <= (last or 0)),
        )
        cells[key] = {"documents": rows.height, "open_minor": int(rows["open_minor"].sum())}
    return cells


@pytest.fixture(scope="module")
def ibm(shared_data: Path) -> tuple[Checked, Case]:
    folder = shared_data / "receivables" / "invoices_ibm"
    return loaded(folder, "invoices.csv", LoadOptions(currency="USD")), case_of(folder, "invoices.csv")


@pytest.fixture(scope="module")
def b2b(shared_data: Path) -> tuple[Checked, Case]:
    folder = shared_data / "receivables" / "open_items_b2b"
    return loaded(folder, "open_items.csv", LoadOptions(round=Rounding.HALF_UP)), case_of(
        folder, "open_items.csv"
    )


def test_ibm_counts_and_sums(ibm: tuple[Checked, Case]) -> None:
    checked, case = ibm
    good = checked.good
    assert (checked.rows, good.height, checked.rejected) == (case["rows"], case["rows"], 0)
    assert checked.problems.is_empty()
    assert good["customer_id"].n_unique() == case["customers"]
    assert good["original_minor"].sum() == minor(case["sum_amount"])
    assert good["is_disputed"].sum() == case["disputed"]
    late = (good["settled_on"] - good["due_on"]).dt.total_days()
    assert (late > 0).sum() == case["late"]
    assert late.filter(late > 0).sum() == case["sum_days_late"]
    assert str(good["issued_on"].min()) == case["first_invoice"]
    assert str(good["settled_on"].max()) == case["last_settled"]
    assert good["settled_minor"].to_list() == good["original_minor"].to_list()


def test_ibm_countries_stay_as_attributes(ibm: tuple[Checked, Case]) -> None:
    checked, case = ibm
    country = checked.good["attributes"].str.json_path_match("$.countryCode").alias("country")
    sums = checked.good.group_by(country).agg(pl.len().alias("rows"), pl.col("original_minor").sum())
    found = {row["country"]: (row["rows"], row["original_minor"]) for row in sums.to_dicts()}
    assert found == {code: (row["rows"], minor(row["amount"])) for code, row in case["by_country"].items()}


def test_ibm_ageing(ibm: tuple[Checked, Case]) -> None:
    checked, case = ibm
    for expected in case["ageing"]:
        as_of = date.fromisoformat(expected["as_of"])
        found = aged(checked.good.filter(pl.col("issued_on") <= as_of, pl.col("settled_on") > as_of), as_of)
        wanted = {
            name.replace(" ", "_"): {"documents": cell["items"], "open_minor": minor(cell["amount"])}
            for name, cell in expected["buckets"].items()
        }
        assert found == wanted


def test_open_items_counts_and_sums(b2b: tuple[Checked, Case]) -> None:
    checked, case = b2b
    good = checked.good
    assert (checked.rows, good.height, checked.rejected) == (case["rows"], case["rows"], 0)
    assert checked.conventions.currency == "USD"
    assert good["open_minor"].sum() == case["in_minor_units"]["total_minor"]
    assert good["customer_id"].n_unique() == case["customers"]
    assert (str(good["due_on"].min()), str(good["due_on"].max())) == (case["first_due"], case["last_due"])
    assert checked.problems["code"].to_list() == ["due_before_issue"] * case["due_before_posting"]
    by_business = {row[0]: row[1] for row in good.group_by("portfolio_code").len().rows()}
    assert by_business == {code: row["rows"] for code, row in case["by_business"].items()}


def test_open_items_ageing_in_cents(b2b: tuple[Checked, Case]) -> None:
    checked, case = b2b
    for expected in case["in_minor_units"]["ageing"]:
        as_of = date.fromisoformat(expected["as_of"])
        assert aged(checked.good.filter(pl.col("issued_on") <= as_of), as_of) == expected["buckets"]


def test_open_items_in_thousandths_are_refused_without_a_rounding(shared_data: Path) -> None:
    folder = shared_data / "receivables" / "open_items_b2b"
    checked = loaded(folder, "open_items.csv", LoadOptions())
    wanted = case_of(folder, "open_items.csv")["in_minor_units"]["rows_with_three_decimals"]
    assert checked.rejected == wanted
    assert (checked.problems["code"] == "amount_too_fine").sum() == wanted


@pytest.mark.parametrize("write", ["xlsx", "utf-16", "reordered"])
def test_the_same_items_in_other_clothes(
    b2b: tuple[Checked, Case], shared_data: Path, tmp_path: Path, write: str
) -> None:
    source = shared_data / "receivables" / "open_items_b2b" / "open_items.csv"
    frame = pl.read_csv(source, infer_schema=False)
    clothes: dict[str, Callable[[], Path]] = {
        "xlsx": lambda: _workbook(frame, tmp_path / "items.xlsx"),
        "utf-16": lambda: _other_text(frame, tmp_path / "items.txt"),
        "reordered": lambda: _reordered(frame, tmp_path / "items.csv"),
    }
    path = clothes[write]()
    same = loaded(path.parent, path.name, LoadOptions(round=Rounding.HALF_UP)).good
    keys = ["document_number", "customer_id", "issued_on", "due_on", "open_minor", "currency"]
    assert same.select(keys).sort("document_number").equals(b2b[0].good.select(keys).sort("document_number"))


def _workbook(frame: pl.DataFrame, path: Path) -> Path:
    days = ["posting_date", "due_in_date"]
    typed = frame.with_columns(pl.col(days).str.to_date("%d-%m-%Y"), pl.col("converted_usd").cast(pl.Float64))
    typed.write_excel(str(path))
    return path


def _other_text(frame: pl.DataFrame, path: Path) -> Path:
    comma = frame.with_columns(pl.col("converted_usd").str.replace(".", ",", literal=True))
    path.write_bytes(comma.write_csv(separator="\t").encode("utf-16"))
    return path


def _reordered(frame: pl.DataFrame, path: Path) -> Path:
    frame.select(reversed(frame.columns)).sample(fraction=1, shuffle=True, seed=7).write_csv(
        path, separator=";"
    )
    return path
