"""A message answered: read, its acts done, its answer kept; the same message again is the same answer."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import translation

from aldia.access import selectors as access
from aldia.access.actors import Clock, system
from aldia.chat import knowing, sending
from aldia.chat.models import Conversation, Exchange
from aldia.chat.selectors import BOT
from aldia.chat.services.acting import ActRefused, Job, perform
from aldia.chat.switching import CHANNELS
from aldia.chat.words import Voice, told
from aldia.contact import inbox
from aldia.contact import services as contact
from aldia.db.locks import named_lock
from aldia.domain.chat import handing, machine
from aldia.domain.chat.talk import CheckIdentity, Heard, Known, State, Turn, Why

if TYPE_CHECKING:
    from aldia.contact.inbound.models import Reply
    from aldia.contact.models import DebtorLink

log = logging.getLogger(__name__)
MOST_AN_HOUR: Final = 20
KNOWN_FOR: Final = timedelta(minutes=30)
FRESH: Final = timedelta(
    hours=23
)  # an older message waits for a person: WhatsApp lets nobody answer it freely
_SENT: Final = tuple(channel for channel in CHANNELS if channel != "portal")


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote on the page of a case. `client_id` is made by the page: the same click is the same message."""

    text: str
    client_id: str
    file_id: int | None = None
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, and whether who writes has shown who they are. No lines: a person holds the conversation."""

    lines: tuple[str, ...]
    is_known: bool


@transaction.atomic
def talk(*, link: DebtorLink, written: Written, clock: Clock) -> Answer:
    """Return the answer to what was written on the page of a link, once."""
    reply = contact.keep_written(
        organisation_id=link.organisation_id, case_id=link.case_id, event_id=written.client_id, text=written.text,
        now=clock.now,
    )  # fmt: skip
    kept = _answer(reply, link=link, written=written, clock=clock)
    return Answer(tuple(kept.said), kept.is_known or written.is_known)


def answer_replies(*, limit: int, now: datetime) -> Counter[str]:
    """Answer what people wrote by telephone where the bot is on; return how many were `answered` and how many `left`.

    One that fails in a way that nobody foresaw is `failed`: it waits for a person, is logged, and holds up nobody else.
    """
    counts: Counter[str] = Counter()
    for reply in inbox.to_be_answered(_SENT, since=now - FRESH, limit=limit):
        try:
            counts[_answer_by_telephone(reply, access.clock_of(reply.organisation, now))] += 1
        except Exception:
            log.exception("the reply %s could not be answered", reply.pk)
            counts["failed"] += 1
    return counts


@transaction.atomic
def _answer_by_telephone(reply: Reply, clock: Clock) -> str:
    assert reply.case_id is not None
    actor = system(reply.organisation_id)
    around = knowing.surroundings(actor, reply.case_id, clock)
    known = Exchange.objects.of(reply.organisation_id).filter(reply_id=reply.pk, author=BOT)
    point = sending.point_of(reply, around.portfolio.creditor_id)
    if not around.rules.answers(reply.channel) or point is None or known.exists():
        return "left"
    written = Written(reply.text, "", file_id=inbox.receipt_in(reply))
    kept = _answer(reply, link=None, written=written, clock=clock)
    sending.send(reply, kept.pk, kept.said, point_id=point.pk, clock=clock)
    return "answered"


def _answer(reply: Reply, *, link: DebtorLink | None, written: Written, clock: Clock) -> Exchange:
    """The exchange of a message; made under the lock of its case, so that two messages are two turns."""
    assert reply.case_id is not None
    with named_lock("chat", reply.case_id):
        kept = Exchange.objects.of(reply.organisation_id).filter(reply_id=reply.pk, author=BOT).first()
        return kept or _turn(reply, link, written, clock)


def _turn(reply: Reply, link: DebtorLink | None, written: Written, clock: Clock) -> Exchange:
    assert reply.case_id is not None
    actor = system(reply.organisation_id)
    around = knowing.surroundings(actor, reply.case_id, clock)
    row = _conversation(reply, around.party.pk, clock)
    row.file_id = written.file_id or row.file_id
    is_known = written.is_known or _is_proven(row, reply.channel, clock)
    if not is_known and link is not None:
        around = replace(around, here=replace(around.here, is_staffed=True))  # as a link that is none answers

    def facts() -> Known:
        return knowing.known_of(actor, row.case_id, around, clock)

    state = State.from_data(row.state)
    if _is_flooding(row, clock):
        turn = handing.hand_over(Why.FLOOD, around.here) if not row.is_held else Turn(state)
        known = None
    else:
        known = facts() if is_known else None
        heard = _heard(reply, written)
        turn = machine.step(state, heard, known=known, here=around.here)
        if turn.acts and isinstance(turn.acts[0], CheckIdentity):
            identity = _identity(row, link, turn.acts[0].digits, clock)
            is_known = identity is machine.Identity.RIGHT
            known = facts() if is_known else None
            turn = machine.checked(turn.state, identity, known=known, here=around.here)
            if is_known:
                row.proven = {**row.proven, reply.channel: (clock.now + KNOWN_FOR).isoformat()}
    job = Job(row, reply, known, clock)
    turn, acts = _performed(turn, job, around)
    return _kept(turn, acts, job, around, is_known=is_known)


def _heard(reply: Reply, written: Written) -> Heard:
    """What came in: a file that may be a receipt, one that only a person can open, or a voice."""
    has_file = written.file_id is not None
    is_voice = any(kind.startswith("audio/") for kind in reply.media)
    return Heard(written.text, has_file, bool(reply.media) and not (is_voice or has_file), is_voice)


def _performed(turn: Turn, job: Job, around: knowing.Surroundings) -> tuple[Turn, list[str]]:
    """The acts done; where one is refused none stands, and a person goes on."""
    try:
        with transaction.atomic():
            return turn, [perform(act, job) for act in turn.acts]
    except ActRefused:
        turn = machine.refused(turn.state, around.here)
        return turn, [perform(act, job) for act in turn.acts]


def _kept(
    turn: Turn, acts: list[str], job: Job, around: knowing.Surroundings, *, is_known: bool
) -> Exchange:  # fmt: skip
    row, reply = job.conversation, job.reply
    if "payment" in acts:
        row.file_id = None
    row.state = turn.state.to_data()
    row.save()
    with translation.override(around.language):
        voice = Voice(around.locale, around.language, job.clock.as_of)
        said = [told(line, voice) for line in turn.lines]
    if not row.is_held:
        contact.close_reply(actor=job.house, reply_id=reply.pk, now=job.clock.now)
    exchange: Exchange = Exchange.objects.create(
        organisation_id=row.organisation_id, conversation=row, reply_id=reply.pk, author=BOT, channel=reply.channel,
        said=said, acts=acts, is_known=is_known, at=job.clock.now,
    )  # fmt: skip
    return exchange


def _conversation(reply: Reply, party_id: int, clock: Clock) -> Conversation:
    row: Conversation
    row, _made = Conversation.objects.of(reply.organisation_id).get_or_create(
        organisation_id=reply.organisation_id, case_id=reply.case_id,
        defaults={"party_id": party_id, "opened_at": clock.now},
    )  # fmt: skip
    return row


def _is_proven(row: Conversation, channel: str, clock: Clock) -> bool:
    """On the page the browser shows it each time; by telephone it holds for half an hour."""
    until = row.proven.get(channel)
    return channel != "portal" and until is not None and datetime.fromisoformat(until) > clock.now


def _is_flooding(row: Conversation, clock: Clock) -> bool:
    rows = Exchange.objects.of(row.organisation_id).filter(conversation=row, author=BOT)
    return bool(rows.filter(at__gt=clock.now - timedelta(hours=1)).count() >= MOST_AN_HOUR)


def _identity(row: Conversation, link: DebtorLink | None, digits: str, clock: Clock) -> machine.Identity:
    """Look at the digits as the page of the debtor does; by telephone, with a link that nobody else was given."""
    link = link or _own_link(row, clock)
    try:
        contact.verify_digits(link=link, digits=digits, now=clock.now)
    except contact.TooManyTries:
        return machine.Identity.LOCKED
    except contact.VerificationFailed:
        return machine.Identity.WRONG
    return machine.Identity.RIGHT


def _own_link(row: Conversation, clock: Clock) -> DebtorLink:
    found = contact.link_of(organisation_id=row.organisation_id, link_id=row.link_id, now=clock.now)
    if found is None:
        _token, found = contact.make_link(
            organisation_id=row.organisation_id, case_id=row.case_id, party_id=row.party_id, origin=f"chat:{row.pk}",
            now=clock.now,
        )  # fmt: skip
        row.link_id = found.pk
    return found
