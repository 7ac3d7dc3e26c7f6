"""A telephone call that a person asks for, as a machine: first their own extension rings, then the client's telephone.

What the exchange tells comes in as `Heard`; what is to be asked of it goes out as commands. No exchange is known here.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final


class CallState(StrEnum):
    """Where a call stands; it only goes forward."""

    ASKED = "asked"  # the extension of whoever asked for it rings
    DIALLING = "dialling"  # they picked up: the client is being dialled
    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"
    UNKNOWN = "unknown"  # the exchange did not say whether it took it


class CallResult(StrEnum):
    """What came of a call that ended."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    BAD_NUMBER = "bad_number"
    AGENT_ABSENT = "agent_absent"  # nobody picked up the extension: the client never rang
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"  # it is over and nobody saw how


class Leg(StrEnum):
    """The two ends of a call."""

    AGENT = "agent"
    CLIENT = "client"


class Sign(StrEnum):
    """What the exchange may tell of a call."""

    RINGS = "rings"
    PICKED_UP = "picked_up"
    PLAYED = "played"  # the notice that it is recorded was heard to its end
    GONE = "gone"


class Command(StrEnum):
    """What is asked of the exchange next."""

    DIAL_CLIENT = "dial_client"
    JOIN = "join"
    PLAY_NOTICE = "play_notice"
    RECORD = "record"
    CLOSE = "close"  # whatever is left of the call


@dataclass(frozen=True)
class Heard:
    """One word of the exchange about one end of a call. `cause` is the number of ITU-T Q.850 with which an end went away."""

    sign: Sign
    leg: Leg
    at: datetime
    cause: int = 0


@dataclass(frozen=True)
class Line:
    """A call as far as it is known. `noticed_at`: when both ends had heard that it is recorded."""

    state: CallState = CallState.ASKED
    result: CallResult | None = None
    cause: int = 0
    answered_at: datetime | None = None
    noticed_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def seconds(self) -> int:
        """How long both talked, in whole seconds; 0 where nobody answered."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return max(0, round((self.ended_at - self.answered_at).total_seconds()))


REACHED: Final = frozenset({CallResult.ANSWERED, CallResult.LOST})
"""Somebody may have talked: the law reads these as a contact until a person says otherwise."""
NEVER_RANG: Final = frozenset({CallResult.AGENT_ABSENT, CallResult.FAILED})
"""The client's telephone never rang, for sure: no attempt to reach anybody."""
_ORDER: Final = (CallState.ASKED, CallState.DIALLING, CallState.RINGING, CallState.TALKING, CallState.ENDED)
_CAUSES: Final = {
    1: CallResult.BAD_NUMBER, 3: CallResult.BAD_NUMBER, 17: CallResult.BUSY, 18: CallResult.NO_ANSWER,
    19: CallResult.NO_ANSWER, 21: CallResult.REJECTED, 22: CallResult.BAD_NUMBER, 28: CallResult.BAD_NUMBER,
    16: CallResult.NO_ANSWER, 0: CallResult.NO_ANSWER, 127: CallResult.NO_ANSWER,
}  # fmt: skip


def hear(line: Line, heard: Heard, *, is_recorded: bool) -> tuple[Line, tuple[Command, ...]]:
    """Return the call after what was heard, and what is asked of the exchange. The same again, or too late, changes nothing.

    Nothing is recorded before the notice was heard to its end.
    """
    if line.state is CallState.ENDED:
        return line, ()
    if heard.sign is Sign.GONE:
        return _gone(line, heard), (Command.CLOSE,)
    if heard.sign is Sign.PLAYED:
        if line.state is not CallState.TALKING or line.noticed_at or not is_recorded:
            return line, ()
        return replace(line, noticed_at=heard.at), (Command.RECORD,)
    towards = _TOWARDS.get((heard.leg, heard.sign))
    if towards is None or not _is_later(towards, line.state):
        return line, ()
    if towards is CallState.DIALLING:
        return replace(line, state=towards), (Command.DIAL_CLIENT,)
    if towards is CallState.RINGING:
        return replace(line, state=towards), ()
    notice = (Command.PLAY_NOTICE,) if is_recorded else ()
    return replace(line, state=towards, answered_at=heard.at), (Command.JOIN, *notice)


def lost(line: Line, at: datetime) -> Line:
    """Return a call of which the exchange knows nothing any more: it is over, and how it went was not seen."""
    if line.state is CallState.TALKING:
        return replace(line, state=CallState.ENDED, result=CallResult.ANSWERED, ended_at=at)
    return replace(line, state=CallState.ENDED, result=CallResult.LOST, ended_at=at)


_TOWARDS: Final = {
    (Leg.AGENT, Sign.PICKED_UP): CallState.DIALLING,
    (Leg.CLIENT, Sign.RINGS): CallState.RINGING,
    (Leg.CLIENT, Sign.PICKED_UP): CallState.TALKING,
}


def _is_later(state: CallState, than: CallState) -> bool:
    return than is CallState.UNKNOWN or _ORDER.index(state) > _ORDER.index(than)


def _gone(line: Line, heard: Heard) -> Line:
    return replace(
        line, state=CallState.ENDED, result=_result(line, heard), cause=heard.cause, ended_at=heard.at
    )


def _result(line: Line, heard: Heard) -> CallResult:
    if line.state is CallState.TALKING:
        return CallResult.ANSWERED
    if heard.leg is Leg.CLIENT:
        return _CAUSES.get(heard.cause, CallResult.FAILED)
    if line.state in (CallState.ASKED, CallState.UNKNOWN):
        return CallResult.AGENT_ABSENT
    return CallResult.CANCELLED
