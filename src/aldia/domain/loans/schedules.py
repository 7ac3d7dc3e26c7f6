"""What falls due when: the schedule of a loan by every method, from the interest that each period bears.

A period's factor is the interest of one unit of debt in it, exact (`factors`); every method is then arithmetic of whole minor
units: the principal parts always add up to what was granted, and the last balance is nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from aldia.domain.loans.day_counts import DayCount, year_fraction
from aldia.domain.loans.rates import exact
from aldia.domain.loans.rounding import RoundTo, whole


class Method(StrEnum):
    """The ways of paying back."""

    SIMPLE = (
        "simple"  # equal principal, interest of the whole amount for the whole term, spread evenly (flat)
    )
    FRENCH = "french"  # equal instalments
    GERMAN = "german"  # equal principal
    AMERICAN = "american"  # interest each period, all the principal at the end
    OWN = "own"  # the principal parts that the lender writes


class BadSchedule(ValueError):
    """The terms make no schedule."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """Instalments to a multiple of `step` minor units, interest to one minor unit; the last instalment takes what is left."""

    instalment: RoundTo = RoundTo.HALF_UP
    step: int = 1
    interest: RoundTo = RoundTo.HALF_UP


@dataclass(frozen=True, slots=True)
class Terms:
    """What a schedule is made of.

    `factors` has one per period. `balloon_minor` is principal kept for the last instalment. In the first `interest_only` periods no
    principal is paid; in the first `deferred` ones nothing is, and their interest falls due with the next instalment, or joins
    the principal when `capitalises`. `level_minor` fixes the instalment instead of computing it; `own_parts` the principal parts.
    """

    principal_minor: int
    factors: tuple[Fraction, ...]
    method: Method = Method.FRENCH
    rounding: Rounding = Rounding()
    balloon_minor: int = 0
    interest_only: int = 0
    deferred: int = 0
    capitalises: bool = False
    level_minor: int | None = None
    own_parts: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.factors:
            raise BadSchedule("a loan has at least one instalment, found none")
        if self.principal_minor <= 0 or not 0 <= self.balloon_minor < self.principal_minor:
            raise BadSchedule(f"the principal is above its balloon and above 0, found {self.principal_minor}")
        if not 0 <= self.free < len(self.factors):
            raise BadSchedule(f"{self.free} periods of grace leave no instalment of {len(self.factors)}")
        if self.method is Method.OWN and sum(self.own_parts) != self.principal_minor:
            raise BadSchedule(f"own principal parts add up to the loan, found {sum(self.own_parts)}")

    @property
    def free(self) -> int:
        """Periods in which no principal is paid."""
        return max(self.interest_only, self.deferred)


@dataclass(frozen=True, slots=True)
class Line:
    """One instalment in minor units; `balance_minor` is the principal left after it, `capitalised_minor` what joined it."""

    number: int
    principal_minor: int
    interest_minor: int
    balance_minor: int
    capitalised_minor: int = 0

    @property
    def due_minor(self) -> int:
        """Principal and interest."""
        return self.principal_minor + self.interest_minor


def schedule(terms: Terms) -> tuple[Line, ...]:
    """The instalments. 1 000.00 at 1 % for 3, French -> 340.02, 340.02, 340.03."""
    part_of = _PARTS[terms.method](terms)
    balance, waiting = terms.principal_minor, 0
    flat = _flat_interest(terms) if terms.method is Method.SIMPLE else None
    lines, last = [], len(terms.factors)
    for number, factor in enumerate(terms.factors, start=1):
        interest = (flat[number - 1] if flat else whole(balance * factor, terms.rounding.interest)) + waiting
        if number <= terms.deferred:
            waiting, joined = (0, interest) if terms.capitalises else (interest, 0)
            balance += joined
            lines.append(Line(number, 0, 0, balance, joined))
            continue
        waiting = 0
        principal = balance if number == last else max(0, min(part_of(number, interest, balance), balance))
        balance -= principal
        lines.append(Line(number, principal, interest, balance))
    return tuple(lines)


Part = Callable[[int, int, int], int]  # number, interest, balance -> principal


def _fixed(terms: Terms, instalment: Callable[[int, int], int]) -> Part:
    """The same instalment every time, as it is reckoned of the number and the balance at the first that pays principal."""
    fixed = terms.level_minor

    def part(number: int, interest: int, balance: int) -> int:
        nonlocal fixed
        if number <= terms.free:
            return 0
        if fixed is None:
            fixed = instalment(number, balance)
        return min(fixed - interest, balance - terms.balloon_minor)

    return part


def _level(terms: Terms) -> Part:
    return _fixed(
        terms,
        lambda number, balance: level_instalment(
            balance, terms.factors[number - 1 :], terms.rounding, terms.balloon_minor
        ),
    )


def _even(terms: Terms) -> Part:
    """Equal principal, to the minor unit."""
    each: int | None = None

    def part(number: int, interest: int, balance: int) -> int:
        nonlocal each
        if number <= terms.free:
            return 0
        if each is None:
            shares = len(terms.factors) - terms.free
            each = whole(Fraction(balance - terms.balloon_minor, shares), terms.rounding.instalment)
        return min(each, balance - terms.balloon_minor)

    return part


def _flat(terms: Terms) -> Part:
    """Equal instalments of principal and interest, rounded together."""

    def instalment(_number: int, balance: int) -> int:
        each = Fraction(balance - terms.balloon_minor, len(terms.factors) - terms.free)
        of_interest = terms.principal_minor * sum(terms.factors, Fraction(0)) / len(terms.factors)
        return whole(each + of_interest, terms.rounding.instalment, terms.rounding.step)

    return _fixed(terms, instalment)


def _bullet(terms: Terms) -> Part:
    return lambda number, interest, balance: 0


def _own(terms: Terms) -> Part:
    return lambda number, interest, balance: terms.own_parts[number - 1]


_PARTS: dict[Method, Callable[[Terms], Part]] = {
    Method.SIMPLE: _flat,
    Method.FRENCH: _level,
    Method.GERMAN: _even,
    Method.AMERICAN: _bullet,
    Method.OWN: _own,
}


def level_instalment(
    principal_minor: int, factors: Sequence[Fraction], rounding: Rounding = Rounding(), balloon_minor: int = 0
) -> int:
    """The equal instalment that pays the principal down to the balloon over these periods, rounded.

    Annuity of unequal periods: (principal - balloon·d_n) / (d_1 + … + d_n), d_k being what a unit at the end of period k is worth.
    """
    discount, worth = Decimal(1), Decimal(0)
    rates = {factor: exact(1 + factor) for factor in set(factors)}
    for factor in factors:
        discount = exact(discount / rates[factor]) if factor else discount
        worth += discount
    if not any(factors):
        return whole(
            Fraction(principal_minor - balloon_minor, len(factors)), rounding.instalment, rounding.step
        )
    return whole((principal_minor - balloon_minor * discount) / worth, rounding.instalment, rounding.step)


def _flat_interest(terms: Terms) -> list[int]:
    """Interest of the whole amount over the whole term, the same each period; the last one takes the rest."""
    total = whole(terms.principal_minor * sum(terms.factors, Fraction(0)), terms.rounding.interest)
    each = whole(Fraction(total, len(terms.factors)), terms.rounding.interest)
    return [each] * (len(terms.factors) - 1) + [total - each * (len(terms.factors) - 1)]


def by_days(
    yearly_rate: Decimal, convention: DayCount, start: date, due_on: Sequence[date]
) -> tuple[Fraction, ...]:
    """Factors of a nominal rate by day count; a long or short first period bears its own days."""
    rate = Fraction(yearly_rate)
    return tuple(
        rate * year_fraction(convention, since, until) for since, until in pairwise((start, *due_on))
    )


def by_period(yearly_rate: Decimal, periods_a_year: int | Fraction, count: int) -> tuple[Fraction, ...]:
    """Equal factors of a nominal rate: 12 % in twelve -> 1 % each period."""
    return (Fraction(yearly_rate) / Fraction(periods_a_year),) * count
