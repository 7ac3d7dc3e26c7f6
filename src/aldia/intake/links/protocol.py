"""What aldia asks of another system's books, whichever they are. A system is a folder with one class that answers this."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from aldia.intake.readers.refusals import Refused


class LinkRefused(Refused):
    """The other system does not take this one thing as it is; the rest goes on."""


class LinkBroken(Refused):
    """Nothing can be asked now: no answer, a wrong key, a module that is missing."""


@dataclass(frozen=True)
class LinkAddress:
    """Where the other system is and who we are there. `method` names how money comes in; empty: its first."""

    url: str
    database: str
    user: str
    secret: str = field(repr=False)
    method: str = ""


@dataclass(frozen=True)
class OpenItem:
    """One debt, or one credit (below zero), as the other system has it; amounts in major units. `open_amount` 0: it is settled."""

    reference: str
    number: str
    customer_id: str
    customer_name: str
    tax_id: str
    email: str
    phone: str
    issued_on: date
    due_on: date
    amount: Decimal
    open_amount: Decimal
    currency: str


@dataclass(frozen=True)
class Page:
    """What was read. `gone`: asked for and not there any more. `seen_at`: the newest writing among all, by their clock."""

    items: tuple[OpenItem, ...]
    gone: tuple[str, ...]
    seen_at: datetime | None


@dataclass(frozen=True)
class Share:
    """What part of a payment covers which debt; an empty reference is money on account."""

    reference: str
    amount: Decimal


@dataclass(frozen=True)
class Payment:
    """Money that a customer paid here. `mark` is ours for ever: the same mark is written there once."""

    mark: str
    customer_id: str
    on: date
    currency: str
    note: str
    shares: tuple[Share, ...]


class Books(Protocol):
    """Another system's books. Every call may raise LinkBroken; those on one payment also LinkRefused."""

    def greet(self) -> str:
        """Return who we are there, in words: system, version, company."""

    def read(self, *, marks: str, since: datetime | None, known: Collection[str]) -> Page:
        """Return everything open; with `since`, what changed since and what of `known` is open no more.

        Money on account whose mark begins with `marks` is ours and is no debt: it is left out.
        """

    def pay(self, payment: Payment) -> str:
        """Write the payment, or find it where it was written before; return how they call it."""

    def take_back(self, mark: str) -> None:
        """Undo the payment of the mark; what was undone before, or never written, stays as it is."""

    def sweep(self, marks: str) -> int:
        """Throw away the drafts of ours that a fall left behind; return how many."""
