"""The day after its night: whoever paid, answered or could not be reached is decided again, with the night's own functions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from aldia.access.actors import Actor
from aldia.cases import facts as case_facts
from aldia.cases import services as cases
from aldia.db.locks import named_lock
from aldia.db.memory import remembering
from aldia.db.partitions import Partition
from aldia.db.prepared import prepared
from aldia.strategy.models import Run, RunState
from aldia.strategy.night import NightPlan, decide_partition, night_plan
from aldia.strategy.reporting import RunReport
from aldia.strategy.selectors.runs import latest_run_on
from aldia.strategy.services.acting import Night, leave
from aldia.strategy.services.running import until_ours

AT_ONCE: Final = 200
"""News read at a time."""


def decide_news(*, actor: Actor, as_of: date, now: datetime) -> int:
    """Decide again the people of the cases where something happened since their night, and return how many people.

    Before the night of the day there is nothing to decide again; while it runs, the news wait for its end.
    """
    news = case_facts.news_frame(actor.organisation_id, limit=AT_ONCE)
    if news.is_empty() or _unfinished(actor.organisation_id, as_of):
        return 0
    last = int(news["id"][-1])
    if latest_run_on(actor.organisation_id) != as_of:
        cases.forget_news(actor=actor, up_to=last)
        return 0
    people: dict[int, list[int]] = {}
    for party_id, case_id in news.select("party_id", "case_id").iter_rows():
        people.setdefault(party_id, []).append(case_id)
    with remembering():
        plan = night_plan(actor.organisation_id, as_of=as_of)
        for party_id, case_ids in people.items():
            decide_person(actor, plan, party_id, now, told=(last, case_ids))
    return len(people)


def decide_person(
    actor: Actor, plan: NightPlan, party_id: int, now: datetime, *, told: tuple[int, Collection[int]]
) -> RunReport:
    """Return what is new for a person, all of whose cases share a budget. `told`: the last of the news, and of which cases,
    taken away with what the decision leaves."""

    def decide() -> RunReport:
        person: Partition = (party_id, party_id)
        decided = decide_partition(plan, person)
        run_id = _run_of_day(plan, actor, now)
        left = leave(actor, decided, Night(plan, decided.gathered.law, run_id, now), person)
        report = RunReport(cases=decided.gathered.cases.height, run_id=run_id)
        report.add(left.ready(party_id, party_id))
        with transaction.atomic():
            left.write(party_id, party_id)
            cases.forget_news(actor=actor, up_to=told[0], case_ids=told[1])
            if not left.rows.is_empty():
                _count(plan, report)
        return report

    return until_ours(decide)


@prepared
def _unfinished(organisation_id: int, as_of: date) -> Any:
    """The night of that day while it is not over."""
    waiting = (RunState.RUNNING, RunState.FAILED)
    return Run.objects.of(organisation_id).filter(as_of=as_of, state__in=waiting).values_list("pk", flat=True)


@prepared
def _begun(organisation_id: int, as_of: date) -> Any:
    rows = Run.objects.of(organisation_id).filter(as_of=as_of, state=RunState.INTRADAY)
    return rows.values_list("pk", flat=True)


def _run_of_day(plan: NightPlan, actor: Actor, now: datetime) -> int:
    """The run under which the events of a day leave what they leave."""
    if begun := _begun(plan.organisation_id, plan.as_of):
        return int(begun[0])
    with transaction.atomic(), named_lock("strategy.run", plan.organisation_id):
        row, _is_new = Run.objects.of(plan.organisation_id).get_or_create(
            organisation_id=plan.organisation_id, as_of=plan.as_of, state=RunState.INTRADAY,
            defaults={
                "started_by": actor.label, "started_at": now, "is_rehearsal": plan.organisation.is_sandbox,
                "report": RunReport().to_json(),
            },
        )  # fmt: skip
        return int(row.pk)


def _count(plan: NightPlan, report: RunReport) -> None:
    row = Run.objects.of(plan.organisation_id).select_for_update().get(pk=report.run_id)
    row.report = RunReport.from_json(row.report).plus(report).to_json()
    row.save(update_fields=["report"])
