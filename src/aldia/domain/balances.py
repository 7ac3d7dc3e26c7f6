"""Balances: journal legs that sum to zero, and movements folded by component and date.

Amounts are signed minor units: a charge adds to what is owed, a payment takes from it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

PRINCIPAL = "principal"
COMPENSATORY_INTEREST = "compensatory_interest"
LATE_INTEREST = "late_interest"
PENALTY_INTEREST = "penalty_interest"
FEES = "fees"
INSURANCE = "insurance"
TAX = "tax"
BANK_CHARGE = "bank_charge"
COLLECTION_COST = "collection_cost"
LEGAL_COST = "legal_cost"

COMPONENTS = (
    PRINCIPAL, COMPENSATORY_INTEREST, LATE_INTEREST, PENALTY_INTEREST, FEES,
    INSURANCE, TAX, BANK_CHARGE, COLLECTION_COST, LEGAL_COST,
)  # fmt: skip
"""The components that ship; an organisation may add its own."""


class Unbalanced(ValueError):
    """The legs of a posting do not sum to zero in some currency."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a posting: an account (``receivable``, ``cash`` ...), a component where it has one, an amount."""

    account: str
    currency: str
    amount_minor: int
    component: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of what is owed: business date, component, signed amount, and when it was recorded."""

    on: date
    component: str
    amount_minor: int
    currency: str
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayBalance:
    """The balance of one currency at the end of a day that had movements."""

    on: date
    currency: str
    change_minor: int
    balance_minor: int


def differences(legs: Iterable[Leg]) -> dict[str, int]:
    """The currencies whose legs do not sum to zero, with the excess: ``{}`` for a balanced posting."""
    sums: dict[str, int] = {}
    for leg in legs:
        sums[leg.currency] = sums.get(leg.currency, 0) + leg.amount_minor
    return {currency: excess for currency, excess in sorted(sums.items()) if excess}


def check_balanced(legs: Sequence[Leg]) -> None:
    """Raises Unbalanced, naming each currency and its excess; also for a posting without legs."""
    if not legs:
        raise Unbalanced("a posting needs at least two legs, found none")
    if excess := differences(legs):
        found = ", ".join(f"{currency} {minor:+d}" for currency, minor in excess.items())
        raise Unbalanced(f"the legs of a posting must sum to zero per currency, found {found} (minor units)")


def reversed_legs(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """The same legs with the opposite sign: what undoes a posting."""
    return tuple(Leg(leg.account, leg.currency, -leg.amount_minor, leg.component) for leg in legs)


def balances(
    movements: Iterable[Movement], *, as_of: date, known_at: datetime | None = None
) -> dict[tuple[str, str], int]:
    """Balance by (currency, component) at the end of ``as_of``; zero balances are left out.

    With ``known_at`` only movements recorded by that instant count, so that history replays as it was known.
    """
    sums: dict[tuple[str, str], int] = {}
    for movement in movements:
        if movement.on <= as_of and _was_known(movement, known_at):
            key = (movement.currency, movement.component)
            sums[key] = sums.get(key, 0) + movement.amount_minor
    return {key: minor for key, minor in sorted(sums.items()) if minor}


def totals(movements: Iterable[Movement], *, as_of: date, known_at: datetime | None = None) -> dict[str, int]:
    """Balance by currency at the end of ``as_of``, all components together; currencies are never added."""
    sums: dict[str, int] = {}
    for (currency, _component), minor in balances(movements, as_of=as_of, known_at=known_at).items():
        sums[currency] = sums.get(currency, 0) + minor
    return {currency: minor for currency, minor in sums.items() if minor}


def running(movements: Iterable[Movement]) -> tuple[DayBalance, ...]:
    """The line of balances, one entry per currency and day with movements: +100 on the 1st, -30 on the 5th -> 100, 70."""
    changes: dict[tuple[str, date], int] = {}
    for movement in movements:
        key = (movement.currency, movement.on)
        changes[key] = changes.get(key, 0) + movement.amount_minor
    held: dict[str, int] = {}
    line = []
    for (currency, on), change in sorted(changes.items()):
        held[currency] = held.get(currency, 0) + change
        line.append(DayBalance(on, currency, change, held[currency]))
    return tuple(line)


def _was_known(movement: Movement, known_at: datetime | None) -> bool:
    return known_at is None or movement.recorded_at is None or movement.recorded_at <= known_at
