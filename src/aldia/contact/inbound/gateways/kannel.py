"""Kannel: everything in the query; a report is a number that adds up what happened."""

from typing import Final

from aldia.contact.inbound.gateways.reading import from_seconds, needed, person, query
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Event, Parsed

# Kannel's `%d`: 1 delivered, 2 failed, 4 buffered at the centre, 8 taken by the centre, 16 refused by it.
_STATES: Final = {"1": "delivered", "2": "failed", "4": "sent", "8": "", "16": "failed"}


def read(call: Call, own: str) -> Parsed:
    """Return what the call says; that the centre took a message is no news. Raises CallRefused."""
    fields = query(call)
    if "status" not in fields:
        name, sender = needed(fields, "id", "sender")
        if "message" not in fields:
            raise CallRefused("missing: message")  # an empty one is a message all the same
        at = from_seconds(fields.get("ts"))
        return Parsed(messages=(Arrived(f"kannel:{name}", "sms", person(sender), fields["message"], at=at),))
    reference, name = fields.get("uuid", ""), fields.get("id", "")
    if not (reference or name):
        raise CallRefused("the report names no message")
    kind = _STATES.get(fields["status"])
    if kind is None:
        raise CallRefused(f"{fields['status']!r} is no state of Kannel")
    if not kind:
        return Parsed()
    event = Event(f"kannel:{reference or name}:{kind}", kind, reference=reference, provider_reference=name)
    return Parsed(events=(event,))
