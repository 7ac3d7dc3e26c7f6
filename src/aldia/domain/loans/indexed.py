"""Debts in indexed units (UF, UVR, UDI, UVA, UYI): the debt stays in its unit, the receipt turns into units at the value of its day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from aldia.domain.loans.rate_tables import NoRateInForce
from aldia.domain.loans.rounding import RoundTo, whole
from aldia.domain.money import exponent_of


@dataclass(frozen=True, slots=True)
class UnitValues:
    """What one unit is worth in the currency, by day, as published; a day without value is told, never guessed."""

    unit: str
    currency: str
    by_day: dict[date, Decimal]

    def on(self, day: date) -> Decimal:
        """The value of the day. Raises NoRateInForce."""
        if day not in self.by_day:
            raise NoRateInForce(f"{self.unit}/{self.currency}", day)
        return self.by_day[day]

    def to_currency(self, units_minor: int, day: date) -> int:
        """Minor units of the currency that pay so many minor units of the index: 2.5 UF at 39 000 -> 97 500 CLP."""
        value = self.on(day) * 10 ** exponent_of(self.currency)
        return whole(units_minor * value / 10 ** exponent_of(self.unit))

    def to_units(self, paid_minor: int, day: date) -> int:
        """Minor units of the index that a payment cancels, never more than it is worth."""
        value = self.on(day) * 10 ** exponent_of(self.currency)
        exact = paid_minor * 10 ** exponent_of(self.unit) / value
        return whole(exact, RoundTo.DOWN)
