"""An organisation with a team of two, a portfolio, and short ways to owe, pay and look."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, member, system
from aldia.access.models import Membership, Organisation, Team
from aldia.cases import services as cases
from aldia.cases.models import Case
from aldia.ledger import services as ledger
from aldia.parties import services as parties
from tests.beginnings import beginning

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = date(2026, 11, 21)


@dataclass
class Room:
    """One organisation; clients are known by their customer id."""

    organisation: Organisation
    system: Actor
    portfolio_id: int
    boss: Actor
    ana: Actor
    luis: Actor
    clients: dict[str, int] = field(default_factory=dict)
    charged: int = 0

    def clients_named(self, **names: str) -> None:
        frame = pl.DataFrame({"customer_id": list(names), "name": list(names.values())})
        told = parties.upsert_frame(organisation_id=self.organisation.pk, source="erp", frame=frame, now=NOW)
        opened = ledger.open_accounts(
            organisation_id=self.organisation.pk,
            portfolio_id=self.portfolio_id,
            party_ids=told.parties["party_id"],
            opened_on=TODAY,
        )
        self.clients |= dict(
            told.parties.join(opened, on="party_id").select("customer_id", "account_id").iter_rows()
        )

    def owes(self, who: str, minor: int, *, days_late: int, currency: str = "USD", on: date = TODAY) -> int:
        """Charge a document that is so many days late on a day; return its id."""
        if who not in self.clients:
            self.clients_named(**{who: who.title()})
        self.charged += 1
        row = {
            "account_id": self.clients[who], "source": "erp", "reference": f"F{self.charged}", "number": f"F-{self.charged}",
            "kind": "invoice" if minor > 0 else "credit_note", "issued_on": on - timedelta(days=max(days_late, 0) + 30),
            "due_on": on - timedelta(days=days_late), "currency": currency, "original_minor": minor,
        }  # fmt: skip
        added = ledger.add_documents(
            organisation_id=self.organisation.pk, portfolio_id=self.portfolio_id, documents=pl.DataFrame([row]),
            declared_on=on, posting_source="load:1", now=NOW,
        )  # fmt: skip
        return int(added["document_id"][0])

    def pays(
        self, who: str, document_id: int, minor: int, *, on: date = TODAY, currency: str = "USD"
    ) -> None:
        self.charged += 1
        legs = [
            ledger.LegDraft(self.clients[who], "cash", currency, minor),
            ledger.LegDraft(self.clients[who], "receivable", currency, -minor, document_id=document_id),
        ]
        ledger.post(
            actor=self.system,
            draft=ledger.PostingDraft(
                portfolio_id=self.portfolio_id,
                kind="adjustment",
                on=on,
                source="test",
                reference=f"P{self.charged}",
                legs=legs,
            ),
            now=NOW,
        )

    def refresh(self, as_of: date = TODAY, only: str | None = None) -> Any:
        cases.open_missing(actor=self.system, as_of=as_of, now=NOW)
        ids = None if only is None else [self.clients[only]]
        return cases.refresh(actor=self.system, case_ids=ids, as_of=as_of, now=NOW)

    def case(self, who: str) -> Case:
        return Case.objects.of(self.organisation).get(pk=self.clients[who])

    def clock(self, as_of: date = TODAY) -> Clock:
        return Clock(as_of, NOW)


def make_room(key: str) -> Room:
    organisation = access.create_organisation(key=key, name=key, country="AR", currency="USD", now=NOW)
    actor = system(organisation.pk)
    team = Team.objects.of(organisation).get()
    people = {
        name: access.add_member(
            actor=actor, email=f"{name}@{key}.test", name=name.title(), role=role, team_id=team.pk, now=NOW
        )
        for name, role in (("boss", "SUPERVISOR"), ("ana", "COLLECTOR"), ("luis", "COLLECTOR"))
    }
    creditor = ledger.ensure_creditor(actor=actor, key="propia", name="Propia", now=NOW)
    portfolio = ledger.ensure_portfolio(
        actor=actor, creditor_id=creditor.pk, key="facturas", name="Facturas", currency="USD", now=NOW
    )
    return Room(organisation, actor, portfolio.pk, **{name: _actor(row) for name, row in people.items()})


def _actor(row: Membership) -> Actor:
    return member(row.organisation_id, user_id=row.user_id, role=row.role, team_id=row.team_id)


def one_room() -> Room:
    return make_room("uno")


room = beginning(one_room)


@pytest.fixture
def room_of(db: None) -> Callable[[str], Room]:
    return make_room
