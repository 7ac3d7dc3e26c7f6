"""A line that says what happened and lets it be undone; shown by the next page or appended to an htmx answer."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

_UNDO = "undo="
_TONES = {messages.ERROR: "bad", messages.WARNING: "warn"}


@dataclass(frozen=True)
class Toast:
    text: str
    tone: str
    undo: str


def say(request: HttpRequest, text: str, *, undo: str = "", level: int = messages.SUCCESS) -> None:
    """Tell the user what happened; `undo` is the address to POST to. Repeat the verb of the button."""
    messages.add_message(request, level, text, extra_tags=f"{_UNDO}{undo}" if undo else "")


def warn(request: HttpRequest, text: str) -> None:
    """Tell the user what could not be done and what to do now."""
    say(request, text, level=messages.ERROR)


def pending(request: HttpRequest) -> list[Toast]:
    """Return, and take out of the queue, what has not been said yet."""
    return [_toast(message) for message in messages.get_messages(request)]


def _toast(message: Message) -> Toast:
    extra = message.extra_tags or ""
    return Toast(
        str(message),
        _TONES.get(message.level, "ok"),
        extra.removeprefix(_UNDO) if extra.startswith(_UNDO) else "",
    )
