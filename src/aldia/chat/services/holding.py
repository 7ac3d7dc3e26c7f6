"""A conversation in the hands of a person: taken, answered, given back to the bot. Two people never answer at once unknowing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.chat import sending
from aldia.chat.models import Conversation, Exchange
from aldia.chat.switching import CHANNELS
from aldia.contact import inbox
from aldia.contact import services as contact
from aldia.db.locks import named_lock
from aldia.ledger import selectors as ledger

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock


class HeldByOther(Exception):
    """Somebody else holds the conversation; the message names them."""


@transaction.atomic
def take(*, actor: Actor, case_id: int, clock: Clock, is_forced: bool = False) -> Conversation:
    """Return the conversation, held by the actor: the bot is silent from now on. Raises HeldByOther, UnknownCase, NotAllowed."""
    row = _locked(actor, case_id, clock)
    if row.is_held and row.held_by_id not in (None, actor.user_id) and not is_forced:
        raise HeldByOther(_("%(name)s tiene esta conversación.") % {"name": _name(actor, row.held_by_id)})
    row.why = row.why if row.is_held else "taken"
    row.is_held, row.held_by_id, row.held_at = True, actor.user_id, clock.now
    row.state = {}
    row.save()
    _record(actor, "chat.take", row, clock)
    return row


@transaction.atomic
def to_bot(*, actor: Actor, case_id: int, clock: Clock) -> Conversation:
    """Return the conversation, given back to the bot, which begins anew. Raises UnknownCase, NotAllowed."""
    row = _locked(actor, case_id, clock)
    row.is_held, row.why, row.held_by_id, row.held_at, row.state = False, "", None, None, {}
    row.save()
    _record(actor, "chat.release", row, clock)
    return row


@transaction.atomic
def finish(*, actor: Actor, reply_id: int, case_id: int, clock: Clock) -> None:
    """Leave what was written before a message answered with it; once nothing waits the bot goes on.

    Raises UnknownCase, NotAllowed.
    """
    _close_before(actor, case_id, reply_id, clock)
    row = Conversation.objects.of(actor.organisation_id).filter(case_id=case_id, is_held=True).first()
    if row is not None and not any(each.is_open for each in inbox.replies_of_case(actor, case_id)):
        to_bot(actor=actor, case_id=case_id, clock=clock)


@transaction.atomic
def say_as_person(
    *, actor: Actor, reply_id: int, text: str, clock: Clock, is_forced: bool = False
) -> Exchange:
    """Return what a person answered, on the channel that was written on; the conversation is theirs from then on.

    By telephone or mail it leaves through the outbox, to the address that wrote. Raises HeldByOther, UnknownCase, NotAllowed,
    ValueError for an empty text or an address that is not the person's.
    """
    reply = inbox.reply(actor, reply_id)
    if not text.strip() or reply.case_id is None:
        raise ValueError(_("Escribe la respuesta."))
    row = take(actor=actor, case_id=reply.case_id, clock=clock, is_forced=is_forced)
    _close_before(actor, reply.case_id, reply.pk, clock)
    exchange: Exchange = Exchange.objects.create(
        organisation_id=row.organisation_id, conversation=row, author=actor.label, channel=reply.channel,
        said=[text.strip()], acts=[], is_known=True, at=clock.now,
    )  # fmt: skip
    if reply.channel != "portal":
        _portfolio, creditor_id, _party = ledger.account_of(actor, reply.case_id)
        point = sending.point_of(reply, creditor_id)
        if point is None:
            raise ValueError(_("Esa dirección no está entre los datos del cliente: guárdala primero."))
        sending.send(reply, exchange.pk, exchange.said, point_id=point.pk, clock=clock)
    return exchange


def _close_before(actor: Actor, case_id: int, reply_id: int, clock: Clock) -> None:
    """Several messages in a row are one thing to answer; a mail is a letter of its own."""
    for each in inbox.replies_of_case(actor, case_id):
        if each.is_open and each.pk < reply_id and each.channel in CHANNELS:
            contact.close_reply(actor=actor, reply_id=each.pk, now=clock.now)


def _locked(actor: Actor, case_id: int, clock: Clock) -> Conversation:
    actor.check(Permission.WORK_CASES)
    cases.check_seen(actor, case_id)
    with named_lock("chat", case_id):
        _portfolio, _creditor, party_id = ledger.account_of(actor, case_id)
        row: Conversation
        row, _made = Conversation.objects.of(actor.organisation_id).get_or_create(
            organisation_id=actor.organisation_id, case_id=case_id,
            defaults={"party_id": party_id, "opened_at": clock.now},
        )  # fmt: skip
        return row


def _name(actor: Actor, user_id: int | None) -> str:
    names = {row.user_id: row.user.name for row in access.members(actor)}
    return names.get(user_id or 0) or _("Alguien del equipo")


def _record(actor: Actor, verb: str, row: Conversation, clock: Clock) -> None:
    audit.record(
        actor=actor, verb=verb, object_type="case", object_id=row.case_id, now=clock.now, data={"conversation": row.pk}
    )  # fmt: skip
