"""A contract of credit insurance: what it covers of a client's debt, and until when a default may be declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True)
class CreditInsurance:
    """What a contract says: the insurer pays `cover_percent` of a client's debt up to `limit_minor`, if the default is declared
    within `declare_days` of the oldest due date. Amounts in minor units."""

    cover_percent: int
    limit_minor: int
    declare_days: int

    def declare_by(self, oldest_due_on: date) -> date:
        """Return the last day to declare."""
        return oldest_due_on + timedelta(days=self.declare_days)

    def part_within(self, owed_minor: int) -> int:
        """Return what of a debt is within the limit."""
        return min(max(owed_minor, 0), self.limit_minor)

    def insured(self, owed_minor: int) -> int:
        """Return what the insurer would pay, rounded down."""
        return self.part_within(owed_minor) * self.cover_percent // 100

    def uninsured(self, owed_minor: int) -> int:
        """Return what the creditor bears: the part beyond the limit, and what is not covered of the rest."""
        return max(owed_minor, 0) - self.insured(owed_minor)


def read_insurance(told: Mapping[str, Any], *, exponent: int) -> CreditInsurance | None:
    """Return the contract as a portfolio keeps it, its limit in whole units of a currency with so many decimals; None without."""
    if not told.get("cover"):
        return None
    return CreditInsurance(int(told["cover"]), int(told["limit"]) * 10**exponent, int(told["declare_days"]))
