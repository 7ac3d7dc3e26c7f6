"""What Asterisk tells of our calls, in our own words. Everything else that it tells is somebody else's."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aldia.domain.calls import Heard, Leg, Sign

_NAME: Final = re.compile(r"aldia-([0-9a-f]{16,32})(?:-(agent|client|\d+))?")


@dataclass(frozen=True)
class Told:
    """One word of the exchange about a call of ours: something heard, a key pressed, or a recording that is ready."""

    reference: str
    heard: Heard | None = None
    digit: str = ""
    said: int = 0  # the number of the words to the client that were heard to their end
    has_recording: bool = False


class Unreadable(ValueError):
    """Raised for a message that is no JSON object."""


def read(text: str | bytes, *, now: datetime) -> Told | None:
    """Return what an event says of a call of ours, None when it says nothing of one. Raises Unreadable.

    `now` dates the events that carry no instant of the exchange.
    """
    try:
        event = json.loads(text)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    if not isinstance(event, dict):
        raise Unreadable("an event is an object")
    reader = _READERS.get(str(event.get("type")))
    return reader({"timestamp": now.isoformat(), **event}) if reader else None


def _of_channel(event: dict[str, Any], sign: Sign, cause: int = 0) -> Told | None:
    reference, end = _named(event, "channel", "id")
    if end not in tuple(Leg):
        return None
    return Told(reference, Heard(sign, Leg(end), _instant(event), cause))


def _started(event: dict[str, Any]) -> Told | None:
    return _of_channel(event, Sign.PICKED_UP)


def _changed(event: dict[str, Any]) -> Told | None:
    channel = event.get("channel")
    state = channel.get("state") if isinstance(channel, dict) else ""
    return _of_channel(event, Sign.RINGS) if state == "Ringing" else None


def _destroyed(event: dict[str, Any]) -> Told | None:
    cause = event.get("cause")
    return _of_channel(event, Sign.GONE, cause if isinstance(cause, int) and 0 <= cause < 128 else 0)


def _played(event: dict[str, Any]) -> Told | None:
    """The notice of recording is called as the call itself; what an automatic call says has a number."""
    reference, end = _named(event, "playback", "id")
    if end.isdigit():
        return Told(reference, said=int(end))
    if not reference or end:
        return None
    return Told(reference, Heard(Sign.PLAYED, Leg.CLIENT, _instant(event)))


def _pressed(event: dict[str, Any]) -> Told | None:
    reference, end = _named(event, "channel", "id")
    digit = str(event.get("digit", ""))
    return Told(reference, digit=digit) if end == Leg.CLIENT and digit else None


def _recorded(event: dict[str, Any]) -> Told | None:
    reference, end = _named(event, "recording", "name")
    return Told(reference, has_recording=True) if reference and not end else None


def _named(event: dict[str, Any], thing: str, field: str) -> tuple[str, str]:
    """The call that a thing of the exchange belongs to, and which part of it the thing is; ('', '') when it is not ours."""
    found = event.get(thing)
    match = _NAME.fullmatch(str(found.get(field, ""))) if isinstance(found, dict) else None
    return (match[1], match[2] or "") if match else ("", "")


def _instant(event: dict[str, Any]) -> datetime:
    try:
        at = datetime.fromisoformat(str(event.get("timestamp")))
    except ValueError as error:
        raise Unreadable("an instant that cannot be read") from error
    if at.tzinfo is None:
        raise Unreadable("an instant has its zone")
    return at


_READERS: Final = {
    "StasisStart": _started, "ChannelStateChange": _changed, "ChannelDestroyed": _destroyed, "PlaybackFinished": _played,
    "ChannelDtmfReceived": _pressed, "RecordingFinished": _recorded,
}  # fmt: skip
