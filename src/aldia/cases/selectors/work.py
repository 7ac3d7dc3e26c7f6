"""What a collector does next: the queue, in the order of its points."""

from datetime import date, datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q

from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.cases.models import Case
from aldia.cases.selectors.filters import holds_in_force, only_open
from aldia.cases.selectors.lists import CaseRow, rows_of
from aldia.db.memory import remembered
from aldia.db.prepared import prepared

SHOWN: Final = 50
WAITING_UP_TO: Final = 500


def covered_users(actor: Actor, as_of: date) -> list[int]:
    """Return the actor and the absent colleagues, that day, whose stand-in the actor is."""
    return [] if actor.user_id is None else [actor.user_id, *access.covered_by(actor, as_of)]


def queue(actor: Actor, clock: Clock, *, limit: int = SHOWN) -> tuple[CaseRow, ...]:
    """Return the cases that the actor should work today, the first first: own, covered, and those of the team without a
    holder; due today or before, not paused, not in somebody else's hands."""
    keys = next_cases(actor, clock)[:limit]
    found = Case.objects.of(actor.organisation_id).in_bulk(keys)
    return rows_of(actor, [found[key] for key in keys], clock.as_of)


def next_cases(actor: Actor, clock: Clock, *, after: int | None = None) -> list[int]:
    """Return the keys of what waits in the actor's queue today, beyond the place of `after` when given: the first
    WAITING_UP_TO of each basket."""
    past = None if after is None else next(iter(_place(actor.organisation_id, after)), None)
    return [key for _priority, key in _waiting(actor, clock, past)]


@remembered
def _waiting(actor: Actor, clock: Clock, past: tuple[int, int] | None) -> list[tuple[int, int]]:
    """(Points, key) of what waits, in the order of the queue, beyond a place in it."""
    # The first of each holder's own index, merged: one query with OR would read them all.
    asked = actor.organisation_id, actor.user_id, clock.now, clock.as_of, past
    found = [row for basket in _baskets(actor, clock.as_of) for row in _first(*asked, *basket)]
    return sorted(found, key=lambda each: (-each[0], each[1]))


def next_case(actor: Actor, clock: Clock, after: int | None = None) -> int | None:
    """Return the next case of the queue, or None. It is not reserved: see `services.take_next`."""
    return next(iter(next_cases(actor, clock, after=after)), None)


def _baskets(actor: Actor, as_of: date) -> list[tuple[int | None, int | None]]:
    """Whose cases the actor works, as (holder, team): its own, those it covers, those of its team without a holder."""
    baskets: list[tuple[int | None, int | None]] = [
        (user_id, None) for user_id in covered_users(actor, as_of)
    ]
    return baskets if actor.team_id is None else [*baskets, (None, actor.team_id)]


@prepared
def _place(organisation_id: int, case_id: int) -> Any:
    return Case.objects.of(organisation_id).filter(pk=case_id).values_list("priority", "account_id")


@prepared
def _first(
    organisation_id: int, user_id: int | None, now: datetime, as_of: date, past: tuple[int, int] | None, holder_id: int | None,
    team_id: int | None,
) -> Any:  # fmt: skip
    rows = only_open(Case.objects.of(organisation_id)).filter(holder_id=holder_id)
    rows = rows if team_id is None else rows.filter(team_id=team_id)
    if past is not None:
        priority, key = past
        rows = rows.filter(priority__lte=priority).filter(Q(priority__lt=priority) | Q(account_id__gt=key))
    is_free = Q(reserved_by=None) | Q(reserved_by_id=user_id) | Q(reserved_until_at__lte=now)
    paused = holds_in_force(organisation_id, as_of).filter(case_id=OuterRef("pk"), document_id=None)
    rows = rows.filter(is_free, ~Exists(paused), next_on__lte=as_of, priority__gt=0)
    return rows.order_by("-priority", "account_id").values_list("priority", "account_id")[:WAITING_UP_TO]
