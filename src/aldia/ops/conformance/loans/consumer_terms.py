"""The written parameters of a published consumer schedule, as terms of our own."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from aldia.domain.loans.calendars import MONTH_END, Every, Unit
from aldia.domain.loans.daily_plans import DailyTerms, Last
from aldia.domain.loans.rates import UnitPeriod
from aldia.domain.loans.rounding import RoundTo, whole

ROUNDINGS = {
    "rounded up": RoundTo.UP,
    "rounded down": RoundTo.DOWN,
    "round using AwayFromZero": RoundTo.HALF_UP,
    "round using ToEven": RoundTo.HALF_EVEN,
    "not rounded": RoundTo.HALF_UP,
}


class Unread(ValueError):
    """A parameter that is not understood."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """Terms, first day, the fee that joins the principal, and how the yearly cost is told."""

    terms: DailyTerms
    start: date
    evaluated_on: date
    principal_minor: int
    fee_minor: int
    apr_places: int
    unit: UnitPeriod | None


def minor(text: str) -> int:
    """`1,500.00` -> 150000."""
    return int(Decimal(text.replace(",", "")) * 100)


def percent(text: str) -> Fraction:
    """`0.8 %` -> 1/125."""
    return Fraction(Decimal(text.replace("%", "").replace(",", "").strip())) / 100


def read(file: dict[str, Any]) -> Consumer:
    """The file's parameters. Raises Unread."""
    basic, text = file["Basic Parameters"], file["Basic Parameters text"]
    start, principal = date.fromisoformat(basic["Start Date"]), minor(basic["Principal"])
    fee_minor = _fee(text, principal)
    days, fixed, every = _days(text, start)
    told = _one(r"APR method: (UK FCA|EU|US CFPB actuarial) to (\d) d\.p\.", text)
    terms = DailyTerms(
        principal_minor=principal + fee_minor,
        daily_rate=_rate(basic["standard rate"]),
        days=days,
        payment_rounding=ROUNDINGS[_one(r"Payment options rounding: (.+?) level-payment", text)[0]],
        interest_rounding=ROUNDINGS[_one(r"method: \S+ rounding: (.+?) APR method", text)[0]],
        last=Last(_one(r"level-payment option: (\w+) final payment", text)[0]),
        daily_cap=percent(daily[0]) if (daily := re.findall(r"daily ([\d.]+ %)", text)) else None,
        total_cap_minor=_total_cap(text, principal),
        interest_first=basic["method"] == "add-on",
        fixed=fixed,
    )
    unit = _unit_period(every) if told[0].startswith("US") else None
    evaluated = date.fromisoformat(basic["Evaluation Date"])
    return Consumer(terms, start, evaluated, principal, fee_minor, int(told[1]), unit)


def _one(pattern: str, text: str) -> tuple[str, ...]:
    found = re.search(pattern, text)
    if not found:
        raise Unread(f"no {pattern}")
    return found.groups()


def _fee(text: str, principal: int) -> int:
    if "no fee" in text:
        return 0
    rate, how = _one(r"fee type: .*? ([\d.]+ %) rounding: (.+?) fee amortisation", text)
    return whole(principal * percent(rate), ROUNDINGS[how])


def _rate(text: str) -> Fraction:
    rate = percent(text.split(" per ")[0])
    return rate / 365 if text.endswith("year") else rate


def _total_cap(text: str, principal: int) -> Fraction | None:
    told = _one(r"cap: total ([\d.,]+ ?%?|n/a) ?; daily", text)[0]
    if told == "n/a":
        return None
    return principal * percent(told) if "%" in told else Fraction(minor(told))


Plan = tuple[tuple[int, ...], tuple[int, ...], Every]


def _days(text: str, start: date) -> Plan:
    if "scheduled payment: rescheduled" in text or "cancelled" in text:
        raise Unread("a custom schedule with payments that were rescheduled")
    custom = re.findall(r"day: (\d+) scheduled payment: original ([\d.,]+)", text)
    if custom:
        days = tuple(int(day) for day, _ in custom)
        return days, tuple(minor(paid) for _, paid in custom), Every(1, Unit.MONTHS)
    sets = re.findall(r"unit-period config: (.+?) payment count: (\d+) payment value: ([\d.,]+)", text)
    if sets:
        dated = [(day, minor(paid)) for config, count, paid in sets for day in _dates(config, int(count))[0]]
        days = tuple((day - start).days for day, _ in dated)
        return days, tuple(paid for _, paid in dated), _dates(sets[0][0], 1)[1]
    config = _one(r"unit-period config: (.+?) Payment options", text)[0]
    if longest := re.search(r"max duration (\d+)", text):
        dates, every = _dates(config, 400)
        return tuple(day for each in dates if (day := (each - start).days) <= int(longest[1])), (), every
    dates, every = _dates(config, int(_one(r"payment count (\d+)", text)[0]))
    return tuple((each - start).days for each in dates), (), every


def _dates(config: str, count: int) -> tuple[list[date], Every]:
    """`monthly from 2022-11 on month-end`, `2-weekly from 2024-08-17`, `daily from …`."""
    if found := re.fullmatch(r"(?:(\d+)-)?monthly from (\d{4})-(\d\d) on (\S+)", config):
        day = MONTH_END if found[4] == "month-end" else int(found[4])
        every = Every(int(found[1] or 1), Unit.MONTHS, day)
        return [every.after(date(int(found[2]), int(found[3]), 1), at) for at in range(count)], every
    if found := re.fullmatch(r"(?:(\d+)-)?(weekly|daily) from (\S+)", config):
        every = Every(int(found[1] or 1), Unit.WEEKS if found[2] == "weekly" else Unit.DAYS)
        return [every.after(date.fromisoformat(found[3]), at) for at in range(count)], every
    raise Unread(f"calendar {config!r}")


def _unit_period(every: Every) -> UnitPeriod:
    if every.unit is Unit.MONTHS:
        return UnitPeriod(months=every.count)
    return UnitPeriod(days=every.count * (7 if every.unit is Unit.WEEKS else 1))
