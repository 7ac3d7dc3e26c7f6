"""Wavy (Sinch Brasil): JSON; `correlationId` is ours. Codes of its public documentation."""

from typing import Any, Final

from aldia.contact.inbound.gateways.reading import instant, needed, parsed_json, person
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Event, Parsed

_REFUSED: Final = (101, 102, 103, 104, 201, 202, 203, 204, 205, 207)
_SENT: Final = {2: "sent", **dict.fromkeys(_REFUSED, "failed")}
_DELIVERED: Final = {4: "delivered", 104: "failed"}


def read(call: Call, own: str) -> Parsed:
    """Return what the call says. Raises CallRefused."""
    fields = parsed_json(call.body)
    if not isinstance(fields, dict):
        raise CallRefused("the body has no fields")
    if "deliveredStatusCode" in fields:
        return Parsed(events=(_event(fields, _DELIVERED, "deliveredStatusCode"),))
    if "sentStatusCode" in fields:
        return Parsed(events=(_event(fields, _SENT, "sentStatusCode"),))
    name, sender, text = needed(fields, "id", "source", "messageText")
    at = (
        instant(fields["receivedAt"]) if "receivedAt" in fields and "Z" in str(fields["receivedAt"]) else None
    )
    return Parsed(messages=(Arrived(f"wavy:{name}", "sms", person(sender), str(text), at=at),))


def _event(fields: dict[str, Any], states: dict[int, str], field: str) -> Event:
    name, code = needed(fields, "correlationId", field)
    kind = states.get(code) if isinstance(code, int) else None
    if kind is None:
        raise CallRefused(f"{code!r} is no state of Wavy")
    return Event(f"wavy:{name}:{kind}", kind, provider_reference=str(name), detail=str(code))
