"""The ledger's small portfolio, with its case open, and a short way to pay."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from aldia.access.actors import Clock
from aldia.cases import services as cases
from aldia.ledger.models import Account, Document
from aldia.payments import services as payments
from aldia.payments.models import Receipt
from tests.beginnings import beginning
from tests.rooms.ledger.conftest import NOW, TODAY, Book, make_book

__all__ = ["NOW", "TODAY", "Desk"]


@dataclass
class Desk:
    """Where payments are registered: one case with documents, and the clock of a day."""

    book: Book
    clock: Clock = field(default_factory=lambda: Clock(TODAY, NOW))
    paid: int = 0

    @property
    def organisation_id(self) -> int:
        return self.book.actor.organisation_id

    @property
    def account(self) -> Account:
        return self.book.account

    def on(self, day: str) -> Clock:
        """Return the clock moved to a day."""
        moved = date.fromisoformat(day)
        return Clock(moved, NOW + timedelta(days=(moved - TODAY).days))

    def pay(self, minor: int, **options: object) -> Receipt:
        """Return a receipt of the case, today unless told otherwise."""
        self.paid += 1
        told = {
            "portfolio_id": self.book.portfolio.pk, "case_id": self.account.pk,
            "amount_minor": minor, "currency": "USD", "on": self.clock.as_of, "means": "transfer", "source": "bank",
            "reference": f"T{self.paid}", **options,
        }  # fmt: skip
        actor, clock = told.pop("actor", self.book.actor), told.pop("clock", self.clock)
        draft = payments.ReceiptDraft(**told)  # type: ignore[arg-type]
        return payments.register_receipt(actor=actor, draft=draft, clock=clock)  # type: ignore[arg-type]

    def balances(self, *documents: Document) -> list[int]:
        return [self.book.document(document.pk).balance_minor for document in documents]

    def receipt(self, receipt: Receipt) -> Receipt:
        return Receipt.objects.of(self.organisation_id).get(pk=receipt.pk)


def make_desk(key: str, **portfolio: object) -> Desk:
    book = make_book(key)
    for name, value in portfolio.items():
        setattr(book.portfolio, name, value)
    book.portfolio.save()
    cases.open_missing(actor=book.actor, as_of=TODAY, now=NOW)
    return Desk(book)


def one_desk() -> Desk:
    return make_desk("uno")


def one_desk_of_an_erp() -> Desk:
    return make_desk("erp", authority="EXTERNAL")


desk = beginning(one_desk)
external = beginning(one_desk_of_an_erp)
