"""A night of an organisation: partition after partition, in short transactions, taken up again where it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import connection, transaction

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import services as cases
from aldia.cases.services.planning import plan_steps
from aldia.contact import services as contact
from aldia.db.frames import read_frame, write_frame
from aldia.db.locks import named_lock
from aldia.db.pace import Pace
from aldia.outcomes import facts as outcomes_facts
from aldia.outcomes import services as outcomes
from aldia.strategy.models import Decision, Run, RunPartition, RunState
from aldia.strategy.night import NightPlan, decide_partition, next_step_frame, night_plan
from aldia.strategy.night.history import IDENTITY
from aldia.strategy.reporting import RunReport
from aldia.strategy.services.acting import Left, Night, leave, with_acts


def run(
    *, actor: Actor, as_of: date, now: datetime, is_dry_run: bool = False, partitions: int | None = None
) -> RunReport:
    """Decide a day and leave its orders, tasks, stages and alarms; return what is new. The same day again leaves nothing.

    A run that was killed goes on from its last whole transaction. A dry run writes nothing. Raises NotAllowed.
    """
    actor.check(Permission.RUN_DAY)
    plan = night_plan(actor.organisation_id, as_of=as_of, partitions=partitions)
    if is_dry_run:
        return _dry(plan)
    row = _begin(actor, plan, now)
    try:
        for partition in (
            RunPartition.objects.of(actor.organisation_id).filter(run=row, is_done=False).order_by("number")
        ):
            _live(actor, plan, partition, now)
    except Exception:
        Run.objects.of(actor.organisation_id).filter(pk=row.pk).update(state=RunState.FAILED, finished_at=now)
        raise
    return _finish(actor, plan, row, now)


def _dry(plan: NightPlan) -> RunReport:
    report = RunReport(problems=plan.problems)
    for number in range(plan.partitions):
        decided = decide_partition(plan, (number, plan.partitions))
        report.cases += decided.gathered.cases.height
        report.add(with_acts(decided.news))
    return report


@transaction.atomic
def _begin(actor: Actor, plan: NightPlan, now: datetime) -> Run:
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
                organisation_id=actor.organisation_id, run=row, number=number, partitions=plan.partitions
            )
            for number in range(plan.partitions)
        )
        audit.record(
            actor=actor, verb="strategy.run.start", object_type="run", object_id=row.pk, now=now,
            data={
                "as_of": plan.as_of.isoformat(),
                "versions": {one.strategy.key: one.strategy.version for one in plan.strategies},
            },
        )  # fmt: skip
        return row


def _live(actor: Actor, plan: NightPlan, partition: RunPartition, now: datetime) -> None:
    seen, mine = _last_decision(), (partition.number, partition.partitions)
    decided = decide_partition(plan, mine)
    night = Night(plan, decided.gathered.law, f"run:{partition.run_id}", now)
    holders = decided.gathered.cases.select("case_id", "holder_id")
    pen = _Pen(actor, night, partition, holders, seen, RunReport.from_json(partition.counts))
    pace = Pace()
    for left in _by_people(leave(with_acts(decided.news), night, holders), pace):
        with pace.transaction(left.rows.height):
            _write(pen, left)
    tasks = outcomes_facts.task_frame(actor.organisation_id, origin=night.origin, partition=mine)
    steps = next_step_frame(plan, decided.gathered)
    plan_steps(
        organisation_id=actor.organisation_id, notices=steps, tasks=tasks, as_of=plan.as_of, partition=mine
    )
    pen.report.cases = decided.gathered.cases.height
    partition.is_done, partition.counts = True, pen.report.to_json()
    partition.save(update_fields=["is_done", "counts"])


def _by_people(left: Left, pace: Pace) -> Iterator[Left]:
    """Return what is left in parts for one short transaction each; never a person in two of them.

    A person's budget was decided as a whole, so it is written as a whole: whoever resumes decides only about others.
    """
    parties, begin = left.rows["party_id"], 0
    while begin < len(parties):
        first, last = parties[begin], parties[min(begin + pace.rows, len(parties)) - 1]
        part = left.of_people(first, last)
        begin += part.rows.height
        yield part


@dataclass
class _Pen:
    """What every part of a partition is written with. `seen`: the newest decision that is ours or was there when we read."""

    actor: Actor
    night: Night
    partition: RunPartition
    holders: pl.DataFrame
    seen: int
    report: RunReport


def _write(pen: _Pen, left: Left) -> None:
    """Decisions and what they leave, together: there is never a notice without its decision, nor the other way round."""
    actor, night = pen.actor, pen.night
    told: dict[str, Any] = {"organisation_id": actor.organisation_id, "now": night.now}
    with named_lock("strategy.run", actor.organisation_id):
        left = _without_taken(pen, left)
        write_frame(Decision, _stored(left.rows, night.plan, pen.partition.run_id))
        pen.seen = _last_decision()
        if not left.orders.is_empty():
            contact.place_order_frame(orders=left.orders, **told)
        if not left.tasks.is_empty():
            outcomes.create_tasks(tasks=left.tasks.drop("party_id"), **told)
        if not left.stages.is_empty():
            stages = dict(left.stages.select("case_id", "stage").iter_rows())
            cases.change_stages(
                actor=actor, stages=stages, as_of=night.plan.as_of, now=night.now, reason=night.origin
            )
        if not left.alarms.is_empty():
            outcomes.raise_alarm_frame(actor=actor, alarms=left.alarms, as_of=night.plan.as_of, now=night.now)
        pen.report.add(left.rows)
        pen.partition.counts = pen.report.to_json()
        pen.partition.save(update_fields=["counts"])


def _without_taken(pen: _Pen, left: Left) -> Left:
    """Without the acts that another run took since we read: under the lock, so the last word."""
    plan = pen.night.plan
    known = read_frame(
        "SELECT d.strategy_key, d.step, d.subject_kind, d.subject_id, d.cycle, d.attempt FROM strategy_decision AS d"
        " WHERE d.id > %s AND d.organisation_id + 0 = %s"  # + 0: walk the few new keys, no index
        " AND d.state = 'taken' AND d.is_rehearsal = %s",
        [pen.seen, plan.organisation_id, plan.organisation.is_sandbox],
        {name: left.rows.schema[name] for name in IDENTITY},
    )
    rows = left.rows.join(known, on=list(IDENTITY), how="anti", maintain_order="left")
    return left if rows.height == left.rows.height else leave(rows, pen.night, pen.holders)


def _last_decision() -> int:
    """The key of the newest decision: what comes after it is news to whoever decided on what was before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM strategy_decision")
        return int(cursor.fetchone()[0])


def _stored(rows: pl.DataFrame, plan: NightPlan, run_id: int) -> pl.DataFrame:
    return rows.select(
        "case_id", "party_id", "version", "step", "subject_kind", "subject_id", "cycle", "attempt", "anchor_on", "act",
        "action", "reason", "reason_args", pl.col("channel").fill_null(""), strategy_key="strategy",
        organisation_id=pl.lit(plan.organisation_id, pl.Int64), run_id=pl.lit(run_id, pl.Int64), on=pl.lit(plan.as_of),
        is_rehearsal=pl.lit(plan.organisation.is_sandbox), state=pl.col("state").replace("take", "taken"),
    )  # fmt: skip


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
