"""Open items and invoices against their reference: counts, customers, totals and ageing on the published days."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from aldia.domain.money import Rounding
from aldia.intake.checking.options import LoadOptions
from aldia.intake.checking.tabular import check_table, open_table
from aldia.ops.conformance.checks import Checks, number

Case = dict[str, Any]
Found = dict[str, Any]
BUCKETS = {"not_due": (None, 0), "1-30": (1, 30), "31-60": (31, 60), "61-90": (61, 90), "over_90": (91, None)}


def _good(path: Path) -> pl.DataFrame:
    table, mapping = open_table(path, "documents")
    try:
        pieces = check_table(table, mapping, LoadOptions(currency="USD", round=Rounding.HALF_UP))
        return pl.concat(piece.good for piece in pieces)
    finally:
        table.close()


def invoices(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Invoices with the day on which each was settled."""
    good = _good(path)
    checks.same("rows", case["rows"], good.height)
    checks.same("customers", case["customers"], good["customer_id"].n_unique())
    checks.same("sum_amount", number(case["sum_amount"]), int(good["original_minor"].sum()) * 10_000)
    checks.same("disputed", case["disputed"], int(good["is_disputed"].sum()))
    for table in case["ageing"]:
        as_of = date.fromisoformat(table["as_of"])
        open_then = good.filter(pl.col("issued_on") <= as_of, pl.col("settled_on") > as_of)
        expected = {
            key.replace(" ", "_"): (cell["items"], (number(cell["amount"]) or 0) // 10_000)
            for key, cell in table["buckets"].items()
        }
        checks.same(f"ageing {as_of}", expected, _aged(open_then, "original_minor", as_of))


def open_items(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Open items in cents."""
    good, cents = _good(path), case["in_minor_units"]
    checks.same("rows", case["rows"], good.height)
    checks.same("customers", case["customers"], good["customer_id"].n_unique())
    checks.same("total_minor", cents["total_minor"], int(good["open_minor"].sum()))
    for table in cents["ageing"]:
        as_of = date.fromisoformat(table["as_of"])
        expected = {key: (cell["documents"], cell["open_minor"]) for key, cell in table["buckets"].items()}
        issued = good.filter(pl.col("issued_on") <= as_of)
        checks.same(f"ageing {as_of}", expected, _aged(issued, "open_minor", as_of))


def _aged(rows: pl.DataFrame, amount: str, as_of: date) -> dict[str, tuple[int, int]]:
    late = (pl.lit(as_of) - pl.col("due_on")).dt.total_days()
    cells = {}
    for key, (first, last) in BUCKETS.items():
        held = rows.filter(
            late >= first if first is not None else True, late <= last if last is not None else True
        )
        cells[key] = (held.height, int(held[amount].sum()))
    return cells


Comparison = Callable[[Checks, Case, Found, Path], None]
KINDS: dict[str, Comparison] = {"invoices": invoices, "open items": open_items}
