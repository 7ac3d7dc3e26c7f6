"""The main job on real receivables, by its commands: a file becomes documents, notices, and indicators that move."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks import half_year
from benchmarks.half_year import ask

pytestmark = pytest.mark.django_db
FIRST, DAYS = date(2013, 1, 1), 45
KEYS = {"not due": "not_due", "over 90": "over_90"}


def published(folder: Path, name: str) -> dict[str, Any]:
    reference: dict[str, Any] = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
    case: dict[str, Any] = reference["cases"][name]
    return case


def minor(text: str) -> int:
    whole, _point, cents = text.partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0"))


@pytest.mark.covers("S0-7a", "S0-18c")
def test_open_items_load_with_the_published_counts_totals_and_ageing(shared_data: Path) -> None:
    folder = shared_data / "receivables" / "open_items_b2b"
    case = published(folder, "open_items.csv")
    loaded = ask(
        "load", str(folder / "open_items.csv"), "--currency", "USD", "--country", "US", "--debt-kind", "commercial",
        "--round", "half_up", "--as-of", "2020-07-31",
    )  # fmt: skip
    assert (loaded["rows"], loaded["new"], loaded["rejected"]) == (case["rows"], case["rows"], 0)
    assert loaded["totals"]["USD"] == {
        "documents": case["rows"],
        "open_minor": case["in_minor_units"]["total_minor"],
    }
    tables = case["in_minor_units"]["ageing"]
    assert tables
    for table in tables:
        assert ask("kpi", "--as-of", table["as_of"])["ageing"]["USD"] == table["buckets"]
    again = ask(
        "load", str(folder / "open_items.csv"), "--currency", "USD", "--country", "US", "--debt-kind", "commercial",
        "--round", "half_up", "--as-of", "2020-07-31",
    )  # fmt: skip
    assert (again["new"], again["changed"], again["same"]) == (0, 0, case["rows"])
    assert ask("verify")["ok"]


@pytest.mark.covers("S0-18c", "S0-9")
def test_paid_invoices_load_with_their_settlements_and_age_as_published_on_each_day(
    shared_data: Path,
) -> None:
    folder = shared_data / "receivables" / "invoices_ibm"
    case = published(folder, "invoices.csv")
    loaded = ask(
        "load", str(folder / "invoices.csv"), "--currency", "USD", "--country", "US", "--debt-kind", "commercial",
        "--as-of", "2014-01-31",
    )  # fmt: skip
    assert (loaded["rows"], loaded["new"], loaded["rejected"]) == (case["rows"], case["rows"], 0)
    assert loaded["receipts"] == case["rows"]
    tables = case["ageing"]
    assert tables
    for table in tables:
        expected = {
            KEYS.get(key, key): {"documents": cell["items"], "open_minor": minor(cell["amount"])}
            for key, cell in table["buckets"].items()
        }
        found = ask("kpi", "--as-of", table["as_of"])["ageing"].get("USD", {})
        empty = {"documents": 0, "open_minor": 0}
        assert {key: found.get(key, empty) for key in expected} == expected


@pytest.mark.covers("S0-3f", "S0-12")
def test_each_notice_leaves_once_and_none_after_settlement_over_forty_five_days(
    shared_data: Path, tmp_path: Path
) -> None:
    half_year.load(shared_data / "receivables" / "invoices_ibm" / "invoices.csv", FIRST, tmp_path)
    days = [half_year.one_day(FIRST + timedelta(days=number)) for number in range(DAYS)]
    again = ask("day", "--as-of", days[-1]["as_of"])
    assert (again["notices"], again["tasks"], again["stages"], again["decided"]) == ({}, 0, 0, 0)
    assert sum(sum(day["notices"].values()) for day in days) > DAYS // 2
    assert half_year.repeated() == []
    assert half_year.after_settlement() == []
    assert half_year.unlawful() == []
    counts = ask("outbox")
    assert (counts["failed"], counts["unknown"], counts["sending"]) == (0, 0, 0)
    assert counts["sent"] == len(half_year.sent())
    assert ask("verify")["ok"]
