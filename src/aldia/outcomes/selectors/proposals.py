"""What waits for somebody's approval: late fees and write-offs that strategies propose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.outcomes.models import Task, TaskState
from aldia.outcomes.words import shown

FEE: Final = "fee_"
"""How the kind of a task begins that proposes a late fee; its per cent follows: `fee_5`."""

WRITE_OFF: Final = "write_off"
PROPOSED: Final = Q(kind=WRITE_OFF) | Q(kind__startswith=FEE)
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One proposal; amounts are what the case owes now, so what an approval would be about."""

    task_id: int
    case_id: int
    debtor_name: str
    title: str
    due_on: date
    minor: int
    currency: str


def proposals(actor: Actor) -> list[ProposalView]:
    """Return the open proposals of the cases that the actor sees, the most urgent first. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    rows = (
        Task.objects.of(actor.organisation_id).filter(PROPOSED, state=TaskState.OPEN).select_related("case")
    )
    seen = cases.of_seen_cases(actor, rows).order_by("due_on", "id")[:_MOST]
    return [
        ProposalView(
            row.pk, row.case_id, row.case.debtor_name, shown(row.title), row.due_on,
            row.case.overdue_minor if row.kind != WRITE_OFF else row.case.total_minor, row.case.currency,
        )
        for row in seen
    ]  # fmt: skip
