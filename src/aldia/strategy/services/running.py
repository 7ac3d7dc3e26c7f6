"""A night of an organisation: its people in partitions, in short transactions, taken up again where it stopped."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from django.db import IntegrityError, transaction

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.db.hands import side_by_side
from aldia.db.locks import named_lock
from aldia.db.pace import Pace
from aldia.db.partitions import CASES_AT_ONCE
from aldia.strategy.models import Run, RunPartition, RunState
from aldia.strategy.night import NightPlan, decide_partition, night_plan
from aldia.strategy.reporting import RunReport
from aldia.strategy.services.acting import Night, leave, with_acts


def run(
    *, actor: Actor, as_of: date, now: datetime, is_dry_run: bool = False, cases_at_once: int = CASES_AT_ONCE
) -> RunReport:
    """Decide a day and leave its orders, tasks, stages and alarms; return what is new. The same day again leaves nothing.

    A run that was killed goes on from its last whole transaction. A dry run writes nothing. Raises NotAllowed.
    """
    actor.check(Permission.RUN_DAY)
    plan = night_plan(actor.organisation_id, as_of=as_of)
    if is_dry_run:
        return _dry(plan)
    row = _begin(actor, plan, now, cases_at_once)
    waiting = RunPartition.objects.of(actor.organisation_id).filter(run=row, is_done=False).order_by("number")
    try:
        side_by_side(partial(_live, actor, plan, now), list(waiting))
    except Exception:
        Run.objects.of(actor.organisation_id).filter(pk=row.pk).update(state=RunState.FAILED, finished_at=now)
        raise
    return _finish(actor, plan, row, now)


def _dry(plan: NightPlan) -> RunReport:
    report = RunReport(problems=plan.problems)
    for partition in plan.partitions():
        decided = decide_partition(plan, partition)
        report.cases += decided.gathered.cases.height
        report.add(with_acts(decided.news))
    return report


@transaction.atomic
def _begin(actor: Actor, plan: NightPlan, now: datetime, cases_at_once: int) -> Run:
    """The run of that day that did not end, else a new one with its partitions."""
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
            for number, (first, last) in enumerate(plan.partitions(cases_at_once))
        )
        audit.record(
            actor=actor, verb="strategy.run.start", object_type="run", object_id=row.pk, now=now,
            data={
                "as_of": plan.as_of.isoformat(),
                "versions": {one.strategy.key: one.strategy.version for one in plan.strategies},
            },
        )  # fmt: skip
        return row


def _live(actor: Actor, plan: NightPlan, now: datetime, partition: RunPartition) -> None:
    """Decide a partition and write it. Where another run took an act first, the table refuses ours: then it is decided again."""
    for is_last in (False, False, True):
        try:
            _decide_and_write(actor, plan, now, partition)
            break
        except IntegrityError:
            if is_last:
                raise
            partition.refresh_from_db()


def _decide_and_write(actor: Actor, plan: NightPlan, now: datetime, partition: RunPartition) -> None:
    """Decisions and what they leave go in one transaction: there is never a notice without its decision, nor the reverse."""
    mine = (partition.first_party, partition.last_party)
    decided = decide_partition(plan, mine)
    left = leave(actor, decided, Night(plan, decided.gathered.law, partition.run_id, now), mine)
    report, pace = RunReport.from_json(partition.counts), Pace()
    for first, last, height in left.parts(pace):
        with pace.transaction(height):
            report.add(left.write(first, last))
            partition.counts = report.to_json()
            partition.save(update_fields=["counts"])
    report.cases = decided.gathered.cases.height
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
