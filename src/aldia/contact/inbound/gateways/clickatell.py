"""Clickatell: JSON; the text is escaped in the character set that it names."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote_to_bytes

from aldia.contact.inbound.gateways.reading import needed, parsed_json, person, status
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Parsed

_STATES: Final = {
    "1": "failed", "2": "accepted", "3": "sent", "4": "delivered", "5": "failed", "6": "failed", "7": "failed",
    "8": "sent", "9": "failed", "10": "failed", "11": "accepted", "12": "failed", "14": "failed",
}  # fmt: skip


def read(call: Call, own: str) -> Parsed:
    """Return what the call says. Raises CallRefused."""
    fields = parsed_json(call.body)
    if isinstance(fields, dict) and "statusCode" in fields:
        name, code = needed(fields, "messageId", "statusCode")
        return Parsed(events=(status("clickatell", _STATES, code, provider_reference=str(name)),))
    name, sender, text, moment = needed(fields, "messageId", "fromNumber", "text", "timestamp")
    try:
        said = unquote_to_bytes(str(text).replace("+", " ")).decode(
            str(fields.get("charset") or "utf-8"), "replace"
        )
        at = datetime.fromtimestamp(int(moment) / 1000, UTC)
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise CallRefused("the text or its instant cannot be read") from error
    return Parsed(messages=(Arrived(f"clickatell:{name}", "sms", person(sender), said, at=at),))
