"""Infobip: JSON with `results`, of messages that came in or of reports."""

from typing import Any, Final

from aldia.contact.inbound.gateways.reading import instant, needed, parsed_json, person, status
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Event, Parsed

_STATES: Final = {
    "ACCEPTED": "accepted", "PENDING": "sent", "DELIVERED": "delivered", "UNDELIVERABLE": "failed",
    "EXPIRED": "failed", "REJECTED": "failed",
}  # fmt: skip


def read(call: Call, own: str) -> Parsed:
    """Return what the call says. Raises CallRefused."""
    (results,) = needed(parsed_json(call.body), "results")
    if not isinstance(results, list):
        raise CallRefused("results is no list")
    read_ones = [_result(each) for each in results]
    return Parsed(
        events=tuple(each for each in read_ones if isinstance(each, Event)),
        messages=tuple(each for each in read_ones if isinstance(each, Arrived)),
    )


def _result(result: Any) -> Event | Arrived:
    (name,) = needed(result, "messageId")
    if "status" in result:
        (group,) = needed(result["status"], "groupName")
        return status("infobip", _STATES, group, provider_reference=str(name))
    sender, moment = needed(result, "from", "receivedAt")
    parts = result.get("message")
    parts = [each for each in parts if isinstance(each, dict)] if isinstance(parts, list) else []
    text = " ".join(str(each["value"]) for each in parts if each.get("value"))
    return Arrived(
        f"infobip:{name}", "sms", person(sender), str(result.get("text") or text), at=instant(moment),
        media=tuple(str(each["url"]) for each in parts if each.get("url")),
    )  # fmt: skip
