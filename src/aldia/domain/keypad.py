"""The keypad menu of an automatic call, as a machine: keys in, things to say and to do out. It knows nobody by itself.

1 sends the way to pay, 2 promises, 3 asks for a person, 9 is somebody else or wants no more calls. Before the check nothing that it
says is about anybody; a promise needs the check, and a day that the policy gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

DIGITS: Final = 4  # the last of the person's document
MOST_SILENCES: Final = 2
MOST_MISTAKES: Final = 3


class Step(StrEnum):
    """What the menu waits for."""

    MENU = "menu"
    CHECK = "check"
    DAYS = "days"
    CONFIRM = "confirm"
    OVER = "over"  # the last words are being said


class Say(StrEnum):
    """What may be said; each is a sound of the exchange. Those of NEUTRAL are about nobody."""

    OPENING = "opening"
    MENU = "menu"
    CHECK = "check"
    CHECK_WRONG = "check_wrong"
    LINK_SENT = "link_sent"
    LINK_FAILED = "link_failed"
    SOMEBODY_CALLS = "somebody_calls"
    STOPPED = "stopped"
    NOT_UNDERSTOOD = "not_understood"
    GOODBYE = "goodbye"
    BALANCE = "balance"
    DAYS = "days"
    DAYS_FAR = "days_far"
    CONFIRM = "confirm"
    PROMISED = "promised"
    NOTHING_OWED = "nothing_owed"


NUMBERED: Final = frozenset({Say.BALANCE, Say.DAYS, Say.DAYS_FAR, Say.CONFIRM, Say.PROMISED})
"""What a number follows."""
NEUTRAL: Final = frozenset(Say) - NUMBERED - {Say.NOTHING_OWED}
"""All that a stranger may hear."""
KEYS_TOLD: Final[Mapping[Say, str]] = {Say.MENU: "1239", Say.CONFIRM: "12"}
"""The keys that words have to name: who does not hear one cannot press it."""


class Act(StrEnum):
    """What is asked to be done."""

    SEND_LINK = "send_link"
    CHECK = "check"  # see whether `digits` are the last of the person's document
    PROMISE = "promise"  # the whole of what is overdue, in `days` days
    CALL_ME = "call_me"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to say, with its number where it has one."""

    say: Say
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be told and agreed once the person is known: whole units owed, and the farthest day of a promise, in days."""

    owed: int
    most_days: int


@dataclass(frozen=True, slots=True)
class State:
    """Where a menu is. `typed` are the digits of the document; `days` what was chosen, to be confirmed."""

    step: Step = Step.MENU
    typed: str = ""
    days: int = 0
    mistakes: int = 0
    silences: int = 0

    def to_data(self) -> dict[str, Any]:
        """Plain data, to be kept."""
        return asdict(self)

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> State:
        """Return the state of `to_data`."""
        return State(**{**data, "step": Step(data["step"])}) if data else State()


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows: the state, what is said now, what is to be done. Over: the call ends when all was said."""

    state: State
    lines: tuple[Line, ...] = ()
    act: Act | None = None

    @property
    def is_over(self) -> bool:
        """Whether the call ends when this was said."""
        return self.state.step is Step.OVER


def begin() -> Turn:
    """Return the first words: who calls, and the keys."""
    return Turn(State(), (Line(Say.OPENING), Line(Say.MENU)))


def press(state: State, key: str, *, terms: Terms | None = None) -> Turn:
    """Return what a key leads to. `terms` are needed only after the check: who has not passed it cannot need them."""
    state = replace(state, silences=0)
    match state.step:
        case Step.MENU:
            return _chosen(state, key)
        case Step.CHECK:
            return _typed(state, key)
        case Step.DAYS | Step.CONFIRM if terms is not None:
            return _days(state, key, terms) if state.step is Step.DAYS else _confirmed(state, key, terms)
    return Turn(state)


def checked(state: State, *, is_right: bool, terms: Terms | None) -> Turn:
    """Return what follows the check of the digits; two wrong ones end with a person."""
    if not is_right or terms is None:
        return _mistaken(replace(state, typed=""), (Line(Say.CHECK_WRONG), Line(Say.CHECK)))
    if terms.owed <= 0:
        return _over(state, Line(Say.NOTHING_OWED))
    fresh = replace(state, step=Step.DAYS, typed="", mistakes=0)
    return Turn(fresh, (Line(Say.BALANCE, terms.owed), Line(Say.DAYS, min(terms.most_days, 9))))


def done(state: State, *, is_done: bool) -> Turn:
    """Return the last words after the link or the promise was to be left: a room may refuse either."""
    if state.days:
        return (
            _over(state, Line(Say.PROMISED, state.days))
            if is_done
            else _over(state, Line(Say.SOMEBODY_CALLS))
        )
    if is_done:
        return _over(state, Line(Say.LINK_SENT))
    return replace(_over(state, Line(Say.LINK_FAILED)), act=Act.CALL_ME)


def silence(state: State, *, terms: Terms | None = None) -> Turn:
    """Return what follows when all was said and no key came: the question once more, then good-bye; after the last words, nothing."""
    if state.step is Step.OVER:
        return Turn(state)
    heard = replace(state, silences=state.silences + 1)
    if heard.silences >= MOST_SILENCES:
        return _over(heard, Line(Say.GOODBYE))
    return Turn(heard, _question(heard, terms))


def _question(state: State, terms: Terms | None) -> tuple[Line, ...]:
    if state.step is Step.CHECK:
        return (Line(Say.CHECK),)
    if state.step is Step.DAYS and terms is not None:
        return (Line(Say.DAYS, min(terms.most_days, 9)),)
    if state.step is Step.CONFIRM:
        return (Line(Say.CONFIRM, state.days),)
    return (Line(Say.MENU),)


def _chosen(state: State, key: str) -> Turn:
    match key:
        case "1":
            return Turn(state, act=Act.SEND_LINK)
        case "2":
            return Turn(replace(state, step=Step.CHECK, mistakes=0), (Line(Say.CHECK),))
        case "3":
            return replace(_over(state, Line(Say.SOMEBODY_CALLS)), act=Act.CALL_ME)
        case "9":
            return replace(_over(state, Line(Say.STOPPED)), act=Act.STOP)
    return _mistaken(state, (Line(Say.NOT_UNDERSTOOD), Line(Say.MENU)))


def _typed(state: State, key: str) -> Turn:
    if not key.isdigit():
        return _mistaken(replace(state, typed=""), (Line(Say.NOT_UNDERSTOOD), Line(Say.CHECK)))
    typed = replace(state, typed=state.typed + key)
    return Turn(typed, act=Act.CHECK if len(typed.typed) == DIGITS else None)


def _days(state: State, key: str, terms: Terms) -> Turn:
    if not key.isdigit() or key == "0":
        return _mistaken(state, (Line(Say.NOT_UNDERSTOOD), *_question(state, terms)))
    if int(key) > terms.most_days:
        return _mistaken(state, (Line(Say.DAYS_FAR, terms.most_days), *_question(state, terms)))
    return Turn(replace(state, step=Step.CONFIRM, days=int(key)), (Line(Say.CONFIRM, int(key)),))


def _confirmed(state: State, key: str, terms: Terms) -> Turn:
    if key == "1":
        return Turn(state, act=Act.PROMISE)
    again = replace(state, step=Step.DAYS, days=0)
    return _mistaken(again, _question(again, terms))


def _mistaken(state: State, lines: tuple[Line, ...]) -> Turn:
    """One more try; after some, a person."""
    missed = replace(state, mistakes=state.mistakes + 1)
    if missed.mistakes >= MOST_MISTAKES:
        return replace(_over(missed, Line(Say.SOMEBODY_CALLS)), act=Act.CALL_ME)
    return Turn(missed, lines)


def _over(state: State, *lines: Line) -> Turn:
    return Turn(replace(state, step=Step.OVER, typed=""), lines)
