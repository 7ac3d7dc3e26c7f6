"""Why a mail did not arrive: one of our reasons, found in what servers say, and then in the status code.

Codes are used as servers please, so words decide first: they are in `reasons.yaml`. Source of the codes: RFC 3463, RFC 5321.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml

UNKNOWN_USER, UNKNOWN_HOST, MOVED, NO_MAIL = "unknown_user", "unknown_host", "moved", "no_mail"
FULL, EXPIRED, NETWORK, SYSTEM = "full", "expired", "network", "system"
BLOCKED, SUSPENDED, FILTERED, TOO_BIG, UNDEFINED = "blocked", "suspended", "filtered", "too_big", "undefined"
DELIVERED, COMPLAINT, AUTO_REPLY = "delivered", "complaint", "auto_reply"

_SAID: Final = Path(__file__).with_name("reasons.yaml")
DEAD: Final = frozenset({UNKNOWN_USER, UNKNOWN_HOST, MOVED, NO_MAIL})  # never write there again

# What only introduces the reason, and where the sender was refused: then it is not about the recipient.
_WRAPPING: Final = re.compile(
    r"recipient address rejected: *(?=\w)(?!access denied)|https?://\S+|www\.\S+|in reply to [a-z ]*command",
    re.IGNORECASE,
)
# Google tells in the language of the group's owner that the group is not there or takes no mail; only the address of its help stays.
_GROUP: Final = re.compile(r"groups\.google\.com/support|support\.google\.com/a/answer/168383", re.IGNORECASE)
_AT_SENDER: Final = re.compile(r"(?:after|in (?:reply|response) to) mail from", re.IGNORECASE)

_BY_STATUS: Final[dict[str, str]] = {
    "1.0": UNKNOWN_USER, "1.1": UNKNOWN_USER, "1.2": UNKNOWN_HOST, "1.3": UNKNOWN_USER, "1.4": UNKNOWN_USER,
    "1.6": MOVED, "1.7": BLOCKED, "1.8": BLOCKED, "1.9": UNKNOWN_USER, "1.10": NO_MAIL, "2.0": FILTERED,
    "2.1": SUSPENDED, "2.2": FULL, "2.3": TOO_BIG, "2.4": SYSTEM, "3.0": SYSTEM, "3.1": SYSTEM, "3.2": NO_MAIL,
    "3.3": SYSTEM, "3.4": TOO_BIG, "3.5": SYSTEM, "4.0": NETWORK, "4.1": NETWORK, "4.2": NETWORK, "4.3": SYSTEM,
    "4.4": UNKNOWN_HOST, "4.5": NETWORK, "4.6": NETWORK, "4.7": EXPIRED, "5.1": BLOCKED, "5.2": BLOCKED,
    "5.3": BLOCKED, "5.6": SYSTEM,
}  # fmt: skip


def reason_of(words: str, status: str, action: str = "") -> str:
    """Return the reason that a diagnosis states, else the one of its enhanced status code, else `undefined`."""
    if action in {"delivered", "deliverable", "relayed", "expanded"} or status.startswith("2."):
        return DELIVERED
    if _GROUP.search(words):
        return BLOCKED
    said = _WRAPPING.sub("", words)
    for reason, pattern in _phrases():
        if pattern.search(said):
            return BLOCKED if reason in DEAD and _AT_SENDER.search(words) else reason
    subject = status.partition(".")[2]
    if subject in _BY_STATUS:
        found = _BY_STATUS[subject]
        return SYSTEM if found == NO_MAIL and status.startswith("4.") else found  # 4.3.2: not now
    kind = subject.partition(".")[0]
    return {"7": BLOCKED, "6": BLOCKED, "5": BLOCKED}.get(kind, UNDEFINED)


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[str, re.Pattern[str]], ...]:
    entries = yaml.safe_load(_SAID.read_text(encoding="utf-8"))
    return tuple((entry["reason"], re.compile("|".join(entry["says"]), re.IGNORECASE)) for entry in entries)


def is_hard(reason: str, status: str) -> bool:
    """Return whether the address is dead: such a reason, not called temporary by the server; no mail exchanger is lasting."""
    return reason == NO_MAIL or (reason in DEAD and not status.startswith("4."))
