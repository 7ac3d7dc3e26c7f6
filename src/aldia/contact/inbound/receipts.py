"""Delivery receipts of SMPP 3.4 (appendix B), in every dialect that gateways write."""

import re
from dataclasses import dataclass
from typing import Final

_FIELD: Final = re.compile(
    r"(?:^|(?<=\s))(submit[ _]?date|done[ _]?date|id|sub|dlvrd|stat|err|text):(?![/])", re.IGNORECASE
)
STATES: Final = {
    "DELIVRD": "delivered", "UNDELIV": "failed", "EXPIRED": "failed", "REJECTD": "failed", "DELETED": "failed",
    "ACCEPTD": "accepted", "ENROUTE": "accepted", "UNKNOWN": "accepted",
    # Some gateways write the words whole.
    "DELIVERED": "delivered", "UNDELIVERED": "failed", "UNDELIVERABLE": "failed", "REJECTED": "failed", "FAILED": "failed",
    "SKIPPED": "failed",
}  # fmt: skip


@dataclass(frozen=True)
class Receipt:
    """The fields of a receipt as written; None for what it does not carry."""

    id: str | None
    sub: str | None
    dlvrd: str | None
    submit_date: str | None
    done_date: str | None
    stat: str | None
    err: str | None
    text: str | None

    @property
    def kind(self) -> str:
        """`delivered`, `failed`, or `accepted` while nothing is final."""
        return STATES.get((self.stat or "").upper(), "accepted")


def read_receipt(written: str) -> Receipt | None:
    """Return the receipt that a short message is, None for a person's message: one without a state."""
    found: dict[str, str] = {}
    marks = list(_FIELD.finditer(written))
    for number, mark in enumerate(marks):
        name = re.sub(r"[ _]?date$", " date", mark.group(1).lower()).replace("  ", " ")
        if name in found or "text" in found:  # the text is last, and may look like anything
            continue
        end = (
            len(written)
            if name == "text"
            else marks[number + 1].start()
            if number + 1 < len(marks)
            else len(written)
        )
        value = written[mark.end() : end].strip(" ")
        found[name] = value if name == "text" else (value.split() or [""])[0]
    if not found.get("stat"):
        return None
    values = [
        found.get(label)
        for label in ("id", "sub", "dlvrd", "submit date", "done date", "stat", "err", "text")
    ]
    return Receipt(*values)
