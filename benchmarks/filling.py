"""A portfolio of any size, made by the product's own services: what nights, screens and the outbox are measured over."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

NOW = datetime(2026, 11, 18, 13, tzinfo=UTC)
TODAY = date(2026, 11, 18)  # a Wednesday, nowhere a holiday
WORDS = (
    "norte",
    "sur",
    "delta",
    "andes",
    "litoral",
    "pampa",
    "sierra",
    "valle",
    "costa",
    "monte",
    "lago",
    "puerto",
)


@dataclass(frozen=True)
class Filled:
    """What was made: the organisation, its portfolio, its cases and parties."""

    organisation_id: int
    portfolio_id: int
    creditor_id: int
    accounts: list[int]
    parties: list[int]

    def remind(self, count: int) -> int:
        """Place a reminder by mail for so many cases, two in five documents at most; return how many."""
        from aldia.contact import services as contact

        drafts = [
            contact.OrderDraft(
                creditor_id=self.creditor_id, portfolio_id=self.portfolio_id, case_id=case_id, party_id=party_id,
                identity=f"bench:{case_id}", channel="email", template_key="overdue_reminder", origin="bench", as_of=TODAY,
                not_before_at=NOW - timedelta(hours=1), has_statement=False,
            )
            for case_id, party_id in list(zip(self.accounts, self.parties, strict=True))[:count]
        ]  # fmt: skip
        return contact.place_orders(organisation_id=self.organisation_id, orders=drafts, now=NOW)


def fill(
    documents: int, *, seed: int = 7, is_sandbox: bool = True, say: Callable[[str], None] = lambda _text: None
) -> Filled:
    """Make an organisation with that many documents, of two in five as many customers, and its cases as of the day before.

    `say` is told what begins.
    """
    from aldia.access import services as access
    from aldia.access.actors import system
    from aldia.cases import services as cases
    from aldia.ledger import services as ledger
    from aldia.ops import newcomers
    from aldia.parties import services as parties

    dice = random.Random(seed)
    organisation = newcomers.found_organisation(key="bench", name="Bench", country="AR", currency="USD")
    actor = system(organisation.pk)
    yesterday = TODAY - timedelta(days=1)
    if is_sandbox:
        access.move_clock(actor=actor, to=yesterday, now=NOW)
    else:
        access.change_settings(actor=actor, now=NOW, is_sandbox=False)
    creditor = ledger.ensure_creditor(actor=actor, key="propia", name="Propia", now=NOW, country="AR")
    portfolio = ledger.ensure_portfolio(
        actor=actor, creditor_id=creditor.pk, key="f", name="F", currency="USD", now=NOW, country="AR", debt_kind="commercial",
        debtor_kind="business", strategy_key="b2b_invoices",
    )  # fmt: skip
    count = max(documents * 2 // 5, 1)
    say(f"{count} clientes")
    known = parties.upsert_frame(
        organisation_id=organisation.pk, source="erp", frame=_customers(dice, count), now=NOW
    )
    opened = ledger.open_accounts(
        organisation_id=organisation.pk, portfolio_id=portfolio.pk, party_ids=known.parties["party_id"],
        opened_on=TODAY - timedelta(days=240),
    )  # fmt: skip
    accounts = opened["account_id"].to_list()
    say(f"{documents} documentos")
    ledger.add_documents(
        organisation_id=organisation.pk, portfolio_id=portfolio.pk, documents=_documents(dice, accounts, documents),
        declared_on=TODAY, posting_source="load:1", now=NOW,
    )  # fmt: skip
    say("casos")
    cases.open_missing(actor=actor, as_of=yesterday, now=NOW)
    return Filled(organisation.pk, portfolio.pk, creditor.pk, accounts, opened["party_id"].to_list())


def _customers(dice: random.Random, count: int) -> pl.DataFrame:
    names = [f"{dice.choice(WORDS)} {dice.choice(WORDS)} {number}" for number in range(count)]
    return pl.DataFrame({
        "customer_id": [f"C{n}" for n in range(count)], "name": names,
        "tax_id": [f"{20_000_000_000 + n * 7}" for n in range(count)],
        "tax_id_kind": ["CUIT"] * count, "kind": ["COMPANY"] * count, "email": [f"c{n}@bench.example" for n in range(count)],
        "phone_e164": [f"+54911{40_000_000 + n * 3}" for n in range(count)], "phone_is_mobile": [True] * count,
    })  # fmt: skip


def _documents(dice: random.Random, accounts: list[int], count: int) -> pl.DataFrame:
    late = [dice.randint(-60, 200) for _ in range(count)]
    return pl.DataFrame({
        "account_id": [accounts[n % len(accounts)] for n in range(count)], "source": ["erp"] * count,
        "reference": [f"F{n}" for n in range(count)], "number": [f"A-{n:08d}" for n in range(count)],
        "kind": ["invoice"] * count, "issued_on": [TODAY - timedelta(days=230)] * count,
        "due_on": [TODAY - timedelta(days=days) for days in late], "currency": ["USD"] * count,
        "original_minor": [dice.randint(1_000, 900_000) for _ in range(count)],
    })  # fmt: skip
