"""Tasks: what somebody has to do on a case. Made once per identity; always with a day; without owner, of who holds the case."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.db.frames import Rows, known_among, write_frame
from aldia.db.locks import named_lock
from aldia.ledger import services as ledger
from aldia.outcomes.casework import resume
from aldia.outcomes.models import Dispute, Task, TaskState
from aldia.outcomes.words import TASKS

CREDIT: Final = "credit_note"
"""The kind of the task that an accepted dispute leaves."""
OF_STRATEGIES: Final = "run:"
"""How the origin of a task begins that a strategy left; the number of its run follows."""
_AT_ONCE: Final = 500  # keys in one statement
_SCHEMA: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "kind": pl.String, "title": pl.String, "due_on": pl.Date, "identity": pl.String, "origin": pl.String,
    "due_at": pl.Datetime("us", "UTC"), "owner_id": pl.Int64, "priority": pl.Int64,
}  # fmt: skip


class BadTask(ValueError):
    """A task that lacks its case, kind, day or identity, or names somebody who does not work here."""


class UnknownTask(LookupError):
    """There is no such open task in this organisation."""


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """A task to make. Without title it takes the one of its kind; without owner it belongs to who holds the case."""

    case_id: int
    kind: str
    due_on: date
    identity: str
    origin: str
    title: str = ""
    due_at: datetime | None = None
    owner_id: int | None = None
    priority: int = 50


@transaction.atomic
def create_tasks(*, organisation_id: int, tasks: pl.DataFrame | Iterable[TaskDraft], now: datetime) -> int:
    """Make the tasks whose identity is new; return how many. The same again makes nothing, closed ones included.

    A frame has the columns of TaskDraft; title, due_at, owner_id and priority may be absent. Raises BadTask.
    """
    rows = _checked(_as_frame(tasks)).unique("identity", keep="first", maintain_order=True)
    if rows.is_empty():
        return 0
    with named_lock("outcomes.tasks", organisation_id):
        return write_frame(Task, _made_once(rows, organisation_id, now))


@transaction.atomic
def create_task(*, organisation_id: int, task: TaskDraft, now: datetime) -> bool:
    """Make one task, the row that `create_tasks` makes of it, at the pace of a screen; False when its identity is known."""
    told = _told(task, now)
    _row, is_new = Task.objects.of(organisation_id).get_or_create(
        organisation_id=organisation_id, identity=told.pop("identity"), defaults=told
    )
    return bool(is_new)


def add_task(*, organisation_id: int, task: TaskDraft, now: datetime) -> Task:
    """Return a task whose identity is that of a row of this very transaction: it is new, and nobody is asked."""
    made: Task = Task.objects.create(organisation_id=organisation_id, **_told(task, now))
    return made


def _told(task: TaskDraft, now: datetime) -> dict[str, Any]:
    title = (task.title or TASKS.get(task.kind, task.kind))[:200]
    return {**asdict(task), "title": title, "created_at": now}


def task_rows(*, organisation_id: int, tasks: pl.DataFrame, now: datetime) -> Rows:
    """Return what `create_tasks` would write of a frame, ready for it; it has the party_id too. Raises BadTask."""
    rows = _checked(_as_frame(tasks)).with_columns(tasks["party_id"])
    fresh = _made_once(rows.unique("identity", keep="first", maintain_order=True), organisation_id, now)
    return Rows(Task, fresh.drop("party_id"), fresh["party_id"])


def _made_once(rows: pl.DataFrame, organisation_id: int, now: datetime) -> pl.DataFrame:
    known = known_among(Task, "identity", rows["identity"], organisation_id=organisation_id)
    return rows.join(known, on="identity", how="anti", maintain_order="left").with_columns(
        organisation_id=pl.lit(organisation_id, pl.Int64), state=pl.lit(TaskState.OPEN.value), created_at=pl.lit(now),
    )  # fmt: skip


@transaction.atomic
def finish_task(*, actor: Actor, task_id: int, clock: Clock, outcome_id: int | None = None) -> Task:
    """Return the task, done. The credit note of an accepted dispute ends its pause. Raises UnknownTask, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    task = _open_task(actor, task_id)
    task.state, task.finished_at, task.outcome_id = TaskState.DONE, clock.now, outcome_id
    task.save(update_fields=["state", "finished_at", "outcome_id"])
    if task.kind == CREDIT:
        _credit_issued(actor, task, clock.now)
    _record(actor, "outcomes.task.finish", task, clock.now)
    return task


@transaction.atomic
def cancel_task(*, actor: Actor, task_id: int, now: datetime) -> Task:
    """Return the task, no longer needed. Raises UnknownTask, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    task = _open_task(actor, task_id)
    task.state, task.finished_at = TaskState.CANCELLED, now
    task.save(update_fields=["state", "finished_at"])
    _record(actor, "outcomes.task.cancel", task, now)
    return task


@transaction.atomic
def drop_claims(*, actor: Actor, case_ids: Collection[int], now: datetime) -> int:
    """Cancel what strategies asked people to do on these cases, where nothing is left to claim; return how many tasks.

    What a person planned stays: it may be about something else.
    """
    asked = Task.objects.of(actor.organisation_id).filter(
        state=TaskState.OPEN, origin__startswith=OF_STRATEGIES
    )
    ids, dropped = sorted(case_ids), 0
    for begin in range(0, len(ids), _AT_ONCE):
        some = asked.filter(case__among=ids[begin : begin + _AT_ONCE])
        dropped += some.update(state=TaskState.CANCELLED, finished_at=now)
    if dropped:
        audit.record(
            actor=actor, verb="outcomes.task.settled", object_type="task", object_id="", now=now, data={"count": dropped}
        )  # fmt: skip
    return dropped


@transaction.atomic
def reschedule_task(
    *, actor: Actor, task_id: int, due_on: date, clock: Clock, due_at: datetime | None = None
) -> Task:
    """Return the task on another day, today or later. Raises BadTask, UnknownTask, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    if due_on < clock.as_of:
        raise BadTask(_("Esa fecha ya pasó: elige hoy o un día que venga."))
    task = _open_task(actor, task_id)
    task.due_on, task.due_at = due_on, due_at
    task.save(update_fields=["due_on", "due_at"])
    _record(actor, "outcomes.task.reschedule", task, clock.now, due_on=due_on.isoformat())
    return task


@transaction.atomic
def hand_over_task(*, actor: Actor, task_id: int, user_id: int | None, now: datetime) -> Task:
    """Return the task with another owner; None gives it back to who holds the case. Raises BadTask, UnknownTask, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    if user_id is not None and not access.is_member(actor, user_id):
        raise BadTask(_("Esa persona no trabaja en esta organización."))
    task = _open_task(actor, task_id)
    task.owner_id = user_id
    task.save(update_fields=["owner"])
    _record(actor, "outcomes.task.hand_over", task, now, owner=user_id)
    return task


def _as_frame(tasks: pl.DataFrame | Iterable[TaskDraft]) -> pl.DataFrame:
    if not isinstance(tasks, pl.DataFrame):
        return pl.DataFrame([asdict(task) for task in tasks], schema=_SCHEMA)
    defaults = {
        "title": pl.lit(""), "due_at": pl.lit(None, _SCHEMA["due_at"]), "owner_id": pl.lit(None, pl.Int64),
        "priority": pl.lit(50, pl.Int64),
    }  # fmt: skip
    whole = tasks.with_columns(
        **{name: value for name, value in defaults.items() if name not in tasks.columns}
    )
    if missing := sorted(set(_SCHEMA) - set(whole.columns)):
        raise BadTask(_("A las tareas les falta %(columns)s.") % {"columns": ", ".join(missing)})
    return whole.select(pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items())


def _checked(rows: pl.DataFrame) -> pl.DataFrame:
    """Titles filled in; a row without case, kind, day or identity is refused by its number."""
    bad = rows.with_row_index("row", offset=1).filter(
        pl.col("case_id").is_null() | pl.col("due_on").is_null() | (pl.col("kind").fill_null("") == "")
        | (pl.col("identity").fill_null("") == "")
    )  # fmt: skip
    if not bad.is_empty():
        raise BadTask(_("La tarea %(row)s no dice caso, clase, día o identidad.") % {"row": bad["row"][0]})
    named = pl.col("kind").replace_strict(TASKS, default=pl.col("kind"), return_dtype=pl.String)
    return rows.with_columns(
        title=pl.when(pl.col("title").fill_null("") == "").then(named).otherwise(pl.col("title")).str.slice(0, 200),
        origin=pl.col("origin").fill_null(""), priority=pl.col("priority").fill_null(50),
    )  # fmt: skip


def _open_task(actor: Actor, task_id: int) -> Task:
    rows = Task.objects.of(actor.organisation_id).select_for_update(of=("self",))
    task: Task | None = rows.filter(pk=task_id, state=TaskState.OPEN).first()
    if task is None:
        raise UnknownTask(_("Esa tarea no existe o ya está cerrada."))
    return task


def _credit_issued(actor: Actor, task: Task, now: datetime) -> None:
    """What the accepted dispute was about is no longer in question."""
    resume(actor, task.origin, now)
    dispute = Dispute.objects.of(actor.organisation_id).filter(pk=int(task.origin.partition(":")[2])).first()
    if dispute is not None and dispute.document_ids:
        ledger.mark_disputed(actor=actor, document_ids=dispute.document_ids, is_disputed=False, now=now)


def _record(actor: Actor, verb: str, task: Task, now: datetime, **data: Any) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        object_type="task",
        object_id=task.pk,
        now=now,
        data={"case": task.case_id, **data},
    )
