"""Charges that the law itself gives for a late debt, without proof of any cost: a fixed sum (40 EUR) or a tariff by slices.

A rule says so of itself (`derived`). A ceiling that is not derived lets a creditor ask; it gives nothing by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from aldia.domain.compliance.matching import CaseFacts, Match, match, read_case
from aldia.domain.compliance.packs import Facts
from aldia.domain.compliance.policy import ContactPolicy

_BASE_NEVER = ("late_interest", "penalty_interest", "collection_cost", "bank_charge", "legal_cost")


@dataclass(frozen=True, slots=True)
class Tariff:
    """One such charge: of which rule, of which kind, and how many days of delay it waits."""

    rule_id: str
    charge: str
    wait_days: int

    def first_day(self, due_on: date) -> date:
        """The first day on which it may be asked of what fell due that day."""
        return due_on + timedelta(days=self.wait_days + 1)


def tariffs(policy: ContactPolicy, *, debt_kind: str, debtor_kind: str) -> tuple[Tariff, ...]:
    """The derived charges of a policy, one of each kind: the country's own before what a union of countries gives at least.

    A rule about business debts gives nothing where nobody said what the debt is: what may bind forbids, it does not grant.
    """
    case = read_case(CaseFacts(policy.country, debt_kind=debt_kind, debtor_kind=debtor_kind))
    found: dict[str, Tariff] = {}
    for rule in policy.rules:
        told = rule.params.values if isinstance(rule.params, Facts) else {}
        if rule.kind != "charge_ceiling" or not told.get("derived"):
            continue
        if match(rule.filters, case)[0] is Match.YES and (
            rule.country == policy.country or told["charge"] not in found
        ):
            found[told["charge"]] = Tariff(rule.id, told["charge"], told.get("wait_days", 0))
    return tuple(found.values())


def late_base(moves: Sequence[tuple[date, str, int]], first_day: date) -> int:
    """What was still owed of a document when its charge began: signed (day, component, minor) before that day, other charges aside.

    What is paid later does not lower it, and what was paid within the days of waiting bears nothing.
    """
    return max(
        0, sum(minor for on, component, minor in moves if on < first_day and component not in _BASE_NEVER)
    )
