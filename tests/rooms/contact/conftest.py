"""A company in Argentina with one customer who owes three invoices, texts and sandbox channels ready."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, system
from aldia.access.models import Organisation
from aldia.cases import services as cases
from aldia.contact import services as contact
from aldia.contact.models import Message, Order
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger
from aldia.ledger.models import Document
from aldia.parties import services as parties
from aldia.parties.models import Party
from tests.beginnings import beginning

TUESDAY = date(2026, 3, 3)
NOON = datetime(2026, 3, 3, 15, tzinfo=UTC)  # 12:00 in Buenos Aires


@dataclass
class Post:
    """The organisation, its one case, and short ways to order and to look."""

    organisation: Organisation
    actor: Actor
    portfolio_id: int
    creditor_id: int
    party_id: int
    case_id: int
    document_ids: list[int]
    placed: int = 0

    @property
    def clock(self) -> Clock:
        return Clock(TUESDAY, NOON)

    def draft(self, **changes: Any) -> contact.OrderDraft:
        self.placed += 1
        told: dict[str, Any] = {
            "creditor_id": self.creditor_id, "portfolio_id": self.portfolio_id, "case_id": self.case_id,
            "party_id": self.party_id, "identity": f"b2b:soft:{self.placed}", "channel": "email",
            "template_key": "overdue_soft", "origin": "run:1", "as_of": TUESDAY, "not_before_at": NOON,
            "expires_at": NOON + timedelta(days=3), **changes,
        }  # fmt: skip
        return contact.OrderDraft(**told)

    def order(self, **changes: Any) -> Order:
        draft = self.draft(**changes)
        contact.place_orders(organisation_id=self.organisation.pk, orders=[draft], now=NOON)
        return self.by_identity(draft.identity)

    def by_identity(self, identity: str) -> Order:
        return Order.objects.of(self.organisation).get(identity=identity)

    def send(self, now: datetime = NOON) -> dict[str, int]:
        return dict(contact.send_due(limit=100, clock=lambda: now))

    def pay(self, case_id: int, document_ids: Iterable[int]) -> None:
        """Cover documents whole, as the desk would."""
        legs = []
        for document_id in document_ids:
            minor = ledger_selectors.document(self.actor, document_id).balance_minor
            legs += [
                ledger.LegDraft(case_id, "receivable", "ARS", -minor, document_id=document_id),
                ledger.LegDraft(case_id, "cash", "ARS", minor),
            ]
        draft = ledger.PostingDraft(
            portfolio_id=self.portfolio_id, kind="allocation", on=TUESDAY, source="desk", reference="1", legs=legs
        )  # fmt: skip
        ledger.post(actor=self.actor, draft=draft, now=NOON)

    def again(self, order: Order) -> Order:
        return Order.objects.of(self.organisation).get(pk=order.pk)

    def messages(self) -> list[Message]:
        return list(Message.objects.of(self.organisation).order_by("id"))

    def document(self, number: int) -> Document:
        return Document.objects.of(self.organisation).get(pk=self.document_ids[number])


def make_post(key: str = "sur") -> Post:
    organisation = access.create_organisation(
        key=key, name="Cooperativa Sur", country="AR", currency="ARS", now=NOON, locale="es_AR"
    )
    actor = system(organisation.pk)
    creditor = ledger.ensure_creditor(
        actor=actor,
        key="sur",
        name="Cooperativa Sur",
        now=NOON,
        email="cobros@sur.example",
        phone="+54 11 5555-0100",
    )
    portfolio = ledger.ensure_portfolio(
        actor=actor, creditor_id=creditor.pk, key="facturas", name="Facturas", currency="ARS", now=NOON,
        country="AR", debt_kind="commercial", debtor_kind="business",
    )  # fmt: skip
    party = Party.objects.create(
        organisation=organisation, kind="COMPANY", name="Ferretería <El Árbol> S.A.", name_folded="ferreteria", country="AR",
        tax_id="30712345678", tax_id_kind="CUIT",
    )  # fmt: skip
    parties.add_point(
        actor=actor,
        party_id=party.pk,
        point=parties.PointDraft(kind="EMAIL", value="Pagos@ElArbol.example"),
        now=NOON,
    )
    opened = ledger.open_accounts(
        organisation_id=organisation.pk,
        portfolio_id=portfolio.pk,
        party_ids=pl.Series([party.pk]),
        opened_on=TUESDAY,
    )
    case_id = int(opened["account_id"][0])
    documents = pl.DataFrame(
        [
            {
                "account_id": case_id, "source": "erp", "reference": f"F{n}", "number": f"FC A 0003-{n}", "kind": "invoice",
                "issued_on": date(2026, 1, n), "due_on": date(2026, 2, n), "currency": "ARS", "original_minor": 100_000 * n,
            }
            for n in (1, 2, 3)
        ]
    )  # fmt: skip
    added = ledger.add_documents(
        organisation_id=organisation.pk, portfolio_id=portfolio.pk, documents=documents, declared_on=TUESDAY,
        posting_source="load:1", now=NOON,
    )  # fmt: skip
    cases.open_missing(actor=actor, as_of=TUESDAY, now=NOON)
    contact.ensure_templates(organisation_id=organisation.pk, now=NOON)
    return Post(
        organisation,
        actor,
        portfolio.pk,
        creditor.pk,
        party.pk,
        case_id,
        sorted(added["document_id"].to_list()),
    )


post = beginning(make_post)
