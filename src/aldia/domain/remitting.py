"""What somebody who collects for others keeps and hands over, and whose the money of each day is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from aldia.domain.loans.rounding import whole


class BadTerms(ValueError):
    """A commission or its tax is not between nothing and all of it."""


@dataclass(frozen=True, slots=True)
class RemittanceTerms:
    """The commission on what is collected and the tax on the commission, in hundredths of a percent; money before `placed_on` is not of it."""

    commission_hundredths: int = 0
    tax_hundredths: int = 0
    placed_on: date | None = None

    def __post_init__(self) -> None:
        for found in (self.commission_hundredths, self.tax_hundredths):
            if not 0 <= found <= 10_000:
                raise BadTerms(
                    f"a commission and its tax go from 0 to 10000 hundredths of a percent, found {found}"
                )

    def holds(self, on: date) -> bool:
        """Whether money of that day is of this placement."""
        return self.placed_on is None or on >= self.placed_on


class Told:
    """What is told of money that is handed over; whoever tells it has these three amounts."""

    __slots__ = ()
    held_minor: int
    commission_minor: int
    tax_minor: int

    @property
    def kept_minor(self) -> int:
        """What the collector keeps."""
        return self.commission_minor + self.tax_minor

    @property
    def net_minor(self) -> int:
        """What is handed over; below 0, owed to the collector."""
        return self.held_minor - self.kept_minor


@dataclass(frozen=True, slots=True)
class Kept(Told):
    """Of one receipt: what went through the collector, the commission, and the tax on it."""

    held_minor: int
    commission_minor: int
    tax_minor: int


def kept_of(collected_minor: int, held_minor: int, terms: RemittanceTerms) -> Kept:
    """What is kept of money collected, of which `held_minor` went through the collector: 1 000.00 at 15 % and 21 % -> 150.00, 31.50, 818.50.

    Each amount is rounded half up, and alike below zero: money taken back gives back just what was kept of it.
    """
    commission = whole(Fraction(collected_minor * terms.commission_hundredths, 10_000))
    tax = whole(Fraction(commission * terms.tax_hundredths, 10_000))
    return Kept(held_minor, commission, tax)


def owner_on(changes: Sequence[tuple[date, int]], on: date, first: int) -> int:
    """Whose the portfolio was on a day: `changes` (since, owner) in the order in which they were recorded; `first` before them all."""
    past = [(since, turn, owner) for turn, (since, owner) in enumerate(changes) if since <= on]
    return max(past)[2] if past else first
