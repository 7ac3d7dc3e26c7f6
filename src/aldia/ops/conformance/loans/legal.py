"""Published rate tables and interest over them: every row makes a table, every sum is added up again."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from aldia.domain.loans.late_interest import LateTerms, late_interest
from aldia.domain.loans.rate_tables import DatedRate, RateTable, usury_cap
from aldia.domain.money import to_minor
from aldia.domain.periods import last_of_month
from aldia.ops.conformance.checks import Case, Checks, Found

RATES = ("legal_interest_percent", "commercial_late_payment_percent", "usury_cap_ea_percent")
CURRENT = "interes_bancario_corriente_ea_percent"


def rate_table(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """As many rows as the reference says, none overlapping; a cap equals so many times its bank rate."""
    checks.same("rows", case["rows"], len(_table(path).rates))
    for row in _rows(path):
        if row.get(CURRENT):
            cap = usury_cap(Decimal(row[CURRENT]) / 100) * 100
            checks.amount(f"cap {row['month']}", row["usury_cap_ea_percent"], cap)


def interest_cases(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Days, days by rate and interest of every case."""
    for each in json.loads(path.read_text(encoding="utf-8")):
        name, answer = each["id"], case["answers"][each["id"]]
        table = _table(path.parent / each["table"])
        due, paid = date.fromisoformat(each["due_date"]), date.fromisoformat(each["paid_date"])
        ours = late_interest(
            to_minor(Decimal(each["amount"]), "EUR", rounding=None), due, paid, LateTerms(table)
        )
        checks.same(f"{name}.days", answer["days"], ours.days)
        checks.amount(f"{name}.interest", answer["interest"], Decimal(ours.minor).scaleb(-2))
        held: dict[Decimal, int] = {}
        for rate, days in table.days_by_rate(due.fromordinal(due.toordinal() + 1), paid):
            held[(rate * 100).normalize()] = held.get((rate * 100).normalize(), 0) + days
        expected = {Decimal(rate).normalize(): days for rate, days in answer["days_by_rate"].items()}
        checks.same(f"{name}.days_by_rate", expected, held)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _table(path: Path) -> RateTable:
    return RateTable.of(path.stem, [_dated(row) for row in _rows(path)])


def _dated(row: dict[str, str]) -> DatedRate:
    percent = next(row[name] for name in RATES if row.get(name))
    start = date.fromisoformat(row.get("from") or f"{row['month']}-01")
    end = date.fromisoformat(row["to"]) if row.get("to") else last_of_month(start)
    return DatedRate(start, end, Decimal(percent) / 100, row.get("source", ""))
