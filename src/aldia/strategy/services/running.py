"""A night of an organisation: its people in partitions, in short transactions, taken up again where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.db.hands import side_by_side
from aldia.db.locks import lock_of_session, named_lock
from aldia.db.pace import Pace
from aldia.db.partitions import CASES_AT_ONCE, Partition
from aldia.strategy.models import Run, RunPartition, RunState
from aldia.strategy.night import NightPlan, decide_partition, night_plan
from aldia.strategy.reporting import RunReport
from aldia.strategy.services.acting import Left, Night, leave, with_acts

Done = TypeVar("Done")


def run(
    *,
    actor: Actor,
    as_of: date,
    now: datetime,
    is_dry_run: bool = False,
    cases_at_once: int = CASES_AT_ONCE,
    on_begin: Callable[[int], None] = lambda run_id: None,
) -> RunReport:
    """Decide a day and leave its orders, tasks, stages and alarms; return what is new. The same day again leaves nothing.

    A run that was killed goes on from its last whole transaction. `on_begin` is told the run when its parts can be read: other
    processes may then `help_run`. A dry run writes nothing. Raises NotAllowed.
    """
    actor.check(Permission.RUN_DAY)
    plan = night_plan(actor.organisation_id, as_of=as_of)
    if is_dry_run:
        return _dry(plan)
    row = _begin(actor, plan, now, plan.partitions(cases_at_once))
    on_begin(row.pk)
    try:
        for waits in (False, True):  # first what nobody has in hand, then what helpers did not end
            side_by_side(partial(_live, actor, plan, now, waits), _waiting(row))
    except Exception:
        Run.objects.of(actor.organisation_id).filter(pk=row.pk).update(state=RunState.FAILED, finished_at=now)
        raise
    return _finish(actor, plan, row, now)


def help_run(*, actor: Actor, run_id: int) -> None:
    """Live the parts of a run that nobody has in hand, beside whoever began it and waits for the last of them. One that is over
    has none. Raises NotAllowed."""
    actor.check(Permission.RUN_DAY)
    row = Run.objects.of(actor.organisation_id).filter(pk=run_id, state=RunState.RUNNING).first()
    if row is not None:
        plan = night_plan(actor.organisation_id, as_of=row.as_of)
        side_by_side(partial(_live, actor, plan, row.started_at, False), _waiting(row))


def _waiting(row: Run) -> list[RunPartition]:
    parts = RunPartition.objects.of(row.organisation_id).filter(run=row, is_done=False)
    return list(parts.order_by("number"))


def _dry(plan: NightPlan) -> RunReport:
    report = RunReport(problems=plan.problems)
    for partition in plan.partitions():
        decided = decide_partition(plan, partition)
        report.cases += decided.gathered.cases.height
        report.add(with_acts(decided.news))
    return report


@transaction.atomic
def _begin(actor: Actor, plan: NightPlan, now: datetime, parts: list[Partition]) -> Run:
    """The run of that day that did not end, else a new one with these partitions."""
    with named_lock("strategy.run", actor.organisation_id):
        unfinished = Run.objects.of(actor.organisation_id).filter(
            as_of=plan.as_of,
            is_rehearsal=plan.organisation.is_sandbox,
            state__in=[RunState.RUNNING, RunState.FAILED],
        )
        row: Run | None = unfinished.order_by("-id").first()
        if row is not None:
            row.state, row.finished_at = RunState.RUNNING, None
            row.save(update_fields=["state", "finished_at"])
            return row
        row = Run.objects.create(
            organisation_id=actor.organisation_id, as_of=plan.as_of, started_by=actor.label, started_at=now,
            is_rehearsal=plan.organisation.is_sandbox,
        )  # fmt: skip
        RunPartition.objects.bulk_create(
            RunPartition(
                organisation_id=actor.organisation_id,
                run=row,
                number=number,
                first_party=first,
                last_party=last,
            )
            for number, (first, last) in enumerate(parts)
        )
        audit.record(
            actor=actor, verb="strategy.run.start", object_type="run", object_id=row.pk, now=now,
            data={
                "as_of": plan.as_of.isoformat(),
                "versions": {one.strategy.key: one.strategy.version for one in plan.strategies},
            },
        )  # fmt: skip
        return row


def _live(actor: Actor, plan: NightPlan, now: datetime, waits: bool, partition: RunPartition) -> None:
    def live() -> None:
        partition.refresh_from_db()
        if not partition.is_done:
            _decide_and_write(actor, plan, now, partition)

    with lock_of_session("strategy.part", partition.pk, waits=waits) as is_ours:
        if is_ours:
            until_ours(live)


def until_ours(work: Callable[[], Done]) -> Done:
    """Return what the work returns, which decides and writes. Where another run took an act first, the table refuses ours: then
    it is decided again, twice at most. Raises IntegrityError."""
    for _time in range(2):
        with suppress(IntegrityError):
            return work()
    return work()


def _decide(actor: Actor, plan: NightPlan, now: datetime, partition: RunPartition) -> tuple[int, Left]:
    """How many cases a part has and what it leaves; what was read for it is not kept while it waits to write."""
    mine = (partition.first_party, partition.last_party)
    decided = decide_partition(plan, mine)
    night = Night(plan, decided.gathered.law, partition.run_id, now)
    return decided.gathered.cases.height, leave(actor, decided, night, mine)


def _decide_and_write(actor: Actor, plan: NightPlan, now: datetime, partition: RunPartition) -> None:
    """Decisions and what they leave go in one transaction: there is never a notice without its decision, nor the reverse."""
    cases, left = _decide(actor, plan, now, partition)
    report, pace = RunReport.from_json(partition.counts), Pace()

    def made_ready() -> Iterator[tuple[int, tuple[int, int, dict[str, Any]]]]:
        for first, last, height in left.parts(pace):
            report.add(left.ready(first, last))
            yield height, (first, last, report.to_json())

    for first, last, partition.counts in pace.in_turns(made_ready()):
        left.write(first, last)
        partition.save(update_fields=["counts"])
    report.cases = cases
    partition.is_done, partition.counts = True, report.to_json()
    partition.save(update_fields=["is_done", "counts"])


@transaction.atomic
def _finish(actor: Actor, plan: NightPlan, row: Run, now: datetime) -> RunReport:
    report = RunReport(run_id=row.pk, problems=plan.problems)
    for counts in (
        RunPartition.objects.of(actor.organisation_id).filter(run=row).values_list("counts", flat=True)
    ):
        report = report.plus(RunReport.from_json(counts))
    row.state, row.finished_at, row.report = RunState.DONE, now, report.to_json()
    row.save(update_fields=["state", "finished_at", "report"])
    audit.record(
        actor=actor, verb="strategy.run.finish", object_type="run", object_id=row.pk, now=now, data=row.report
    )
    return report
