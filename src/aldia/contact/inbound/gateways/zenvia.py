"""Zenvia: JSON with its type, `MESSAGE` or `MESSAGE_STATUS`, for SMS and WhatsApp."""

from typing import Any, Final

from aldia.contact.inbound.gateways.reading import instant, needed, parsed_json, person
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Event, Parsed

_STATES: Final = {
    "SENT": "sent", "DELIVERED": "delivered", "READ": "read", "REJECTED": "failed", "NOT_DELIVERED": "failed"
}  # fmt: skip


def read(call: Call, own: str) -> Parsed:
    """Return what the call says; a code that Zenvia does not document is a failure that it could not name. Raises CallRefused."""
    fields = parsed_json(call.body)
    (kind,) = needed(fields, "type")
    if kind == "MESSAGE_STATUS":
        name, state = needed(fields, "messageId", "messageStatus")
        (code,) = needed(state, "code")
        told = _STATES.get(str(code), "failed")
        return Parsed(
            events=(Event(f"zenvia:{name}:{told}", told, provider_reference=str(name), detail=str(code)),)
        )
    if kind != "MESSAGE":
        raise CallRefused(f"{kind!r} is no type of Zenvia")
    return Parsed(messages=(_message(fields),))


def _message(fields: dict[str, Any]) -> Arrived:
    message, moment = needed(fields, "message", "timestamp")
    if not str(moment).endswith("Z"):
        raise CallRefused(f"{moment!r} is not in UTC")
    sender, contents = needed(message, "from", "contents")
    name = message.get("id") or fields.get("id")
    if not isinstance(contents, list):
        raise CallRefused("contents is no list")
    texts = [str(each.get("text") or "") for each in contents if isinstance(each, dict)]
    files = [str(each["fileUrl"]) for each in contents if isinstance(each, dict) and each.get("fileUrl")]
    visitor = message.get("visitor")
    name_told = str(visitor.get("name") or "") if isinstance(visitor, dict) else ""
    return Arrived(
        f"zenvia:{name}", "whatsapp" if fields.get("channel") == "whatsapp" else "sms", person(sender),
        "\n".join(each for each in texts if each), name=name_told, media=tuple(files),
        at=instant(moment),
    )  # fmt: skip
