"""What it costs to end a loan on a day, how it ends, and how its debt becomes a new loan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aldia.domain.loans.book import Book
from aldia.domain.loans.events import Event, Paid, SettledEarly
from aldia.domain.loans.orders import FEES, INTEREST, PENALTIES, PRINCIPAL
from aldia.domain.loans.planning import Product
from aldia.domain.loans.replay import replay


@dataclass(frozen=True, slots=True)
class Payoff:
    """The quote by component, in minor units; `saved_minor` is the interest that no longer falls due."""

    on: date
    principal_minor: int
    interest_minor: int
    charges_minor: int
    saved_minor: int

    @property
    def total_minor(self) -> int:
        """What ends the loan that day."""
        return self.principal_minor + self.interest_minor + self.charges_minor


def payoff_quote(product: Product, events: Sequence[Event], on: date) -> Payoff:
    """All principal, the interest accrued by that day and every charge recorded; late interest is quoted apart. Raises ImpossibleEvent."""
    before = replay(product, events)
    after = replay(product, [*events, SettledEarly(key="payoff quote", on=on)])
    interest = _open(after, INTEREST)
    return Payoff(
        on,
        _open(after, PRINCIPAL),
        interest,
        _open(after, FEES) + _open(after, PENALTIES),
        _open(before, INTEREST) - interest,
    )


def _open(book: Book, component: str) -> int:
    return sum(row.open(component) for row in book.rows)


def ended(
    product: Product, events: Sequence[Event], on: date, key: str, kind: str = "repayment"
) -> list[Event]:
    """The events that end the loan with one payment that day: what has not accrued is let go, all the rest is paid."""
    total = payoff_quote(product, events, on).total_minor
    settled = SettledEarly(key=f"{key}:settled", on=on)
    return [settled, Paid(key=key, on=on, minor=total, kind=kind)] if total else [settled]
