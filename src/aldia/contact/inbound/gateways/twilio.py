"""Twilio: forms for messages, reports and calls, by SMS and WhatsApp."""

import base64
import binascii
import re
from typing import Final

from aldia.contact.inbound.gateways.reading import form, needed, person, status
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Event, Parsed

_STATES: Final = {
    "accepted": "accepted", "scheduled": "accepted", "queued": "accepted", "sending": "sent", "sent": "sent",
    "delivered": "delivered", "read": "read", "undelivered": "failed", "failed": "failed", "canceled": "failed",
}  # fmt: skip
OPTED_OUT: Final = "21610"  # the person answered STOP to Twilio itself
_DEAD: Final = frozenset({"21211", "21614", "30005", "30006"})  # no such number, a landline, unknown handset
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}")


def read(call: Call, own: str) -> Parsed:
    """Return what the call says. Raises CallRefused."""
    fields = form(call)
    if "CallStatus" in fields or "DialCallStatus" in fields:
        return Parsed(events=(_of_call(fields),))
    (name,) = needed(fields, "MessageSid" if "MessageSid" in fields else "SmsSid")
    told = fields.get("MessageStatus") or fields.get("SmsStatus", "")
    if "Body" in fields or told == "received":
        return Parsed(messages=(_message(name, fields),))
    if not told:
        return Parsed()  # a report of nothing: asking for it again would bring the same
    code = fields.get("ErrorCode", "")
    state = "opted_out" if code == OPTED_OUT else "dead" if code in _DEAD else ""
    event = status("twilio", _STATES, told, provider_reference=name)
    detail = f"{told} {code} {fields.get('ErrorMessage', '')}".strip()
    return Parsed(
        events=(
            Event(event.event_id, event.kind, provider_reference=name, detail=detail, address_state=state),
        )
    )


def _message(name: str, fields: dict[str, str]) -> Arrived:
    (sender,) = needed(fields, "From")
    channel, _mark, rest = sender.rpartition(":")
    user_id = fields.get("ExternalUserId", "").removeprefix("whatsapp:")
    return Arrived(
        event_id=f"twilio:{name}",
        channel="whatsapp" if channel == "whatsapp" else "sms",
        sender=person(rest.strip()),
        text=_plain(fields.get("Body", "")),
        name=fields.get("ProfileName", ""),
        reply_to=fields.get("OriginalRepliedMessageSid", ""),
        payload=fields.get("ButtonPayload", ""),
        user_id=user_id,
        media=tuple(value for key, value in fields.items() if re.fullmatch(r"MediaUrl\d+", key)),
    )


def _plain(text: str) -> str:
    """Some carriers hand a long text over in base64; only what becomes readable is taken for that."""
    compact = text.strip()
    if not _BASE64.fullmatch(compact) or len(compact) % 4:
        return text
    try:
        plain = base64.b64decode(compact, validate=True).decode("utf-8", "ignore")
    except binascii.Error:
        return text
    readable = sum(each.isprintable() or each.isspace() for each in plain)
    return plain if plain and readable == len(plain) and " " in plain else text


def _of_call(fields: dict[str, str]) -> Event:
    """A call ended or moves on: its seconds are in `CallDuration` (`Duration` is billed minutes), or in the forwarded leg."""
    (name,) = needed(fields, "CallSid")
    told = fields.get("DialCallStatus") or fields.get("CallStatus", "")
    kinds = {
        "completed": "delivered", "queued": "accepted", "initiated": "accepted", "ringing": "accepted",
        "in-progress": "accepted", "answered": "accepted", "busy": "failed", "no-answer": "failed", "failed": "failed",
        "canceled": "failed",
    }  # fmt: skip
    if told not in kinds:
        raise CallRefused(f"{told!r} is no state of a call")
    seconds = fields.get("DialCallDuration") or fields.get("CallDuration") or ""
    return Event(
        f"twilio:{name}:{told}", kinds[told], provider_reference=name, detail=f"{told} {seconds}".strip()
    )
