"""Whose a portfolio is: a trust or a buyer owns it from a day on; what was before stays written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from aldia.domain.remitting import owner_on
from aldia.ledger.models import Ownership, Portfolio

if TYPE_CHECKING:
    from aldia.access.actors import Actor


class Owners:
    """Who owned each portfolio of the organisation on which day."""

    def __init__(self, actor: Actor, first: dict[int, int]) -> None:
        self._first = first
        self._changes: dict[int, list[tuple[date, int]]] = defaultdict(list)
        rows = Ownership.objects.of(actor.organisation_id).order_by("pk")
        for portfolio_id, since, owner in rows.values_list("portfolio_id", "from_on", "owner_id"):
            self._changes[portfolio_id].append((since, owner))

    def on(self, portfolio_id: int, day: date) -> int:
        """Return the owner (a creditor's key) of a portfolio on a day: the creditor itself while nobody else was told."""
        return owner_on(self._changes[portfolio_id], day, self._first[portfolio_id])

    def spans(self, portfolio_id: int, owner_id: int) -> list[tuple[date, date]]:
        """Return the days [from, to) on which a portfolio was an owner's."""
        turns = sorted({date.min, *(since for since, _owner in self._changes[portfolio_id])})
        return [
            (since, to)
            for since, to in pairwise([*turns, date.max])
            if self.on(portfolio_id, since) == owner_id
        ]


def seen_by_owner(actor: Actor, *, as_of: date) -> Actor:
    """Return the actor limited to the portfolios that are that day of its creditors, whoever they were of before."""
    if actor.creditor_ids is None:
        return actor
    first = dict(Portfolio.objects.of(actor.organisation_id).values_list("pk", "creditor_id"))
    owners = Owners(actor, first)
    owned = frozenset(key for key in first if owners.on(key, as_of) in actor.creditor_ids)
    return replace(actor, portfolio_ids=owned if actor.portfolio_ids is None else owned & actor.portfolio_ids)


def ownerships(actor: Actor, portfolio_id: int) -> list[Ownership]:
    """Return the changes of owner of a portfolio, the last day first."""
    rows = Ownership.objects.of(actor.organisation_id).filter(portfolio_id=portfolio_id)
    return list(rows.select_related("owner").order_by("-from_on", "-pk"))
