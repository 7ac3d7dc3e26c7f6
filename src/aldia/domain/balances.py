"""What a posting is made of: legs that sum to zero, in the components that tell what is owed for what.

Amounts are signed minor units: a charge adds to what is owed, a payment takes from it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
