"""What collecting may cost the debtor where the law sets a tariff: Chile's, by tiers of UF."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from aldia.domain.loans.rounding import RoundTo, whole


@dataclass(frozen=True, slots=True)
class Tier:
    """The part of the debt up to so many indexed units (None: all the rest) and its percentage as a fraction of one."""

    up_to_units: int | None
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Tariff:
    """Tiers in order; nothing is due before the debt is so many days late."""

    tiers: tuple[Tier, ...]
    from_days_late: int


CHILE = Tariff((Tier(10, Decimal("0.09")), Tier(50, Decimal("0.06")), Tier(None, Decimal("0.03"))), 21)
"""Ley 19.496 art. 37: 9 % up to 10 UF, 6 % of what exceeds 10 up to 50, 3 % of the rest, once 20 calendar days have passed."""


def collection_cost(overdue_minor: int, unit_minor: int, days_late: int, tariff: Tariff = CHILE) -> int:
    """The most that may be charged, in minor units of the debt's currency; `unit_minor` is the indexed unit's value that day.

    60 UF at 39 000 CLP, 30 days late: 0.9 + 2.4 + 0.3 = 3.6 UF -> 140 400.
    """
    if days_late < tariff.from_days_late:
        return 0
    cost, below = Fraction(0), 0
    for tier in tariff.tiers:
        top = overdue_minor if tier.up_to_units is None else min(overdue_minor, tier.up_to_units * unit_minor)
        cost += Fraction(tier.rate) * max(0, top - below)
        below = max(below, top)
    return whole(cost, RoundTo.DOWN)
