"""Whether the debtor was told long enough before an act (a bureau report, a lawsuit), and what is still needed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from aldia.domain.compliance.packs import Facts
from aldia.domain.compliance.policy import ContactPolicy


@dataclass(frozen=True, slots=True)
class NoticeNeed:
    """What a rule still asks for. ``ready_on`` is the first day on which the act is allowed, None until it is done."""

    rule_id: str
    code: str
    ready_on: date | None
    detail: str = ""


def notice_needs(
    policy: ContactPolicy,
    action: str,
    *,
    planned_on: date,
    sent_on: Sequence[date],
    debt_in_units: Mapping[str, Fraction],
    met_conditions: Collection[str] = (),
) -> tuple[NoticeNeed, ...]:
    """Everything still needed before the act; empty when notice was enough.

    ``sent_on`` are the days of notices sent; ``debt_in_units`` the debt in the units that thresholds use (SMLMV, EUR): a
    missing unit reads as below the threshold, the strictest way.
    """
    needs: list[NoticeNeed] = []
    for rule in policy.rules:
        if rule.kind != "notice_before" or not isinstance(rule.params, Facts):
            continue
        values = rule.params.values
        if values["action"] != action or not _concerns(values, debt_in_units):
            continue
        needs.extend(_lead_needs(rule.id, values, planned_on, sorted(set(sent_on))))
        needs.extend(
            NoticeNeed(rule.id, "condition", None, name)
            for name in values.get("conditions", ())
            if name not in met_conditions
        )
        needs.extend(_amount_needs(rule.id, values, debt_in_units))
    return tuple(needs)


def _concerns(values: Mapping[str, Any], debt_in_units: Mapping[str, Fraction]) -> bool:
    threshold = values.get("when", {}).get("debt_below")
    if threshold is None:
        return True
    debt = debt_in_units.get(threshold["unit"])
    return debt is None or debt < Fraction(str(threshold["value"]))


def _lead_needs(
    rule_id: str, values: Mapping[str, Any], planned_on: date, days: Sequence[date]
) -> list[NoticeNeed]:
    lead = values.get("lead")
    if lead is None:
        return []
    required = values.get("notices_required", 1)
    if len(days) < required:
        return [NoticeNeed(rule_id, "notice", None, f"{len(days)}/{required}")]
    ready_on = days[required - 1] + timedelta(days=lead["value"])
    return [] if ready_on <= planned_on else [NoticeNeed(rule_id, "wait", ready_on)]


def _amount_needs(
    rule_id: str, values: Mapping[str, Any], debt_in_units: Mapping[str, Fraction]
) -> list[NoticeNeed]:
    least = values.get("min_amount")
    if least is None:
        return []
    debt = debt_in_units.get(least["currency"])
    if debt is not None and debt >= Fraction(str(least["value"])):
        return []
    return [NoticeNeed(rule_id, "amount", None, f"{least['value']} {least['currency']}")]
