"""Payment plans as a list, and how many commitments of each sort there are."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q

from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.db.pages import Page, paged
from aldia.outcomes.models import (
    Agreement,
    AgreementState,
    Dispute,
    DisputeState,
    Plan,
    Promise,
    PromiseState,
)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan with how far it got. Amounts in minor units; `next_on` and `next_minor` are its next instalment's, if any."""

    id: int
    case_id: int
    debtor_name: str
    currency: str
    total_minor: int
    instalments: int
    kept: int
    broken: int
    paid_minor: int
    next_on: date | None
    next_minor: int
    state: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class CommitmentCounts:
    """How many promises fall due today, are late within their grace, broke, are still to come; plans and disputes open."""

    today: int
    late: int
    broken: int
    upcoming: int
    kept: int
    plans: int
    agreements: int
    disputes: int
    disputes_overdue: int


def plans(
    actor: Actor, cursor: str | None = None, *, state: str | None = None, limit: int = 50
) -> Page[PlanLine]:
    """Return a page of plans, the newest first. Raises BadCursor."""
    rows = _plans(actor).select_related("case").prefetch_related("promises")
    if state is not None:
        rows = rows.filter(state=state)
    return paged(rows, by="made_at", is_newest_first=True, cursor=cursor, limit=limit, made=_line)


def commitment_counts(actor: Actor, *, as_of: date) -> CommitmentCounts:
    """Return the counts of the commitments of the cases that the actor sees."""
    is_open = Q(state=PromiseState.OPEN)
    promises = cases.of_seen_cases(actor, Promise.objects.of(actor.organisation_id))
    told = promises.aggregate(
        today=Count("pk", filter=is_open & Q(due_on=as_of)), late=Count("pk", filter=is_open & Q(due_on__lt=as_of)),
        broken=Count("pk", filter=Q(state=PromiseState.BROKEN)), upcoming=Count("pk", filter=is_open & Q(due_on__gt=as_of)),
        kept=Count("pk", filter=Q(state=PromiseState.KEPT)),
    )  # fmt: skip
    disputes = cases.of_seen_cases(actor, Dispute.objects.of(actor.organisation_id))
    waiting = disputes.filter(state=DisputeState.OPEN).aggregate(
        disputes=Count("pk"), disputes_overdue=Count("pk", filter=Q(deadline_on__lt=as_of))
    )
    offered = cases.of_seen_cases(actor, Agreement.objects.of(actor.organisation_id)).filter(
        state__in=[AgreementState.APPROVAL, AgreementState.OFFERED]
    )
    running = _plans(actor).filter(state=PromiseState.OPEN).count()
    return CommitmentCounts(**told, **waiting, plans=running, agreements=offered.count())


def _plans(actor: Actor) -> Any:
    return cases.of_seen_cases(actor, Plan.objects.of(actor.organisation_id))


def _line(row: Plan) -> PlanLine:
    parts = sorted(row.promises.all(), key=lambda part: part.due_on)
    following = next((part for part in parts if part.state == PromiseState.OPEN), None)
    return PlanLine(
        row.pk, row.case_id, row.case.debtor_name, row.currency, row.total_minor, row.instalments,
        sum(part.state == PromiseState.KEPT for part in parts), sum(part.state == PromiseState.BROKEN for part in parts),
        sum(min(part.kept_minor, part.amount_minor) for part in parts), following.due_on if following else None,
        following.amount_minor if following else 0, row.state, row.made_at,
    )  # fmt: skip


def promise_is_seen(actor: Actor, promise_id: int) -> bool:
    """Return whether a promise is of a case that the actor sees."""
    rows = Promise.objects.of(actor.organisation_id).filter(pk=promise_id)
    return bool(cases.of_seen_cases(actor, rows).exists())
