"""Promises and plans: made, replaced, cancelled. One commitment at a time per case, and it pauses the strategy."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.cases.services import HoldDraft
from aldia.domain.money import MoneyError, currency_code
from aldia.domain.outcomes import NextKind
from aldia.domain.periods import ONE_DAY
from aldia.domain.promises import BadTerms, Every, Instalment, PromiseTerms, split_plan
from aldia.outcomes.casework import Work, mirror, pause, plan_next, resume, work_on
from aldia.outcomes.models import Plan, Promise, PromiseState
from aldia.outcomes.terms import PromiseDefaults, promise_defaults
from aldia.outcomes.words import AFTER_CANCELLED, NEXT_STEPS

_MAX_PARTS: Final = 120


class PromiseRefused(ValueError):
    """A promise or plan that cannot be made; `field` says which answer to repair."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class UnknownPromise(LookupError):
    """There is no such open promise in this organisation."""


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan to make: the total in minor units, in how many parts, from when; a down payment comes before."""

    total_minor: int
    currency: str
    parts: int
    first_on: date
    every: Every = Every.MONTH
    down_payment_minor: int = 0
    down_on: date | None = None


@transaction.atomic
def make_promise(
    *,
    actor: Actor,
    case_id: int,
    amount_minor: int,
    currency: str,
    due_on: date,
    clock: Clock,
    means: str = "",
) -> Promise:
    """Return a new promise with the portfolio's tolerance and grace. It pauses the strategy until its last day has passed.

    Whatever was promised before is replaced: cancelled, without fault. The very same promise made again the same day is the
    one there is. Raises PromiseRefused, UnknownCase, NotAllowed.
    """
    work = work_on(actor, case_id, clock)
    currency = _currency(currency)
    if same := _same_today(actor, case_id, amount_minor, currency, due_on, clock.as_of):
        return same
    terms = _terms(promise_defaults(work.case.portfolio.settings), amount_minor, due_on, clock.as_of)
    withdraw(actor=actor, case_id=case_id, clock=clock)
    promise = _write(actor, case_id, currency, terms, clock, means=means)
    hold = HoldDraft("promise", clock.as_of, terms.last_on + ONE_DAY, source=f"promise:{promise.pk}")
    pause(actor, case_id, hold, clock.now)
    on = work.calendar.add_business_days(due_on, 1)
    plan_next(actor, case_id, NEXT_STEPS[NextKind.REVIEW_PROMISE], on, clock.now)
    mirror(actor, case_id, clock.as_of)
    _record(
        actor,
        "outcomes.promise.make",
        promise,
        clock.now,
        minor=amount_minor,
        currency=currency,
        due_on=due_on.isoformat(),
    )
    return promise


@transaction.atomic
def make_plan(*, actor: Actor, case_id: int, plan: PlanDraft, clock: Clock) -> Plan:
    """Return a new plan: one promise for each instalment. It pauses the strategy until the last one is decided.

    Whatever was promised before is replaced. Raises PromiseRefused, UnknownCase, NotAllowed.
    """
    work = work_on(actor, case_id, clock)
    currency = _currency(plan.currency)
    defaults = promise_defaults(work.case.portfolio.settings)
    lines = _instalments(plan, clock.as_of)
    terms = [defaults.terms(line.amount_minor, line.due_on) for line in lines]
    return begin_plan(actor=actor, work=work, currency=currency, terms=terms, clock=clock)


def begin_plan(
    *,
    actor: Actor,
    work: Work,
    currency: str,
    terms: list[PromiseTerms],
    clock: Clock,
    falls_after: int = 1,
    already_minor: int = 0,
) -> Plan:
    """Return a new plan of these parts, in place of whatever was promised, with its pause and next step.

    For this room's own services. `already_minor`: money of today that came before it, and does not pay it.
    """
    case_id, total = work.case.pk, sum(each.amount_minor for each in terms)
    withdraw(actor=actor, case_id=case_id, clock=clock)
    made: Plan = Plan.objects.create(
        organisation_id=actor.organisation_id, case_id=case_id, currency=currency, total_minor=total,
        instalments=len(terms), falls_after=falls_after, already_minor=already_minor, made_by=actor.label, made_at=clock.now,
    )  # fmt: skip
    for each in terms:
        _write(actor, case_id, currency, each, clock, plan=made)
    hold = HoldDraft(
        "plan", clock.as_of, max(each.last_on for each in terms) + ONE_DAY, source=f"plan:{made.pk}"
    )
    pause(actor, case_id, hold, clock.now)
    first_on = min(each.due_on for each in terms)
    plan_next(actor, case_id, NEXT_STEPS[NextKind.REVIEW_PLAN], _review_on(work, first_on), clock.now)
    mirror(actor, case_id, clock.as_of)
    data = {"case": case_id, "minor": total, "currency": currency, "parts": len(terms)}
    audit.record(
        actor=actor,
        verb="outcomes.plan.make",
        object_type="plan",
        object_id=made.pk,
        now=clock.now,
        data=data,
    )
    return made


@transaction.atomic
def cancel_promise(*, actor: Actor, promise_id: int, clock: Clock) -> Promise:
    """Return the promise, cancelled without fault; of a plan, the whole plan is. The strategy goes on.

    Raises UnknownPromise, NotAllowed.
    """
    promise: Promise | None = (
        Promise.objects.of(actor.organisation_id).filter(pk=promise_id, state=PromiseState.OPEN).first()
    )
    if promise is None:
        raise UnknownPromise(_("Esa promesa no existe o ya se decidió."))
    if _of_an_agreement(actor, [promise]):
        raise UnknownPromise(_agreed())
    work = work_on(actor, promise.case_id, clock)
    withdraw(actor=actor, case_id=promise.case_id, clock=clock)
    on = work.calendar.add_business_days(clock.as_of, 1)
    plan_next(actor, promise.case_id, AFTER_CANCELLED, on, clock.now)
    mirror(actor, promise.case_id, clock.as_of)
    promise.refresh_from_db()
    return promise


def withdraw(*, actor: Actor, case_id: int, clock: Clock) -> list[int]:
    """Cancel every open promise and plan of a case and end their pauses; return the ids of the promises.

    For this room's own services: the caller leaves the next step and the mirror. Raises PromiseRefused where an agreement was
    accepted: that is ended as an agreement, never replaced.
    """
    rows = Promise.objects.of(actor.organisation_id).filter(case_id=case_id, state=PromiseState.OPEN)
    promises = list(rows.select_for_update(of=("self",)).order_by("pk"))
    if _of_an_agreement(actor, promises):
        raise PromiseRefused("amount", _agreed())
    rows.filter(pk__in=[row.pk for row in promises]).update(
        state=PromiseState.CANCELLED, decided_on=clock.as_of
    )
    plans = {row.plan_id for row in promises if row.plan_id}
    Plan.objects.of(actor.organisation_id).filter(pk__in=plans).update(state=PromiseState.CANCELLED)
    for source in [
        *(f"plan:{pk}" for pk in plans),
        *(f"promise:{row.pk}" for row in promises if not row.plan_id),
    ]:
        resume(actor, source, clock.now)
    for promise in promises:
        _record(actor, "outcomes.promise.cancel", promise, clock.now)
    return [row.pk for row in promises]


def restore(*, actor: Actor, promise_ids: list[int], clock: Clock) -> None:
    """Open again promises that an undone outcome had replaced, with their pause. For this room's own services."""
    rows = Promise.objects.of(actor.organisation_id).filter(pk__in=promise_ids, state=PromiseState.CANCELLED)
    promises = list(rows)
    rows.update(state=PromiseState.OPEN, decided_on=None)
    Plan.objects.of(actor.organisation_id).filter(pk__in={row.plan_id for row in promises}).update(
        state=PromiseState.OPEN
    )
    ends: dict[tuple[str, int], date] = {}
    for row in promises:
        key = ("plan", row.plan_id) if row.plan_id else ("promise", row.pk)
        last = row.due_on + timedelta(days=row.grace_days) + ONE_DAY
        ends[key] = max(last, ends.get(key, last))
    for (kind, pk), until in ends.items():
        if until > clock.as_of:
            pause(
                actor,
                promises[0].case_id,
                HoldDraft(kind, clock.as_of, until, source=f"{kind}:{pk}"),
                clock.now,
            )


def _of_an_agreement(actor: Actor, promises: list[Promise]) -> bool:
    plans = {row.plan_id for row in promises if row.plan_id}
    rows = Plan.objects.of(actor.organisation_id).filter(pk__in=plans, agreement__isnull=False)
    return bool(plans) and rows.exists()


def _agreed() -> str:
    return _("Hay un acuerdo vigente: sus cuotas ya son promesas. Para cambiarlo, termina el acuerdo.")


def _currency(currency: str) -> str:
    try:
        return currency_code(currency)
    except MoneyError as problem:
        raise PromiseRefused(
            "currency", _("«%(found)s» no es una moneda.") % {"found": currency[:20]}
        ) from problem


def _terms(defaults: PromiseDefaults, amount_minor: int, due_on: date, as_of: date) -> PromiseTerms:
    if due_on < as_of:
        raise PromiseRefused("due_on", _("Esa fecha ya pasó: elige hoy o un día que venga."))
    if due_on > as_of + timedelta(days=defaults.days_ahead):
        raise PromiseRefused(
            "due_on",
            _("Esa fecha queda demasiado lejos: como mucho %(days)s días.") % {"days": defaults.days_ahead},
        )
    try:
        return defaults.terms(amount_minor, due_on)
    except BadTerms as problem:
        raise PromiseRefused("amount", _("El importe tiene que ser mayor que cero.")) from problem


def _instalments(plan: PlanDraft, as_of: date) -> tuple[Instalment, ...]:
    if min(plan.first_on, plan.down_on or plan.first_on) < as_of:
        raise PromiseRefused("first_on", _("La primera cuota no puede quedar en el pasado."))
    if not 1 <= plan.parts <= _MAX_PARTS:
        raise PromiseRefused("parts", _("Las cuotas van de 1 a %(most)s.") % {"most": _MAX_PARTS})
    try:
        return split_plan(
            plan.total_minor,
            plan.parts,
            plan.first_on,
            plan.every,
            down_payment_minor=plan.down_payment_minor,
            down_on=plan.down_on,
        )
    except BadTerms as problem:
        raise PromiseRefused(
            "amount", _("Ese importe no alcanza para %(parts)s cuotas.") % {"parts": plan.parts}
        ) from problem


def _same_today(
    actor: Actor, case_id: int, amount_minor: int, currency: str, due_on: date, as_of: date
) -> Promise | None:
    same: Promise | None = (
        Promise.objects.of(actor.organisation_id)
        .filter(case_id=case_id, state=PromiseState.OPEN, plan=None, made_on=as_of, made_by=actor.label)
        .filter(amount_minor=amount_minor, currency=currency, due_on=due_on)
        .first()
    )
    return same


def _write(
    actor: Actor,
    case_id: int,
    currency: str,
    terms: PromiseTerms,
    clock: Clock,
    *,
    means: str = "",
    plan: Plan | None = None,
) -> Promise:
    promise: Promise = Promise.objects.create(
        organisation_id=actor.organisation_id, case_id=case_id, plan=plan, currency=currency, amount_minor=terms.amount_minor,
        due_on=terms.due_on, tolerance_minor=terms.tolerance_minor, grace_days=terms.grace_days, means=means[:20],
        made_on=clock.as_of, made_at=clock.now, made_by=actor.label,
    )  # fmt: skip
    return promise


def _review_on(work: Work, first_on: date) -> date:
    return work.calendar.add_business_days(first_on, 1)


def _record(actor: Actor, verb: str, promise: Promise, now: datetime, **data: Any) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        object_type="promise",
        object_id=promise.pk,
        now=now,
        data={"case": promise.case_id, **data},
    )
