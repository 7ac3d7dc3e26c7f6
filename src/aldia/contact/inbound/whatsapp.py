"""WhatsApp's Cloud API: what one webhook body says, change after change, without trusting any field to be there."""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Final

from aldia.contact.inbound.gateways.reading import from_seconds, parsed_json
from aldia.contact.providers.protocol import Arrived, CallRefused, Event, Parsed

MEDIA: Final = frozenset({"audio", "document", "image", "sticker", "video", "voice"})
OPTED_OUT: Final = 131050
_STATES: Final = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}


@dataclass(frozen=True)
class Change:
    """One thing that a body says: a `message`, a `status`, an `error`, or `other` (an account, a template, a call)."""

    event: str
    field: str
    waba_id: str
    phone_number_id: str | None
    facts: dict[str, Any] = default(default_factory=dict)
    raw: dict[str, Any] = default(default_factory=dict)


def changes(body: bytes) -> list[Change]:
    """Return what the body says, in its order. Raises CallRefused when it is no webhook of the Cloud API."""
    told = parsed_json(body)
    entries = told.get("entry") if isinstance(told, dict) else None
    if not isinstance(entries, list):
        raise CallRefused("the body has no entry")
    return [
        each
        for entry in _dicts(entries)
        for change in _dicts(entry.get("changes"))
        for each in _of(entry, change)
    ]


def _of(entry: dict[str, Any], change: dict[str, Any]) -> Iterator[Change]:
    value = _dict(change.get("value"))
    where = (
        str(change.get("field") or ""),
        str(entry.get("id") or ""),
        _dict(value.get("metadata")).get("phone_number_id"),
    )
    found = [
        *(("message", _message_facts(each), each) for each in _dicts(value.get("messages"))),
        *(("status", _status_facts(each), each) for each in _dicts(value.get("statuses"))),
        *(("error", {"code": each.get("code"), "title": each.get("title")}, each) for each in _dicts(value.get("errors"))),
    ]  # fmt: skip
    for event, facts, raw in found or [("other", {"keys": sorted(value)}, value)]:
        names = {"contacts": _dicts(value.get("contacts"))} if event == "message" else {}
        yield Change(event, *where, facts=facts, raw={**raw, **names})


def _message_facts(message: dict[str, Any]) -> dict[str, Any]:
    kind = message.get("type")
    facts: dict[str, Any] = {
        "id": message.get("id"),
        "sender": message.get("from") or message.get("from_user_id"),
        "timestamp": message.get("timestamp"),
        "type": kind,
        "reply_to": _dict(message.get("context")).get("id"),
    }
    body = _dict(message.get(str(kind)))
    if kind == "text":
        facts["text"] = body.get("body")
    elif kind == "button":
        facts |= {"text": body.get("text"), "payload": body.get("payload")}
    elif kind == "interactive":
        facts |= _chosen(body)
    elif kind == "reaction":
        facts |= {"reply_to": body.get("message_id"), "emoji": body.get("emoji")}
    elif kind == "location":
        facts["location"] = {"latitude": body.get("latitude"), "longitude": body.get("longitude")}
    elif str(kind) in MEDIA:
        facts |= {
            "media_id": body.get("id"), "mime_type": body.get("mime_type"), "caption": body.get("caption"),
            "filename": body.get("filename"),
        }  # fmt: skip
    codes = [each.get("code") for each in _dicts(message.get("errors"))]
    return {**facts, "error_codes": codes} if codes else facts


def _chosen(body: dict[str, Any]) -> dict[str, Any]:
    """What the person chose among buttons or a list, or filled in."""
    for kind in ("button_reply", "list_reply"):
        if kind in body:
            chosen = _dict(body[kind])
            return {"text": chosen.get("title"), "payload": chosen.get("id")}
    if "nfm_reply" in body:
        return {"flow_response": _dict(body["nfm_reply"]).get("response_json")}
    return {}


def _status_facts(status: dict[str, Any]) -> dict[str, Any]:
    pricing = _dict(status.get("pricing"))
    origin = _dict(_dict(status.get("conversation")).get("origin"))
    return {
        "id": status.get("id"),
        "status": status.get("status"),
        "recipient": status.get("recipient_id") or status.get("recipient_user_id"),
        "timestamp": status.get("timestamp"),
        "error_codes": [each.get("code") for each in _dicts(status.get("errors"))],
        "billable": pricing.get("billable"),
        "category": pricing.get("category") or origin.get("type"),
    }


def parsed(found: list[Change]) -> Parsed:
    """Return the states of our messages and what people wrote; the same one twice in a body is one."""
    events = {event.event_id: event for change in found if (event := _event(change))}
    messages = {arrived.event_id: arrived for change in found if (arrived := _arrived(change))}
    states = [_template(change) for change in found if change.field == "message_template_status_update"]
    return Parsed(tuple(events.values()), tuple(messages.values()), tuple(states))


def _template(change: Change) -> tuple[str, str]:
    told = change.raw
    return f"{told.get('message_template_name')}:{told.get('message_template_language')}", str(
        told.get("event", "")
    )


def _event(change: Change) -> Event | None:
    facts = change.facts
    kind = (
        _STATES.get(str(facts.get("status")))
        if change.event == "status" and change.field == "messages"
        else None
    )
    if kind is None or not facts.get("id"):
        return None
    codes = [str(code) for code in facts["error_codes"]]
    said = [str(each.get("title") or "") for each in _dicts(change.raw.get("errors"))]
    return Event(
        event_id=f"whatsapp:{facts['id']}:{kind}",
        kind=kind,
        reference=str(change.raw.get("biz_opaque_callback_data") or ""),
        provider_reference=str(facts["id"]),
        detail=" ".join([*codes, *said])[:300],
        at=from_seconds(facts.get("timestamp")),
        address_state="opted_out"
        if OPTED_OUT in facts["error_codes"]
        else "dead"
        if 131026 in facts["error_codes"]
        else "",
    )


def _arrived(change: Change) -> Arrived | None:
    facts = change.facts
    if change.event != "message" or not facts.get("id") or not facts.get("sender"):
        return None
    contact: dict[str, Any] = next(iter(change.raw.get("contacts") or []), {})
    said = facts.get("text") or facts.get("caption") or facts.get("emoji") or facts.get("flow_response") or ""
    return Arrived(
        event_id=f"whatsapp:{facts['id']}",
        channel="whatsapp",
        sender=str(facts["sender"]),
        text=str(said),
        name=str(_dict(contact.get("profile")).get("name") or ""),
        reply_to=str(facts.get("reply_to") or ""),
        payload=str(facts.get("payload") or ""),
        user_id=str(change.raw.get("from_user_id") or contact.get("user_id") or ""),
        media=(str(facts["media_id"]),) if facts.get("media_id") else (),
        media_kinds=(str(facts.get("mime_type") or "file"),) if facts.get("media_id") else (),
        media_names=(str(facts.get("filename") or ""),) if facts.get("media_id") else (),
        at=from_seconds(facts.get("timestamp")),
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
