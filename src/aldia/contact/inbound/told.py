"""Which recipients a report names in words, and what it says of each: for the many that have no machine-readable part."""

import re
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses
from typing import Final

from aldia.contact.inbound.mails import ADDRESS, carried, header

# A line that begins to speak of a recipient: the address first, perhaps after a code, a label or a bullet.
_OPENS: Final = re.compile(
    r"^[ \t>*•-]*(?:\d{3}[ -](?:[245]\.\d+\.\d+ )?)?"
    r"(?:(?:final|original|failed|intended)?[ -]?(?:recipients?|address|user|to|rcpt to|mailbox|e-?mail)(?: address)?"
    r"(?:\(s\))?[ \t]*[:=][ \t]*(?:rfc822;)?|(?:[<>]{3} )?rcpt to:|(?:your|the) (?:message|mail) (?:to|for)"
    r"|(?:delivery|message) (?:to|for)(?: the following (?:recipient|address)(?:e?s)?:?)?|unable to deliver to|sent to)?"
    rf"[ \t]*[<\"'\[(]*(?:smtp:|mailto:|rfc822;)?({ADDRESS.pattern})",
    re.IGNORECASE | re.MULTILINE,
)  # fmt: skip
# Sendmail first shows its talk with the other server, and then gives its own verdict on the address.
_TALK: Final = re.compile(
    r"^(?:\.\.\. )?while talking to [^\n]+\n(?:(?!\.\.\. |while talking)[^\n]*\n)*?\Z",
    re.IGNORECASE | re.MULTILINE,
)
_VERDICT: Final = re.compile(r"\d{3} <")
_DAEMON: Final = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-daemon|abuse|no-?reply|bounces?)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Told:
    """One recipient and the words about it."""

    address: str
    words: str


def told(message: Message, text: str) -> tuple[Told, ...]:
    """Return the recipients that a report names, each once and in order, with what stands beside each."""
    ours = _ours(message)
    named = _by_header(message)
    openings = [
        (found.start(), found.group(1).rstrip("."))
        for found in _OPENS.finditer(text)
        if found.group(1).lower() not in ours and not _DAEMON.match(found.group(1))
    ]
    if named:
        openings = [each for each in openings if each[1].lower() in {name.lower() for name in named}]
    if not openings and not named:  # a mail that somebody wrote to its own address
        openings = [(found.start(), found.group(1).rstrip(".")) for found in _OPENS.finditer(text)][:1]
    order = list(dict.fromkeys(named + [address for _at, address in openings]))
    if not order:
        order = _anywhere(text, ours) or _written_to(message)
    once = {address.lower(): address for address in reversed(order)}
    return tuple(
        Told(address, _words_of(address, text, openings)) for address in reversed(list(once.values()))
    )


def _by_header(message: Message) -> list[str]:
    """Exim, Gmail and others name the recipients in a header of their own."""
    values = message.get_all("X-Failed-Recipients") or []
    return [found for value in values for found in ADDRESS.findall(str(value))]


def _words_of(address: str, text: str, openings: list[tuple[int, str]]) -> str:
    """What is said between the address and the next one; without any, the whole text, which then speaks of all."""
    parts = []
    for number, (begin, found) in enumerate(openings):
        if found.lower() == address.lower():
            later = [at for at, other in openings[number + 1 :] if other.lower() != address.lower()]
            parts.append(_talk_before(text, begin, openings[number - 1][0] if number else 0))
            parts.append(text[begin : later[0] if later else len(text)])
    return "\n".join(filter(None, parts)) or text


def _talk_before(text: str, begin: int, earlier: int) -> str:
    """What the other server answered right before a verdict, as far as it is about no earlier address."""
    found = _TALK.search(text[earlier:begin]) if _VERDICT.match(text, begin) else None
    answers = [line for line in found.group().splitlines() if line.startswith("<<<")] if found else []
    return "".join(f"{line}\n" for line in answers)


def _anywhere(text: str, ours: set[str]) -> list[str]:
    found = [each.rstrip(".") for each in ADDRESS.findall(text)]
    return [each for each in found if each.lower() not in ours and not _DAEMON.match(each)][:1]


def _written_to(message: Message) -> list[str]:
    original = carried(message)
    if original is None:
        return []
    return [address for _name, address in getaddresses([header(original, "To")]) if "@" in address][:1]


def _ours(message: Message) -> set[str]:
    """The report came to us: our own addresses are no recipient that failed."""
    values = [header(message, name) for name in ("To", "Delivered-To", "From", "Return-Path")]
    original = carried(message)
    if original is not None:
        values += [header(original, name) for name in ("From", "Return-Path", "Sender", "Reply-To")]
    return {address.lower() for _name, address in getaddresses(values) if "@" in address}
