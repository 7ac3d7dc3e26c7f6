"""Bandwidth: a JSON list of events, each with its message."""

from typing import Any, Final

from aldia.contact.inbound.gateways.reading import instant, needed, parsed_json, person, status
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Event, Parsed

_STATES: Final = {"message-sending": "sent", "message-delivered": "delivered", "message-failed": "failed"}
_RECEIVED: Final = "message-received"


def read(call: Call, own: str) -> Parsed:
    """Return what the call says. Raises CallRefused."""
    entries = parsed_json(call.body)
    if not isinstance(entries, list) or not entries:
        raise CallRefused("the body is no list of events")
    read_ones = [_entry(entry) for entry in entries]
    return Parsed(
        events=tuple(each for each in read_ones if isinstance(each, Event)),
        messages=tuple(each for each in read_ones if isinstance(each, Arrived)),
    )


def _entry(entry: Any) -> Event | Arrived:
    kind, message = needed(entry, "type", "message")
    (name,) = needed(message, "id")
    if kind != _RECEIVED:
        return status("bandwidth", _STATES, kind, provider_reference=str(name))
    sender, moment = needed(message, "from", "time")
    media = message.get("media")
    return Arrived(
        f"bandwidth:{name}", "sms", person(sender), str(message.get("text") or ""), at=instant(moment),
        media=tuple(str(each) for each in media) if isinstance(media, list) else (),
    )  # fmt: skip
