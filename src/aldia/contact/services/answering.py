"""Replies in the hands of people: put to the right case, answered, or set aside."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.contact.inbound.models import Reply
from aldia.contact.services import taking
from aldia.ledger import selectors as ledger


class UnknownReply(LookupError):
    """Raised when there is no such reply, or somebody answered it before."""


@transaction.atomic
def identify_reply(*, actor: Actor, reply_id: int, case_id: int, now: datetime) -> Reply:
    """Return the reply put to a case by a person; what it asks of itself is done. Raises UnknownReply, UnknownCase, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    cases.check_seen(actor, case_id)
    reply = _open(actor, reply_id)
    reply.case_id, reply.matched_by = case_id, "person"
    reply.save(update_fields=["case_id", "matched_by"])
    taking.follow_reply(reply, now=now)
    _record(actor, "contact.reply.identify", reply, now)
    return reply


@transaction.atomic
def close_reply(*, actor: Actor, reply_id: int, now: datetime) -> Reply:
    """Return the reply, answered. Raises UnknownReply, UnknownCase, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    reply = _open(actor, reply_id)
    if reply.case_id is not None:
        cases.check_seen(actor, reply.case_id)
    reply.is_open, reply.answered_by, reply.answered_at = False, actor.label, now
    reply.save(update_fields=["is_open", "answered_by", "answered_at"])
    _record(actor, "contact.reply.close", reply, now)
    return reply


@transaction.atomic
def stop_by_reply(*, actor: Actor, reply_id: int, now: datetime) -> Reply:
    """Return the reply, answered by keeping that the person wants nothing more on its channel. Raises UnknownReply, NotAllowed."""
    reply = close_reply(actor=actor, reply_id=reply_id, now=now)
    if reply.case_id is not None:
        _portfolio, creditor_id, party_id = ledger.account_of(actor, reply.case_id)
        taking.opt_out(
            organisation_id=actor.organisation_id, party_id=party_id, creditor_id=creditor_id, channel=taking.asked_of(reply),
            evidence=f"reply:{reply.pk}", now=now,
        )  # fmt: skip
    return reply


@transaction.atomic
def suggest(*, actor: Actor, reply_id: int, suggestion: str) -> Reply:
    """Return the reply with what it seems to ask of whoever reads it. Raises UnknownReply, NotAllowed."""
    actor.check(Permission.WORK_CASES)
    reply = _open(actor, reply_id)
    reply.suggestion = suggestion
    reply.save(update_fields=["suggestion"])
    return reply


def _open(actor: Actor, reply_id: int) -> Reply:
    rows = Reply.objects.of(actor.organisation_id).select_for_update()
    reply: Reply | None = rows.filter(pk=reply_id, is_open=True).first()
    if reply is None:
        raise UnknownReply(reply_id)
    return reply


def _record(actor: Actor, verb: str, reply: Reply, now: datetime) -> None:
    audit.record(
        actor=actor, verb=verb, object_type="reply", object_id=reply.pk, now=now, data={"case": reply.case_id}
    )
