"""Jasmin: forms; a report counts parts delivered and the error code, and newer ones name SMPP's own state."""

from typing import Final

from aldia.contact.inbound.gateways.reading import form, needed, person, query
from aldia.contact.inbound.receipts import STATES
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Event, Parsed

_ESME: Final = {"ESME_ROK": "sent"}


def read(call: Call, own: str) -> Parsed:
    """Return what the call says. Raises CallRefused."""
    fields = {**query(call), **form(call)}
    if "content" in fields or "binary" in fields or "from" in fields:
        name, sender = needed(fields, "id", "from")
        return Parsed(messages=(Arrived(f"jasmin:{name}", "sms", person(sender), _text(fields)),))
    (name,) = needed(fields, "id")
    kind = _kind(fields)
    return Parsed(
        events=(Event(f"jasmin:{name}:{kind}", kind, provider_reference=name, detail=fields.get("err", "")),)
    )


def _kind(fields: dict[str, str]) -> str:
    state = fields.get("message_status", "").upper()
    if state:
        if state not in STATES and state not in _ESME:
            raise CallRefused(f"{state!r} is no state of Jasmin")
        told = _ESME.get(state) or STATES[state]
        return "sent" if told == "accepted" else told
    if fields.get("dlvrd", "").strip("0").isdigit():
        return "delivered"
    if fields.get("err", "").strip("0"):
        return "failed"
    raise CallRefused("the report tells no state")


def _text(fields: dict[str, str]) -> str:
    """UCS-2 comes as hexadecimal."""
    try:
        if fields.get("coding") == "8" and fields.get("binary"):
            return bytes.fromhex(fields["binary"]).decode("utf-16-be", "replace")
    except ValueError as error:
        raise CallRefused("binary is no hexadecimal") from error
    return fields.get("content", "")
