"""Africa's Talking: forms to `/receive` and `/status`."""

import re
from typing import Final

from aldia.contact.inbound.gateways.reading import form, instant, needed, person, status
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Parsed

_STATES: Final = {
    "Success": "delivered", "Sent": "sent", "Submitted": "sent", "Buffered": "sent", "Queued": "accepted",
    "Rejected": "failed", "Failed": "failed", "Expired": "failed", "AbsentSubscriber": "failed",
}  # fmt: skip


def read(call: Call, own: str) -> Parsed:
    """Return what the call says. Raises CallRefused."""
    fields = form(call)
    if "status" in fields:
        name, state = needed(fields, "id", "status")
        return Parsed(events=(status("africastalking", _STATES, state, provider_reference=name),))
    name, sender, _to, date = needed(fields, "id", "from", "to", "date")
    if not re.search(r"T\d{2}:\d{2}:\d{2}", date):
        raise CallRefused(f"{date!r} is no instant")
    message = Arrived(
        f"africastalking:{name}", "sms", person(sender), fields.get("text", ""), at=instant(date)
    )
    return Parsed(messages=(message,))
