"""Reach: the channel and the hours in which a person has answered, counted from what was tried."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.reach import (
    LEAST_TRIES,
    BestChannel,
    BestHours,
    Reach,
    Tally,
    Touch,
    reach,
)

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
FIRST = MONDAY.replace(tzinfo=None)
TOUCHES = st.lists(
    st.builds(
        Touch,
        channel=st.sampled_from(["call", "whatsapp", "email", "visit"]),
        at=st.datetimes(FIRST, FIRST + timedelta(days=20), timezones=st.just(UTC)),
        is_inbound=st.booleans(),
        is_right_party=st.booleans(),
    ),
    max_size=25,
)


def call(day: int, hour: int, *, answered: bool = False) -> Touch:
    return Touch("call", MONDAY + timedelta(days=day, hours=hour, minutes=15), is_right_party=answered)


def wrote(day: int, channel: str = "whatsapp", *, back: bool = False, hours: int = 0) -> Touch:
    return Touch(channel, MONDAY + timedelta(days=day, hours=9 + hours), is_inbound=back)


@pytest.mark.covers("S3-58", "S3-83")
def test_the_best_hours_are_those_in_which_calls_were_answered_beside_how_the_others_went() -> None:
    answered = [
        call(0, 10, answered=True),
        call(1, 11, answered=True),
        call(2, 10),
        call(3, 10, answered=True),
    ]
    found = reach([*answered, call(0, 17), call(1, 17), call(2, 18)])
    assert found.hours == BestHours(10, False, Tally(3, 4), Tally(0, 3))
    assert found.hours.to_hour == 12


@pytest.mark.covers("S3-58", "S4-51b")
def test_the_best_channel_is_the_one_that_the_person_answers_more() -> None:
    calls = [call(0, 10), call(1, 10, answered=True), call(2, 10), call(3, 10)]
    replies = [wrote(0, back=True, hours=5), wrote(4, back=True, hours=50)]
    found = reach([*calls, wrote(0), wrote(4), wrote(8), *replies])
    assert found.channel == BestChannel("whatsapp", Tally(2, 3), Tally(1, 4))


def test_a_reply_answers_the_latest_message_only_and_not_after_three_days() -> None:
    sent = [wrote(0), wrote(1), wrote(8)]
    assert reach([*sent, wrote(1, back=True, hours=1)]).channel == BestChannel(
        "whatsapp", Tally(1, 3), Tally(0, 0)
    )
    assert reach([*sent, wrote(8, back=True, hours=73)]).channel is None


def test_being_called_back_says_nothing_of_the_hour_in_which_we_called() -> None:
    calls = [call(0, 10), call(1, 10), call(2, 10)]
    back = Touch("call", MONDAY + timedelta(days=2, hours=12), is_inbound=True, is_right_party=True)
    assert reach([*calls, back]) == Reach()


def test_nobody_usually_answers_when_most_calls_rang_out() -> None:
    calls = [call(0, 10, answered=True), call(1, 10), call(2, 10)]
    assert reach(calls) == Reach(channel=BestChannel("call", Tally(1, 3), Tally(0, 0)))


def test_a_saturday_morning_is_not_a_morning_of_work() -> None:
    found = reach([call(5, 10, answered=True), call(12, 11, answered=True), call(6, 10), call(1, 10)])
    assert found.hours == BestHours(10, True, Tally(2, 3), Tally(0, 1))


def test_of_equal_bands_the_one_that_answered_last_is_told() -> None:
    early = [call(day, 9, answered=day == 1 or day == 0) for day in range(3)]
    late = [call(day, 16, answered=day in (2, 3)) for day in range(1, 4)]
    found = reach([*late, *early])
    assert found.hours is not None and found.hours.from_hour == 16


@given(TOUCHES)
def test_a_sentence_always_has_its_history_and_every_try_is_counted_once(touches: list[Touch]) -> None:
    found, tried = reach(touches), [touch for touch in touches if not touch.is_inbound]
    if found.channel:
        of_it = [touch for touch in tried if touch.channel == found.channel.channel]
        assert found.channel.tally.tries == len(of_it) >= LEAST_TRIES
        assert found.channel.tally.reached >= 1
        assert found.channel.tally.tries + found.channel.others.tries == len(tried)
        assert found.channel.tally.reached >= sum(touch.is_right_party for touch in of_it)
    if found.hours:
        calls, tally = [touch for touch in tried if touch.channel == "call"], found.hours.tally
        assert tally.tries >= LEAST_TRIES and tally.reached * 2 >= tally.tries
        assert tally.tries + found.hours.others.tries == len(calls)
        assert tally.reached + found.hours.others.reached == sum(touch.is_right_party for touch in calls)


@given(TOUCHES, st.randoms(use_true_random=False))
def test_the_order_in_which_touches_are_read_changes_nothing(touches: list[Touch], chance: object) -> None:
    shuffled = list(touches)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert reach(shuffled) == reach(touches)


@given(TOUCHES)
def test_less_than_three_tries_of_each_channel_say_nothing(touches: list[Touch]) -> None:
    few: list[Touch] = []
    for touch in touches:
        if touch.is_inbound or sum(kept.channel == touch.channel and not kept.is_inbound for kept in few) < 2:
            few.append(touch)
    assert reach(few) == Reach()
