"""Published outcomes of credit and of calls: scored by a scorecard that learns from a part and is judged on the rest.

Rows are split by a stable hash of their number, seven tenths to learn from. Traits that may not be used only serve the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from aldia.engine.score_fitting import fit
from aldia.engine.score_quality import drift, fairness, quality
from aldia.ops.conformance.checks import Case, Checks, Comparison, Found

LEARN: Final = 7  # tenths
_MIX: Final = 2_654_435_761


@dataclass(frozen=True)
class Source:
    """A file of outcomes: the event, the columns that may not be used, the traits of the report, the least order to reach."""

    event: pl.Expr
    unused: tuple[str, ...]
    traits: tuple[str, ...]
    least_auc: float
    separator: str = ","


ACCOUNTS: Final = Source(
    pl.col("default.payment.next.month") == 1, ("ID", "GENDER", "EDUCATION", "MARRIAGE", "AGE"),
    ("GENDER", "EDUCATION", "MARRIAGE"), 0.76,
)  # fmt: skip
APPLICANTS: Final = Source(
    pl.col("creditability") == "bad",
    ("row", "creditability", "personal_status_and_sex", "foreign_worker", "age_in_years"),
    ("personal_status_and_sex", "foreign_worker"), 0.75,
)  # fmt: skip
CALLS: Final = Source(
    pl.col("y") == "yes", ("row", "y", "duration", "age", "marital"), ("marital",), 0.75, ";"
)


def accounts(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Card accounts: who stops paying next month."""
    rows = _read(path, ACCOUNTS)
    checks.same("rows", case["rows"], rows.height)
    checks.same("defaults", case["defaults"], int(rows["event"].sum()))
    for field, column in (
        ("sum_limit", "LIMIT_BAL"),
        ("sum_bill_1", "BILL_AMT1"),
        ("sum_paid_1", "PAY_AMT1"),
    ):
        checks.amount(field, case[field], rows[column].cast(pl.Int64).sum())
    _rates(checks, "default_rate_by_pay_0", case["default_rate_by_pay_0"], rows, "PAY_0")
    _judge(checks, case, rows, ACCOUNTS)


def applicants(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Credit applicants: who turns out bad."""
    rows = _read(path, APPLICANTS)
    checks.same("rows", case["rows"], rows.height)
    checks.same("bad", case["bad"], int(rows["event"].sum()))
    checks.amount("sum_credit_amount", case["sum_credit_amount"], rows["credit_amount"].cast(pl.Int64).sum())
    counts = dict(rows.group_by("purpose").len().iter_rows())
    checks.same("by_purpose", case["by_purpose"], {name: counts.get(name, 0) for name in case["by_purpose"]})
    _judge(checks, case, rows, APPLICANTS)


def calls(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Calls of a campaign: which reach their aim. What is known only after a call is not used to choose whom to call."""
    rows = _read(path, CALLS)
    checks.same("rows", case["rows"], rows.height)
    checks.same("success", case["success"], int(rows["event"].sum()))
    checks.same("sum_duration_s", case["sum_duration_s"], int(rows["duration"].cast(pl.Int64).sum()))
    _rates(checks, "success_rate_by_weekday", case["success_rate_by_weekday"], rows, "day_of_week")
    _rates(checks, "success_rate_by_contact", case["success_rate_by_contact"], rows, "contact")
    _judge(checks, case, rows, CALLS)


def _read(path: Path, source: Source) -> pl.DataFrame:
    rows = pl.read_csv(path, separator=source.separator, infer_schema_length=None)
    return rows.with_columns(event=source.event)


def _rates(checks: Checks, field: str, expected: Mapping[str, Any], rows: pl.DataFrame, column: str) -> None:
    told = rows.group_by(pl.col(column).cast(pl.String)).agg(pl.col("event").mean())
    found = {str(name): round(rate, 4) for name, rate in told.iter_rows()}
    checks.same(field, dict(expected), {name: found.get(name) for name in expected})


def _judge(checks: Checks, case: Case, rows: pl.DataFrame, source: Source) -> None:
    """Learn from a part, and keep the order and the honesty of the chances on the rest."""
    number = rows.columns[0]
    part = (pl.col(number).cast(pl.UInt64) * _MIX % 2**32 // 65_536) % 10
    learnt, held = rows.filter(part < LEARN), rows.filter(part >= LEARN)
    names = [
        name for name in rows.columns if name not in (*source.unused, "event", "default.payment.next.month")
    ]
    card = fit(learnt, "event", names)
    before, chances = (
        learnt.select(card.probability()).to_series(),
        held.select(card.probability()).to_series(),
    )
    told = quality(chances, held["event"])
    bar = max([source.least_auc, *_baselines(case)])
    checks.measured |= {
        "learnt_from": learnt.height, "held_out": held.height, "auc": told.auc, "at_least": bar, "brier": told.brier,
        "calibration_gap": told.gap, "drift_psi": drift(before, chances),
        "characteristics": [one.name for one in card.characteristics],
        "fairness": [asdict(group) for group in fairness(held, chances, held["event"], source.traits)],
    }  # fmt: skip
    if told.auc < bar:
        checks.add("auc", f">= {bar}", told.auc)


def _baselines(case: Case) -> Sequence[float]:
    """The orders that the reference itself reached, where it says so: any number whose name has «auc» in it."""
    return [
        float(value)
        for name, value in case.items()
        if "auc" in name.lower() and isinstance(value, int | float)
    ]


CREDIT: Final[dict[str, Comparison]] = {"accounts": accounts, "applicants": applicants}
CAMPAIGNS: Final[dict[str, Comparison]] = {"calls": calls}
