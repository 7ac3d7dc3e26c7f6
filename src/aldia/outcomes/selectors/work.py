"""What is to be done and by when: the agenda of a person, the tasks of a case, and what has nobody to do it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q

from aldia.access.actors import Actor, Clock, system
from aldia.cases import selectors as cases
from aldia.db.memory import remembered
from aldia.db.prepared import prepared
from aldia.outcomes.models import Alarm, Dispute, DisputeState, Promise, PromiseState, Task, TaskState
from aldia.outcomes.words import shown

AGENDA_ROWS = 500


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """Something for a day: a task, a promise that falls due, a dispute to answer, or the plain next step of a case.

    `kind`: task, promise, dispute or step; `task_kind` only for tasks. `is_overdue`: its day has passed.
    `minor` is what was promised, `owed_minor` what the case has overdue.
    """

    kind: str
    id: int
    case_id: int
    debtor_name: str
    title: str
    due_on: date
    due_at: datetime | None
    task_kind: str
    owner_id: int | None
    priority: int
    is_overdue: bool
    minor: int = 0
    currency: str = ""
    owed_minor: int = 0
    owed_currency: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A client to visit, for the earliest of its visit tasks: what is overdue, and the last thing that came of a contact."""

    task_id: int
    case_id: int
    debtor_name: str
    region: str
    due_on: date
    is_overdue: bool
    owed_minor: int
    owed_currency: str
    last_outcome: str
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """The items of one day; the first day of an agenda also holds everything overdue, first."""

    on: date
    items: tuple[AgendaItem, ...]


@dataclass(frozen=True, slots=True)
class Unowned:
    """A pending item that nobody answers for: what, which one, of which case."""

    kind: str
    id: int
    case_id: int


def agenda(
    actor: Actor, clock: Clock, *, days: int = 7, user_id: int | None = None, is_everybody: bool = False
) -> list[AgendaDay]:
    """Return what a person (the actor, unless said) has to do from today for some days, overdue first.

    Of that person: what names them, and what names nobody on the cases they hold, or cover while a colleague is absent.
    `is_everybody` shows the whole organisation, as far as the actor may see.
    """
    until = clock.as_of + timedelta(days=max(days, 1))
    mine = None if is_everybody else _people(actor, clock, user_id)
    items = [
        *_tasks(actor, mine, clock.as_of, until),
        *_promises(actor, mine, clock.as_of, until),
        *_disputes(actor, mine, clock.as_of, until),
    ]
    items += _steps(actor, mine, clock.as_of, until, {item.case_id for item in items})
    return [
        _day(items, clock.as_of + timedelta(days=at), clock.as_of) for at in range((until - clock.as_of).days)
    ]


def visits(actor: Actor, clock: Clock) -> list[Visit]:
    """Return whom the actor has to visit by today, the one that waits longest first; each client once."""
    rows = _visits(actor, clock).annotate(
        region=F("case__party__region"),
        last_outcome=F("case__last_outcome"),
        last_at=F("case__last_outcome_at"),
    )
    found: dict[int, Visit] = {}
    for row in rows.order_by("due_on", "-priority", "pk")[:AGENDA_ROWS]:
        visit = Visit(
            row.pk, row.case_id, row.debtor_name, row.region, row.due_on, row.due_on < clock.as_of, row.owed_minor,
            row.owed_currency, row.last_outcome, row.last_at,
        )  # fmt: skip
        found.setdefault(row.case_id, visit)
    return list(found.values())


def visits_waiting(actor: Actor, clock: Clock) -> int:
    """Return how many clients `visits` would name."""
    return int(_visits(actor, clock).aggregate(total=Count("case_id", distinct=True))["total"])


def _visits(actor: Actor, clock: Clock) -> Any:
    mine = _of(_people(actor, clock, None), True)
    return _told(actor, Task).filter(mine, kind="visit", state=TaskState.OPEN, due_on__lte=clock.as_of)


def tasks_of_case(actor: Actor, case_id: int, *, as_of: date) -> list[AgendaItem]:
    """Return the open tasks of a case, the first due first."""
    rows = [row for row in task_rows(actor, case_id) if row.state == TaskState.OPEN]
    return [_task_item(row, as_of) for row in sorted(rows, key=_task_place)]


@remembered
def task_rows(actor: Actor, case_id: int) -> list[Any]:
    """Return every task of a case, done ones too, for this room's own history."""
    return _tasks_of(actor.organisation_id, case_id) if cases.is_seen(actor, case_id) else []


@prepared
def _tasks_of(organisation_id: int, case_id: int) -> Any:
    return _told(system(organisation_id), Task).filter(case_id=case_id).order_by("-pk")


def _task_place(row: Task) -> tuple[Any, ...]:
    return row.due_on, row.due_at is None, row.due_at.timestamp() if row.due_at else 0, -row.priority, row.pk


def _told(actor: Actor, model: Any) -> Any:
    """Return the rows that the actor may see, each with the name and the holder of its case."""
    rows = cases.of_seen_cases(actor, model.objects.of(actor.organisation_id))
    return rows.annotate(
        debtor_name=F("case__debtor_name"), holder_id=F("case__holder_id"), owed_minor=F("case__overdue_minor"),
        owed_currency=F("case__currency"),
    )  # fmt: skip


def pending_without_owner(organisation_id: int) -> list[Unowned]:
    """Return the open tasks, promises, disputes and alarms without owner on a case without holder and team; must be empty.

    Every one of them has its date by the table itself (S1-13a).
    """
    nobody = Q(case__holder=None, case__team=None)
    promises = Promise.objects.of(organisation_id).filter(nobody, state=PromiseState.OPEN)
    owned = {
        "task": Task.objects.of(organisation_id).filter(nobody, state=TaskState.OPEN, owner=None),
        "dispute": Dispute.objects.of(organisation_id).filter(
            nobody, state=DisputeState.OPEN, owner=None, department=""
        ),
        "alarm": Alarm.objects.of(organisation_id).filter(nobody, owner=None).exclude(state="resolved"),
        "promise": promises,
    }
    return [
        Unowned(kind, pk, case_id)
        for kind, rows in owned.items()
        for pk, case_id in rows.order_by("pk").values_list("pk", "case_id")
    ]


def _people(actor: Actor, clock: Clock, user_id: int | None) -> list[int]:
    if user_id is not None and user_id != actor.user_id:
        return [user_id]
    return cases.covered_users(actor, clock.as_of)


def _of(people: list[int] | None, has_owner: bool) -> Q:
    """What names one of these people, or nobody on a case that one of them holds."""
    if people is None:
        return Q()
    held = Q(case__holder_id__in=people)
    return Q(owner_id__in=people) | (Q(owner=None) & held) if has_owner else held


def _tasks(actor: Actor, people: list[int] | None, as_of: date, until: date) -> Iterable[AgendaItem]:
    rows = _told(actor, Task).filter(_of(people, True), state=TaskState.OPEN, due_on__lt=until)
    for row in rows.order_by("due_on", "-priority", "pk")[:AGENDA_ROWS]:
        yield _task_item(row, as_of)


def _task_item(row: Any, as_of: date) -> AgendaItem:
    return AgendaItem(
        "task", row.pk, row.case_id, row.debtor_name, shown(row.title), row.due_on, row.due_at, row.kind,
        row.owner_id or row.holder_id, row.priority, row.due_on < as_of, owed_minor=row.owed_minor,
        owed_currency=row.owed_currency,
    )  # fmt: skip


def _promises(actor: Actor, people: list[int] | None, as_of: date, until: date) -> Iterable[AgendaItem]:
    rows = _told(actor, Promise).filter(
        _of(people, False), state=PromiseState.OPEN, due_on__range=(as_of, until - timedelta(days=1))
    )
    for row in rows.order_by("due_on", "pk")[:AGENDA_ROWS]:
        yield AgendaItem(
            "promise", row.pk, row.case_id, row.debtor_name, "", row.due_on, None, "", row.holder_id, 50, False,
            row.amount_minor, row.currency, row.owed_minor, row.owed_currency,
        )  # fmt: skip


def _disputes(actor: Actor, people: list[int] | None, as_of: date, until: date) -> Iterable[AgendaItem]:
    rows = _told(actor, Dispute).filter(_of(people, True), state=DisputeState.OPEN, deadline_on__lt=until)
    for row in rows.order_by("deadline_on", "pk")[:AGENDA_ROWS]:
        yield AgendaItem(
            "dispute", row.pk, row.case_id, row.debtor_name, row.reason, row.deadline_on, None, "",
            row.owner_id or row.holder_id, 60, row.deadline_on < as_of, owed_minor=row.owed_minor,
            owed_currency=row.owed_currency,
        )  # fmt: skip


def _steps(
    actor: Actor, people: list[int] | None, as_of: date, until: date, told: set[int]
) -> Iterable[AgendaItem]:
    """A next step with an hour, on a case that nothing above speaks of: somebody planned it by hand."""
    rows: Any = (
        cases.scope(actor).filter(is_open=True, next_at__isnull=False, next_on__lt=until).exclude(pk__in=told)
    )
    if people is not None:
        rows = rows.filter(holder_id__in=people)
    for row in rows.order_by("next_on", "next_at", "pk")[:AGENDA_ROWS]:
        yield AgendaItem(
            "step", row.pk, row.pk, row.debtor_name, shown(row.next_step), row.next_on, row.next_at, "", row.holder_id, 50,
            row.next_on < as_of, owed_minor=row.overdue_minor, owed_currency=row.currency,
        )  # fmt: skip


def _day(items: list[AgendaItem], on: date, as_of: date) -> AgendaDay:
    chosen = [item for item in items if item.due_on == on or (on == as_of and item.is_overdue)]
    return AgendaDay(on, tuple(sorted(chosen, key=_place)))


def _place(item: AgendaItem) -> tuple[Any, ...]:
    """Overdue first, the oldest first; then by hour, those without one after, then by priority."""
    instant = item.due_at.timestamp() if item.due_at else float("inf")
    return (not item.is_overdue, item.due_on, instant, -item.priority, item.kind, item.id)
