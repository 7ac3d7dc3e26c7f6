"""Promises, plans and disputes as lists."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Sum

from aldia.access.actors import Actor, system
from aldia.cases import selectors as cases
from aldia.db.memory import remembered
from aldia.db.pages import Page, paged
from aldia.db.prepared import prepared
from aldia.outcomes.models import Dispute, DisputeState, Promise, PromiseState


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """A promise. Amounts in minor units; `last_on` is the last day on which a payment counts."""

    id: int
    case_id: int
    debtor_name: str
    plan_id: int | None
    outcome_id: int | None
    currency: str
    amount_minor: int
    kept_minor: int
    due_on: date
    last_on: date
    means: str
    state: str
    made_on: date
    made_at: datetime
    made_by: str
    decided_on: date | None


@dataclass(frozen=True, slots=True)
class DisputeLine:
    """A dispute, with who must answer it and by when. No documents: it is about the whole debt."""

    id: int
    case_id: int
    debtor_name: str
    document_ids: tuple[int, ...]
    reason: str
    description: str
    department: str
    owner_id: int | None
    owner_name: str
    deadline_on: date
    is_overdue: bool
    state: str
    answer: str
    file_id: int | None
    opened_by: str
    opened_on: date
    opened_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class CommitmentFilter:
    """Each field narrows a list of promises or disputes; None does not. `owner_id`: of the dispute, or who holds the case."""

    state: str | None = None
    case_id: int | None = None
    portfolio_id: int | None = None
    owner_id: int | None = None
    from_on: date | None = None
    to_on: date | None = None


def promised(actor: Actor) -> dict[int, dict[str, tuple[int, int]]]:
    """Return the open promises by portfolio and currency: how many, and what is still to come of them in minor units."""
    rows = (
        _promises(actor, CommitmentFilter(state=PromiseState.OPEN))
        .order_by()
        .values("case__portfolio_id", "currency")
    )
    found: dict[int, dict[str, tuple[int, int]]] = {}
    for row in rows.annotate(made=Count("pk"), minor=Sum(F("amount_minor") - F("kept_minor"))):
        found.setdefault(row["case__portfolio_id"], {})[row["currency"]] = (row["made"], row["minor"])
    return found


def open_promise(actor: Actor, case_id: int) -> PromiseLine | None:
    """Return the promise of the case that falls due next, or None."""
    rows = _promises(actor, CommitmentFilter(state=PromiseState.OPEN, case_id=case_id))
    row = rows.order_by("due_on", "pk").first()
    return _promise_line(row) if row else None


def promises(
    actor: Actor, filters: CommitmentFilter | None = None, cursor: str | None = None, *, limit: int = 50
) -> Page[PromiseLine]:
    """Return a page of promises by due date, the first due first; from_on and to_on are about the due date. Raises BadCursor."""
    rows = _promises(actor, filters or CommitmentFilter())
    return paged(rows, by="due_on", is_newest_first=False, cursor=cursor, limit=limit, made=_promise_line)


@remembered
def promises_of_case(actor: Actor, case_id: int) -> list[PromiseLine]:
    """Return every promise of a case, the newest first."""
    if not cases.is_seen(actor, case_id):
        return []
    return [_promise_line(row) for row in _promises_of(actor.organisation_id, case_id)]


@prepared
def _promises_of(organisation_id: int, case_id: int) -> Any:
    rows = _promises(system(organisation_id), CommitmentFilter(case_id=case_id))
    return rows.order_by("-made_at", "due_on", "pk")


def disputes(
    actor: Actor,
    filters: CommitmentFilter | None = None,
    cursor: str | None = None,
    *,
    as_of: date,
    limit: int = 50,
) -> Page[DisputeLine]:
    """Return a page of disputes by deadline; from_on and to_on are about the deadline. Raises BadCursor."""
    rows = _disputes(actor, filters or CommitmentFilter())
    return paged(
        rows,
        by="deadline_on",
        is_newest_first=False,
        cursor=cursor,
        limit=limit,
        made=lambda row: _dispute_line(row, as_of),
    )


def disputes_of_case(actor: Actor, case_id: int, *, as_of: date) -> list[DisputeLine]:
    """Return every dispute of a case, the first deadline first."""
    return [_dispute_line(row, as_of) for row in dispute_rows(actor, case_id)]


@remembered
def dispute_rows(actor: Actor, case_id: int) -> list[Any]:
    """Return the rows behind `disputes_of_case`, for this room's own history."""
    return _disputes_of(actor.organisation_id, case_id) if cases.is_seen(actor, case_id) else []


@prepared
def _disputes_of(organisation_id: int, case_id: int) -> Any:
    return _disputes(system(organisation_id), CommitmentFilter(case_id=case_id)).order_by("deadline_on", "pk")


def dispute(actor: Actor, dispute_id: int, *, as_of: date) -> DisputeLine:
    """Return one dispute. Raises Dispute.DoesNotExist."""
    return _dispute_line(_disputes(actor, CommitmentFilter()).get(pk=dispute_id), as_of)


def _narrowed(rows: Any, actor: Actor, filters: CommitmentFilter, dated: str) -> Any:
    rows = cases.of_seen_cases(actor, rows).annotate(debtor_name=F("case__debtor_name"))
    exact = {"state": filters.state, "case_id": filters.case_id, "case__portfolio_id": filters.portfolio_id}
    rows = rows.filter(**{name: value for name, value in exact.items() if value is not None})
    if filters.from_on is not None:
        rows = rows.filter(**{f"{dated}__gte": filters.from_on})
    return rows if filters.to_on is None else rows.filter(**{f"{dated}__lt": filters.to_on})


def _promises(actor: Actor, filters: CommitmentFilter) -> Any:
    rows = _narrowed(Promise.objects.of(actor.organisation_id), actor, filters, "due_on")
    return rows if filters.owner_id is None else rows.filter(case__holder_id=filters.owner_id)


def _disputes(actor: Actor, filters: CommitmentFilter) -> Any:
    rows = _narrowed(Dispute.objects.of(actor.organisation_id), actor, filters, "deadline_on").annotate(
        owner_name=F("owner__name")
    )
    return rows if filters.owner_id is None else rows.filter(owner_id=filters.owner_id)


def _promise_line(row: Any) -> PromiseLine:
    return PromiseLine(
        row.pk, row.case_id, row.debtor_name, row.plan_id, row.outcome_id, row.currency, row.amount_minor, row.kept_minor, row.due_on,
        row.due_on + timedelta(days=row.grace_days), row.means, row.state, row.made_on, row.made_at, row.made_by, row.decided_on,
    )  # fmt: skip


def _dispute_line(row: Any, as_of: date) -> DisputeLine:
    is_late = row.state == DisputeState.OPEN and row.deadline_on < as_of
    return DisputeLine(
        row.pk, row.case_id, row.debtor_name, tuple(row.document_ids), row.reason, row.description, row.department,
        row.owner_id, row.owner_name or "", row.deadline_on, is_late, row.state, row.answer, row.file_id,
        row.opened_by, row.opened_on, row.opened_at, row.answered_at,
    )  # fmt: skip
