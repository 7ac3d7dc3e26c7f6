"""MessageBird: reports in the query, messages in a form."""

from typing import Final

from aldia.contact.inbound.gateways.reading import form, instant, needed, person, query, status
from aldia.contact.providers.protocol import Arrived, Call, Parsed

_STATES: Final = {
    "scheduled": "accepted", "buffered": "sent", "sent": "sent", "delivered": "delivered", "expired": "failed",
    "delivery_failed": "failed",
}  # fmt: skip


def read(call: Call, own: str) -> Parsed:
    """Return what the call says. Raises CallRefused."""
    asked = query(call)
    if "statusDatetime" in asked or "status" in asked:
        (reference,) = needed(asked, "reference")
        # A report without a state is the first one: the message left.
        told = asked.get("status") or "sent"
        name = asked.get("id", "")
        return Parsed(
            events=(status("messagebird", _STATES, told, provider_reference=name, reference=reference),)
        )
    fields = {**asked, **form(call)}
    sender, moment = needed(
        fields, "originator", "createdDatetime" if "createdDatetime" in fields else "CreatedDatetime"
    )
    (text,) = needed(fields, "body" if "body" in fields else "payload")
    name = fields.get("id") or f"{sender}:{moment}"
    return Parsed(messages=(Arrived(f"messagebird:{name}", "sms", person(sender), text, at=instant(moment)),))
