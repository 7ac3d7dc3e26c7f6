"""Log what came of a contact: answers checked, effects, the touch that the law counts, and always a next step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.cases import services as cases
from aldia.contact import law
from aldia.contact import services as contact
from aldia.db.prepared import prepared
from aldia.domain import outcomes as domain
from aldia.domain.outcomes import FieldType, OutcomeEffect, UnknownOutcome
from aldia.ledger import selectors as ledger
from aldia.outcomes.answers import AnswerContext, as_stored, read_answers
from aldia.outcomes.casework import Work, work_on
from aldia.outcomes.models import Outcome, OutcomeDetail, Task, TaskState
from aldia.outcomes.selectors.tree import tree_of
from aldia.outcomes.services.effects import OutcomeRefused, Saving, apply_effect, leave_task
from aldia.outcomes.words import NEXT_STEPS
from aldia.parties import selectors as parties
from aldia.parties.facts import CHANNELS

ANSWERED: Final = ("call", "visit", "follow_up", "send_message", "find_contact")
"""The kinds of task that an outcome answers."""
_FILES: Final = ("receipt", "photo")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeDraft:
    """What came of a contact: the form that is saved. What `answers` may be is in `outcomes.answers`; `client_id` is the
    click's own, and `seconds` how long a call lasted, when somebody knows."""

    type_key: str
    channel: str
    answers: Mapping[str, Any]
    client_id: str
    is_inbound: bool = False
    seconds: int | None = None


@transaction.atomic
def log_outcome(*, actor: Actor, case_id: int, draft: OutcomeDraft, clock: Clock) -> Outcome:
    """Return the outcome, saved with its effects and the next step it leaves; the same `client_id` again is the first one.

    It closes the tasks it answers, is mirrored on the case and counts as a touch of that channel (a plain note counts as
    none). Raises OutcomeRefused, UnknownCase, NotAllowed.
    """
    actor.check(Permission.WORK_CASES)
    work = work_on(actor, case_id, clock)
    if known := _saved(actor.organisation_id, draft.client_id):
        return known[0]
    kind = _kind(actor, draft.type_key)
    is_note = kind.effect is OutcomeEffect.NONE
    values = _answers(actor, work, kind, draft.answers, _bad_call(draft, is_note=is_note), clock)
    before = _before(work)
    row: Outcome = Outcome.objects.create(
        organisation_id=actor.organisation_id, portfolio_id=work.case.portfolio_id, case_id=case_id, party_id=work.case.party_id,
        type_key=kind.key, channel="" if is_note else draft.channel, is_inbound=draft.is_inbound, is_contact=kind.is_contact,
        is_right_party=kind.is_right_party, on=clock.as_of, at=clock.now, seconds=_seconds(actor, case_id, draft),
        user_id=actor.user_id, client_id=draft.client_id,
    )  # fmt: skip
    saving = Saving(kind, row, values, _next_on(kind, values, work, clock), work, clock)
    made = {**before, **apply_effect(actor=actor, saving=saving), "closed": _answer_tasks(actor, saving)}
    made["task"] = leave_task(actor=actor, saving=saving)
    cases.record_work(
        actor=actor, case_id=case_id, as_of=clock.as_of, at=clock.now, is_contact=kind.is_contact, outcome=kind.key,
        next_step=_next_step(saving),
    )  # fmt: skip
    if not is_note:
        _touch(actor, saving)
    _keep_detail(saving, made)
    audit.record(actor=actor, verb="outcomes.outcome.log", object_type="outcome", object_id=row.pk, now=clock.now,
                 data={"case": case_id, "type": kind.key, "channel": row.channel, "next_on": saving.next_on.isoformat()})  # fmt: skip
    return row


@prepared
def _saved(organisation_id: int, client_id: str) -> Any:
    return Outcome.objects.of(organisation_id).filter(client_id=client_id)


def _kind(actor: Actor, type_key: str) -> domain.Outcome:
    try:
        kind = tree_of(actor.organisation_id).get(type_key)
    except UnknownOutcome as problem:
        raise OutcomeRefused(
            {"type_key": _("«%(key)s» no es un resultado.") % {"key": type_key[:40]}}
        ) from problem
    if not kind.is_active:
        raise OutcomeRefused({"type_key": _("Ese resultado ya no se usa: elige otro.")})
    return kind


def _seconds(actor: Actor, case_id: int, draft: OutcomeDraft) -> int | None:
    """How long it lasted: as told, else what the exchange measured of our own call."""
    if draft.seconds is None and draft.channel == "call" and not draft.is_inbound:
        return contact.talked(actor, case_id)
    return draft.seconds


def _bad_call(draft: OutcomeDraft, *, is_note: bool) -> dict[str, str]:
    problems = {}
    if draft.channel not in CHANNELS and not is_note:
        problems["channel"] = _("«%(found)s» no es un canal: %(options)s.") % {
            "found": draft.channel[:20],
            "options": ", ".join(CHANNELS),
        }
    if draft.seconds is not None and not 0 <= draft.seconds < 86_400:
        problems["seconds"] = _("La duración va de 0 segundos a un día.")
    if not draft.client_id or len(draft.client_id) > 60:
        problems["client_id"] = _("Falta el identificador del clic.")
    return problems


def _answers(
    actor: Actor,
    work: Work,
    kind: domain.Outcome,
    given: Mapping[str, Any],
    problems: dict[str, str],
    clock: Clock,
) -> dict[str, Any]:
    asked = {field.type for field in kind.fields}
    documents = (
        ledger.documents(actor, case_id=work.case.pk, as_of=clock.as_of)
        if FieldType.DOCUMENTS in asked
        else []
    )
    points = parties.points(actor, work.case.party_id) if FieldType.CONTACT_POINT in asked else []
    context = AnswerContext(
        clock.as_of, work.zone, get_language() or work.language, work.locale, work.case.currency, frozenset(line.id for line in documents),
        frozenset(point.pk for point in points), _stored_files(actor, given),
    )  # fmt: skip
    read = read_answers(kind, given, context)
    if found := {**problems, **read.problems}:
        raise OutcomeRefused(found)
    return {"currency": work.case.currency, **read.values}


def _stored_files(actor: Actor, given: Mapping[str, Any]) -> frozenset[int]:
    """The files named in the answers that are really kept here."""
    found = set()
    for key in _FILES:
        if str(given.get(key) or "").isdigit():
            try:
                found.add(ledger.open_file(actor, int(given[key]))[0].pk)
            except (ObjectDoesNotExist, OSError):
                continue
    return frozenset(found)


def _before(work: Work) -> dict[str, Any]:
    """The case's next step and last outcome, for an undo."""
    case = work.case
    return {
        "next": [
            case.next_step,
            case.next_on.isoformat(),
            case.next_at.isoformat() if case.next_at else None,
        ],
        "last": [case.last_outcome, case.last_outcome_at.isoformat() if case.last_outcome_at else None],
    }


def _next_on(kind: domain.Outcome, values: Mapping[str, Any], work: Work, clock: Clock) -> date:
    """A call agreed for a day stays on that day; everything else falls on a business day."""
    if kind.effect is OutcomeEffect.SCHEDULE_CALL:
        agreed: datetime = values["call_at"]
        return agreed.astimezone(work.zone).date()
    local = {
        key: value.astimezone(work.zone) if isinstance(value, datetime) else value
        for key, value in values.items()
    }
    return kind.next_on(clock.as_of, work.calendar, local)


def _answer_tasks(actor: Actor, saving: Saving) -> list[int]:
    """Close the tasks that this contact answers: those due by now, and whatever an earlier outcome had left to do."""
    if saving.kind.effect is OutcomeEffect.NONE:
        return []
    answered = _answered(actor.organisation_id, saving.row.case_id, saving.clock.as_of)
    if answered:
        rows = Task.objects.of(actor.organisation_id).filter(pk__in=answered, state=TaskState.OPEN)
        rows.update(state=TaskState.DONE, finished_at=saving.clock.now, outcome_id=saving.row.pk)
    return answered


@prepared
def _answered(organisation_id: int, case_id: int, as_of: date) -> Any:
    rows = Task.objects.of(organisation_id).filter(case_id=case_id, state=TaskState.OPEN, kind__in=ANSWERED)
    due = rows.filter(Q(due_on__lte=as_of) | Q(origin__startswith="outcome:"))
    return due.order_by("pk").values_list("pk", flat=True)


def _next_step(saving: Saving) -> cases.NextStep | None:
    """Every outcome leaves one; a plain note keeps the one there is while its day has not passed."""
    case = saving.work.case
    is_note = saving.kind.effect is OutcomeEffect.NONE
    if is_note and case.next_step and case.next_on >= saving.clock.as_of:
        return None
    words = NEXT_STEPS[saving.kind.next_step.kind]
    return cases.NextStep(words, saving.next_on, saving.values.get("call_at"))


def _touch(actor: Actor, saving: Saving) -> None:
    case, row = saving.work.case, saving.row
    zone = law.zones_of(actor.organisation_id, case.pk)[0]
    touch = contact.TouchDraft(
        case_id=case.pk, party_id=case.party_id, creditor_id=case.creditor_id, channel=row.channel, at=row.at,
        local_on=row.at.astimezone(UTC).astimezone(zone).date(), is_inbound=row.is_inbound,
        is_contact=row.is_contact, is_right_party=row.is_right_party,
    )  # fmt: skip
    is_counted = row.channel == "call" and contact.tell_outcome(actor=actor, outcome_id=row.pk, touch=touch)
    if not is_counted:
        contact.record_first_touch(actor=actor, origin=saving.source, touch=touch)
    cases.note_news(actor=actor, case_ids=[case.pk])


def _keep_detail(saving: Saving, made: dict[str, Any]) -> None:
    OutcomeDetail.objects.create(
        organisation_id=saving.row.organisation_id, outcome_id=saving.row.pk, person=saving.values.get("who", "")[:150],
        note=saving.values.get("note", ""), answers=as_stored(saving.values), effects=made,
    )  # fmt: skip
