"""What saving an outcome does besides, one function per effect, each telling what it made so that it can be undone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from aldia.access.actors import Actor, Clock
from aldia.cases.services import HoldDraft
from aldia.domain import outcomes as domain
from aldia.domain.outcomes import NextKind, OutcomeEffect
from aldia.outcomes.casework import Work, pause
from aldia.outcomes.models import Outcome, Promise, PromiseState
from aldia.outcomes.services import tasks
from aldia.outcomes.services.disputes import DisputeRefused, open_dispute
from aldia.outcomes.services.promises import PlanDraft, PromiseRefused, make_plan, make_promise
from aldia.parties import services as parties

TASK_KINDS: Final = frozenset(
    {NextKind.CALL, NextKind.VERIFY_PAYMENT, NextKind.SEND_MESSAGE, NextKind.FIND_CONTACT, NextKind.SUPERVISE}
)
"""Next steps that are somebody's task; promises, plans and disputes are followed by themselves."""
_VERIFY_SLACK: Final = 3  # business days after the day to verify: the strategy waits for the answer


class OutcomeRefused(ValueError):
    """An outcome that cannot be saved as it is: `fields` tells field -> message."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Saving:
    """An outcome while it is being saved: its type, its row, its typed answers, and the day of the next step."""

    kind: domain.Outcome
    row: Outcome
    values: Mapping[str, Any]
    next_on: date
    work: Work
    clock: Clock

    @property
    def source(self) -> str:
        """What holds and tasks of this outcome carry."""
        return f"outcome:{self.row.pk}"


def apply_effect(*, actor: Actor, saving: Saving) -> dict[str, Any]:
    """Do what the outcome's type says and return what was made, as plain JSON values. Raises OutcomeRefused."""
    try:
        return _EFFECTS.get(saving.kind.effect, _nothing)(actor, saving)
    except (PromiseRefused, DisputeRefused) as refusal:
        raise OutcomeRefused({refusal.field: str(refusal)}) from refusal


def leave_task(*, actor: Actor, saving: Saving) -> bool:
    """Make the next step a task when it is somebody's work; return whether it is. Of who saved it, when nobody holds the case."""
    step = saving.kind.next_step.kind
    if step not in TASK_KINDS or saving.kind.effect is OutcomeEffect.NONE:
        return False
    draft = tasks.TaskDraft(
        saving.row.case_id, step.value, saving.next_on, saving.source, saving.source, due_at=saving.values.get("call_at"),
        owner_id=actor.user_id if saving.work.case.holder_id is None else None,
        priority=60 if "call_at" in saving.values else 50,
    )  # fmt: skip
    tasks.add_task(organisation_id=actor.organisation_id, task=draft, now=saving.clock.now)
    return True


def _nothing(_actor: Actor, _saving: Saving) -> dict[str, Any]:
    return {}


def _promise(actor: Actor, saving: Saving) -> dict[str, Any]:
    replaced = _open_promises(actor, saving.row.case_id)
    promise = make_promise(
        actor=actor, case_id=saving.row.case_id, amount_minor=saving.values["amount"], currency=saving.values["currency"],
        due_on=saving.values["due_on"], clock=saving.clock, means=saving.values.get("means", ""),
    )  # fmt: skip
    Promise.objects.of(actor.organisation_id).filter(pk=promise.pk).update(outcome_id=saving.row.pk)
    return {"promise": promise.pk, "replaced": [pk for pk in replaced if pk != promise.pk]}


def _plan(actor: Actor, saving: Saving) -> dict[str, Any]:
    replaced = _open_promises(actor, saving.row.case_id)
    draft = PlanDraft(
        saving.values["amount"], saving.values["currency"], saving.values["parts"], saving.values["first_on"]
    )
    plan = make_plan(actor=actor, case_id=saving.row.case_id, plan=draft, clock=saving.clock)
    Promise.objects.of(actor.organisation_id).filter(plan=plan).update(outcome_id=saving.row.pk)
    return {"plan": plan.pk, "replaced": replaced}


def _dispute(actor: Actor, saving: Saving) -> dict[str, Any]:
    dispute = open_dispute(
        actor=actor, case_id=saving.row.case_id, reason=saving.values["reason"], clock=saving.clock,
        document_ids=saving.values.get("documents", ()), description=saving.values.get("note", ""),
    )  # fmt: skip
    return {"dispute": dispute.pk}


def _pause(actor: Actor, saving: Saving) -> dict[str, Any]:
    until = saving.values["until_on"]
    if until <= saving.clock.as_of:
        raise OutcomeRefused({"until_on": _("La pausa tiene que terminar después de hoy.")})
    return _held(actor, saving, "manual", until)


def _hold(actor: Actor, saving: Saving) -> dict[str, Any]:
    return _held(actor, saving, "hardship", None)


def _report(actor: Actor, saving: Saving) -> dict[str, Any]:
    until = saving.work.calendar.add_business_days(saving.next_on, _VERIFY_SLACK)
    return _held(actor, saving, "reported_payment", until)


def _held(actor: Actor, saving: Saving, kind: str, until: date | None) -> dict[str, Any]:
    reason = saving.kind.label.of(saving.work.language)
    hold = HoldDraft(kind, saving.clock.as_of, until, reason=reason, source=saving.source)
    pause(actor, saving.row.case_id, hold, saving.clock.now)
    return {"hold": saving.source}


def _retire(actor: Actor, saving: Saving) -> dict[str, Any]:
    point_id = saving.values["contact_point"]
    parties.mark_point(actor=actor, point_id=point_id, state="WRONG", now=saving.clock.now)
    return {"point": point_id}


def _open_promises(actor: Actor, case_id: int) -> list[int]:
    rows = Promise.objects.of(actor.organisation_id).filter(case_id=case_id, state=PromiseState.OPEN)
    return list(rows.order_by("pk").values_list("pk", flat=True))


_EFFECTS: Final[dict[OutcomeEffect, Callable[[Actor, Saving], dict[str, Any]]]] = {
    OutcomeEffect.MAKE_PROMISE: _promise,
    OutcomeEffect.MAKE_PLAN: _plan,
    OutcomeEffect.OPEN_DISPUTE: _dispute,
    OutcomeEffect.PAUSE: _pause,
    OutcomeEffect.HOLD: _hold,
    OutcomeEffect.REPORT_PAYMENT: _report,
    OutcomeEffect.RETIRE_CONTACT_POINT: _retire,
}
