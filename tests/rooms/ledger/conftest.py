"""A small portfolio to post on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl
import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, system
from aldia.ledger import services as ledger
from aldia.ledger.models import Account, Document, Portfolio
from aldia.parties.models import Party
from tests.beginnings import beginning

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = date(2026, 3, 1)


@dataclass
class Book:
    """One organisation with a portfolio and an account, and a short way to charge documents."""

    actor: Actor
    portfolio: Portfolio
    account: Account
    charged: int = 0

    def charge(
        self, minor: int, *, issued: str = "2026-01-01", due: str = "2026-01-31", **columns: object
    ) -> Document:
        """Return a new document of the account."""
        self.charged += 1
        row = {
            "account_id": self.account.pk, "source": "erp", "reference": f"F{self.charged}", "number": f"F-{self.charged}",
            "kind": "invoice", "issued_on": date.fromisoformat(issued), "due_on": date.fromisoformat(due),
            "currency": "USD", "original_minor": minor, **columns,
        }  # fmt: skip
        added = ledger.add_documents(
            organisation_id=self.actor.organisation_id, portfolio_id=self.portfolio.pk, documents=pl.DataFrame([row]),
            declared_on=TODAY, posting_source="load:1", now=NOW,
        )  # fmt: skip
        return self.document(added["document_id"][0])

    def document(self, pk: int) -> Document:
        return Document.objects.of(self.actor.organisation_id).get(pk=pk)


def make_book(key: str) -> Book:
    organisation = access.create_organisation(key=key, name=key, country="AR", currency="USD", now=NOW)
    actor = system(organisation.pk)
    creditor = ledger.ensure_creditor(actor=actor, key="propia", name="Propia", now=NOW)
    portfolio = ledger.ensure_portfolio(
        actor=actor, creditor_id=creditor.pk, key="facturas", name="Facturas", currency="USD", now=NOW
    )
    party = Party.objects.create(organisation=organisation, name="Ana", name_folded="ana")
    opened = ledger.open_accounts(
        organisation_id=organisation.pk,
        portfolio_id=portfolio.pk,
        party_ids=pl.Series([party.pk]),
        opened_on=TODAY,
    )
    return Book(actor, portfolio, Account.objects.of(organisation).get(pk=opened["account_id"][0]))


def one_book() -> Book:
    return make_book("uno")


book = beginning(one_book)


@pytest.fixture
def book_of(db: None) -> Callable[[str], Book]:
    return make_book
