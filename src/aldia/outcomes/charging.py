"""The most that the law lets a late fee add to what a client has overdue: the ceilings of its country, in the money of the debt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from aldia.contact import law
from aldia.domain.compliance.charges import ChargeLimit, charge_limits
from aldia.domain.money import UnknownCurrency, currency_code, exponent_of, is_indexed, money_of
from aldia.ledger.indexed import unit_value

if TYPE_CHECKING:
    from aldia.domain.compliance.policy import ContactPolicy
    from aldia.ledger.selectors import DocumentLine

_CHARGES: Final = ("late_fee", "collection_cost")  # a fee for being late is held by the ceilings of both


class CeilingUnknown(LookupError):
    """Raised when a ceiling is said in a unit that is not the debt's: `rule_id`, `unit`. What cannot be checked is not charged."""

    def __init__(self, rule_id: str, unit: str) -> None:
        super().__init__(f"{rule_id}: {unit}")
        self.rule_id, self.unit = rule_id, unit


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The least of the ceilings, in minor units of the debt's currency, and the rule that sets it."""

    amount_minor: int
    rule_id: str


def fee_ceiling(
    organisation_id: int, case_id: int, overdue: Sequence[DocumentLine], *, currency: str, on: date
) -> Ceiling | None:
    """Return the most that may be added to overdue documents of one currency on a day; None where no rule has a figure.

    Each document counts with its own days of delay, and a ceiling holds for each and for all together. Raises CeilingUnknown, and
    NoUnitValue when the law counts in a unit (UF) whose value of that day nobody loaded.
    """
    scale = Scale(organisation_id, law.matter(organisation_id, case_id, on=on).policy, currency, on)
    apart: dict[str, int] = {}
    for line in overdue:
        for rule_id, minor in scale.limits(line.open_minor, line.dpd):
            apart[rule_id] = apart.get(rule_id, 0) + minor
    whole = dict(scale.limits(sum(line.open_minor for line in overdue), max(line.dpd for line in overdue)))
    least = [Ceiling(min(minor, whole.get(rule_id, minor)), rule_id) for rule_id, minor in apart.items()]
    return min(least, key=lambda each: each.amount_minor, default=None)


@dataclass(frozen=True)
class Scale:
    """The ceilings of a policy on amounts of one currency; `on` is the day whose value a unit has."""

    organisation_id: int
    policy: ContactPolicy
    currency: str
    on: date
    charges: tuple[str, ...] = _CHARGES

    def limits(self, overdue_minor: int, days: int) -> Iterable[tuple[str, int]]:
        """Yield (rule, most minor units of the currency) of the rules that have a figure, once each. Raises as `fee_ceiling`."""
        told = self._asked(overdue_minor, exponent_of(self.currency), days)
        for rule_id, limit in told.items():
            if limit.amount_minor is None:
                continue
            unit = self.currency if limit.unit is None or limit.amount_minor == 0 else _code(limit)
            if unit == self.currency:
                yield rule_id, limit.amount_minor
            else:
                yield rule_id, self._in_units(rule_id, unit, overdue_minor, days)

    def _asked(self, overdue_minor: int, exponent: int, days: int) -> dict[str, ChargeLimit]:
        return {
            limit.rule_id: limit
            for charge in self.charges
            for limit in charge_limits(
                self.policy, charge, overdue_minor=overdue_minor, exponent=exponent, days_overdue=days
            )
        }

    def _in_units(self, rule_id: str, unit: str, overdue_minor: int, days: int) -> int:
        """The same ceiling asked in the unit that its rule counts in, and back in money."""
        if not is_indexed(unit) or money_of(unit) != self.currency:
            raise CeilingUnknown(rule_id, unit)
        value = unit_value(self.organisation_id, unit, self.on)
        told = self._asked(value.to_units(overdue_minor), exponent_of(unit), days)[rule_id]
        return value.to_currency(told.amount_minor or 0)


def _code(limit: ChargeLimit) -> str:
    try:
        return currency_code(limit.unit or "")
    except UnknownCurrency as unknown:
        raise CeilingUnknown(limit.rule_id, limit.unit or "") from unknown
