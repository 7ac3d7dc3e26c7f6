"""Amazon's own way of reporting: one JSON notice in the text of a mail, or in the body of a call."""

import json
from dataclasses import dataclass
from typing import Any, Final

_KINDS: Final = {"Bounce": "bounce", "Complaint": "complaint", "Delivery": "delivery"}


@dataclass(frozen=True)
class Notice:
    """What one notice says: `bounce`, `complaint` or `delivery`, and (address, diagnosis, status, action) of each recipient."""

    kind: str
    recipients: tuple[tuple[str, str, str, str], ...]
    complaint_kind: str = ""
    message_id: str = ""


def notice(text: str) -> Notice | None:
    """Return the notice that a text begins with, None where it is none."""
    if "notificationType" not in text and "eventType" not in text:
        return None
    told = _first_object(text)
    if isinstance(told, dict) and isinstance(told.get("Message"), str):  # in the envelope of a topic
        told = _first_object(told["Message"])
    kind = (
        _KINDS.get(str(told.get("notificationType") or told.get("eventType")))
        if isinstance(told, dict)
        else None
    )
    return _notice(told, kind) if kind else None


def _first_object(text: str) -> Any:
    begin = text.find("{")
    try:
        return json.JSONDecoder(strict=False).raw_decode(text[begin:].replace("\n", ""))[0]
    except (ValueError, RecursionError):
        return None


def _notice(told: dict[str, Any], kind: str) -> Notice:
    part: dict[str, Any] = told.get(kind) or {}
    if kind == "delivery":
        answer = str(part.get("smtpResponse") or "")
        found = tuple((str(each), answer, "", "delivered") for each in part.get("recipients") or ())
    elif kind == "complaint":
        found = tuple(
            (str(each.get("emailAddress")), "", "", "") for each in part.get("complainedRecipients") or ()
        )
    else:
        found = tuple(
            (
                str(each.get("emailAddress")), str(each.get("diagnosticCode") or part.get("bounceSubType") or ""),
                str(each.get("status") or ""), str(each.get("action") or "failed"),
            )
            for each in part.get("bouncedRecipients") or ()
        )  # fmt: skip
    mail = told.get("mail") or {}
    return Notice(
        kind, found, str(part.get("complaintFeedbackType") or "abuse"), str(mail.get("messageId") or "")
    )
