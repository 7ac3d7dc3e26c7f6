"""Promises are decided by the journal: kept, part kept or broken, by day, for one case or for all of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final

from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.domain.alarms import Alarm, AlarmKind
from aldia.domain.outcomes import NextKind
from aldia.domain.promises import PromiseStatus, PromiseTerms, evaluate
from aldia.ledger import facts as ledger
from aldia.outcomes.casework import Work, mirror, plan_next, resume, work_on
from aldia.outcomes.models import Plan, Promise, PromiseState
from aldia.outcomes.services.alarms import raise_by_rule
from aldia.outcomes.services.tasks import TaskDraft, create_tasks
from aldia.outcomes.words import AFTER_BROKEN, AFTER_KEPT, NEXT_STEPS

_CASES_AT_ONCE: Final = 200  # per transaction: no screen waits longer
Payments = Mapping[tuple[int, str], list[tuple[date, int]]]


@dataclass(frozen=True, slots=True)
class Settled:
    """How many promises were decided, and how."""

    kept: int = 0
    partial: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class _Verdict:
    promise: Promise
    status: PromiseStatus
    kept_minor: int
    decided_on: date | None

    @property
    def is_news(self) -> bool:
        return self.status is not PromiseStatus.OPEN or self.kept_minor != self.promise.kept_minor


def settle_promises(
    *, actor: Actor, as_of: date, now: datetime, case_ids: Iterable[int] | None = None
) -> Settled:
    """Decide the open promises of these cases (all, when None) by the money that the journal shows by the end of `as_of`.

    Money counts from the day of the promise to its due date plus grace, in its own currency; along a plan, the first money
    covers the first instalment. A decided promise ends its pause and leaves a next step; a failed one also a call to make and
    an alarm, and ends its whole plan. The same again changes nothing. See `domain.promises.evaluate`.
    """
    clock = Clock(as_of, now)
    rows = Promise.objects.of(actor.organisation_id).filter(state=PromiseState.OPEN)
    if case_ids is not None:
        rows = rows.filter(case_id__in=sorted(set(case_ids)))
    promises = list(rows.order_by("case_id", "plan_id", "due_on", "pk"))
    news = [
        verdict
        for verdict in _verdicts(promises, _payments(actor, promises, as_of), as_of)
        if verdict.is_news
    ]
    of_case = [
        (case_id, list(group))
        for case_id, group in groupby(news, key=lambda verdict: verdict.promise.case_id)
    ]
    counts: dict[str, int] = defaultdict(int)
    for first in range(0, len(of_case), _CASES_AT_ONCE):
        with transaction.atomic():
            for case_id, verdicts in of_case[first : first + _CASES_AT_ONCE]:
                for status in _settle_case(actor, case_id, verdicts, clock):
                    counts[status] += 1
    return Settled(**counts)


def _payments(actor: Actor, promises: list[Promise], as_of: date) -> Payments:
    if not promises:
        return {}
    frame = ledger.payments_frame(
        actor.organisation_id, from_on=min(row.made_on for row in promises), to_on=date.fromordinal(as_of.toordinal() + 1),
        case_ids=sorted({row.case_id for row in promises}),
    )  # fmt: skip
    paid: dict[tuple[int, str], list[tuple[date, int]]] = defaultdict(list)
    for case_id, on, currency, minor in frame.select("case_id", "on", "currency", "amount_minor").iter_rows():
        paid[case_id, currency].append((on, minor))
    return paid


def _verdicts(promises: list[Promise], payments: Payments, as_of: date) -> list[_Verdict]:
    """A plan's instalments in order, each on top of those before it; a promise alone is its own plan."""
    found = []
    for _key, group in groupby(promises, key=lambda row: (row.case_id, row.plan_id or f"alone {row.pk}")):
        before = 0
        for promise in group:
            if promise.plan_id and not before:
                before = _decided_minor(promise)
            found.append(
                _verdict(promise, before, payments.get((promise.case_id, promise.currency), []), as_of)
            )
            before += promise.amount_minor
    return found


def _decided_minor(promise: Promise) -> int:
    """What the instalments already decided of the same plan amount to: their money is not counted again."""
    rows = (
        Promise.objects.of(promise.organisation_id)
        .filter(plan_id=promise.plan_id)
        .exclude(state=PromiseState.OPEN)
    )
    return sum(rows.values_list("amount_minor", flat=True))


def _verdict(promise: Promise, before: int, paid: list[tuple[date, int]], as_of: date) -> _Verdict:
    total = before + promise.amount_minor
    terms = PromiseTerms(total, promise.due_on, promise.tolerance_minor, promise.grace_days)
    state = evaluate(terms, promise.made_on, paid, as_of)
    own = min(max(state.kept_minor - before, 0), promise.amount_minor)
    status = PromiseStatus.BROKEN if state.status is PromiseStatus.PARTIAL and own == 0 else state.status
    return _Verdict(promise, status, own, state.decided_on)


def _settle_case(actor: Actor, case_id: int, verdicts: list[_Verdict], clock: Clock) -> list[str]:
    """Write what was decided on one case. What somebody changed in the meantime is left alone."""
    work = work_on(actor, case_id, clock)
    rows = Promise.objects.of(actor.organisation_id).filter(state=PromiseState.OPEN)
    current = rows.select_for_update(of=("self",)).in_bulk([verdict.promise.pk for verdict in verdicts])
    decided: list[_Verdict] = []
    for verdict in verdicts:
        if verdict.promise.pk not in current or _plan_broke(decided, verdict):
            continue
        _write(actor, verdict, clock)
        if verdict.status is not PromiseStatus.OPEN:
            decided.append(verdict)
            _after(actor, work, verdict, clock)
    if decided:
        mirror(actor, case_id, clock.as_of)
    return [verdict.status.value for verdict in decided]


def _plan_broke(decided: list[_Verdict], verdict: _Verdict) -> bool:
    plan_id = verdict.promise.plan_id
    return plan_id is not None and any(
        one.status.is_failed and one.promise.plan_id == plan_id for one in decided
    )


def _write(actor: Actor, verdict: _Verdict, clock: Clock) -> None:
    rows = Promise.objects.of(actor.organisation_id).filter(pk=verdict.promise.pk)
    rows.update(state=verdict.status.value, kept_minor=verdict.kept_minor, decided_on=verdict.decided_on)
    if verdict.status is not PromiseStatus.OPEN:
        audit.record(
            actor=actor, verb=f"outcomes.promise.{verdict.status.value}", object_type="promise", object_id=verdict.promise.pk,
            now=clock.now, data={"case": verdict.promise.case_id, "kept_minor": verdict.kept_minor},
        )  # fmt: skip


def _after(actor: Actor, work: Work, verdict: _Verdict, clock: Clock) -> None:
    promise = verdict.promise
    next_part = _next_part(actor, promise) if promise.plan_id else None
    if verdict.status is PromiseStatus.KEPT and next_part is not None:
        on = work.calendar.add_business_days(next_part.due_on, 1)
        plan_next(actor, promise.case_id, NEXT_STEPS[NextKind.REVIEW_PLAN], on, clock.now)
        return
    _end(actor, promise, verdict.status, clock)
    if verdict.status.is_failed:
        _chase(actor, work, promise, clock)
    elif work.case.is_open and work.case.overdue_minor > 0:
        on = work.calendar.add_business_days(clock.as_of, 1)
        plan_next(actor, promise.case_id, AFTER_KEPT, on, clock.now)


def _next_part(actor: Actor, promise: Promise) -> Promise | None:
    rows = Promise.objects.of(actor.organisation_id).filter(plan_id=promise.plan_id, state=PromiseState.OPEN)
    part: Promise | None = rows.exclude(pk=promise.pk).order_by("due_on", "pk").first()
    return part


def _end(actor: Actor, promise: Promise, status: PromiseStatus, clock: Clock) -> None:
    """The pause is over; a plan ends with its last instalment, or with the first that failed."""
    resume(actor, f"plan:{promise.plan_id}" if promise.plan_id else f"promise:{promise.pk}", clock.now)
    if promise.plan_id:
        Plan.objects.of(actor.organisation_id).filter(pk=promise.plan_id).update(state=status.value)
        rest = Promise.objects.of(actor.organisation_id).filter(
            plan_id=promise.plan_id, state=PromiseState.OPEN
        )
        rest.exclude(pk=promise.pk).update(state=PromiseState.CANCELLED, decided_on=clock.as_of)


def _chase(actor: Actor, work: Work, promise: Promise, clock: Clock) -> None:
    on = work.calendar.next_business_day(clock.as_of)
    plan_next(actor, promise.case_id, AFTER_BROKEN, on, clock.now)
    identity = f"promise:{promise.pk}:broken"
    call = TaskDraft(
        promise.case_id, "call", on, identity, f"promise:{promise.pk}", title=AFTER_BROKEN, priority=80
    )
    create_tasks(organisation_id=actor.organisation_id, tasks=[call], now=clock.now)
    kind = AlarmKind.PLAN_INSTALMENT_MISSED if promise.plan_id else AlarmKind.PROMISE_BROKEN
    days = (clock.as_of - promise.due_on).days
    alarm = Alarm(
        kind,
        str(promise.case_id),
        f"promise:{promise.pk}",
        promise.due_on,
        days,
        promise.amount_minor,
        promise.currency,
    )
    raise_by_rule(actor=actor, alarm=alarm, now=clock.now)
