"""The keypad: scripted calls, and whatever keys come, no number is heard before the check and no promise goes past the policy."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from aldia.domain.keypad import (
    NEUTRAL,
    Act,
    Line,
    Say,
    State,
    Step,
    Terms,
    Turn,
    begin,
    checked,
    done,
    press,
    silence,
)

TERMS = Terms(owed=6000, most_days=7)
RIGHT = "5678"
pytestmark = pytest.mark.covers("S3-44b")


def _call(keys: str, *, terms: Terms = TERMS, is_done: bool = True) -> tuple[list[Line], list[Act], State]:
    """What a whole call says and does; a dot is a silence."""
    turn, heard, acts, is_known = begin(), [*begin().lines], [], False
    for key in keys:
        known = terms if is_known else None
        typed = turn.state.typed + key
        turn = silence(turn.state, terms=known) if key == "." else press(turn.state, key, terms=known)
        if turn.act is Act.CHECK:
            is_known = typed == RIGHT
            turn = checked(turn.state, is_right=is_known, terms=terms if is_known else None)
        if turn.act in (Act.SEND_LINK, Act.PROMISE):
            acts.append(turn.act)
            turn = done(turn.state, is_done=is_done)
        elif turn.act is not None:
            acts.append(turn.act)
        heard += turn.lines
    return heard, acts, turn.state


@pytest.mark.parametrize(
    ("keys", "said", "acts"),
    [
        ("1", [Say.LINK_SENT], [Act.SEND_LINK]),
        ("3", [Say.SOMEBODY_CALLS], [Act.CALL_ME]),
        ("9", [Say.STOPPED], [Act.STOP]),
        ("2567851", [Say.CHECK, Say.BALANCE, Say.DAYS, Say.CONFIRM, Say.PROMISED], [Act.PROMISE]),
        ("2567852", [Say.CHECK, Say.BALANCE, Say.DAYS, Say.CONFIRM, Say.DAYS], []),
        ("256789", [Say.CHECK, Say.BALANCE, Say.DAYS, Say.DAYS_FAR, Say.DAYS], []),
        ("200005678", [Say.CHECK, Say.CHECK_WRONG, Say.CHECK, Say.BALANCE, Say.DAYS], []),
        ("2000000000000", [Say.CHECK, *[Say.CHECK_WRONG, Say.CHECK] * 2, Say.SOMEBODY_CALLS], [Act.CALL_ME]),
        ("7", [Say.NOT_UNDERSTOOD, Say.MENU], []),
        ("777", [*[Say.NOT_UNDERSTOOD, Say.MENU] * 2, Say.SOMEBODY_CALLS], [Act.CALL_ME]),
        ("..", [Say.MENU, Say.GOODBYE], []),
        (".1", [Say.MENU, Say.LINK_SENT], [Act.SEND_LINK]),
        ("2.5678", [Say.CHECK, Say.CHECK, Say.BALANCE, Say.DAYS], []),
    ],
)  # fmt: skip
def test_a_call_goes_as_its_keys_say(keys: str, said: list[Say], acts: list[Act]) -> None:
    heard, did, _state = _call(keys)
    assert [line.say for line in heard] == [Say.OPENING, Say.MENU, *said]
    assert did == acts


def test_who_owes_nothing_is_told_so_and_a_refused_promise_ends_with_a_person() -> None:
    assert _call("25678", terms=Terms(0, 7))[0][-1] == Line(Say.NOTHING_OWED)
    assert _call("2567851", is_done=False)[0][-1] == Line(Say.SOMEBODY_CALLS)


@given(some.text("0123456789*#.", max_size=40), some.integers(1, 60), some.integers(-5, 10**9))
def test_no_key_leads_to_anything_personal_before_the_check_nor_to_a_day_past_the_policy(
    keys: str, most_days: int, owed: int
) -> None:
    terms = Terms(owed, most_days)
    for end in range(len(keys) + 1):
        heard, acts, state = _call(keys[:end], terms=terms)
        is_known = RIGHT in keys[:end]
        assert is_known or all(line.say in NEUTRAL and line.number is None for line in heard)
        assert Act.PROMISE not in acts or (is_known and owed > 0 and 1 <= state.days <= most_days)
        assert len(acts) <= 1 and State.from_data(state.to_data()) == state


def test_after_the_last_words_no_key_does_anything() -> None:
    over = State(Step.OVER)
    assert all(press(over, key, terms=TERMS) == Turn(over) for key in "0123456789*#")
    assert silence(over) == Turn(over)
