"""How much a rule lets a creditor add to a debt, in whole minor units of the rule's own currency or unit.

A rule without a figure answers None: its limit is a rate table or a condition, never a permission.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from aldia.domain.compliance.packs import Facts, Rule
from aldia.domain.compliance.policy import ContactPolicy


@dataclass(frozen=True, slots=True)
class ChargeLimit:
    """The most that a rule allows. ``amount_minor`` None: see ``formula`` and ``conditions``. Rounded down."""

    rule_id: str
    amount_minor: int | None
    unit: str | None
    formula: str | None
    conditions: tuple[str, ...]


def charge_limits(
    policy: ContactPolicy, charge: str, *, overdue_minor: int, exponent: int, days_overdue: int
) -> tuple[ChargeLimit, ...]:
    """Every limit on a kind of charge (``collection_cost``, ``late_interest``, ``fixed_compensation`` …).

    ``overdue_minor`` and its ``exponent`` are in the unit of the rule; all the limits hold together.
    """
    return tuple(
        _limit(rule, rule.params.values, Fraction(overdue_minor, 10**exponent), exponent, days_overdue)
        for rule in policy.rules
        if rule.kind == "charge_ceiling" and isinstance(rule.params, Facts)
        if rule.params.values["charge"] in (charge, "all") or rule.params.values.get(charge) == "prohibited"
    )


def _limit(
    rule: Rule, values: Mapping[str, Any], overdue: Fraction, exponent: int, days_overdue: int
) -> ChargeLimit:
    amount = _amount(values, overdue, days_overdue)
    return ChargeLimit(
        rule_id=rule.id,
        amount_minor=None if amount is None else int(amount * 10**exponent),
        unit=_unit(values),
        formula=values.get("formula"),
        conditions=tuple(values.get("conditions", ())),
    )


def _amount(values: Mapping[str, Any], overdue: Fraction, days_overdue: int) -> Fraction | None:
    if "prohibited" in (values.get("collection_cost"), values.get("late_fee")):
        return Fraction(0)
    if days_overdue <= values.get("wait_days", 0):
        return Fraction(0)
    tiers = values.get("tiers", ())
    if tiers and values.get("progressive"):
        return _progressive(tiers, overdue)
    if tiers and "amount" in tiers[0]:
        return _by_bracket(tiers, overdue)
    if isinstance(values.get("amount"), Mapping):
        return _exact(values["amount"]["value"])
    if "percent" in values:
        return _percentage(values, overdue)
    return None


def _progressive(tiers: list[Mapping[str, Any]], overdue: Fraction) -> Fraction:
    """Each slice of the amount at its own percentage."""
    total, floor = Fraction(0), Fraction(0)
    for tier in tiers:
        top = _exact(tier["up_to"]) if "up_to" in tier else overdue
        total += max(Fraction(0), min(overdue, top) - floor) * _exact(tier["percent"]) / 100
        floor = top
    return total


def _by_bracket(tiers: list[Mapping[str, Any]], overdue: Fraction) -> Fraction:
    """The fixed sum of the bracket that the whole amount falls in."""
    for tier in tiers:
        is_in = (
            ("up_to" in tier and overdue <= _exact(tier["up_to"]))
            or ("below" in tier and overdue < _exact(tier["below"]))
            or ("from" in tier or "over" in tier)
        )
        if is_in:
            return _exact(tier["amount"])
    return Fraction(0)


def _percentage(values: Mapping[str, Any], overdue: Fraction) -> Fraction:
    share = overdue * _exact(values["percent"]) / 100
    cap = values.get("cap")
    return min(share, _exact(cap["amount"])) if isinstance(cap, Mapping) else share


def _unit(values: Mapping[str, Any]) -> str | None:
    if "currency" in values:
        return str(values["currency"])
    for holder in (values.get("amount"), values.get("cap"), *values.get("tiers", ())):
        if isinstance(holder, Mapping) and (named := holder.get("currency") or holder.get("unit")):
            return str(named)
    return None


def _exact(value: object) -> Fraction:
    return Fraction(str(value))
