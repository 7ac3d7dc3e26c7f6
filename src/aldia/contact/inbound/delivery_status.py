"""The machine-readable part of a report (RFC 3464) and of a complaint (RFC 5965), as the mail itself states it."""

import re
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from typing import Final

from aldia.contact.inbound.mails import decoded, until_returned, written_field

_TYPED: Final = re.compile(r"^\s*[\w.+-]+\s*;\s*")
_FIELD: Final = re.compile(r"^(?:final|original)-recipient[ \t]*:", re.IGNORECASE | re.MULTILINE)
# Some forget the blank line between two recipients.
_BLOCKS: Final = re.compile(r"\n[ \t]*\n|\n(?=final-recipient[ \t]*:)", re.IGNORECASE)
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True)
class Recipient:
    """What the report says of one recipient; None for what it does not say."""

    final: str | None
    original: str | None
    action: str | None
    status: str | None
    diagnostic: str = ""

    @property
    def address(self) -> str:
        """The address that we wrote to, as far as the report tells it."""
        return _bare(self.final or "") or _bare(self.original or "")


@dataclass(frozen=True)
class Complaint:
    """Somebody pressed «this is spam»: what kind, and who as far as the report tells."""

    kind: str
    recipients: tuple[str, ...]


def stated(message: Message) -> tuple[Recipient, ...]:
    """Return the recipients of the delivery-status part; empty where the mail has none that can be read as one."""
    found = []
    for part in message.walk():
        blocks = part.get_payload() if part.get_content_type() == "message/delivery-status" else None
        if isinstance(blocks, list):
            found += [
                _recipient(each) for each in blocks if isinstance(each, Message) and _is_recipient(each)
            ]
    return tuple(found)


def recovered(message: Message) -> tuple[Recipient, ...]:
    """Return the recipients of a status part that lost its type or its frame: the same fields, wherever they stand."""
    text = "\n".join(
        decoded(part)
        if not isinstance(part.get_payload(), list)
        else "\n\n".join(str(each) for each in part.get_payload() if isinstance(each, Message))
        for part in message.walk()
        if not part.is_multipart() or part.get_content_type() == "message/delivery-status"
    )
    found: dict[str, Recipient] = {}
    for block in _BLOCKS.split(until_returned(text.replace("\r", ""))):
        start = _FIELD.search(block)
        if start:
            fields = HeaderParser().parsestr(_only_fields(block))
            each = _recipient(fields)
            if each.address and (each.action or each.status or each.diagnostic):
                found.setdefault(each.address.lower(), each)
    return tuple(found.values())


def _is_recipient(block: Message) -> bool:
    return any(block.get(name) for name in ("Final-Recipient", "Original-Recipient", "Action"))


def _only_fields(block: str) -> str:
    lines = [line for line in block.split("\n") if re.match(r"[A-Za-z-]+[ \t]*:|[ \t]+\S", line)]
    return "\n".join(lines).lstrip()


def complaint(message: Message) -> Complaint | None:
    """Return what the feedback-report part says, None without one."""
    for part in message.walk():
        if part.get_content_type() != "message/feedback-report":
            continue
        inside = part.get_payload()
        text = str(inside[0]) if isinstance(inside, list) and inside else decoded(part)
        fields = HeaderParser().parsestr(text.lstrip())
        told = [
            value
            for name in ("Original-Rcpt-To", "Removal-Recipient")
            for value in fields.get_all(name) or []
        ]
        return Complaint(
            (written_field(fields, "Feedback-Type") or "").strip().lower(),
            tuple(_bare(str(each)) for each in told),
        )
    return None


def _recipient(block: Message) -> Recipient:
    status = _STATUS.search(written_field(block, "Status") or "")
    return Recipient(
        final=_untyped(written_field(block, "Final-Recipient")),
        original=_untyped(written_field(block, "Original-Recipient")),
        action=_word(written_field(block, "Action")),
        status=status.group() if status else None,
        diagnostic=" ".join((written_field(block, "Diagnostic-Code") or "").split()),
    )


def _untyped(value: str | None) -> str | None:
    return None if value is None else _TYPED.sub("", value).strip() or None


def _word(value: str | None) -> str | None:
    words = (value or "").split()
    return words[0].lower() if words else None


def _bare(value: str) -> str:
    """The address alone, without brackets or comment."""
    return value.strip().strip("<>").split()[0].strip("<>") if value.strip().strip("<>") else ""
