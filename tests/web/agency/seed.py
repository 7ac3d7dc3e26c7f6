"""The company of the desk with people from outside: an agency that has three of its cases, and a creditor with a portfolio of its own."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, member
from aldia.access.models import User
from aldia.cases import services as cases
from aldia.ledger import services as ledger
from aldia.parties import services as parties
from tests.web.desk.conftest import stand_at
from tests.web.desk.seed import NOW, PASSWORD, TODAY, Desk, make_desk

CANARY = "Canario Amarillo"


@dataclass
class Windows:
    """The company, its agency and its second creditor, with somebody of each, and the cases that each may see."""

    desk: Desk
    agency_id: int
    creditor_id: int
    portfolio_id: int
    placed: list[int]
    owned: list[int]
    people: dict[str, User]
    actors: dict[str, Actor]

    def enter(self, client: Any, who: str) -> Any:
        client.force_login(self.people[who], backend="django.contrib.auth.backends.ModelBackend")
        return client


def make_windows() -> Windows:
    """Return the company as it stands at NOW, with its windows."""
    with pytest.MonkeyPatch.context() as patch:
        stand_at(patch, NOW)
        desk = make_desk()
        agency = access.set_outside_team(
            actor=desk.system, key="surco", name="Surco Cobranzas", now=NOW,
            terms=access.OutsideTeam("agency", desk.users["supervisor"].pk, commission_hundredths=1_500),
        )  # fmt: skip
        creditor = ledger.ensure_creditor(actor=desk.system, key="canario", name="Banco Canario", now=NOW)
        portfolio, owned = _portfolio(desk, creditor.pk)
        placed = desk.case_ids[:3]
        cases.assign(
            actor=desk.system, case_ids=placed, user_id=None, team_id=agency.pk, as_of=TODAY - timedelta(days=20),
            now=NOW - timedelta(days=20),
        )  # fmt: skip
        people, actors = {}, {}
        for who, role, told in (
            ("agency", "AGENCY", {"team_id": agency.pk}), ("creditor", "CREDITOR", {"creditor_id": creditor.pk}),
        ):  # fmt: skip
            row = access.add_member(
                actor=desk.system, email=f"{who}@fuera.example", name=f"Persona de {who}", role=role, now=NOW, password=PASSWORD,
                **told,
            )  # fmt: skip
            people[who] = row.user
            actors[who] = member(desk.organisation.pk, user_id=row.user_id, role=role, **told)
        return Windows(desk, agency.pk, creditor.pk, portfolio, placed, owned, people, actors)


def _portfolio(desk: Desk, creditor_id: int) -> tuple[int, list[int]]:
    row = ledger.ensure_portfolio(
        actor=desk.system, creditor_id=creditor_id, key="tarjetas", name="Tarjetas Canario", currency="ARS", now=NOW,
        country="AR", debt_kind="consumer", debtor_kind="consumer", actor_kind="collection_agency",
    )  # fmt: skip
    frame = pl.DataFrame(
        [
            {"customer_id": f"K{n}", "name": f"{CANARY} {n}", "kind": "PERSON", "country": "AR"}
            for n in range(2)
        ]
    )
    told = parties.upsert_frame(organisation_id=desk.organisation.pk, source="canario", frame=frame, now=NOW)
    opened = ledger.open_accounts(
        organisation_id=desk.organisation.pk,
        portfolio_id=row.pk,
        party_ids=told.parties["party_id"],
        opened_on=TODAY - timedelta(days=90),
    )
    accounts = opened["account_id"].to_list()
    documents = [
        {
            "account_id": key, "source": "canario", "number": f"TC-{key}", "reference": f"TC-{key}", "kind": "invoice",
            "issued_on": TODAY - timedelta(days=60),
            "due_on": TODAY - timedelta(days=40), "currency": "ARS", "original_minor": 50_000_00,
        }
        for key in accounts
    ]  # fmt: skip
    ledger.add_documents(
        organisation_id=desk.organisation.pk, portfolio_id=row.pk, documents=pl.DataFrame(documents), declared_on=TODAY,
        posting_source="load:2", now=NOW,
    )  # fmt: skip
    cases.open_missing(actor=desk.system, as_of=TODAY, now=NOW)
    cases.refresh(actor=desk.system, case_ids=None, as_of=TODAY, now=NOW)
    return row.pk, accounts
