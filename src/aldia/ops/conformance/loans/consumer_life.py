"""What happened to a consumer loan day by day: money columns compared one by one; the wording of statuses is not ours."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from aldia.domain.loans.daily_life import LifeTerms, Look, Moment, daily_life
from aldia.domain.loans.daily_plans import DailyPlan
from aldia.domain.loans.rounding import whole
from aldia.ops.conformance.checks import Checks
from aldia.ops.conformance.loans import consumer_oddities
from aldia.ops.conformance.loans.consumer_terms import Consumer, minor, percent

Row = dict[str, str]


def life(checks: Checks, file: dict[str, Any], loan: Consumer, plan: DailyPlan) -> None:
    """Every row of the schedule as it came to be."""
    rows = file["schedule"]
    if minor(rows[0]["Advances"]) != loan.principal_minor:
        checks.outside = "a loan rolled over into another whose terms the file does not tell"
        return
    terms = _terms(file, loan, plan)
    moments, oddities = [_moment(row) for row in rows], consumer_oddities.Reader()
    for row, look in zip(
        rows, daily_life(terms, moments, (loan.evaluated_on - loan.start).days), strict=True
    ):
        ours = _shown(look)
        told = {name: _told(name, row[name]) for name in ours if name in row}
        shown = {name: ours[name] for name in told}
        checks.same(f"day {look.day}", told, shown, oddities.of_row(row, told, shown))


def _terms(file: dict[str, Any], loan: Consumer, plan: DailyPlan) -> LifeTerms:
    text = file["Advanced Parameters text"]
    late = re.search(r"late payment ([\d.]+)", text)
    failed = re.search(r"insufficient funds ([\d.]+)", text)
    negative = re.search(r"rate on negative balance: ([\d.]+ %) per year", text)
    promotions = re.findall(r"(\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d) at (zero|[\d.]+ % per \w+)", text)
    return LifeTerms(
        terms=loan.terms,
        plan=plan,
        fee_minor=loan.fee_minor,
        rebates="pro-rata rebate" in text,
        other_rates=tuple(_promotion(loan.start, *each) for each in promotions),
        late_charge_minor=minor(late[1]) if late else 0,
        failed_charge_minor=minor(failed[1]) if failed else 0,
        timeout=int(_number(r"timeout: (\d+) days", text)),
        least_due_minor=minor(_number(r"write off up to ([\d.]+)", text)),
        charges_once="one charge per schedule" in text,
        grace_days=int(_number(r"initial grace period: (\d+) day", text)),
        negative_rate=percent(negative[1]) / 365 if negative else Fraction(0),
    )


def _promotion(start: date, first: str, last: str, rate: str) -> tuple[int, int, Fraction]:
    days = [(date.fromisoformat(each) - start).days for each in (first, last)]
    told = Fraction(0) if rate == "zero" else percent(rate.split(" per ")[0])
    return days[0], days[1] + 1, told / 365 if rate.endswith("year") else told


def _number(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else "0"


def _moment(row: Row) -> Moment:
    day = int(re.sub(r"\D", "", row["Day"]))
    scheduled = re.sub(r"<s>.*?</s>", "", row["Scheduled payment"])
    amounts = re.findall(r"([\d.,]*\d)", scheduled)
    actual = row["Actual payments"]
    paid = sum(
        minor(each) for each in re.findall(r"(?:confirmed|write-off|pending) (-?[\d,]+\.\d\d)", actual)
    )
    return Moment(
        day=day,
        scheduled_minor=minor(amounts[-1]) if amounts else 0,
        paid_minor=paid,
        is_rescheduled="rescheduled" in scheduled,
        failed=actual.count("failed (insufficient funds)"),
        settles="✓" in row["Day"],
    )


def _shown(look: Look) -> dict[str, int]:
    return {
        "Payment due": look.due_minor,
        "Net effect": look.net_minor,
        "Charges portion": look.charges_minor,
        "Actuarial interest": whole(look.accrued * 100),
        "New interest": whole(look.new_interest * 100),
        "Interest portion": look.interest_minor,
        "Fee rebate": look.fee_rebate_minor,
        "Fee portion": look.fee_minor,
        "Principal portion": look.principal_minor,
        "Charges balance": look.charges_balance_minor,
        "Interest balance": whole(look.interest_balance * 100),
        "Fee balance": look.fee_balance_minor,
        "Principal balance": look.principal_balance_minor,
        "Settlement figure": look.settlement_minor,
    }


def _told(name: str, text: str) -> int:
    if text == "n/a":
        return 0
    in_four = name in ("Actuarial interest", "New interest", "Interest balance")
    return int(Decimal(text.replace(",", "")) * (10_000 if in_four else 100))
