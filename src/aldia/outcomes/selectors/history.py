"""The history of a case as one list: outcomes, promises, disputes, tasks, notes, stages, messages; the same for an export."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from aldia.access import formats
from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.contact import inbox
from aldia.contact import selectors as contact
from aldia.contact.calls import selectors as calls
from aldia.contact.calls import words as call_words
from aldia.db.prepared import prepared
from aldia.outcomes.models import (
    DECIDED,
    AgreementState,
    DisputeState,
    Outcome,
    OutcomeDetail,
    Plan,
    PromiseState,
    TaskState,
)
from aldia.outcomes.selectors.agreements import agreement_rows
from aldia.outcomes.selectors.commitments import dispute_rows, promises_of_case
from aldia.outcomes.selectors.tree import outcome_labels
from aldia.outcomes.selectors.work import task_rows
from aldia.outcomes.words import FATES, ICONS, shown

MOST: Final = 10_000  # rows read of each source: a history is never cut in silence below this


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history. `actor` is who by label (`user:3`), `actor_label` by name. `subject` names the row (`outcome:9`).

    Money, where there is any, is in minor units of `currency`: the screen writes it. `is_void`: undone later.
    `position` is where the phone of a visitor was (`domain.visits.Position`, its instant as text). `recording_of` is the call whose
    recording the reader may hear; `files` came with what the client wrote.
    """

    at: datetime
    kind: str
    icon: str
    title: str
    detail: str = ""
    actor: str = ""
    actor_label: str = ""
    channel: str = ""
    url: str = ""
    subject: str = ""
    outcome: str = ""
    minor: int = 0
    currency: str = ""
    file_id: int | None = None
    position: Mapping[str, Any] | None = None
    recording_of: int | None = None
    files: tuple[inbox.FileView, ...] = ()
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """Each field narrows the history; None does not. Days are the organisation's own, half-open."""

    kinds: tuple[str, ...] | None = None
    channel: str | None = None
    author: str | None = None
    outcome: str | None = None
    from_on: date | None = None
    to_on: date | None = None
    limit: int | None = None


def timeline(
    actor: Actor,
    case_id: int,
    filters: TimelineFilter | None = None,
    *,
    language: str = "es",
    extra: Sequence[Event] = (),
) -> list[Event]:
    """Return the history of a case, the newest first; `extra` are the events of rooms above (receipts).

    Raises UnknownCase of `cases` when the actor may not see it.
    """
    filters = filters or TimelineFilter()
    cases.check_seen(actor, case_id)
    zone = ZoneInfo(access.organisation_of(actor).timezone)
    names = {f"user:{row.user_id}": row.user.name for row in access.members(actor)}
    events = [
        replace(
            event,
            icon=event.icon or ICONS.get(event.kind, "point"),
            actor_label=event.actor_label or _name(event.actor, names),
        )
        for source in (*_sources(actor, case_id, language), extra)
        for event in source
    ]
    chosen = sorted(
        (event for event in events if _fits(event, filters, zone)),
        key=lambda event: (event.at, event.subject),
        reverse=True,
    )
    return chosen if filters.limit is None else chosen[: filters.limit]


def _sources(actor: Actor, case_id: int, language: str) -> tuple[Iterable[Event], ...]:
    return (
        _outcomes(actor, case_id, language),
        _promises(actor, case_id),
        _plans(actor, case_id),
        _agreements(actor, case_id),
        _disputes(actor, case_id),
        _tasks(actor, case_id),
        _notes_and_changes(actor, case_id),
        _messages(actor, case_id),
        _calls(actor, case_id),
    )


def _fits(event: Event, filters: TimelineFilter, zone: ZoneInfo) -> bool:
    day = event.at.astimezone(zone).date()
    return (
        (filters.kinds is None or event.kind in filters.kinds)
        and filters.channel in (None, event.channel)
        and filters.author in (None, event.actor)
        and filters.outcome in (None, event.outcome)
        and (filters.from_on is None or day >= filters.from_on)
        and (filters.to_on is None or day < filters.to_on)
    )


def _name(label: str, names: dict[str, str]) -> str:
    kind = label.partition(":")[0]
    if kind == "user":
        return names.get(label, _("Alguien que ya no está"))
    return _("El cliente") if kind in ("debtor", "link") else "aldia"


@prepared
def _of_case(model: Any, organisation_id: int, case_id: int) -> Any:
    return model.objects.of(organisation_id).filter(case_id=case_id).order_by("-pk")[:MOST]


@prepared
def _details(organisation_id: int, case_id: int) -> Any:
    outcomes = Outcome.objects.of(organisation_id).filter(case_id=case_id).values("pk")
    return OutcomeDetail.objects.of(organisation_id).filter(outcome_id__in=outcomes)


def _outcomes(actor: Actor, case_id: int, language: str) -> Iterator[Event]:
    labels = outcome_labels(actor, language)
    rows = _of_case(Outcome, actor.organisation_id, case_id)
    voided = {row.voids_id for row in rows}
    details = {row.outcome_id: row for row in _details(actor.organisation_id, case_id)} if rows else {}
    for row in rows:
        if row.voids_id is None:
            yield _outcome(row, details.get(row.pk), labels, row.pk in voided)


def _outcome(row: Outcome, detail: OutcomeDetail | None, labels: dict[str, str], is_void: bool) -> Event:
    parts = [detail.person, detail.note, detail.answers.get("place", "")] if detail else []
    if row.seconds:
        parts.append(call_words.lasted(row.seconds))
    answers = detail.answers if detail else {}
    return Event(
        row.at, "outcome", row.channel or ICONS["note"], labels.get(row.type_key, row.type_key),
        detail=" · ".join(part for part in parts if part), actor=f"user:{row.user_id}" if row.user_id else "system",
        channel=row.channel, subject=f"outcome:{row.pk}", outcome=row.type_key, minor=answers.get("amount", 0),
        currency=answers.get("currency", ""), file_id=answers.get("photo") or answers.get("receipt"), is_void=is_void,
        position=answers.get("position"),
    )  # fmt: skip


def _calls(actor: Actor, case_id: int) -> Iterator[Event]:
    """What the exchange told of each call; one whose outcome was saved is told by the outcome, and here only with its recording."""
    rows = calls.calls_of_case(actor, case_id)
    recordings = calls.heard_by(actor, rows)
    for row in rows:
        recording_of = row.pk if row.pk in recordings else None
        if row.outcome_id is None or recording_of:
            yield Event(
                row.asked_at, "outcome", "call", call_words.told(row),
                detail=call_words.lasted(row.seconds) if row.seconds else "", actor=f"user:{row.user_id}" if row.user_id else "system",
                channel="call", subject=f"call:{row.pk}", recording_of=recording_of,
            )  # fmt: skip


def _promises(actor: Actor, case_id: int) -> Iterator[Event]:
    """A promise alone when it was not an outcome already told; and what came of each."""
    for row in promises_of_case(actor, case_id):
        money: dict[str, Any] = {
            "minor": row.amount_minor,
            "currency": row.currency,
            "subject": f"promise:{row.id}",
        }
        if row.plan_id is None and row.outcome_id is None:
            yield Event(
                row.made_at,
                "promise",
                "",
                _("Prometió pagar el %(day)s") % {"day": formats.day(row.due_on, row.made_at.date())},
                actor=row.made_by,
                **money,
            )
        if row.decided_on is not None and row.state in DECIDED:
            at = datetime.combine(row.decided_on, datetime.min.time(), row.made_at.tzinfo)
            yield Event(max(at, row.made_at), "promise", "", _decided(row.state), actor="system", **money)


def _decided(state: str) -> str:
    return {
        PromiseState.KEPT: _("Cumplió su promesa"),
        PromiseState.PARTIAL: _("Cumplió su promesa en parte"),
        PromiseState.BROKEN: _("No cumplió su promesa"),
    }[PromiseState(state)]


def _plans(actor: Actor, case_id: int) -> Iterator[Event]:
    instalments = [row for row in promises_of_case(actor, case_id) if row.plan_id]
    told = {row.plan_id for row in instalments if row.outcome_id}
    for row in _of_case(Plan, actor.organisation_id, case_id) if instalments else ():
        if row.pk not in told:
            title = _("Acordó un plan de %(parts)s cuotas") % {"parts": row.instalments}
            yield Event(
                row.made_at,
                "plan",
                "",
                title,
                actor=row.made_by,
                subject=f"plan:{row.pk}",
                minor=row.total_minor,
                currency=row.currency,
            )


def _agreements(actor: Actor, case_id: int) -> Iterator[Event]:
    """What was proposed, and how it ended; that it was accepted is told by its plan."""
    for row in agreement_rows(actor, case_id):
        money: dict[str, Any] = {"minor": row.total_minor, "currency": row.currency}
        subject = f"agreement:{row.pk}"
        title = _("Le propusieron un acuerdo de pago")
        yield Event(
            row.proposed_at, "plan", "", title, detail=row.reason, actor=row.proposed_by, subject=subject, file_id=row.file_id,
            **money,
        )  # fmt: skip
        if row.closed_on is not None:
            at = datetime.combine(row.closed_on, datetime.min.time(), row.proposed_at.tzinfo)
            title = _("Acuerdo de pago: %(state)s") % {"state": str(AgreementState(row.state).label).lower()}
            yield Event(
                max(at, row.proposed_at),
                "plan",
                "",
                title,
                actor="system",
                subject=f"{subject}:{row.state}",
                **money,
            )


def _disputes(actor: Actor, case_id: int) -> Iterator[Event]:
    for row in dispute_rows(actor, case_id):
        subject = f"dispute:{row.pk}"
        yield Event(
            row.opened_at, "dispute", "", _("Abrió una disputa"), detail=row.description, actor=row.opened_by, subject=subject,
            file_id=row.file_id,
        )  # fmt: skip
        if row.answered_at is not None:
            title = str(DisputeState(row.state).label)
            yield Event(
                row.answered_at,
                "dispute",
                "",
                title,
                detail=row.answer,
                actor="system",
                subject=f"{subject}:answer",
            )


def _tasks(actor: Actor, case_id: int) -> Iterator[Event]:
    for row in task_rows(actor, case_id):
        if row.state != TaskState.DONE or row.outcome_id:
            continue
        owner = f"user:{row.owner_id}" if row.owner_id else "system"
        yield Event(
            row.finished_at,
            "task",
            "",
            _("Hecho: %(task)s") % {"task": shown(row.title)},
            actor=owner,
            subject=f"task:{row.pk}",
        )


def _notes_and_changes(actor: Actor, case_id: int) -> Iterator[Event]:
    for note in cases.notes(actor, case_id):
        yield Event(
            note.at,
            "note",
            "",
            _("Nota"),
            detail=note.body,
            actor=note.author,
            subject=f"note:{note.id}",
            file_id=note.file_id,
        )
    for change in cases.history(actor, case_id):
        title = {
            "stage": _("Pasó de etapa"), "holder": _("Cambió de responsable"), "cycle": _("Volvió a tener deuda vencida"),
        }[change.field]  # fmt: skip
        detail = (
            f"{change.before or '—'} → {change.after or '—'}" if change.field == "stage" else change.reason
        )
        yield Event(
            change.at, "stage", "", title, detail=detail, actor=change.actor, subject=f"change:{change.pk}"
        )


def _messages(actor: Actor, case_id: int) -> Iterator[Event]:
    """What left, as it left and as it arrived; what the client wrote, and did by itself. Touches of those are told by them."""
    messages = contact.messages_of_case(actor, case_id)
    told = [
        message.order_id for message in messages if message.order.provider != "sandbox"
    ]  # nobody tells of those
    standings = inbox.standings(actor.organisation_id, told)
    for message in messages:
        fate = FATES.get(standings[message.order_id].state) if message.order_id in standings else None
        yield Event(
            message.sent_at or message.order.created_at, "message", message.channel, message.subject or _("Mensaje enviado"),
            detail=f"{message.recipient} ({_(fate)})" if fate else message.recipient,
            actor=message.order.origin if message.order.origin.startswith("user:") else "system",
            channel=message.channel, subject=f"message:{message.pk}",
        )  # fmt: skip
    touches = contact.touches(actor, case_id)
    for touch in touches:
        if not touch.origin.startswith(("outcome:", "order:", "reply:", "call:")):
            yield Event(
                touch.at, "touch", touch.channel, _("El cliente nos escribió") if touch.is_inbound else _("Intento de contacto"),
                actor=touch.actor, channel=touch.channel, subject=f"touch:{touch.pk}",
            )  # fmt: skip
    has_replies = any(touch.origin.startswith("reply:") for touch in touches)
    written = inbox.replies_of_case(actor, case_id) if has_replies else []
    files = inbox.files_of(actor.organisation_id, [reply.pk for reply in written if reply.media])
    for reply in written:
        yield Event(
            reply.received_at, "note", reply.channel, _("El cliente nos escribió"), detail=reply.text or reply.subject,
            actor="debtor", channel=reply.channel, subject=f"reply:{reply.pk}", files=tuple(files.get(reply.pk, ())),
        )  # fmt: skip
