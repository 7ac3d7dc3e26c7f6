"""A mail as it arrived: its texts decoded, without the message that it answers or returns."""

import re
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from typing import Final

from aldia.contact.inbound.html_text import text_of

_ADDRESS: Final = r"[^\s<>:;,\"'()\[\]=@]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?"
_LONGEST: Final = 60_000  # of a report; what comes after is not looked at
ADDRESS: Final = re.compile(_ADDRESS)
# From here on a report shows the message it is about.
_RETURNED: Final = re.compile(
    r"^\s*(?:-{2,}.*(?:below this line|copy of (?:the|your) message|original message|undelivered message|returned message"
    r"|message header|unsent message|mail (?:header|follows)|transcript of message|begin message|included is a copy"
    r"|message follows|mensaje original|mensagem original).*"
    r"|(?:the )?(?:original|returned|unsent|your) (?:message|mail)(?: text)?(?: headers?)?(?: follows?| below)[.:]?.*"
    r"|\*{3,} *(?:original|begin) .*|original message(?: headers?)?:.*|(?:the )?message header(?:s)? follows?:?.*"
    r"|(?:here is|the following is|below is|this is) (?:a|the) copy of .*|(?:return-path|received): ?[<f].*)$",
    re.IGNORECASE | re.MULTILINE,
)


# Some programs break a long `Content-Type` in two lines and forget the blank that continues it: the frame is lost with it.
_UNFOLDED: Final = re.compile(
    rb"^(content-type:[^\r\n]*;[ \t]*\r?\n)(?=(?:boundary|charset|report-type) *=)", re.I | re.M
)
_POSTMARK: Final = re.compile(r"^From \S+ +(?:\w{3} ){2} ?\d{1,2} [\d:]{5,8} .*$", re.MULTILINE)


def opened(raw: bytes) -> Message:
    """Return the mail; a line `From …` or `>From …` of a mailbox file before its headers is no header."""
    while raw[:5] == b"From " or raw[:6] == b">From ":
        raw = raw.partition(b"\n")[2]
    return message_from_bytes(_UNFOLDED.sub(rb"\1 ", raw))


def after_postmark(text: str) -> Message | None:
    """Return the mail that a text shows below the line `From …` that separates mails in a mailbox file, None without one."""
    found = _POSTMARK.search(text)
    return opened(text[found.start() :].encode("utf-8", "surrogateescape")) if found else None


def header(message: Message, name: str) -> str:
    """Return a header in plain letters, unfolded; empty without it."""
    value = written_field(message, name)
    if value is None:
        return ""
    try:
        text = str(make_header(decode_header(value)))
    except (LookupError, ValueError, MessageError):  # a charset that is none, letters that no base64 has
        text = value
    return " ".join(text.split())


def written_field(message: Message, name: str) -> str | None:
    """Return a field as it is written: mail systems put accents where the standard allows none, mostly in UTF-8."""
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            raw = str(value).encode("utf-8", "surrogateescape")
            try:
                return raw.decode()
            except UnicodeDecodeError:
                return raw.decode("latin-1")
    return None


def address_in(message: Message, name: str) -> tuple[str, str]:
    """Return (address in lower case, name) of the first person that a header names; empty where it names nobody."""
    told, address = parseaddr(header(message, name))
    return address.lower(), told


def decoded(part: Message) -> str:
    """Return the text of one part, in its own charset as far as it goes."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return str(part.get_payload())
    charset = part.get_content_charset() or "utf-8"
    try:
        return content.decode(charset, errors="replace")
    except LookupError:
        return content.decode("utf-8", errors="replace")


def own_parts(message: Message) -> list[Message]:
    """Return the leaves of a mail that are its own: nothing inside a message that it carries."""
    if message.get_content_type().startswith("message/"):
        return [message]
    inside = message.get_payload()
    if not isinstance(inside, list):
        return [message]
    return [leaf for part in inside if isinstance(part, Message) for leaf in own_parts(part)]


def report_text(message: Message) -> str:
    """Return the words of a report, plain before HTML, up to where the message that it is about begins."""
    return until_returned(own_text(message))


def own_text(message: Message) -> str:
    """Return all the words of a mail that are its own, plain before HTML, as far as they are looked at."""
    leaves = own_parts(message)
    plain = [decoded(part) for part in leaves if part.get_content_type() == "text/plain"]
    if not "".join(plain).strip():
        plain = [text_of(decoded(part)) for part in leaves if part.get_content_type() == "text/html"]
    if not plain and leaves and leaves[0] is message:
        plain = [decoded(message)]
    return "\n".join(plain).replace("\r", "")[:_LONGEST]


def until_returned(text: str) -> str:
    """Return a text up to where it begins to show another message."""
    found = _RETURNED.search(text)
    return text[: found.start()] if found and text[: found.start()].strip() else text


def carried(message: Message) -> Message | None:
    """Return the message (or only its headers) that a report is about, None where it shows none."""
    for part in message.walk():
        if part is message:
            continue
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inside = part.get_payload()
            if isinstance(inside, list) and inside and isinstance(inside[0], Message):
                return inside[0]
        if kind in {"text/rfc822-headers", "message/rfc822-headers", "text/rfc822"}:
            return message_from_bytes(decoded(part).lstrip().encode("utf-8", "replace"))
    return _shown_in_text(message)


def _shown_in_text(message: Message) -> Message | None:
    whole = "\n".join(decoded(part) for part in own_parts(message) if part.get_content_maintype() == "text")
    found = _RETURNED.search(whole)
    if not found:
        return None
    rest = whole[found.start() :]
    first = re.search(r"^[A-Za-z-]+:[ \t]*\S", rest, re.MULTILINE)
    return message_from_bytes(rest[first.start() :].encode("utf-8", "replace")) if first else None
