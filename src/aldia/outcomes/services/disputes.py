"""Disputes: opened with a reason, sent to the department that can answer, with a deadline; they pause what they are about."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.cases.services import HoldDraft
from aldia.domain.outcome_tree import DISPUTE_REASONS
from aldia.domain.outcomes import NextKind
from aldia.ledger import selectors as ledger
from aldia.ledger import services as ledger_services
from aldia.outcomes.casework import Work, mirror, pause, plan_next, resume, work_on
from aldia.outcomes.models import Dispute, DisputeState
from aldia.outcomes.selectors.tree import tree_of
from aldia.outcomes.services.tasks import CREDIT, TaskDraft, create_task
from aldia.outcomes.terms import dispute_route
from aldia.outcomes.words import AFTER_REJECTED, ISSUE_CREDIT, NEXT_STEPS

_CREDIT_DAYS: Final = 3


class DisputeRefused(ValueError):
    """A dispute that cannot be opened or answered; `field` says which answer to repair."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class UnknownDispute(LookupError):
    """There is no such open dispute in this organisation."""


@transaction.atomic
def open_dispute(
    *, actor: Actor, case_id: int, reason: str, clock: Clock, document_ids: Sequence[int] = (), description: str = "",
    file_id: int | None = None,
) -> Dispute:  # fmt: skip
    """Return a new dispute about these documents (none: the whole debt), with its department, owner and deadline.

    What it is about is paused until it is answered. The same one again the same day is the one there is.
    Raises DisputeRefused, UnknownCase, NotAllowed.
    """
    work = work_on(actor, case_id, clock)
    documents = _documents(actor, case_id, document_ids, clock.as_of)
    if reason not in _reasons(actor):
        raise DisputeRefused(
            "reason", _("«%(reason)s» no es un motivo de disputa.") % {"reason": reason[:40]}
        )
    if same := _same_today(actor, case_id, reason, documents, clock.as_of):
        return same
    route = dispute_route(work.settings, reason)
    dispute: Dispute = Dispute.objects.create(
        organisation_id=actor.organisation_id, case_id=case_id, document_ids=documents, reason=reason,
        description=description.strip(), department=route.department, owner_id=_member(actor, route.owner_id),
        deadline_on=work.calendar.add_business_days(clock.as_of, route.business_days), file_id=file_id, opened_by=actor.label,
        opened_on=clock.as_of, opened_at=clock.now,
    )  # fmt: skip
    subjects: list[int | None] = [*documents] or [None]
    for document_id in subjects:
        hold = HoldDraft("dispute", clock.as_of, source=f"dispute:{dispute.pk}", document_id=document_id)
        pause(actor, case_id, hold, clock.now)
    if documents:
        ledger_services.mark_disputed(actor=actor, document_ids=documents, is_disputed=True, now=clock.now)
    plan_next(actor, case_id, NEXT_STEPS[NextKind.ANSWER_DISPUTE], dispute.deadline_on, clock.now)
    mirror(actor, case_id, clock.as_of)
    _record(actor, "outcomes.dispute.open", dispute, clock.now, reason=reason, documents=documents)
    return dispute


@transaction.atomic
def answer_dispute(*, actor: Actor, dispute_id: int, is_accepted: bool, answer: str, clock: Clock) -> Dispute:
    """Return the dispute, answered. Accepted: the credit note becomes a task, and the pause lasts until it is done.

    Rejected: the pause ends and the client is to be told. Raises DisputeRefused, UnknownDispute, NotAllowed.
    """
    actor.check(Permission.WORK_CASES)
    dispute = _open(actor, dispute_id)
    if not answer.strip():
        raise DisputeRefused("answer", _("Escribe la respuesta: el cliente la va a leer."))
    work = work_on(actor, dispute.case_id, clock)
    dispute.state = DisputeState.ACCEPTED if is_accepted else DisputeState.REJECTED
    dispute.answer, dispute.answered_at = answer.strip(), clock.now
    dispute.save(update_fields=["state", "answer", "answered_at"])
    if is_accepted:
        _leave_credit(actor, work, dispute, clock)
    else:
        _lift(actor, dispute, clock.now)
        on = work.calendar.add_business_days(clock.as_of, 1)
        plan_next(actor, dispute.case_id, AFTER_REJECTED, on, clock.now)
    mirror(actor, dispute.case_id, clock.as_of)
    _record(actor, "outcomes.dispute.answer", dispute, clock.now, accepted=is_accepted)
    return dispute


@transaction.atomic
def cancel_dispute(*, actor: Actor, dispute_id: int, clock: Clock) -> Dispute:
    """Return the dispute as if it had not been opened; its pause ends. Raises UnknownDispute, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    dispute = _open(actor, dispute_id)
    dispute.state, dispute.answered_at = DisputeState.CANCELLED, clock.now
    dispute.save(update_fields=["state", "answered_at"])
    _lift(actor, dispute, clock.now)
    mirror(actor, dispute.case_id, clock.as_of)
    _record(actor, "outcomes.dispute.cancel", dispute, clock.now)
    return dispute


@transaction.atomic
def hand_over_dispute(
    *, actor: Actor, dispute_id: int, department: str, owner_id: int | None, deadline_on: date, clock: Clock
) -> Dispute:
    """Return the dispute with another department, owner or deadline. Raises DisputeRefused, UnknownDispute, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    if deadline_on < clock.as_of:
        raise DisputeRefused("deadline_on", _("Esa fecha ya pasó: elige hoy o un día que venga."))
    dispute = _open(actor, dispute_id)
    dispute.department, dispute.owner_id, dispute.deadline_on = (
        department[:60],
        _member(actor, owner_id),
        deadline_on,
    )
    dispute.save(update_fields=["department", "owner", "deadline_on"])
    _record(
        actor,
        "outcomes.dispute.hand_over",
        dispute,
        clock.now,
        department=dispute.department,
        owner=dispute.owner_id,
    )
    return dispute


def _documents(actor: Actor, case_id: int, document_ids: Sequence[int], as_of: date) -> list[int]:
    asked = sorted({int(pk) for pk in document_ids})
    if not asked:
        return []
    known = {line.id for line in ledger.documents(actor, case_id=case_id, as_of=as_of)}
    if not set(asked) <= known:
        raise DisputeRefused("documents", _("Alguno de esos documentos no es de este caso."))
    return asked


def _reasons(actor: Actor) -> set[str]:
    """The reasons of the organisation's dispute outcomes, and the ones that ship."""
    own = {
        reason.key
        for one in tree_of(actor.organisation_id).outcomes
        if one.effect == "open_dispute"
        for reason in one.reasons
    }
    return own | {reason.key for reason in DISPUTE_REASONS}


def _same_today(actor: Actor, case_id: int, reason: str, documents: list[int], as_of: date) -> Dispute | None:
    rows = Dispute.objects.of(actor.organisation_id).filter(
        case_id=case_id, state=DisputeState.OPEN, opened_on=as_of
    )
    return next(
        (row for row in rows.filter(reason=reason, opened_by=actor.label) if row.document_ids == documents),
        None,
    )


def _member(actor: Actor, user_id: int | None) -> int | None:
    """Somebody who left no longer answers: the dispute is then of who holds the case."""
    return user_id if user_id is not None and access.is_member(actor, user_id) else None


def _open(actor: Actor, dispute_id: int) -> Dispute:
    rows = Dispute.objects.of(actor.organisation_id).select_for_update(of=("self",))
    dispute: Dispute | None = rows.filter(pk=dispute_id, state=DisputeState.OPEN).first()
    if dispute is None:
        raise UnknownDispute(_("Esa disputa no existe o ya se respondió."))
    return dispute


def _leave_credit(actor: Actor, work: Work, dispute: Dispute, clock: Clock) -> None:
    on = work.calendar.add_business_days(clock.as_of, _CREDIT_DAYS)
    task = TaskDraft(
        dispute.case_id, CREDIT, on, f"dispute:{dispute.pk}:credit", f"dispute:{dispute.pk}", title=ISSUE_CREDIT,
        owner_id=dispute.owner_id, priority=70,
    )  # fmt: skip
    create_task(organisation_id=actor.organisation_id, task=task, now=clock.now)
    plan_next(actor, dispute.case_id, ISSUE_CREDIT, on, clock.now)


def _lift(actor: Actor, dispute: Dispute, now: datetime) -> None:
    resume(actor, f"dispute:{dispute.pk}", now)
    if dispute.document_ids:
        still = Dispute.objects.of(actor.organisation_id).filter(
            case_id=dispute.case_id, state=DisputeState.OPEN
        )
        disputed = {pk for other in still.exclude(pk=dispute.pk) for pk in other.document_ids}
        free = [pk for pk in dispute.document_ids if pk not in disputed]
        ledger_services.mark_disputed(actor=actor, document_ids=free, is_disputed=False, now=now)


def _record(actor: Actor, verb: str, dispute: Dispute, now: datetime, **data: Any) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        object_type="dispute",
        object_id=dispute.pk,
        now=now,
        data={"case": dispute.case_id, **data},
    )
