"""A small lender with clients who can be written to, and short ways to owe, pay and live days."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, system
from aldia.access.models import Organisation
from aldia.cases import services as cases
from aldia.contact.models import Message, Order
from aldia.ledger import services as ledger
from aldia.ops import day
from aldia.outcomes.models import Task
from aldia.parties import services as parties
from aldia.payments import services as payments
from aldia.strategy import services as strategy
from aldia.strategy.models import Decision
from tests.beginnings import beginning

BEGIN = date(2026, 3, 2)  # a Monday
NOW = datetime(2026, 3, 2, 11, tzinfo=UTC)


@dataclass
class World:
    """One sandbox organisation; clients are known by their customer id."""

    organisation: Organisation
    actor: Actor
    portfolio_id: int
    clients: dict[str, int] = field(default_factory=dict)
    made: int = 0

    def client(self, who: str, **columns: Any) -> int:
        """Return the case of a client, who has an e-mail unless told otherwise."""
        row = {
            "customer_id": who,
            "name": who.title(),
            "email": f"{who}@clientes.test",
            "language": "es",
            **columns,
        }
        told = parties.upsert_frame(
            organisation_id=self.organisation.pk, source="erp", frame=pl.DataFrame([row]), now=NOW
        )
        opened = ledger.open_accounts(
            organisation_id=self.organisation.pk, portfolio_id=self.portfolio_id,
            party_ids=told.parties["party_id"], opened_on=BEGIN,
        )  # fmt: skip
        self.clients[who] = int(opened["account_id"][0])
        return self.clients[who]

    def owes(
        self, who: str, minor: int, *, due: date, number: str = "", currency: str = "USD", now: datetime = NOW
    ) -> int:
        """Charge a document, known from the beginning unless told otherwise; return its id."""
        if who not in self.clients:
            self.client(who)
        self.made += 1
        row = {
            "account_id": self.clients[who], "source": "erp", "reference": f"F{self.made}", "number": number or f"F-{self.made}",
            "kind": "invoice", "issued_on": min(due - timedelta(days=30), BEGIN), "due_on": due, "currency": currency,
            "original_minor": minor,
        }  # fmt: skip
        added = ledger.add_documents(
            organisation_id=self.organisation.pk, portfolio_id=self.portfolio_id, documents=pl.DataFrame([row]),
            declared_on=BEGIN, posting_source="load:1", now=now,
        )  # fmt: skip
        return int(added["document_id"][0])

    def pays(self, who: str, minor: int, *, on: date) -> None:
        self.made += 1
        payments.register_receipt(
            actor=self.actor,
            draft=payments.ReceiptDraft(
                portfolio_id=self.portfolio_id,
                case_id=self.clients[who],
                amount_minor=minor,
                currency="USD",
                on=on,
                means="transfer",
                source="bank",
                reference=f"R{self.made}",
            ),
            clock=self.clock(on),
        )

    def clock(self, on: date) -> Clock:
        return Clock(on, instant(on))

    def lives(self, on: date, *, is_dry_run: bool = False) -> dict[str, Any]:
        """Live a day and return its report."""
        return day.live_day(organisation=self.organisation, as_of=on, now=NOW, is_dry_run=is_dry_run)

    def opens(self, on: date = BEGIN) -> None:
        cases.open_missing(actor=self.actor, as_of=on, now=NOW)
        cases.refresh(actor=self.actor, case_ids=None, as_of=on, now=NOW)

    def runs(self, on: date = BEGIN, **options: Any) -> strategy.RunReport:
        """Run the strategies alone."""
        return strategy.run(actor=self.actor, as_of=on, now=instant(on), **options)

    @property
    def orders(self) -> list[Order]:
        return list(Order.objects.of(self.organisation).order_by("id"))

    @property
    def messages(self) -> list[Message]:
        return list(Message.objects.of(self.organisation).select_related("order").order_by("id"))

    @property
    def tasks(self) -> list[Task]:
        return list(Task.objects.of(self.organisation).order_by("id"))

    @property
    def decisions(self) -> list[Decision]:
        return list(Decision.objects.of(self.organisation).order_by("id"))


def instant(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 8, tzinfo=UTC)


def make_world(key: str, **portfolio: Any) -> World:
    organisation = access.create_organisation(key=key, name=key, country="AR", currency="USD", now=NOW)
    actor = system(organisation.pk)
    creditor = ledger.ensure_creditor(
        actor=actor, key="propia", name="Propia", now=NOW, email="cobros@propia.test"
    )
    told = {
        "currency": "USD",
        "country": "AR",
        "debt_kind": "commercial",
        "debtor_kind": "business",
        **portfolio,
    }
    row = ledger.ensure_portfolio(
        actor=actor, creditor_id=creditor.pk, key="facturas", name="Facturas", now=NOW, **told
    )
    strategy.ensure_catalogue(organisation_id=organisation.pk, now=NOW)
    return World(organisation, actor, row.pk)


def one_world() -> World:
    return make_world("uno")


world = beginning(one_world)
