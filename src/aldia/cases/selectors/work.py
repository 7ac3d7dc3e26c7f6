"""What a collector does next: the queue, in the order of its points or of what a minute on each case should bring."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q

from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.cases.models import Case
from aldia.cases.rules import is_by_worth
from aldia.cases.selectors.filters import holds_in_force, only_open
from aldia.cases.selectors.lists import CaseRow, rows_of
from aldia.db.memory import remembered
from aldia.db.prepared import prepared
from aldia.domain.money import exponent_of
from aldia.ledger import rates
from aldia.ledger import selectors as ledger

SHOWN: Final = 50
WAITING_UP_TO: Final = 500
_BEYOND: Final = 2**63 - 1

Place = tuple[int, Fraction | int, int]
"""Where a case stands in the queue: its lane's turn, its rank with the sign turned, its key. The least goes first."""


@dataclass(frozen=True)
class _Lane:
    """Cases that one index orders. By worth each currency has its own; `factor` makes the amounts of all comparable.

    A currency without a rate to the organisation's is not compared: it waits for a `turn` of its own, after all others.
    """

    currency: str | None = None
    factor: Fraction | int = 1
    turn: int = 0

    def place(self, value: int, key: int) -> Place:
        return self.turn, -value * self.factor, key

    def past(self, mark: Place) -> tuple[int, int] | None:
        """The value and key beyond which this lane stands after the mark; None: all of it does."""
        turn, rank, key = mark
        if self.turn != turn:
            return None if self.turn > turn else (-1, _BEYOND)
        value = -rank / self.factor
        below = math.floor(value)
        return (below, key) if below == value else (below + 1, _BEYOND)


def covered_users(actor: Actor, as_of: date) -> list[int]:
    """Return the actor and the absent colleagues, that day, whose stand-in the actor is."""
    return [] if actor.user_id is None else [actor.user_id, *access.covered_by(actor, as_of)]


def queue(actor: Actor, clock: Clock, *, after: int | None = None, limit: int = SHOWN) -> tuple[CaseRow, ...]:
    """Return the cases that the actor should work today, the first first: own, covered, and those of the team without a
    holder; due today or before, not paused, not in somebody else's hands. Beyond the place of `after` when given."""
    keys = next_cases(actor, clock, after=after)[:limit]
    found = Case.objects.of(actor.organisation_id).in_bulk(keys)
    return rows_of(actor, [found[key] for key in keys], clock.as_of)


def next_cases(actor: Actor, clock: Clock, *, after: int | None = None) -> list[int]:
    """Return the keys of what waits in the actor's queue today, beyond the place of `after` when given: the first
    WAITING_UP_TO of each basket."""
    lanes = _lanes(actor, clock.as_of)
    mark = None if after is None else _place_of(actor, after, lanes)
    return [place[-1] for place in _waiting(actor, clock, lanes, mark)]


def next_case(actor: Actor, clock: Clock, after: int | None = None) -> int | None:
    """Return the next case of the queue, or None. It is not reserved: see `services.take_next`."""
    return next(iter(next_cases(actor, clock, after=after)), None)


@remembered
def _waiting(actor: Actor, clock: Clock, lanes: tuple[_Lane, ...], mark: Place | None) -> list[Place]:
    """The places of what waits, in the order of the queue, beyond a mark in it."""
    # The first of each holder's own index, merged: one query with OR would read them all.
    asked = actor.organisation_id, actor.user_id, clock.now, clock.as_of
    return sorted(
        lane.place(value, key)
        for lane in lanes
        for basket in _baskets(actor, clock.as_of)
        for value, key in _first(*asked, mark and lane.past(mark), basket, lane.currency)
    )


@remembered
def _lanes(actor: Actor, as_of: date) -> tuple[_Lane, ...]:
    """By points there is one; by worth, one for each currency that is owed."""
    return tuple(_by_currency(actor, as_of)) if is_by_worth(actor) else (_Lane(),)


def _by_currency(actor: Actor, as_of: date) -> Iterator[_Lane]:
    house = access.organisation_of(actor).currency
    owed = {row.currency for row in ledger.portfolios(actor)}
    yield _Lane(house)
    if owed <= {house}:
        return
    told = {row["currency"]: row["rate"] for row in rates.rates_today(actor, quote=house, as_of=as_of)}
    for turn, currency in enumerate(sorted(owed - {house}), start=1):
        scale = Fraction(10) ** (exponent_of(house) - exponent_of(currency))
        rate = told.get(currency)
        yield _Lane(currency, Fraction(rate) * scale) if rate else _Lane(currency, turn=turn)


def _baskets(actor: Actor, as_of: date) -> list[tuple[int | None, int | None]]:
    """Whose cases the actor works, as (holder, team): its own, those it covers, those of its team without a holder."""
    baskets: list[tuple[int | None, int | None]] = [
        (user_id, None) for user_id in covered_users(actor, as_of)
    ]
    return baskets if actor.team_id is None else [*baskets, (None, actor.team_id)]


def _place_of(actor: Actor, case_id: int, lanes: tuple[_Lane, ...]) -> Place | None:
    """Where a case stands, or stood while it waited; None of one that is not there."""
    for points, worth, currency in _kept(actor.organisation_id, case_id):
        for lane in lanes:
            if lane.currency in (None, currency):
                return lane.place(points if lane.currency is None else worth, case_id)
    return None


@prepared
def _kept(organisation_id: int, case_id: int) -> Any:
    rows = Case.objects.of(organisation_id).filter(pk=case_id)
    return rows.values_list("priority", "worth_minor", "currency")


@prepared
def _first(
    organisation_id: int, user_id: int | None, now: datetime, as_of: date, past: tuple[int, int] | None,
    basket: tuple[int | None, int | None], currency: str | None,
) -> Any:  # fmt: skip
    holder_id, team_id = basket
    rows = only_open(Case.objects.of(organisation_id)).filter(holder_id=holder_id)
    rows = rows if team_id is None else rows.filter(team_id=team_id)
    rows = rows if currency is None else rows.filter(currency=currency)
    column = "priority" if currency is None else "worth_minor"
    if past is not None:
        value, key = past
        further = Q(**{f"{column}__lt": value}) | Q(account_id__gt=key)
        rows = rows.filter(further, **{f"{column}__lte": value})
    is_free = Q(reserved_by=None) | Q(reserved_by_id=user_id) | Q(reserved_until_at__lte=now)
    paused = holds_in_force(organisation_id, as_of).filter(case_id=OuterRef("pk"), document_id=None)
    rows = rows.filter(is_free, ~Exists(paused), next_on__lte=as_of, priority__gt=0)
    return rows.order_by(f"-{column}", "account_id").values_list(column, "account_id")[:WAITING_UP_TO]
