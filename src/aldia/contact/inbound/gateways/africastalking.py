"""Africa's Talking: forms to `/receive` and `/status`."""

import re
from typing import Final

from aldia.contact.inbound.gateways.reading import form, instant, needed, person, status
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Parsed

_STATES: Final = {
    "Success": "delivered", "Sent": "sent", "Submitted": "sent", "Buffered": "sent", "Queued": "accepted",
    "Rejected": "failed", "Failed": "failed", "Expired": "failed", "AbsentSubscriber": "failed",
}  # fmt: skip
_INSTANT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d)?"
)  # without a zone: UTC


def read(call: Call, own: str) -> Parsed:
    """Return what the call says. Raises CallRefused."""
    fields = form(call)
    if "status" in fields:
        name, state = needed(fields, "id", "status")
        return Parsed(events=(status("africastalking", _STATES, state, provider_reference=name),))
    name, sender, _to, date = needed(fields, "id", "from", "to", "date")
    written = _INSTANT.fullmatch(date)
    if not written:
        raise CallRefused(f"{date!r} is no instant")
    at = instant(f"{written[1]}T{written[2]}{written[3] or 'Z'}")
    message = Arrived(f"africastalking:{name}", "sms", person(sender), fields.get("text", ""), at=at)
    return Parsed(messages=(message,))
