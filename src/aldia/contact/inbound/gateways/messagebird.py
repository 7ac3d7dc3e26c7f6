"""MessageBird: reports in the query; messages in a form, those with pictures in JSON."""

from typing import Final

from aldia.contact.inbound.gateways.reading import form, instant, needed, parsed_json, person, query, status
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Parsed

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
    fields = parsed_json(call.body) if call.body.lstrip()[:1] == b"{" else {**asked, **form(call)}
    sender, moment = needed(
        fields, "originator", "createdDatetime" if "createdDatetime" in fields else "CreatedDatetime"
    )
    pictures = fields.get("mediaURLs")
    media = tuple(str(each) for each in pictures) if isinstance(pictures, list) else ()
    text = fields.get("body") or fields.get("payload") or ""
    if not (text or media):
        raise CallRefused("the message has neither a text nor a picture")
    name = fields.get("id") or f"{sender}:{moment}"
    arrived = Arrived(
        f"messagebird:{name}", "sms", person(sender), str(text), at=instant(moment), media=media
    )
    return Parsed(messages=(arrived,))
