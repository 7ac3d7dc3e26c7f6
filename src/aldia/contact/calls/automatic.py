"""Automatic calls: a notice of the outbox that rings, says its words and answers keys. It left once; here is what came of it."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.db import transaction

from aldia.contact.calls import menus
from aldia.contact.calls.lines import PROVIDER, line_of_house
from aldia.contact.calls.models import PhoneCall
from aldia.contact.models import Message
from aldia.contact.providers.asterisk.events import Told
from aldia.contact.providers.protocol import Event, ProviderError
from aldia.contact.services.taking import take_event
from aldia.domain.calls import CallResult, CallState, Sign, hear

log = logging.getLogger(__name__)
_STORED: Final = ("state", "result", "cause", "answered_at", "ended_at", "seconds", "menu")


def adopted(organisation_id: int, told: Told, *, now: datetime) -> PhoneCall | None:
    """Return the call of a notice that left by telephone, its row made with the first word about it; None for another's."""
    rows = Message.objects.of(organisation_id).filter(reference=told.reference, channel="call")
    message = rows.select_related("order").first()
    if message is None:
        return None
    order = message.order
    made: PhoneCall
    made, _is_new = PhoneCall.objects.of(organisation_id).get_or_create(
        reference=told.reference, organisation_id=organisation_id,
        defaults={
            "order": order, "case_id": order.case_id, "portfolio_id": order.portfolio_id, "number": message.recipient[:40],
            "is_sandbox": message.is_sandbox, "on": order.as_of, "asked_at": order.sending_at or now,
        },
    )  # fmt: skip
    return made


def take(call: PhoneCall, told: Told, *, now: datetime) -> None:
    """Follow one word about an automatic call: it is picked up, a key is pressed, all was said, it is over."""
    with transaction.atomic():
        fresh = call.locked()
        was = fresh.line
        if told.heard is not None:
            fresh.line = hear(was, told.heard, is_recorded=False)[0]
        key = _key(fresh, told)
        hushed = _number(fresh) if told.digit else 0
        spoken = menus.answer(fresh, key, now) if key is not None else None
        if spoken is not None and spoken.sounds:
            fresh.menu = {**fresh.menu, "said": _number(fresh) + 1, "is_over": spoken.is_over}
        fresh.save(update_fields=_STORED)
    if fresh.result and was.result is None:
        _tell(fresh, now)
    _speak(fresh, spoken, hushed, is_heard=_is_heard_out(fresh, told))


def _key(call: PhoneCall, told: Told) -> str | None:
    """What the menu is asked: the beginning, a key, or a silence after the newest words; None for nothing."""
    if call.state != CallState.TALKING or call.menu.get("is_over"):
        return None
    if told.heard is not None:
        return menus.BEGIN if told.heard.sign is Sign.PICKED_UP and not _number(call) else None
    if told.digit:
        return told.digit
    return menus.SILENCE if told.said and told.said == _number(call) else None


def _number(call: PhoneCall) -> int:
    return int(call.menu.get("said", 0))


def _is_heard_out(call: PhoneCall, told: Told) -> bool:
    """Whether the last words were heard to their end."""
    return bool(call.menu.get("is_over")) and told.said == _number(call)


def _speak(call: PhoneCall, spoken: menus.Spoken | None, hushed: int, *, is_heard: bool) -> None:
    """Afterwards, with nothing held: say it, or hang up. What the exchange refuses ends with the call itself."""
    is_silent_end = spoken is not None and spoken.is_over and not spoken.sounds
    if not (spoken and spoken.sounds) and not is_heard and not is_silent_end:
        return
    try:
        with line_of_house(call.organisation_id).exchange() as exchange:
            if is_heard or is_silent_end:
                exchange.close_call(call.reference)
            elif spoken is not None:
                if hushed:
                    exchange.hush(call.reference, number=hushed)
                exchange.play(call.reference, ",".join(spoken.sounds), number=_number(call))
    except ProviderError as error:
        log.warning("automatic call %s: %s", call.pk, error)


def _tell(call: PhoneCall, now: datetime) -> None:
    """How it ended is what became of the notice: where nobody picked up, another way may be tried."""
    kind = "delivered" if call.result == CallResult.ANSWERED else "failed"
    event = Event(
        f"{call.reference}:end",
        kind,
        reference=call.reference,
        detail=f"{call.result} ({call.cause})",
        at=call.ended_at,
    )
    take_event(organisation_id=call.organisation_id, provider=PROVIDER, event=event, now=now)
