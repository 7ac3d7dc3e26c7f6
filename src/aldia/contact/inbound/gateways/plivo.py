"""Plivo: forms; a long message reports by its parts, under the name of the whole."""

from typing import Final

from aldia.contact.inbound.gateways.reading import form, needed, person, status
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Parsed

_STATES: Final = {
    "queued": "accepted", "sent": "sent", "delivered": "delivered", "read": "read", "undelivered": "failed",
    "failed": "failed", "rejected": "failed",
}  # fmt: skip


def read(call: Call, own: str) -> Parsed:
    """Return what the call says; a state that Plivo does not document is no news. Raises CallRefused."""
    fields = form(call)
    if "status" in {name.lower() for name in fields}:
        told, name, ours = needed(
            fields, "status" if "status" in fields else "Status",
            "ParentMessageUUID" if fields.get("ParentMessageUUID") else "MessageUUID", "From",
        )  # fmt: skip
        _is_ours(ours, own)
        if told not in _STATES:
            return Parsed()
        return Parsed(events=(status("plivo", _STATES, told, provider_reference=name),))
    sender, ours, name = needed(fields, "From", "To", "MessageUUID")
    _is_ours(ours, own)
    return Parsed(messages=(Arrived(f"plivo:{name}", "sms", person(sender), fields.get("Text", "")),))


def _is_ours(told: str, own: str) -> None:
    if own and told.lstrip("+") != own.lstrip("+"):
        raise CallRefused(f"{told!r} is not our number")
