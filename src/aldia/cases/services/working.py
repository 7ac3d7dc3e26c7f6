"""What happens to one case: its stage, its next step, what was last said, what it promised, notes."""

from datetime import date, datetime
from typing import Any, Final, NamedTuple

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases.models import Case, Note
from aldia.cases.points import points_of
from aldia.cases.refusals import UnknownCase
from aldia.cases.rules import attention_rule
from aldia.cases.selectors.filters import scope
from aldia.cases.services.planning import change_stages
from aldia.db.frames import update_from_frame
from aldia.db.prepared import prepared
from aldia.parties import facts as parties
from aldia.parties.names import folded

_COMMITMENTS: Final = frozenset(
    {"promise_state", "promise_due_on", "has_dispute", "last_outcome", "last_outcome_at"}
)


class NextStep(NamedTuple):
    """What comes next for a case: at most 200 letters, the day and, for a call, the instant."""

    text: str
    on: date
    at: datetime | None = None


class EmptyStep(ValueError):
    """A next step needs words and a day."""


class EmptyNote(ValueError):
    """A note needs words or a file."""


@transaction.atomic
def change_stage(
    *, actor: Actor, case_id: int, stage: str, as_of: date, now: datetime, reason: str = ""
) -> bool:
    """Put a case in another stage and return whether it moved. Raises UnknownCase."""
    locked(actor=actor, case_id=case_id)
    return change_stages(actor=actor, stages={case_id: stage}, as_of=as_of, now=now, reason=reason) == 1


@transaction.atomic
def set_next_step(
    *, actor: Actor, case_id: int, text: str, on: date, now: datetime, at: datetime | None = None
) -> Case:
    """Plan what comes next for a case: words, day and, for a call, the instant. Raises EmptyStep, UnknownCase."""
    if not text.strip():
        raise EmptyStep(_("Escribe qué sigue: un caso abierto siempre tiene próximo paso."))
    case = locked(actor=actor, case_id=case_id)
    case.next_step, case.next_on, case.next_at = text.strip()[:200], on, at
    case.save(update_fields=["next_step", "next_on", "next_at"])
    audit.record(
        actor=actor,
        verb="cases.case.plan",
        object_type="case",
        object_id=case_id,
        now=now,
        data={"on": on.isoformat()},
    )
    return case


@transaction.atomic
def record_work(
    *, actor: Actor, case_id: int, as_of: date, at: datetime, is_contact: bool, outcome: str = "",
    next_step: NextStep | None = None,
) -> Case:  # fmt: skip
    """Keep on the case the last outcome, what comes next and, when somebody was reached, the last contact; its priority follows.

    For the rooms above, inside their own transaction and audit. Raises UnknownCase.
    """
    case = locked(actor=actor, case_id=case_id)
    if is_contact:
        case.last_contact_at = max(at, case.last_contact_at or at)
    if outcome:
        case.last_outcome, case.last_outcome_at = outcome[:40], at
    if next_step:
        case.next_step, case.next_on, case.next_at = next_step
    _rank(case, as_of)
    case.save(update_fields=[
        "last_contact_at", "last_outcome", "last_outcome_at", "next_step", "next_on", "next_at", "priority",
    ])  # fmt: skip
    return case


@transaction.atomic
def set_commitments(*, actor: Actor, case_id: int, as_of: date, **changes: Any) -> Case:
    """Mirror on the case what it promised or disputes: promise_state (none, open, kept, broken), promise_due_on, has_dispute;
    and, when an outcome is undone, last_outcome and last_outcome_at.

    What is not named stays; the priority follows. For `outcomes`, inside its own transaction and audit. Raises UnknownCase,
    TypeError for another name.
    """
    if strange := set(changes) - _COMMITMENTS:
        raise TypeError(f"not a commitment: {', '.join(sorted(strange))}")
    case = locked(actor=actor, case_id=case_id)
    for name, value in changes.items():
        setattr(case, name, value)
    _rank(case, as_of)
    case.save(update_fields=[*changes, "priority"])
    return case


@transaction.atomic
def add_note(*, actor: Actor, case_id: int, body: str, now: datetime, file_id: int | None = None) -> Note:
    """Return what somebody wrote on a case, with an optional stored file. Raises EmptyNote, UnknownCase, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    if not body.strip() and file_id is None:
        raise EmptyNote(_("La nota está vacía."))
    locked(actor=actor, case_id=case_id)
    note: Note = Note.objects.create(
        organisation_id=actor.organisation_id,
        case_id=case_id,
        body=body.strip(),
        file_id=file_id,
        author=actor.label,
        at=now,
    )
    audit.record(
        actor=actor,
        verb="cases.note.add",
        object_type="case",
        object_id=case_id,
        now=now,
        data={"note": note.pk},
    )
    return note


def rename_debtors(*, actor: Actor) -> int:
    """Copy again the names of parties that changed into their cases; return how many cases. For loads and edits."""
    names = parties.names_frame(actor.organisation_id)
    cases = pl.DataFrame(
        list(Case.objects.of(actor.organisation_id).values_list("pk", "party_id", "debtor_name")),
        schema={"account_id": pl.Int64, "party_id": pl.Int64, "debtor_name": pl.String}, orient="row",
    )  # fmt: skip
    both = cases.join(names, on="party_id").filter(pl.col("name") != pl.col("debtor_name"))
    frame = both.select("account_id", debtor_name="name", debtor_folded=folded("name").str.slice(0, 60))
    return update_from_frame(Case, frame, key="account_id", columns=["debtor_name", "debtor_folded"])


def locked(*, actor: Actor, case_id: int) -> Case:
    """Return the case, locked until the transaction it is asked in ends. Raises UnknownCase."""
    found: list[Case] = _for_update(actor.organisation_id, case_id)
    if not found or (actor.is_limited and not scope(actor).filter(pk=case_id).exists()):
        raise UnknownCase(_("Ese caso no existe en esta organización."))
    return found[0]


@prepared
def _for_update(organisation_id: int, case_id: int) -> Any:
    rows = Case.objects.of(organisation_id).filter(pk=case_id)
    return rows.select_related("portfolio").select_for_update(of=("self",))


def _rank(case: Case, as_of: date) -> None:
    case.priority = points_of(case, as_of, attention_rule(case.portfolio)).score
