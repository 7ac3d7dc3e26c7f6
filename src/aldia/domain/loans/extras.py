"""What an instalment carries besides principal and interest: tax on interest, insurance, fees; and what the loan then costs in a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from aldia.domain.loans.rates import Flow, in_years, yearly_cost
from aldia.domain.loans.rounding import RoundTo, whole
from aldia.domain.loans.schedules import Line


class Base(StrEnum):
    """What an extra is a percentage of; `each` is a fixed amount per instalment, `once` on the first one only."""

    INTEREST = "interest"
    BALANCE = "balance"  # the principal owed before the instalment
    GRANTED = "granted"
    INSTALMENT = "instalment"
    EACH = "each"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Extra:
    """A tax, an insurance or a fee. `component` is the ledger's; `rate` a fraction of its base, or `amount_minor` for fixed ones.

    `tax_rate` is the tax on the extra itself (VAT on a fee), added to the tax of the instalment.
    """

    component: str
    base: Base
    rate: Decimal = Decimal(0)
    amount_minor: int = 0
    tax_rate: Decimal = Decimal(0)
    is_cost: bool = True  # counted in the yearly cost: Mexico's CAT leaves VAT out


@dataclass(frozen=True, slots=True)
class Instalment:
    """A line with its date and extras by component, in minor units."""

    line: Line
    due_on: date
    extras: tuple[tuple[str, int], ...] = ()
    cost_minor: int = 0

    @property
    def due_minor(self) -> int:
        """Everything that falls due that day."""
        return self.line.due_minor + sum(minor for _component, minor in self.extras)


TAX = "tax"


def with_extras(
    lines: Sequence[Line],
    due_on: Sequence[date],
    extras: Sequence[Extra],
    rounding: RoundTo = RoundTo.HALF_UP,
) -> tuple[Instalment, ...]:
    """The instalments with what each of them carries, each extra rounded on its own."""
    granted = sum(line.principal_minor for line in lines) - sum(line.capitalised_minor for line in lines)
    instalments = []
    for line, day in zip(lines, due_on, strict=True):
        sums: dict[str, int] = {}
        cost = 0
        for extra in extras:
            minor = _amount(extra, line, granted, rounding)
            tax = whole(minor * extra.tax_rate, rounding)
            sums[extra.component] = sums.get(extra.component, 0) + minor
            if tax:
                sums[TAX] = sums.get(TAX, 0) + tax
            cost += minor + tax if extra.is_cost else 0
        kept = tuple((component, minor) for component, minor in sums.items() if minor)
        instalments.append(Instalment(line, day, kept, cost))
    return tuple(instalments)


def _amount(extra: Extra, line: Line, granted: int, rounding: RoundTo) -> int:
    if extra.base is Base.EACH:
        return extra.amount_minor
    if extra.base is Base.ONCE:
        return extra.amount_minor if line.number == 1 else 0
    of = {
        Base.INTEREST: line.interest_minor,
        Base.BALANCE: line.balance_minor + line.principal_minor - line.capitalised_minor,
        Base.GRANTED: granted,
        Base.INSTALMENT: line.due_minor,
    }[extra.base]
    return whole(of * extra.rate, rounding)


def total_yearly_cost(
    received_minor: int, granted_on: date, instalments: Sequence[Instalment], year: int = 365
) -> Decimal:
    """The effective yearly cost (TAE, CFT, CAT, TCEA) of what the borrower received against all that they pay. Raises NoRate.

    `received_minor` is the amount granted less what was kept at granting; instalments count with the extras that are costs.
    """
    flows = [Flow(Fraction(0), received_minor)]
    flows += [
        Flow(in_years(granted_on, each.due_on, year), -(each.line.due_minor + each.cost_minor))
        for each in instalments
    ]
    return yearly_cost(flows)
