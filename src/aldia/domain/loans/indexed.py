"""Debts in indexed units (UF, UVR, UDI, UVA, UYI): the debt stays in its unit, the receipt turns into units at the value of its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from aldia.domain.loans.rounding import RoundTo, whole
from aldia.domain.money import exponent_of


@dataclass(frozen=True, slots=True)
class UnitValue:
    """What one unit was worth in its money on a day, as published; `key` names the row that says so."""

    unit: str
    currency: str
    on: date
    value: Decimal
    key: int = 0

    @property
    def _minor(self) -> Fraction:
        """Minor units of the money that one minor unit of the index is worth."""
        return Fraction(self.value) * 10 ** exponent_of(self.currency) / 10 ** exponent_of(self.unit)

    def to_currency(self, units_minor: int) -> int:
        """Minor units of the money that pay so many minor units of the index: 2.5 UF at 39 000 -> 97 500 CLP."""
        return whole(units_minor * self._minor)

    def to_units(self, paid_minor: int) -> int:
        """The most minor units of the index whose price, as `to_currency` rounds it, the money reaches: what was quoted is paid whole."""
        units = whole(paid_minor / self._minor, RoundTo.DOWN)
        return units + 1 if self.to_currency(units + 1) <= paid_minor else units


def shared(paid_minor: int, units: Sequence[int]) -> list[int]:
    """The money that each share of units took; the shares add up to what was paid, whatever the rounding."""
    total, so_far, before = sum(units), 0, 0
    found = []
    for each in units:
        so_far += each
        reached = whole(Fraction(paid_minor * so_far, total)) if total else 0
        found.append(reached - before)
        before = reached
    return found
