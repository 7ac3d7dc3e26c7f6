"""Who has not agreed to a channel where the law asks for it: how many people of each portfolio, and their cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import polars as pl

from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.contact.house.book import facts_of, policy_of
from aldia.db.frames import read_queryset
from aldia.ledger import selectors as ledger
from aldia.parties import facts as parties

if TYPE_CHECKING:
    from aldia.access.actors import Actor
    from aldia.ledger.models import Portfolio

_ASKED: Final = frozenset({"opt_in", "opt_in_if_automated"})
_CASES: Final = {"pk": pl.Int64, "party_id": pl.Int64, "debtor_name": pl.String}


@dataclass(frozen=True)
class Lacking:
    """How many of the people of a portfolio have not agreed to a channel."""

    portfolio_id: int
    name: str
    channel: str
    people: int
    of: int


def lacking_consent(actor: Actor, *, as_of: date) -> list[Lacking]:
    """Return, by portfolio and channel where consent is asked for, how many people with an open case lack it; nobody is left out."""
    found = []
    for portfolio in ledger.portfolios(actor):
        if channels := asked_channels(portfolio, as_of):
            people, agreed = _people(actor, portfolio), _agreed(portfolio, as_of)
            for channel in channels:
                lacks = _without(people, agreed, channel)["root_id"].n_unique()
                if lacks:
                    found.append(
                        Lacking(portfolio.pk, portfolio.name, channel, lacks, people["root_id"].n_unique())
                    )
    return found


def cases_without_consent(
    actor: Actor, portfolio_id: int, channel: str, *, as_of: date
) -> list[tuple[int, str]]:
    """Return (case, name) of who has not agreed, by name. Raises Portfolio.DoesNotExist, NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    portfolio = ledger.portfolio(actor, portfolio_id)
    without = _without(_people(actor, portfolio), _agreed(portfolio, as_of), channel)
    return list(without.sort("debtor_name", "pk").select("pk", "debtor_name").iter_rows())


def asked_channels(portfolio: Portfolio, as_of: date) -> list[str]:
    """Return the channels for which the law of a portfolio asks for consent."""
    facts = facts_of(portfolio, country=portfolio.country)
    policy = policy_of(portfolio.organisation_id, facts, on=as_of)
    return sorted(name for name, consent in policy.consents.items() if consent.model in _ASKED)


def _people(actor: Actor, portfolio: Portfolio) -> pl.DataFrame:
    rows = cases.scope(actor).filter(portfolio_id=portfolio.pk, is_open=True)
    return read_queryset(rows, _CASES).join(parties.roots_of(actor.organisation_id), on="party_id")


def _agreed(portfolio: Portfolio, as_of: date) -> pl.DataFrame:
    words = parties.wishes_frame(portfolio.organisation_id, creditor_id=portfolio.creditor_id, as_of=as_of)
    return words.filter(pl.col("is_granted"))


def _without(people: pl.DataFrame, agreed: pl.DataFrame, channel: str) -> pl.DataFrame:
    return people.join(agreed.filter(pl.col("channel") == channel), on="root_id", how="anti")
