"""A team with one collector, one portfolio and cases to work on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, member, system
from aldia.access.models import Membership, Organisation, Team, User
from aldia.cases import services as cases
from aldia.cases.models import Case, Hold
from aldia.ledger import services as ledger
from aldia.ledger.models import Account, Document, Portfolio
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Outcome
from aldia.parties.models import ContactPoint, Party
from tests.beginnings import beginning

MONDAY = date(2026, 3, 2)


def clock_on(on: date, hour: int = 12) -> Clock:
    """Return a clock at that hour, UTC, of a day."""
    return Clock(on, datetime(on.year, on.month, on.day, hour, tzinfo=UTC))


@dataclass
class Desk:
    """One organisation, its collector, its case, and short ways to do what tests repeat."""

    organisation: Organisation
    system: Actor
    ana: Actor
    portfolio: Portfolio
    case_id: int
    clock: Clock = field(default_factory=lambda: clock_on(MONDAY))
    clicks: int = 0

    def case(self, case_id: int | None = None) -> Case:
        return Case.objects.of(self.organisation).get(pk=case_id or self.case_id)

    def holds(self) -> list[Hold]:
        """Return the pauses not released, oldest first."""
        return list(Hold.objects.of(self.organisation).filter(released_at=None).order_by("pk"))

    def documents(self) -> list[Document]:
        return list(Document.objects.of(self.organisation).filter(account_id=self.case_id).order_by("pk"))

    def point(self) -> ContactPoint:
        return ContactPoint.objects.of(self.organisation).first()

    def log(
        self, type_key: str, *, actor: Actor | None = None, clock: Clock | None = None, **answers: Any
    ) -> Outcome:
        self.clicks += 1
        return outcomes.log_outcome(
            actor=actor or self.ana,
            case_id=self.case_id,
            draft=outcomes.OutcomeDraft(
                type_key=type_key, channel="call", answers=answers, client_id=f"click-{self.clicks}"
            ),
            clock=clock or self.clock,
        )

    def pay(self, minor: int, on: date, currency: str = "USD", case_id: int | None = None) -> None:
        """Money comes in, unapplied: the journal shows it."""
        self.clicks += 1
        legs = [
            ledger.LegDraft(case_id or self.case_id, "cash", currency, minor),
            ledger.LegDraft(case_id or self.case_id, "unapplied", currency, -minor),
        ]
        ledger.post(
            actor=self.system,
            draft=ledger.PostingDraft(
                portfolio_id=self.portfolio.pk,
                kind="receipt",
                on=on,
                source="desk",
                reference=f"R{self.clicks}",
                legs=legs,
            ),
            now=clock_on(on).now,
        )

    def days_later(self, days: int) -> Clock:
        return clock_on(self.clock.as_of + timedelta(days=days))

    def settle(self, clock: Clock) -> outcomes.Settled:
        return outcomes.settle_promises(actor=self.system, as_of=clock.as_of, now=clock.now)

    def charge(
        self, minor: int, *, issued: date, due: date, case_id: int | None = None, **columns: object
    ) -> int:
        """Return the id of a new document of the case."""
        self.clicks += 1
        row = {
            "account_id": case_id or self.case_id, "source": "erp", "reference": f"F{self.clicks}", "number": f"F-{self.clicks}",
            "kind": "invoice", "issued_on": issued, "due_on": due, "currency": "USD", "original_minor": minor, **columns,
        }  # fmt: skip
        added = ledger.add_documents(
            organisation_id=self.organisation.pk, portfolio_id=self.portfolio.pk, documents=pl.DataFrame([row]),
            declared_on=issued, posting_source=f"load:{self.clicks}", now=self.clock.now,
        )  # fmt: skip
        cases.refresh(actor=self.system, case_ids=None, as_of=self.clock.as_of, now=self.clock.now)
        return int(added["document_id"][0])


def make_desk(key: str = "uno") -> Desk:
    clock = clock_on(MONDAY)
    organisation = access.create_organisation(key=key, name=key, country="AR", currency="USD", now=clock.now)
    actor = system(organisation.pk)
    team = Team.objects.create(organisation=organisation, key="equipo", name="Equipo")
    user = User.objects.create_user(f"ana@{key}.test", "clave", name="Ana")
    Membership.objects.create(organisation=organisation, user=user, role="COLLECTOR", team=team)
    creditor = ledger.ensure_creditor(actor=actor, key="propia", name="Propia", now=clock.now)
    portfolio = ledger.ensure_portfolio(
        actor=actor, creditor_id=creditor.pk, key="facturas", name="Facturas", currency="USD", now=clock.now, country="AR",
        debt_kind="commercial", debtor_kind="business",
    )  # fmt: skip
    party = Party.objects.create(
        organisation=organisation, name="Nube SA", name_folded="nube sa", country="AR"
    )
    ContactPoint.objects.create(
        organisation=organisation, party=party, kind="PHONE", value="+541143215678", created_at=clock.now
    )
    opened = ledger.open_accounts(
        organisation_id=organisation.pk,
        portfolio_id=portfolio.pk,
        party_ids=pl.Series([party.pk]),
        opened_on=MONDAY,
    )
    account = Account.objects.of(organisation).get(pk=opened["account_id"][0])
    ana = member(organisation.pk, user_id=user.pk, role="COLLECTOR", team_id=team.pk)
    desk = Desk(organisation, actor, ana, portfolio, account.pk, clock)
    cases.open_missing(actor=actor, as_of=MONDAY, now=clock.now)
    desk.charge(1_000_00, issued=date(2025, 12, 1), due=date(2026, 1, 15))
    cases.assign(
        actor=actor,
        case_ids=[account.pk],
        user_id=user.pk,
        team_id=team.pk,
        as_of=MONDAY,
        now=clock.now,
        reason="",
    )
    return desk


desk = beginning(make_desk)


@pytest.fixture
def desk_of(db: None) -> Callable[[str], Desk]:
    return make_desk
