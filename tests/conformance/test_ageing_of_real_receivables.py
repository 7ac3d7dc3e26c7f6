"""Ageing and exact amounts over the published receivables, against the sums of an independent calculator."""

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from aldia.domain.ageing import AgeCell, Ageing, OpenDocument, age
from aldia.domain.money import Rounding, TooFine, to_minor


def rows_of(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def day(text: str, form: str) -> date:
    return datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar date has no zone


def cells(table: Ageing) -> dict[str, AgeCell]:
    return {key: table.cell("USD", key) for key in table.buckets.keys}


def test_open_items_in_cents_age_as_published(shared_data: Path) -> None:
    folder = shared_data / "receivables" / "open_items_b2b"
    documents = [
        OpenDocument(
            day(row["posting_date"], "%d-%m-%Y"),
            day(row["due_in_date"], "%d-%m-%Y"),
            to_minor(Decimal(row["converted_usd"]), "USD", rounding=Rounding.HALF_UP),
            "USD",
        )
        for row in rows_of(folder, "open_items.csv")
    ]
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
    published = reference["cases"]["open_items.csv"]["in_minor_units"]["ageing"]
    assert published
    for table in published:
        expected = {
            key: AgeCell(cell["documents"], cell["open_minor"]) for key, cell in table["buckets"].items()
        }
        assert cells(age(documents, date.fromisoformat(table["as_of"]))) == expected


def test_paid_invoices_age_as_published_on_each_day(shared_data: Path) -> None:
    folder = shared_data / "receivables" / "invoices_ibm"
    form = "%m/%d/%Y"
    rows = list(rows_of(folder, "invoices.csv"))
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
    published = reference["cases"]["invoices.csv"]["ageing"]
    assert published
    for table in published:
        as_of = date.fromisoformat(table["as_of"])
        documents = [
            OpenDocument(
                day(row["InvoiceDate"], form),
                day(row["DueDate"], form),
                to_minor(Decimal(row["InvoiceAmount"]), "USD", rounding=None),
                "USD",
            )
            for row in rows
            if day(row["SettledDate"], form) > as_of
        ]
        expected = {
            key.replace(" ", "_"): AgeCell(
                cell["items"], to_minor(Decimal(cell["amount"]), "USD", rounding=None)
            )
            for key, cell in table["buckets"].items()
        }
        assert cells(age(documents, as_of)) == expected


def test_three_decimals_of_dollars_need_a_stated_rounding(shared_data: Path) -> None:
    folder = shared_data / "receivables" / "open_items_b2b"
    amounts = [Decimal(row["converted_usd"]) for row in rows_of(folder, "open_items.csv")]
    fine = [amount for amount in amounts if amount.normalize().as_tuple().exponent < -2]
    assert fine
    with pytest.raises(TooFine, match="half_up or half_even"):
        to_minor(fine[0], "USD", rounding=None)
