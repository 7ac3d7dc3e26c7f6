"""Promises are decided by the journal: kept, part kept or broken, by day, for one case or for all of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

import polars as pl
from django.db import transaction

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock, system
from aldia.cases import selectors as case_selectors
from aldia.cases import services as cases
from aldia.db.frames import update_from_frame
from aldia.domain.alarms import Alarm, AlarmKind
from aldia.domain.calendars import Calendar
from aldia.domain.outcomes import NextKind
from aldia.domain.promises import PromiseStatus, PromiseTerms, evaluate
from aldia.ledger import facts as ledger
from aldia.ledger import services as ledger_services
from aldia.outcomes.models import Plan, Promise, PromiseState
from aldia.outcomes.services.agreements import expire_offers
from aldia.outcomes.services.alarms import raise_by_rule
from aldia.outcomes.services.fulfilling import conclude, recheck
from aldia.outcomes.services.tasks import TaskDraft, create_tasks
from aldia.outcomes.terms import working_calendar
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
    an alarm, and ends its plan at the number of failures that the plan bears. A plan that ends closes its agreement, and one
    whose money went back falls; for all, the offers whose time is over expire too. The same again changes nothing. See `domain.promises.evaluate`.
    """
    clock = Clock(as_of, now)
    rows = Promise.objects.of(actor.organisation_id).filter(state=PromiseState.OPEN)
    if case_ids is not None:
        rows = rows.filter(case_id__in=sorted(set(case_ids)))
    promises = list(rows.select_related("plan").order_by("case_id", "plan_id", "due_on", "pk"))
    news = [
        verdict
        for verdict in _verdicts(promises, _payments(actor, promises, as_of), as_of)
        if verdict.is_news
    ]
    of_case = [list(group) for _case, group in groupby(news, key=lambda verdict: verdict.promise.case_id)]
    counts: dict[str, int] = defaultdict(int)
    for first in range(0, len(of_case), _CASES_AT_ONCE):
        with transaction.atomic():
            part = [verdict for group in of_case[first : first + _CASES_AT_ONCE] for verdict in group]
            for status in _settle_batch(actor, part, clock):
                counts[status] += 1
    if case_ids is None:
        expire_offers(actor=actor, as_of=as_of, now=now)
    else:
        with transaction.atomic():
            recheck(actor=actor, case_ids=sorted(set(case_ids)), clock=clock)
    return Settled(**counts)


def _payments(actor: Actor, promises: list[Promise], as_of: date) -> Payments:
    if not promises:
        return {}
    frame = ledger.payments_frame(
        actor.organisation_id, from_on=min(row.made_on for row in promises), to_on=date.fromordinal(as_of.toordinal() + 1),
        case_ids=sorted({row.case_id for row in promises}), has_deductions=True,
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
            paid = payments.get((promise.case_id, promise.currency), [])
            if promise.plan and promise.plan.already_minor:
                paid = [*paid, (promise.made_on, -promise.plan.already_minor)]
            found.append(_verdict(promise, before, paid, as_of))
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


def _settle_batch(actor: Actor, verdicts: list[_Verdict], clock: Clock) -> list[str]:
    """Write what was decided on some cases, in sets. What somebody changed in the meantime is left alone."""
    rows = Promise.objects.of(actor.organisation_id).filter(state=PromiseState.OPEN)
    case_ids = sorted({verdict.promise.case_id for verdict in verdicts})
    # A plan that ends posts on its account: locked first, as a receipt does, so that neither waits for the other.
    planned = {verdict.promise.case_id for verdict in verdicts if verdict.promise.plan_id}
    ledger_services.lock_accounts(organisation_id=actor.organisation_id, account_ids=planned)
    still_open = {row.pk: row for row in rows.filter(case_id__in=case_ids).select_for_update(of=("self",))}
    batch = _Batch(actor, clock, _heads(actor, case_ids), still_open)
    for verdict in verdicts:
        if verdict.promise.pk in still_open:
            batch.add(verdict)
    batch.write()
    return [verdict.status.value for verdict in batch.decided]


def _heads(actor: Actor, case_ids: list[int]) -> dict[int, Any]:
    rows = case_selectors.scope(system(actor.organisation_id)).filter(pk__in=case_ids)
    return {row.pk: row for row in rows.select_related("portfolio")}


class _Batch:
    """What follows from the verdicts on some cases, gathered first and written once."""

    def __init__(
        self, actor: Actor, clock: Clock, heads: dict[int, Any], still_open: dict[int, Promise]
    ) -> None:
        self.actor, self.clock, self.heads, self.still_open = actor, clock, heads, still_open
        self.house = access.organisation_of(actor)
        self.holidays = access.holidays(self.house.pk)
        self.decided: list[_Verdict] = []
        self.changed: list[tuple[int, str, int, date | None]] = []
        self.plans: dict[int, str] = {}
        self.failed: dict[int, int] = {}  # of each plan with failures, how many
        self.ended: set[str] = set()
        self.steps: dict[int, tuple[str, date]] = {}
        self.tasks: list[TaskDraft] = []
        self.alarms: list[Alarm] = []

    def add(self, verdict: _Verdict) -> None:
        """Take one verdict; an open one only tells how much came."""
        promise, status = verdict.promise, verdict.status
        self.changed.append((promise.pk, status.value, verdict.kept_minor, verdict.decided_on))
        if status is PromiseStatus.OPEN:
            return
        self.decided.append(verdict)
        del self.still_open[promise.pk]
        rest = [row for row in self.still_open.values() if promise.plan_id and row.plan_id == promise.plan_id]
        if status is PromiseStatus.KEPT and rest:
            due_on = min(row.due_on for row in rest)
            self._plan(
                promise,
                NEXT_STEPS[NextKind.REVIEW_PLAN],
                self._calendar(promise).add_business_days(due_on, 1),
            )
            return
        if status.is_failed and rest and not self._falls(promise):
            self._chase(promise)
            return
        self.ended.add(f"plan:{promise.plan_id}" if promise.plan_id else f"promise:{promise.pk}")
        if promise.plan_id:
            self.plans[promise.plan_id] = status.value
        for row in rest:  # the last failure that the plan bears ends it
            self.changed.append((row.pk, PromiseState.CANCELLED.value, row.kept_minor, self.clock.as_of))
            del self.still_open[row.pk]
        if status.is_failed:
            self._chase(promise)
        elif self.heads[promise.case_id].is_open and self.heads[promise.case_id].overdue_minor > 0:
            self._plan(promise, AFTER_KEPT, self._calendar(promise).add_business_days(self.clock.as_of, 1))

    def _falls(self, promise: Promise) -> bool:
        """Whether this failure is the last that its plan bears."""
        plan = promise.plan
        if plan is None:
            return True
        if plan.pk not in self.failed:
            rows = Promise.objects.of(self.actor.organisation_id).filter(plan_id=plan.pk)
            self.failed[plan.pk] = rows.filter(state__in=[PromiseState.PARTIAL, PromiseState.BROKEN]).count()
        self.failed[plan.pk] += 1
        return self.failed[plan.pk] >= plan.falls_after

    def write(self) -> None:
        """Write everything, each kind in one statement or few."""
        schema = {"id": pl.Int64, "state": pl.String, "kept_minor": pl.Int64, "decided_on": pl.Date}
        rows = pl.DataFrame(self.changed, schema=schema, orient="row").unique("id", keep="last")
        update_from_frame(Promise, rows, key="id", columns=["state", "kept_minor", "decided_on"])
        for state in set(self.plans.values()):
            named = [pk for pk, after in self.plans.items() if after == state]
            Plan.objects.of(self.actor.organisation_id).filter(pk__in=named).update(state=state)
        if not self.decided:
            return
        cases.release_holds_of_many(actor=self.actor, sources=self.ended, now=self.clock.now)
        cases.set_next_steps(actor=self.actor, steps=self.steps, now=self.clock.now)
        cases.set_promises(actor=self.actor, promises=self._mirrors(), as_of=self.clock.as_of)
        create_tasks(organisation_id=self.actor.organisation_id, tasks=self.tasks, now=self.clock.now)
        holders = {pk: head.holder_id for pk, head in self.heads.items() if head.holder_id is not None}
        raise_by_rule(actor=self.actor, alarms=self.alarms, holder_of_case=holders, now=self.clock.now)
        for verdict in self.decided:
            self._record(verdict)
        if self.plans:
            conclude(actor=self.actor, plans=self.plans, clock=self.clock)

    def _mirrors(self) -> dict[int, tuple[str, date | None]]:
        """The next one due while any is open, else the last decided."""
        states: dict[int, tuple[str, date | None]] = {}
        for verdict in sorted(self.decided, key=lambda one: (one.decided_on or date.min, one.promise.pk)):
            state = "kept" if verdict.status is PromiseStatus.KEPT else "broken"
            states[verdict.promise.case_id] = (state, verdict.promise.due_on)
        for row in sorted(self.still_open.values(), key=lambda one: one.due_on, reverse=True):
            if row.case_id in states:
                states[row.case_id] = ("open", row.due_on)
        return states

    def _calendar(self, promise: Promise) -> Calendar:
        country = self.heads[promise.case_id].portfolio.country or self.house.country
        return working_calendar(country, self.holidays, self.clock.as_of)

    def _plan(self, promise: Promise, text: str, on: date) -> None:
        self.steps[promise.case_id] = (text, on)

    def _chase(self, promise: Promise) -> None:
        """A failed promise leaves a call for today and an alarm."""
        on = self._calendar(promise).next_business_day(self.clock.as_of)
        self._plan(promise, AFTER_BROKEN, on)
        subject = f"promise:{promise.pk}"
        self.tasks.append(
            TaskDraft(
                promise.case_id, "call", on, f"{subject}:broken", subject, title=AFTER_BROKEN, priority=80
            )
        )
        kind = AlarmKind.PLAN_INSTALMENT_MISSED if promise.plan_id else AlarmKind.PROMISE_BROKEN
        days = (self.clock.as_of - promise.due_on).days
        money = (promise.amount_minor, promise.currency)
        self.alarms.append(Alarm(kind, str(promise.case_id), subject, promise.due_on, days, *money))

    def _record(self, verdict: _Verdict) -> None:
        data = {"case": verdict.promise.case_id, "kept_minor": verdict.kept_minor}
        audit.record(
            actor=self.actor, verb=f"outcomes.promise.{verdict.status.value}", object_type="promise",
            object_id=verdict.promise.pk, now=self.clock.now, data=data,
        )  # fmt: skip
