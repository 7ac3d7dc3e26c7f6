"""What the exchange tells of a call, followed to its end: state by state, and then what the law counts of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from aldia.access.actors import Actor, system
from aldia.contact import touches
from aldia.contact.calls import automatic, recordings
from aldia.contact.calls.lines import Line as Wire
from aldia.contact.calls.lines import line_of_house
from aldia.contact.calls.models import PhoneCall
from aldia.contact.calls.selectors import last_untold
from aldia.contact.models import Attempt, Order, OrderState, Touch
from aldia.contact.providers.asterisk.events import Told
from aldia.contact.providers.asterisk.exchange import Exchange
from aldia.contact.providers.protocol import ProviderError
from aldia.domain.calls import (
    NEVER_RANG,
    REACHED,
    CallResult,
    CallState,
    Command,
    Heard,
    Leg,
    Line,
    Sign,
    hear,
    lost,
)

log = logging.getLogger(__name__)
UNTOLD_FOR: Final = timedelta(minutes=30)  # after a talk; then the law reads it as a contact
UNSEEN_FOR: Final = timedelta(seconds=45)  # longer than an end rings: then the exchange is asked
_STORED: Final = ("state", "result", "cause", "answered_at", "noticed_at", "ended_at", "seconds", "detail")


def take_told(*, organisation_id: int, told: Told, now: datetime) -> bool:
    """Follow one word of the exchange; False when the call is none of ours."""
    call = PhoneCall.objects.of(organisation_id).filter(reference=told.reference).first()
    call = call or automatic.adopted(organisation_id, told, now=now)
    if call is None:
        return False
    if call.user_id is None:
        automatic.take(call, told, now=now)
    elif told.has_recording:
        recordings.fetch(call, line_of_house(organisation_id), now=now)
    elif told.heard is not None:
        take_heard(call, told.heard, now=now)
    return True


def take_heard(call: PhoneCall, heard: Heard, *, now: datetime) -> PhoneCall:
    """Return the call after what was heard. What follows is asked of the exchange afterwards, with nothing held meanwhile."""
    fresh, commands = _advance(call, heard, now)
    if fresh.is_sandbox:
        return _played_along(fresh, commands, now)
    if commands:
        fresh = _obey(fresh, commands, now)
    return fresh


@transaction.atomic
def _advance(call: PhoneCall, heard: Heard, now: datetime) -> tuple[PhoneCall, tuple[Command, ...]]:
    fresh = call.locked()
    before = fresh.line
    after, commands = hear(before, heard, is_recorded=fresh.is_recorded)
    if after != before:
        _store(fresh, after, now)
    return fresh, commands


def _played_along(call: PhoneCall, commands: tuple[Command, ...], now: datetime) -> PhoneCall:
    """In sandbox nothing is asked of anybody; a notice was heard as soon as it is played."""
    if Command.PLAY_NOTICE in commands:
        return take_heard(call, Heard(Sign.PLAYED, Leg.CLIENT, now), now=now)
    return call


def _obey(call: PhoneCall, commands: tuple[Command, ...], now: datetime) -> PhoneCall:
    wire = line_of_house(call.organisation_id)
    try:
        with wire.exchange() as exchange:
            for command in commands:
                _VERBS[command](exchange, call, wire)
    except ProviderError as error:
        log.warning("call %s: the exchange did not %s: %s", call.pk, commands, error)
        if Command.DIAL_CLIENT in commands and error.is_certain:
            return end(call, CallResult.FAILED, detail=str(error), now=now, is_open=True)
        PhoneCall.objects.of(call.organisation_id).filter(pk=call.pk).update(detail=str(error)[:300])
    return call


_VERBS: Final[Mapping[Command, Callable[[Exchange, PhoneCall, Wire], None]]] = {
    Command.DIAL_CLIENT: lambda exchange, call, wire: exchange.ring_client(
        call.reference, number=call.number, shows=wire.shows
    ),
    Command.JOIN: lambda exchange, call, _wire: exchange.join(call.reference),
    Command.PLAY_NOTICE: lambda exchange, call, wire: exchange.play_to_both(call.reference, wire.notice),
    Command.RECORD: lambda exchange, call, _wire: exchange.record(call.reference),
    Command.CLOSE: lambda exchange, call, _wire: exchange.close_call(call.reference),
}


def hang_up(call: PhoneCall, *, now: datetime) -> PhoneCall:
    """Return the call, asked to end; the exchange tells when it did. Raises ProviderError."""
    if call.is_sandbox:
        return take_heard(call, Heard(Sign.GONE, Leg.AGENT, now, 16), now=now)
    with line_of_house(call.organisation_id).exchange() as exchange:
        exchange.close_call(call.reference)
    return call


def end(
    call: PhoneCall, result: CallResult, *, detail: str, now: datetime, is_open: bool = False
) -> PhoneCall:
    """Return the call, over for a reason of ours; with `is_open` what is left of it in the exchange is closed."""
    with transaction.atomic():
        fresh = call.locked()
        if fresh.state == CallState.ENDED:
            return fresh
        fresh.detail = detail[:300]
        _store(fresh, replace(fresh.line, state=CallState.ENDED, result=result, ended_at=now), now)
    return _obey(fresh, (Command.CLOSE,), now) if is_open else fresh


@transaction.atomic
def note_unknown(call: PhoneCall, *, detail: str) -> PhoneCall:
    """Return the call of which nobody knows whether the exchange took it; it is never asked for again by itself."""
    fresh = call.locked()
    if fresh.state == CallState.ASKED:
        fresh.state, fresh.detail = CallState.UNKNOWN, detail[:300]
        fresh.save(update_fields=["state", "detail"])
    return fresh


def look_for_lost(*, organisation_id: int, now: datetime) -> int:
    """Ask the exchange about calls that should have moved on; return how many it knows no more: they are over. Raises ProviderError."""
    alive = PhoneCall.objects.of(organisation_id).filter(is_sandbox=False).exclude(state=CallState.ENDED)
    waiting = list(alive.filter(order__created_at__lt=now - UNSEEN_FOR)[:200])
    if not waiting:
        return 0
    with line_of_house(organisation_id).exchange() as exchange:
        gone = [call for call in waiting if not exchange.has(call.reference)]
    for call in gone:
        with transaction.atomic():
            fresh = call.locked()
            if fresh.state != CallState.ENDED:
                _store(fresh, lost(fresh.line, now), now)
    return len(gone)


@transaction.atomic
def tell_outcome(*, actor: Actor, outcome_id: int, touch: touches.TouchDraft) -> bool:
    """Join the outcome that a person saved to the call it came from, and count both as one attempt; False without such a call."""
    call = last_untold(actor, touch.case_id)
    if call is None:
        return False
    call.outcome_id = outcome_id
    call.save(update_fields=["outcome_id"])
    if call.result and CallResult(call.result) in NEVER_RANG:
        return False  # the exchange says that nobody rang: what the person tells is about another attempt
    kept = touches.record_touch(actor=actor, origin=_origin(call), touch=touch)
    _close_order(call, touch.at)
    return bool(
        kept.is_contact or not touch.is_contact
    )  # else the exchange took a talk for silence: it counts by itself


def talked(actor: Actor, case_id: int) -> int | None:
    """Return how many seconds the person's last call about a case lasted, None while it has not ended or when there is none."""
    call = last_untold(actor, case_id)
    return call.seconds if call is not None and call.answered_at and call.state == CallState.ENDED else None


def count_untold(*, now: datetime) -> int:
    """Count talks of which nobody told the outcome in half an hour, as the law reads them: a contact. Return how many."""
    ended = PhoneCall.objects.across_organisations().filter(
        state=CallState.ENDED, ended_at__lt=now - UNTOLD_FOR, order__state=OrderState.SENDING
    )
    counted = 0
    for call in ended.select_related("order")[:500]:
        with transaction.atomic():
            _touch(call, is_contact=True)
            _close_order(call, call.asked_at)
        counted += 1
    return counted


def _store(call: PhoneCall, line: Line, now: datetime) -> None:
    call.line = line
    call.save(update_fields=_STORED)
    if line.result is not None:
        _conclude(call, line.result, now)


def _conclude(call: PhoneCall, result: CallResult, now: datetime) -> None:
    """A telephone that never rang is no attempt; one that nobody answered is one; a talk waits for the outcome that a person saves."""
    order = call.order
    state = OrderState.FAILED if result in NEVER_RANG else OrderState.SENT
    Attempt.objects.create(
        organisation_id=call.organisation_id, order_id=order.pk, token=order.token, at=now, state=state,
        detail=f"{result} ({call.cause}) {call.detail}".strip()[:300],
    )  # fmt: skip
    if result in NEVER_RANG:
        Order.objects.of(call.organisation_id).filter(pk=order.pk).update(
            state=OrderState.FAILED, reason="never_rang", finished_at=now
        )
    elif result not in REACHED or call.outcome_id is not None:
        _touch(call, is_contact=result in REACHED)
        _close_order(call, call.asked_at)


def _touch(call: PhoneCall, *, is_contact: bool) -> Touch:
    order, actor = call.order, system(call.organisation_id)
    draft = touches.TouchDraft(
        case_id=call.case_id, party_id=order.party_id, creditor_id=order.creditor_id, channel="call", at=call.asked_at,
        local_on=touches.local_day(order, call.asked_at), is_contact=is_contact, is_rehearsal=call.is_sandbox,
    )  # fmt: skip
    return touches.record_touch(actor=actor, origin=_origin(call), touch=draft)


def _origin(call: PhoneCall) -> str:
    return f"call:{call.pk}"


def _close_order(call: PhoneCall, at: datetime) -> None:
    if call.state == CallState.ENDED:
        rows = Order.objects.of(call.organisation_id).filter(pk=call.order_id, state=OrderState.SENDING)
        rows.update(state=OrderState.SENT, finished_at=at)
