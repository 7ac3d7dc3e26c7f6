"""Undo an outcome: for some minutes, by who saved it, while nothing else was built on it."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.cases import services as cases
from aldia.outcomes.casework import mirror, plan_next, resume, work_on
from aldia.outcomes.models import (
    Dispute,
    DisputeState,
    Outcome,
    OutcomeDetail,
    Plan,
    Promise,
    PromiseState,
    Task,
    TaskState,
)
from aldia.outcomes.services.disputes import cancel_dispute
from aldia.outcomes.services.promises import restore, withdraw
from aldia.outcomes.terms import undo_limit
from aldia.parties import services as parties


class UndoRefused(ValueError):
    """The outcome is not there, is not the actor's, is too old, was undone already, or something came after it."""


@transaction.atomic
def undo_outcome(*, actor: Actor, outcome_id: int, clock: Clock) -> Outcome:
    """Return the row that voids the outcome. What it made is taken back, and what it closed or replaced opens again.

    The touch stays: somebody was contacted, and the law counts it. Raises UndoRefused, NotAllowed.
    """
    actor.check(Permission.WORK_CASES)
    outcome: Outcome | None = (
        Outcome.objects.of(actor.organisation_id).filter(pk=outcome_id, voids_id=None).first()
    )
    if outcome is None:
        raise UndoRefused(_("Ese resultado no existe."))
    work = work_on(actor, outcome.case_id, clock)
    _check(actor, outcome, work.settings, clock)
    void: Outcome = Outcome.objects.create(
        organisation_id=actor.organisation_id, portfolio_id=outcome.portfolio_id, case_id=outcome.case_id,
        party_id=outcome.party_id, type_key=outcome.type_key, channel=outcome.channel, is_contact=False, is_right_party=False,
        on=clock.as_of, at=clock.now, user_id=actor.user_id, voids_id=outcome.pk, client_id=f"void:{outcome.pk}",
    )  # fmt: skip
    detail = OutcomeDetail.objects.of(actor.organisation_id).filter(outcome_id=outcome.pk).first()
    _take_back(actor, outcome, detail.effects if detail else {}, clock)
    mirror(actor, outcome.case_id, clock.as_of)
    audit.record(actor=actor, verb="outcomes.outcome.undo", object_type="outcome", object_id=outcome.pk, now=clock.now,
                 data={"case": outcome.case_id, "type": outcome.type_key})  # fmt: skip
    return void


def _check(actor: Actor, outcome: Outcome, settings: dict[str, Any], clock: Clock) -> None:
    rows = Outcome.objects.of(actor.organisation_id)
    limit = undo_limit(settings)
    if outcome.user_id != actor.user_id:
        raise UndoRefused(_("Solo puede deshacerlo quien lo guardó."))
    if clock.now - outcome.at > limit:
        minutes = int(limit.total_seconds() // 60)
        raise UndoRefused(
            _("Pasaron más de %(minutes)s minutos: anota uno nuevo que lo corrija.") % {"minutes": minutes}
        )
    if rows.filter(voids_id=outcome.pk).exists():
        raise UndoRefused(_("Ese resultado ya estaba deshecho."))
    later = rows.filter(case_id=outcome.case_id, pk__gt=outcome.pk, voids_id=None)
    if later.exclude(
        pk__in=rows.filter(case_id=outcome.case_id, voids_id__isnull=False).values("voids_id")
    ).exists():
        raise UndoRefused(_("Hay un resultado posterior en este caso: deshaz primero ese."))


def _take_back(actor: Actor, outcome: Outcome, made: dict[str, Any], clock: Clock) -> None:
    _take_back_promise(actor, outcome.case_id, made, clock)
    dispute_id = made.get("dispute")
    if (
        dispute_id
        and Dispute.objects.of(actor.organisation_id).filter(pk=dispute_id, state=DisputeState.OPEN).exists()
    ):
        cancel_dispute(actor=actor, dispute_id=dispute_id, clock=clock)
    if made.get("hold"):
        resume(actor, made["hold"], clock.now)
    if made.get("point"):
        parties.mark_point(actor=actor, point_id=made["point"], state="ACTIVE", now=clock.now)
    tasks = Task.objects.of(actor.organisation_id).filter(case_id=outcome.case_id)
    tasks.filter(origin=f"outcome:{outcome.pk}", state=TaskState.OPEN).update(
        state=TaskState.CANCELLED, finished_at=clock.now
    )
    tasks.filter(pk__in=made.get("closed", []), outcome_id=outcome.pk).update(
        state=TaskState.OPEN, finished_at=None, outcome_id=None
    )
    _put_back(actor, outcome.case_id, made, clock)


def _take_back_promise(actor: Actor, case_id: int, made: dict[str, Any], clock: Clock) -> None:
    """Only what is still open can be taken back: the journal's word on a decided promise stays."""
    own = Promise.objects.of(actor.organisation_id).filter(case_id=case_id, state=PromiseState.OPEN)
    is_mine = own.filter(pk=made["promise"]).exists() if made.get("promise") else False
    is_mine = is_mine or (own.filter(plan_id=made["plan"]).exists() if made.get("plan") else False)
    if is_mine:
        withdraw(actor=actor, case_id=case_id, clock=clock)
        Plan.objects.of(actor.organisation_id).filter(pk=made.get("plan")).update(
            state=PromiseState.CANCELLED
        )
        restore(actor=actor, promise_ids=made.get("replaced", []), clock=clock)


def _put_back(actor: Actor, case_id: int, made: dict[str, Any], clock: Clock) -> None:
    if "next" in made:
        text, on, at = made["next"]
        plan_next(
            actor,
            case_id,
            text,
            date.fromisoformat(on),
            clock.now,
            at=datetime.fromisoformat(at) if at else None,
        )
    if "last" in made:
        key, at = made["last"]
        cases.set_commitments(
            actor=actor,
            case_id=case_id,
            as_of=clock.as_of,
            last_outcome=key,
            last_outcome_at=datetime.fromisoformat(at) if at else None,
        )
