"""A call only goes forward, is never recorded before both ends know, and ends once, whatever the exchange repeats."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from aldia.domain.calls import CallResult, CallState, Command, Heard, Leg, Line, Sign, hear, lost

NOON = datetime(2026, 3, 3, 15, tzinfo=UTC)
AGENT, CLIENT = Leg.AGENT, Leg.CLIENT


def _after(*signs: Heard, is_recorded: bool = False) -> tuple[Line, list[Command]]:
    line, asked = Line(), []
    for sign in signs:
        line, commands = hear(line, sign, is_recorded=is_recorded)
        asked += commands
    return line, asked


def _heard(sign: Sign, leg: Leg, second: int = 0, cause: int = 0) -> Heard:
    return Heard(sign, leg, NOON + timedelta(seconds=second), cause)


PICKED_UP, RINGS = _heard(Sign.PICKED_UP, AGENT, 3), _heard(Sign.RINGS, CLIENT, 5)
ANSWERS, HANGS_UP = _heard(Sign.PICKED_UP, CLIENT, 9), _heard(Sign.GONE, CLIENT, 72, 16)


@pytest.mark.covers("S2-22a")
def test_a_call_rings_the_agent_then_the_client_and_lasts_what_both_talked() -> None:
    line, asked = _after(PICKED_UP, RINGS, ANSWERS, HANGS_UP)
    assert (line.state, line.result, line.seconds) == (CallState.ENDED, CallResult.ANSWERED, 63)
    assert asked == [Command.DIAL_CLIENT, Command.JOIN, Command.CLOSE]


@pytest.mark.covers("S2-22b")
def test_nothing_is_recorded_before_the_notice_was_heard() -> None:
    played = _heard(Sign.PLAYED, CLIENT, 14)
    _line, asked = _after(PICKED_UP, ANSWERS, is_recorded=True)
    assert asked[-2:] == [Command.JOIN, Command.PLAY_NOTICE]
    line, asked = _after(PICKED_UP, ANSWERS, played, played, is_recorded=True)
    assert asked.count(Command.RECORD) == 1 and line.noticed_at == played.at
    assert Command.RECORD not in _after(PICKED_UP, played, ANSWERS, is_recorded=True)[1]


@pytest.mark.parametrize(
    ("signs", "result"),
    [
        ([_heard(Sign.GONE, AGENT, 30, 19)], CallResult.AGENT_ABSENT),
        ([PICKED_UP, RINGS, _heard(Sign.GONE, AGENT, 9, 16)], CallResult.CANCELLED),
        ([PICKED_UP, RINGS, _heard(Sign.GONE, CLIENT, 35, 19)], CallResult.NO_ANSWER),
        ([PICKED_UP, _heard(Sign.GONE, CLIENT, 6, 17)], CallResult.BUSY),
        ([PICKED_UP, _heard(Sign.GONE, CLIENT, 6, 21)], CallResult.REJECTED),
        ([PICKED_UP, _heard(Sign.GONE, CLIENT, 6, 1)], CallResult.BAD_NUMBER),
        ([PICKED_UP, _heard(Sign.GONE, CLIENT, 6, 38)], CallResult.FAILED),
    ],
)
def test_what_came_of_a_call_is_known_from_who_left_and_why(signs: list[Heard], result: CallResult) -> None:
    line, asked = _after(*signs)
    assert (line.state, line.result, line.seconds) == (CallState.ENDED, result, 0)
    assert asked[-1] is Command.CLOSE


def test_a_call_that_the_exchange_forgot_is_over() -> None:
    assert lost(Line(), NOON).result is CallResult.LOST
    talking = replace(_after(PICKED_UP, ANSWERS)[0])
    assert lost(talking, NOON + timedelta(seconds=20)).result is CallResult.ANSWERED


_SIGNS = some.builds(
    Heard, some.sampled_from(Sign), some.sampled_from(Leg),
    some.integers(0, 600).map(lambda second: NOON + timedelta(seconds=second)), some.integers(0, 127),
)  # fmt: skip


@given(some.lists(_SIGNS, max_size=12), some.booleans())
def test_whatever_comes_in_whatever_order_a_call_never_goes_back(
    signs: list[Heard], is_recorded: bool
) -> None:
    line, asked, order = Line(), [], list(CallState)
    for sign in signs:
        after, commands = hear(line, sign, is_recorded=is_recorded)
        assert order.index(after.state) >= order.index(line.state)
        assert line.state is not CallState.ENDED or (after, commands) == (line, ())
        asked += commands
        line = after
    assert all(asked.count(command) <= 1 for command in Command)
    assert Command.RECORD not in asked or (is_recorded and line.noticed_at is not None)
    assert (line.result is not None) == (line.state is CallState.ENDED)
