"""What happens to a loan, one immutable fact each, in the order in which it was recorded.

`on` is the business date. A fact is never edited: `Reversed` names the key of the one that it takes back.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from aldia.domain.loans.calendars import Every


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything that happens; `key` is unique within the loan."""

    key: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Disbursed(Event):
    """Money handed to the borrower; a second one joins what is still to fall due."""

    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeKeptBack(Event):
    """A fee paid out of the money as it is handed out: `of_minor` is that money, which is owed whole."""

    minor: int
    of_minor: int
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestRecounted(Event):
    """Interest is counted anew on what was really owed each day until that one; instalments stay, their parts change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged(Event):
    """A fee or a penalty, due on `on`: an amount, or with `rate` a part of each instalment's principal and interest."""

    recorded_on: date
    minor: int = 0
    name: str = ""
    is_penalty: bool = False
    rate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid(Event):
    """Money received: a repayment, or a credit that counts as one (`kind`)."""

    minor: int
    kind: str = "repayment"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedBack(Event):
    """A payment taken back by its bank, whole or in part: it is owed again from that day."""

    minor: int
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived(Event):
    """A charge forgiven, as far as it is unpaid."""

    charge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReAged(Event):
    """Everything owed moves to new instalments from a first date on."""

    first_on: date
    every: Every
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReAmortised(Event):
    """What is past due is spread evenly over the instalments to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescheduled(Event):
    """From the instalment due on `from_due` on: a new date, instalments without principal, more instalments, another rate."""

    from_due: date
    new_due: date | None = None
    grace: int = 0
    extra_terms: int = 0
    yearly_rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledEarly(Event):
    """The borrower ends the loan that day: interest that has not accrued by then no longer falls due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedOff(Event):
    """The lender gives the loan up in its books; the debt stays and can be recovered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOff(Event):
    """What is owed is forgiven and the loan closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered(Event):
    """Money received after a write-off: income, never a repayment."""

    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRefunded(Event):
    """Money paid in excess goes back to the borrower."""

    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversed(Event):
    """Takes back the event named `of`, as if it had never been."""

    of: str
