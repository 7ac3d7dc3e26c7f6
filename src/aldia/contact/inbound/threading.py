"""Which message of ours a mail answers: by the token of the address, by the ids it names, by the control code it quotes."""

import re
from email.message import Message
from typing import Final

from aldia.contact.inbound.mails import carried, decoded, header, own_parts

_TOKEN: Final = re.compile(r"(?<![0-9a-f])([0-9a-f]{16})(?![0-9a-f])")
_PLUS: Final = re.compile(r"\+([0-9a-f]{16})@", re.IGNORECASE)
_CODE: Final = re.compile(r"\b([0-9A-F]{8})\b")
_SENT_TO: Final = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_ANSWERS: Final = ("In-Reply-To", "References", "Original-Message-ID", "X-Original-Message-ID")


def tokens_of(message: Message) -> list[tuple[str, str]]:
    """Return (how it was found, reference of ours) candidates, the surest first: `token`, then `message`."""
    found = [("token", each.lower()) for name in _SENT_TO for each in _PLUS.findall(header(message, name))]
    ids = [header(message, name) for name in _ANSWERS]
    original = carried(message)
    if original is not None:  # a bounce shows the mail that did not arrive
        ids += [header(original, name) for name in ("Message-ID", "Reply-To", "Return-Path")]
    found += [("message", each) for value in ids for each in _TOKEN.findall(value.lower())]
    return list(dict.fromkeys(found))


def codes_of(message: Message) -> list[str]:
    """Return what may be control codes of ours in a quoted text, in lower case: the first half of a reference."""
    text = "\n".join(decoded(part) for part in own_parts(message) if part.get_content_maintype() == "text")
    return list(dict.fromkeys(each.lower() for each in _CODE.findall(text)))[:20]
