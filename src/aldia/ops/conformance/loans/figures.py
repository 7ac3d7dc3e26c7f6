"""Reference figures of rates: yearly cost, day counts, time value, level instalments; each figure of a file on its own."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from aldia.domain.loans import calendars, day_counts, rates, schedules, time_value
from aldia.domain.loans.brazil import banking_calendar
from aldia.domain.loans.day_counts import DayCount
from aldia.domain.loans.rounding import RoundTo, whole
from aldia.ops.conformance.checks import Case, Checks, Found

Figure = dict[str, Any]
CONVENTIONS = {
    "30/360 Bond Basis": DayCount.THIRTY_360,
    "30E/360 Eurobond": DayCount.THIRTY_E_360,
    "30E/360 ISDA": DayCount.THIRTY_E_360_ISDA,
    "30/360 US": DayCount.THIRTY_US_360,
    "30/365": DayCount.THIRTY_365,
    "Act/360": DayCount.ACT_360,
    "Act/365": DayCount.ACT_365,
    "Act/365 Fixed": DayCount.ACT_365,
    "Act/Act ISDA": DayCount.ACT_ACT,
    "Act/Act ISMA": DayCount.ACT_ACT_ICMA,
    "Act/Act AFB": DayCount.ACT_ACT_AFB,
    "Business/252 Brazil": DayCount.BUSINESS_252,
}
UNIT_PERIODS = {
    "day": rates.UnitPeriod(days=1),
    "week": rates.UnitPeriod(days=7),
    "two weeks": rates.UnitPeriod(days=14),
    "four weeks": rates.UnitPeriod(days=28),
    "semimonth": rates.UnitPeriod(is_half_month=True),
    "month": rates.UnitPeriod(months=1),
    "two months": rates.UnitPeriod(months=2),
    "quarter": rates.UnitPeriod(months=3),
    "six months": rates.UnitPeriod(months=6),
    "half-year": rates.UnitPeriod(months=6),
    "year": rates.UnitPeriod(months=12),
}
FIGURE_TOLERANCE = Decimal("1e-10")


def figures(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Every figure of a file; a kind that aldia does not know is named."""
    for figure in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal):
        compare = _comparison(figure)
        if compare is None:
            checks.left_out.append(f"{figure['id']}: {figure.get('kind') or figure.get('convention')}")
        else:
            compare(checks, figure)


def _comparison(figure: Figure) -> Callable[[Checks, Figure], None] | None:
    if "apr_percent" in figure:
        return _unit_period_apr if "unit_period" in figure else _yearly_cost
    if "function" in figure:
        return _time_value
    if "convention" in figure:
        return _day_count if figure["convention"] in CONVENTIONS else None
    for start, compare in _INSTALMENTS.items():
        if str(figure.get("kind")).startswith(start):
            return compare
    return None


def _near(checks: Checks, name: str, expected: Any, found: Decimal, tolerance: Decimal) -> None:
    if abs(Decimal(str(expected)) - found) > tolerance:
        checks.add(name, str(expected), f"{found:.12f}")


def _yearly_cost(checks: Checks, figure: Figure) -> None:
    start = date.fromisoformat(figure["start_date"])
    paid = [(start + timedelta(days=day), amount) for day, amount in figure.get("payments_by_day", [])]
    paid += [(date.fromisoformat(day), amount) for day, amount in figure.get("payments", [])]
    flows = [rates.Flow(Fraction(0), Decimal(figure["amount"]))]
    flows += [rates.Flow(rates.in_years(start, day), -Decimal(amount)) for day, amount in paid]
    tolerance = Decimal(str(figure.get("tolerance", "0.05")))
    _near(checks, figure["id"], figure["apr_percent"], rates.yearly_cost(flows) * 100, tolerance)


def _unit_period_apr(checks: Checks, figure: Figure) -> None:
    unit, start = UNIT_PERIODS[figure["unit_period"]], date.fromisoformat(figure["advance_date"])
    flows = [rates.Flow(Fraction(0), Decimal(figure["amount"]))]
    flows += [
        rates.Flow(unit.between(start, date.fromisoformat(day)), -Decimal(amount))
        for day, amount in figure["payments"]
    ]
    _near(checks, figure["id"], figure["apr_percent"], rates.us_apr(flows, unit) * 100, Decimal("0.01"))


def _day_count(checks: Checks, figure: Figure) -> None:
    convention = CONVENTIONS[figure["convention"]]
    start, end = date.fromisoformat(figure["start"]), date.fromisoformat(figure["end"])
    opens, closes = (date.fromisoformat(day) for day in figure.get("reference") or (start.isoformat(),) * 2)
    terms = day_counts.Terms(
        matures_on=date.fromisoformat(figure["termination"]) if figure.get("termination") else None,
        reference=(opens, closes) if figure.get("reference") else None,
        calendar=banking_calendar((start.year, end.year)),
    )
    if "days" in figure:
        checks.same(figure["id"], figure["days"], day_counts.days(convention, start, end, terms))
    if "year_fraction" in figure:
        part = rates.exact(day_counts.year_fraction(convention, start, end, terms))
        _near(checks, figure["id"], figure["year_fraction"], part, FIGURE_TOLERANCE)


def _time_value(checks: Checks, figure: Figure) -> None:
    given = {name: _argument(value) for name, value in figure["arguments"].items()}
    found = _FUNCTIONS[figure["function"]](given)
    expected = Decimal(str(figure["expected"]))
    allowed = Decimal(str(figure["relative_tolerance"])) * abs(expected)
    _near(checks, figure["id"], expected, found, allowed + Decimal("1e-12"))


def _argument(value: Any) -> Any:
    if isinstance(value, list):
        return [_argument(each) for each in value]
    above, _, below = str(value).partition("/")
    return rates.exact(Fraction(Decimal(above)) / Fraction(Decimal(below or 1)))


def _annuity(given: dict[str, Any]) -> time_value.Annuity:
    return time_value.Annuity(given["rate"], given["nper"], bool(given.get("when")))


def _future(given: dict[str, Any]) -> Decimal:
    return Decimal(given.get("fv", 0))


_FUNCTIONS: dict[str, Callable[[dict[str, Any]], Decimal]] = {
    "pv": lambda given: _annuity(given).present_value(given["pmt"], _future(given)),
    "fv": lambda given: _annuity(given).future_value(given["pmt"], given["pv"]),
    "pmt": lambda given: _annuity(given).payment(given["pv"], _future(given)),
    "ipmt": lambda given: _annuity(given).interest_in(int(given["per"]), given["pv"], _future(given)),
    "ppmt": lambda given: _annuity(given).principal_in(int(given["per"]), given["pv"], _future(given)),
    "npv": lambda given: time_value.net_present_value(given["rate"], given["values"]),
    "irr": lambda given: time_value.internal_rate(given["values"]),
    "nper": lambda given: time_value.periods_needed(
        given["rate"], given["pmt"], given["pv"], _future(given), at_start=bool(given.get("when"))
    ),
    "rate": lambda given: time_value.rate_of(
        int(given["nper"]), given["pmt"], given["pv"], _future(given), at_start=bool(given.get("when"))
    ),
}


def _instalments(checks: Checks, figure: Figure) -> None:
    """Instalments in whole currency units, interest to the cent, figures shown without decimals."""
    fixed = figure.get("fixed_payment")
    terms = schedules.Terms(
        principal_minor=int(figure["principal"]) * 100,
        factors=schedules.by_period(Decimal(str(figure["annual_rate_percent"])) / 100, 12, figure["periods"]),
        rounding=schedules.Rounding(RoundTo.UP, step=100),
        level_minor=int(fixed) * 100 if fixed is not None else None,
    )
    lines, name = schedules.schedule(terms), figure["id"]
    if "instalment" in figure:
        checks.same(f"{name}.instalment", figure["instalment"], _shown(lines[0].due_minor))
    checks.same(
        f"{name}.total_interest", figure["total_interest"], _shown(sum(x.interest_minor for x in lines))
    )
    checks.same(f"{name}.total_payment", figure["total_payment"], _shown(sum(x.due_minor for x in lines)))
    for row in figure.get("rows", []):
        line = lines[row["period"] - 1]
        for part in ("principal", "interest", "balance"):
            ours = _shown(getattr(line, f"{part}_minor"))
            checks.same(f"{name}.{row['period']}.{part}", row[part], ours)


def _shown(minor: int) -> int:
    return whole(Fraction(minor, 100))


def _dates(checks: Checks, figure: Figure) -> None:
    start = date.fromisoformat(figure["start"])
    rule = {
        "first day of the next month": calendars.Every(1, calendars.Unit.MONTHS, day=1),
        "last day of the month": calendars.Every(1, calendars.Unit.MONTHS, day=calendars.MONTH_END),
    }.get(figure["rule"])
    if rule is None:
        checks.left_out.append(f"{figure['id']}: {figure['rule']}")
        return
    days = calendars.due_dates(start, rule, figure["periods"])
    for name, at in (("first", 0), ("second", 1), ("last", -1)):
        checks.stated(f"{figure['id']}.{name}", figure.get(name), days[at].isoformat())


_INSTALMENTS: dict[str, Callable[[Checks, Figure], None]] = {
    "level instalment": _instalments,
    "fixed amount": _instalments,
    "due dates": _dates,
}
