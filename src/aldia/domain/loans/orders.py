"""In which order a payment covers what a loan owes: past due first, then what falls due that day, then in advance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from aldia.domain import balances

PRINCIPAL = balances.PRINCIPAL
INTEREST = balances.COMPENSATORY_INTEREST
FEES = balances.FEES
PENALTIES = balances.PENALTY_INTEREST
COMPONENTS = (PRINCIPAL, INTEREST, FEES, PENALTIES)


class Spread(StrEnum):
    """One instalment after another, or one component over all instalments after another."""

    BY_INSTALMENT = "by_instalment"
    BY_COMPONENT = "by_component"


class Ahead(StrEnum):
    """What a payment in advance does: pays the next instalment, shortens the term from its end, or lowers every instalment."""

    NEXT = "next"
    LAST = "last"
    EVENLY = "evenly"


CHARGES_FIRST = (PENALTIES, FEES, INTEREST, PRINCIPAL)


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """The order, as data of a product. `ahead_by_kind` says otherwise for some kinds of payment.

    With `follows_time` what happened stays: a charge counts from the day it was recorded, a disbursement or a new date from its own,
    and what was paid before stays where it went. Without it every payment is spread anew over the loan as it is known today.
    """

    past_due: tuple[str, ...] = CHARGES_FIRST
    due: tuple[str, ...] = CHARGES_FIRST
    in_advance: tuple[str, ...] = CHARGES_FIRST
    spread: Spread = Spread.BY_INSTALMENT
    ahead: Ahead = Ahead.NEXT
    ahead_by_kind: Mapping[str, Ahead] = field(default_factory=dict)
    follows_time: bool = False
    credits: tuple[str, ...] = ()
    """Components in which a charge-back gives back what its payment covered; empty: all of it as principal."""

    def ahead_of(self, kind: str) -> Ahead:
        """What a payment of this kind does in advance."""
        return self.ahead_by_kind.get(kind, self.ahead)
