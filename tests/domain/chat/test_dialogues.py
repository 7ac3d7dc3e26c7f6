"""Two hundred scripted dialogues per language: nothing personal to a stranger, no promise outside the policy, stop obeyed."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.chat.talk import (
    NEUTRAL,
    CheckIdentity,
    HandOver,
    MakePromise,
    OfferPlan,
    OpenDispute,
    ReportPayment,
    Say,
    Step,
    StopContact,
    Why,
)
from tests.domain.chat.scripts import AS_OF, DIGITS, LANGUAGES, LAST_ON, Script, Talk, scripts

ALL = list(scripts())
YES = {"es": "sí, dale", "en": "yes please", "pt": "sim, pode ser"}
PAID_MORE = {"es": ("300", "ayer", "no"), "en": ("300", "yesterday", "no"), "pt": ("300", "ontem", "não")}
MOST_TURNS = 8
_WHY = {"person": Why.ASKED, "hostile": Why.HOSTILE, "lawyer": Why.LAWYER, "wrong": Why.WRONG_PERSON}
_GRAVE = (Why.CARE, Why.DECEASED)


def of(*families: str) -> list[Script]:
    return [each for each in ALL if each.family in families]


def begun(script: Script) -> Talk:
    """The first message said; a stranger then shows who they are, if asked."""
    talk = Talk(script.language, is_known=not script.is_stranger)
    talk.write(script.text)
    if talk.state.step is Step.IDENTITY:
        talk.write(DIGITS)
    return talk


def is_within(promise: MakePromise) -> bool:
    return 1_000 <= promise.amount_minor <= 100_000 and AS_OF <= promise.due_on <= LAST_ON


@pytest.mark.covers("S3-68a")
def test_there_are_two_hundred_in_each_language() -> None:
    assert min(Counter(each.language for each in ALL).values()) >= 200


@pytest.mark.covers("S3-68a")
def test_no_stranger_is_told_anything_and_every_dialogue_ends_in_an_outcome_or_a_person() -> None:
    for script in ALL:
        talk = Talk(script.language, is_known=not script.is_stranger)
        turns = 0
        for text in (
            script.text,
            DIGITS,
            "3",
            "100",
            "15/12",
            *PAID_MORE[script.language],
            YES[script.language],
        ):
            if is_ended(talk):
                break
            talk.write(text)
            turns += 1
        assert all(line.say in NEUTRAL and not line.values for line in talk.before), script
        assert all(is_within(act) for act in talk.acts if isinstance(act, MakePromise)), script
        assert is_ended(talk) and turns <= MOST_TURNS, script


def is_ended(talk: Talk) -> bool:
    """Something was done, a person goes on, or what was asked was told."""
    told = {line.say for line in talk.lines} & {Say.BALANCE, Say.PAY, Say.MENU}
    return bool(told) or any(not _is_check(act) for act in talk.acts)


def _is_check(act: object) -> bool:
    return isinstance(act, CheckIdentity)


@pytest.mark.covers("S3-73")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_promise_is_read_confirmed_and_made(language: str) -> None:
    for script in (each for each in of("promise") if each.language == language):
        talk = begun(script)
        assert not talk.acts or _is_check(talk.acts[-1]), script
        talk.write(YES[language])
        amount, day = script.expected.split()
        assert talk.acts[-1] == MakePromise(int(amount), date.fromisoformat(day)), script


def test_an_amount_said_again_with_the_day_is_the_one_that_counts() -> None:
    talk = Talk("es", is_known=True)
    for text in ("300", "mejor pago el viernes 200", "sí"):
        talk.write(text)
    assert talk.acts == [MakePromise(200_00, date(2026, 11, 27))]


def test_what_the_policy_does_not_allow_is_never_promised() -> None:
    for script in of("outside"):
        talk = begun(script)
        talk.write(YES[script.language])
        assert not any(isinstance(act, MakePromise) for act in talk.acts), script


def test_stopping_is_obeyed_in_every_state_and_before_anything_else() -> None:
    states = ("", "3", "100", "4", "5", "6", "persona")
    for script in of("stop"):
        for first in states if not script.is_stranger else ("", "hola", "persona"):
            talk = Talk(script.language, is_known=not script.is_stranger)
            if first:
                talk.write(first)
            said = talk.write(script.text)
            assert any(isinstance(act, StopContact) for act in talk.acts), (script, first)
            assert [line.say for line in said] == [Say.STOPPED], (script, first)


@pytest.mark.covers("S3-75", "S3-76")
def test_who_needs_a_person_has_one_at_once() -> None:
    for script in of("person", "hostile", "lawyer", "wrong", "care"):
        talk = Talk(script.language, is_known=not script.is_stranger)
        talk.write(script.text)
        why = [act.why for act in talk.acts if isinstance(act, HandOver)]
        assert len(why) == 1 and why[0] in (_GRAVE if script.family == "care" else (_WHY[script.family],)), (
            script
        )
        assert talk.write("1") == [], script


@pytest.mark.covers("S3-74")
def test_what_was_paid_is_taken() -> None:
    for script in of("paid"):
        talk = begun(script)
        for text in PAID_MORE[script.language]:
            if talk.state.step in (Step.PAID_AMOUNT, Step.PAID_DATE, Step.PAID_PROOF):
                talk.write(
                    {Step.PAID_AMOUNT: "300", Step.PAID_DATE: PAID_MORE[script.language][1]}.get(
                        talk.state.step, text
                    )
                )
        amount, day = script.expected.split()
        assert talk.acts[-1] == ReportPayment(int(amount), date.fromisoformat(day)), script


def test_a_dispute_is_opened_with_its_reason() -> None:
    for script in of("dispute"):
        talk = begun(script)
        if talk.state.step is Step.REASON:
            talk.write("7")
        last = talk.acts[-1]
        assert isinstance(last, OpenDispute) and last.reason == script.expected, (script, last)


def test_a_plan_is_offered_only_from_the_policy() -> None:
    for script in of("plan"):
        talk = begun(script)
        talk.write("12 cuotas")
        assert not any(isinstance(act, OfferPlan) for act in talk.acts), script
        talk.write("1")
        talk.write(YES[script.language])
        assert talk.acts[-1] == OfferPlan(3), script


@pytest.mark.covers("S3-72")
def test_the_debt_is_told_and_where_to_pay_and_who_asks() -> None:
    wanted = {"balance": Say.BALANCE, "pay": Say.PAY, "who": Say.WHO}
    for script in of(*wanted):
        assert wanted[script.family] in [line.say for line in begun(script).lines], script


def test_noise_is_asked_about_once_and_then_a_person_goes_on() -> None:
    for script in of("noise"):
        talk = Talk(script.language, is_known=not script.is_stranger)
        for _turn in range(3):
            talk.write(script.text)
        assert [act.why for act in talk.acts if isinstance(act, HandOver)] == [Why.MISUNDERSTOOD], script


PIECES = st.sampled_from(
    [each.text for each in ALL]
    + ["1", "2", "3", "4", "5", "6", "7", "sí", "no", "100", "viernes", DIGITS, "0000"]
)
MESSAGES = st.lists(st.one_of(PIECES, st.text(max_size=60)), max_size=10)


@given(messages=MESSAGES, language=st.sampled_from(sorted(LANGUAGES)), is_known=st.booleans())
def test_no_sequence_of_texts_leaks_or_promises_outside_the_policy(
    messages: list[str], language: str, is_known: bool
) -> None:
    talk = Talk(language, is_known=is_known)
    for text in messages:
        talk.write(text)
    assert all(line.say in NEUTRAL and not line.values for line in talk.before)
    assert all(is_within(act) for act in talk.acts if isinstance(act, MakePromise))
    assert all(act.parts == 3 for act in talk.acts if isinstance(act, OfferPlan))
