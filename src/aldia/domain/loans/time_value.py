"""Time value of money for equal periods: present and future value, payment, number of periods, and its parts.

Money received is positive and money paid out negative. `at_start` says that payments fall at the start of each period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from aldia.domain.loans.rates import DIGITS, Flow, yearly_cost

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Annuity:
    """A rate per period and how many periods it runs; payments at the end of each unless `at_start`."""

    rate: Decimal
    periods: Decimal
    at_start: bool = False

    def _growth(self) -> tuple[Decimal, Decimal]:
        """(1 + rate)^periods, and what one unit paid each period grows to."""
        if self.rate == 0:
            return Decimal(1), self.periods
        growth = (1 + self.rate) ** self.periods
        return growth, (1 + self.rate * self.at_start) * (growth - 1) / self.rate

    def future_value(self, payment: Decimal, present: Decimal = ZERO) -> Decimal:
        """-(present grown + payments grown)."""
        with localcontext() as context:
            context.prec = DIGITS
            growth, of_payments = self._growth()
            return -(present * growth + payment * of_payments)

    def present_value(self, payment: Decimal, future: Decimal = ZERO) -> Decimal:
        """What the payments and the future amount are worth today."""
        with localcontext() as context:
            context.prec = DIGITS
            growth, of_payments = self._growth()
            return -(future + payment * of_payments) / growth

    def payment(self, present: Decimal, future: Decimal = ZERO) -> Decimal:
        """The level payment: 2000 at 30 % for 12 -> -626.90814."""
        with localcontext() as context:
            context.prec = DIGITS
            growth, of_payments = self._growth()
            return -(present * growth + future) / of_payments

    def interest_in(self, period: int, present: Decimal, future: Decimal = ZERO) -> Decimal:
        """The part of the level payment of a period (from 1) that is interest."""
        if self.at_start and period == 1:
            return ZERO
        before = Annuity(self.rate, Decimal(period - 1), self.at_start)
        interest = before.future_value(self.payment(present, future), present) * self.rate
        return interest / (1 + self.rate) if self.at_start else interest

    def principal_in(self, period: int, present: Decimal, future: Decimal = ZERO) -> Decimal:
        """The part of the level payment of a period (from 1) that is principal."""
        return self.payment(present, future) - self.interest_in(period, present, future)


def periods_needed(
    rate: Decimal, payment: Decimal, present: Decimal, future: Decimal = ZERO, *, at_start: bool = False
) -> Decimal:
    """How many payments turn the present amount into the future one: 1000 by -100 at nothing -> 10."""
    with localcontext() as context:
        context.prec = DIGITS
        if rate == 0:
            return -(future + present) / payment
        each = payment * (1 + rate * at_start) / rate
        return ((each - future) / (each + present)).ln() / (1 + rate).ln()


def net_present_value(rate: Decimal, values: Sequence[Decimal]) -> Decimal:
    """The first value counts whole, each next one a period later."""
    with localcontext() as context:
        context.prec = DIGITS
        return sum((value / (1 + rate) ** at for at, value in enumerate(values)), ZERO)


def internal_rate(values: Sequence[Decimal]) -> Decimal:
    """The rate per period at which the values are worth nothing. Raises rates.NoRate."""
    sign = -1 if values[0] < 0 else 1
    return yearly_cost([Flow(Fraction(at), sign * value) for at, value in enumerate(values)])


def rate_of(
    periods: int, payment: Decimal, present: Decimal, future: Decimal = ZERO, *, at_start: bool = False
) -> Decimal:
    """The rate per period of a level payment. Raises rates.NoRate."""
    values = [ZERO] * (periods + 1)
    values[0], values[-1] = present, future
    for at in range(periods):
        values[at if at_start else at + 1] += payment
    return internal_rate(values)
