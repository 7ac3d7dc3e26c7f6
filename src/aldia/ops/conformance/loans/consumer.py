"""Consumer loans: the plan with its yearly cost, line by line and to the cent."""

import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from aldia.domain.loans import rates
from aldia.domain.loans.daily_plans import DailyPlan, daily_plan
from aldia.domain.loans.rounding import whole
from aldia.ops.conformance.checks import Case, Checks, Found
from aldia.ops.conformance.loans import consumer_life, consumer_oddities
from aldia.ops.conformance.loans.consumer_terms import Consumer, Unread, minor, read

FIRST = "Scheduled payment"


def schedule(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """One file: the plan; and what then happened, where the file tells it."""
    file = json.loads(path.read_text(encoding="utf-8"))
    try:
        loan = read(file)
    except Unread as reason:
        checks.outside = f"not read: {reason}"
        return
    plan = daily_plan(loan.terms)
    lines = file.get("Initial Schedule") or file["schedule"]
    why = consumer_oddities.of_plan(lines, file["Initial Stats text"], loan, plan)
    _lines(checks, lines, loan, plan, why)
    _stats(checks, file["Initial Stats text"], loan, plan, why)
    if "Initial Schedule" in file:
        consumer_life.life(checks, file, loan, plan)


def _lines(
    checks: Checks, rows: list[dict[str, str]], loan: Consumer, plan: DailyPlan, why: str | None
) -> None:
    opening, rows = rows[0], rows[1:]
    checks.same("plan 0", minor(opening["Principal balance"]), loan.terms.principal_minor, why)
    checks.same("plan 0 interest", minor(opening["Interest balance"]), plan.opening_interest_minor, why)
    if not checks.count("plan lines", len(rows), plan.lines):
        return
    accrued, interest, principal = Fraction(0), 0, 0
    for row, line in zip(rows, plan.lines, strict=True):
        accrued += line.accrued
        interest += line.interest_minor
        principal += line.principal_minor
        ours: dict[str, Any] = {
            "Day": line.day,
            "Scheduled payment": line.payment_minor,
            "Actuarial interest": _four(line.accrued),
            "Interest portion": line.interest_minor,
            "Principal portion": line.principal_minor,
            "Interest balance": line.interest_balance_minor,
            "Principal balance": line.principal_balance_minor,
            "Total actuarial interest": _four(accrued),
            "Total interest": interest,
            "Total principal": principal,
        }
        told = {name: _told(name, row[name]) for name in ours}
        checks.same(f"plan day {line.day}", told, ours, why)


def _told(name: str, text: str) -> int:
    if name == "Day":
        return int(text)
    return _ten_thousandths(text) if "ctuarial" in name else minor(text)


def _ten_thousandths(text: str) -> int:
    return int(Decimal(text.replace(",", "")) * 10_000)


def _four(accrued: Fraction) -> int:
    return whole(accrued * 100)


def _stats(checks: Checks, text: str, loan: Consumer, plan: DailyPlan, why: str | None) -> None:
    told = dict(re.findall(r"([A-Z][\w\- ]+?): ([\d.,]+)(?: %)?", text))
    paid = [line.payment_minor for line in plan.lines]
    ours = {
        "Level payment": paid[0],
        "Final payment": paid[-1],
        "Total scheduled payments": sum(paid),
        "Total principal": sum(line.principal_minor for line in plan.lines),
        "Total interest": plan.total_interest_minor,
        "Initial interest balance": plan.opening_interest_minor,
    }
    for name, value in ours.items():
        checks.same(name, minor(told[name]), value, why)
    checks.same("Last scheduled payment day", int(told["Last scheduled payment day"]), plan.lines[-1].day)
    cost = Fraction(loan.fee_minor + plan.total_interest_minor, ours["Total principal"]) * 100
    checks.amount(
        "cost to borrowing", told["Initial cost-to-borrowing ratio"].replace(",", ""), _shown(cost, 2), why
    )
    apr = told["Initial APR"].replace(",", "")
    flows = _flows(loan, plan)
    found = rates.us_apr(flows, loan.unit) if loan.unit else rates.yearly_cost(flows)
    why = why or consumer_oddities.of_rate(flows, Decimal(apr) / 100, loan.unit)
    checks.amount("APR", apr, _shown(Fraction(found) * 100, loan.apr_places), why)


def _shown(value: Fraction, places: int) -> Decimal:
    return Decimal(whole(value * 10**places)).scaleb(-places)


def _flows(loan: Consumer, plan: DailyPlan) -> list[rates.Flow]:
    flows = [rates.Flow(Fraction(0), loan.principal_minor)]
    for line in plan.lines:
        day = loan.start.fromordinal(loan.start.toordinal() + line.day)
        time = loan.unit.between(loan.start, day) if loan.unit else rates.in_years(loan.start, day)
        flows.append(rates.Flow(time, -line.payment_minor))
    return flows
