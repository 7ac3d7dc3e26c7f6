"""What a collector does next: the queue, in the order of its points."""

from datetime import date
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q

from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.cases.models import Case
from aldia.cases.selectors.filters import holds_in_force, only_open
from aldia.cases.selectors.lists import CaseRow, rows_of
from aldia.db.memory import remembered

SHOWN: Final = 50


@remembered
def covered_users(actor: Actor, as_of: date) -> list[int]:
    """Return the actor and the absent colleagues, that day, whose stand-in the actor is."""
    if actor.user_id is None:
        return []
    rows = access.members(actor).filter(
        stand_in__user_id=actor.user_id, absent_from_on__lte=as_of, absent_until_on__gt=as_of
    )
    return [actor.user_id, *rows.values_list("user_id", flat=True)]


def queue(actor: Actor, clock: Clock, *, limit: int = SHOWN) -> tuple[CaseRow, ...]:
    """Return the cases that the actor should work today, the first first: own, covered, and those of the team without a
    holder; due today or before, not paused, not in somebody else's hands."""
    keys = next_cases(actor, clock, limit=limit)
    found = Case.objects.of(actor.organisation_id).in_bulk(keys)
    return rows_of(actor, [found[key] for key in keys], clock.as_of)


def next_cases(actor: Actor, clock: Clock, *, after: int | None = None, limit: int = 1) -> list[int]:
    """Return the keys of the first cases of the queue, after that of `after` when given."""
    found: list[tuple[int, int]] = []
    # The first of each holder's own index, merged: one query with OR would read them all.
    for rows in _baskets(actor, clock.as_of):
        rows = _workable(rows, actor, clock)
        if after is not None:
            rows = _after(rows, actor, after)
        found += rows.order_by("-priority", "account_id").values_list("priority", "account_id")[:limit]
    return [key for _priority, key in sorted(found, key=lambda each: (-each[0], each[1]))[:limit]]


def next_case(actor: Actor, clock: Clock, after: int | None = None) -> int | None:
    """Return the next case of the queue, or None. It is not reserved: see `services.take_next`."""
    return next(iter(next_cases(actor, clock, after=after)), None)


def _baskets(actor: Actor, as_of: date) -> list[Any]:
    rows = only_open(Case.objects.of(actor.organisation_id))
    baskets = [rows.filter(holder_id=user_id) for user_id in covered_users(actor, as_of)]
    if actor.team_id is not None:
        baskets.append(rows.filter(team_id=actor.team_id, holder_id=None))
    return baskets


def _workable(rows: Any, actor: Actor, clock: Clock) -> Any:
    is_free = Q(reserved_by=None) | Q(reserved_by_id=actor.user_id) | Q(reserved_until_at__lte=clock.now)
    paused = holds_in_force(actor.organisation_id, clock.as_of).filter(
        case_id=OuterRef("pk"), document_id=None
    )
    return rows.filter(is_free, ~Exists(paused), next_on__lte=clock.as_of, priority__gt=0)


def _after(rows: Any, actor: Actor, after: int) -> Any:
    priority = (
        Case.objects.of(actor.organisation_id).filter(pk=after).values_list("priority", flat=True).first()
    )
    if priority is None:
        return rows
    return rows.filter(priority__lte=priority).filter(Q(priority__lt=priority) | Q(account_id__gt=after))
