"""What each person has to do today, what is late, and what is already done: the supervisor's board."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from aldia.access.actors import Actor, Clock
from aldia.cases import selectors as cases
from aldia.db.prepared import prepared
from aldia.outcomes.models import Outcome, Task, TaskState


@dataclass(frozen=True, slots=True)
class Share:
    """One person's day: tasks for today, tasks late, cases worked and, of those, with somebody reached."""

    user_id: int | None
    due: int
    late: int
    worked: int
    reached: int


def shares(actor: Actor, clock: Clock) -> dict[int | None, Share]:
    """Return the day of each person of the organisation, by user; None is the work of nobody in particular."""
    due, late = _tasks(actor, clock)
    nothing = {"total": 0, "reached": 0}
    worked: dict[int | None, dict[str, int]] = {
        row["user_id"]: row for row in _worked(actor.organisation_id, clock.as_of, None)
    }
    return {
        user_id: Share(
            user_id, due.get(user_id, 0), late.get(user_id, 0), worked.get(user_id, nothing)["total"],
            worked.get(user_id, nothing)["reached"],
        )
        for user_id in {*due, *late, *worked}
    }  # fmt: skip


def worked_today(actor: Actor, clock: Clock) -> int:
    """Return how many cases the actor has left an outcome on today; undone ones do not count."""
    return sum(row["total"] for row in _worked(actor.organisation_id, clock.as_of, actor.user_id))


def _tasks(actor: Actor, clock: Clock) -> tuple[dict[int | None, int], dict[int | None, int]]:
    rows = cases.of_seen_cases(actor, Task.objects.of(actor.organisation_id)).filter(
        state=TaskState.OPEN, due_on__lte=clock.as_of
    )
    owned = rows.annotate(who=Coalesce("owner_id", "case__holder_id")).values("who").order_by("who")
    found = list(
        owned.annotate(
            due=Count("pk", filter=Q(due_on=clock.as_of)), late=Count("pk", filter=Q(due_on__lt=clock.as_of))
        )
    )
    return {row["who"]: row["due"] for row in found}, {row["who"]: row["late"] for row in found}


@prepared
def _worked(organisation_id: int, on: date, user_id: int | None) -> Any:
    """What each person (or only one) has left outcomes on that day."""
    rows = Outcome.objects.of(organisation_id).filter(on=on)
    undone = rows.filter(voids_id__isnull=False).values("voids_id")
    counted = rows.filter(voids_id=None).exclude(pk__in=undone).order_by("user_id").values("user_id")
    if user_id is not None:
        counted = counted.filter(user_id=user_id)
    return counted.annotate(
        total=Count("case_id", distinct=True),
        reached=Count("case_id", filter=Q(is_contact=True), distinct=True),
    )
