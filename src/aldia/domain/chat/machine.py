"""The dialogue: state, message and facts in; new state, answers and acts out.

A stranger's branch receives no facts at all, so it has nothing that it could tell. Stopping is obeyed in any state and before
anything else; then come the matters of a person; then what was asked.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final

from aldia.domain.chat import topics
from aldia.domain.chat.handing import again, hand_over, missed
from aldia.domain.chat.reading import Reading, read
from aldia.domain.chat.talk import (
    CheckIdentity,
    HandOver,
    Heard,
    Here,
    Known,
    Line,
    Say,
    State,
    Step,
    StopContact,
    Turn,
    Why,
)
from aldia.domain.chat.words import Intent
from aldia.domain.replies import is_stop

MOST_TRIES: Final = 3
_URGENT: Final = (
    (Intent.CARE, Why.CARE), (Intent.DECEASED, Why.DECEASED), (Intent.HOSTILE, Why.HOSTILE), (Intent.LAWYER, Why.LAWYER),
    (Intent.PERSON, Why.ASKED), (Intent.WRONG_PERSON, Why.WRONG_PERSON),
)  # fmt: skip
_TOPICS: Final = (
    (Intent.DISPUTE, topics.dispute), (Intent.PAID, topics.paid), (Intent.PLAN, topics.plan), (Intent.PAY, topics.pay),
    (Intent.PROMISE, topics.promise), (Intent.BALANCE, topics.balance), (Intent.WHO, topics.who), (Intent.BACK, topics.menu),
)  # fmt: skip
_BY_NUMBER: Final = {
    1: topics.balance, 2: topics.pay, 3: topics.promise, 4: topics.plan, 5: topics.paid, 6: topics.dispute,
}  # fmt: skip
_PERSON_NUMBER: Final = 7
_A_RECEIPT: Final = "ya pagué"  # what a file without words says; the intents are of every language
_OWN: Final = {
    Step.PROMISE_AMOUNT: topics.promise_amount, Step.PROMISE_DATE: topics.promise_date,
    Step.PROMISE_CONFIRM: topics.promise_confirm, Step.PLAN_CHOICE: topics.plan_choice, Step.PLAN_CONFIRM: topics.plan_confirm,
    Step.PAID_AMOUNT: topics.paid_amount, Step.PAID_DATE: topics.paid_date, Step.PAID_PROOF: topics.paid_proof,
    Step.REASON: topics.reason,
}  # fmt: skip
_TOPIC_OF: Final = {
    Step.PROMISE_AMOUNT: (Intent.PROMISE, Intent.PAY), Step.PROMISE_DATE: (Intent.PROMISE, Intent.PAY),
    Step.PROMISE_CONFIRM: (Intent.PROMISE, Intent.PAY), Step.PLAN_CHOICE: (Intent.PLAN,), Step.PLAN_CONFIRM: (Intent.PLAN,),
    Step.PAID_AMOUNT: (Intent.PAID, Intent.PAY, Intent.PROMISE), Step.PAID_DATE: (Intent.PAID, Intent.PAY, Intent.PROMISE),
    Step.PAID_PROOF: tuple(set(Intent) - {Intent.BACK}), Step.REASON: (Intent.DISPUTE, Intent.BALANCE, Intent.PLAN),
}  # fmt: skip


class Identity(StrEnum):
    """What came of checking who writes."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


def step(state: State, heard: Heard, *, known: Known | None, here: Here) -> Turn:
    """What follows from a message. `known` is None for whoever has not shown who they are."""
    reading = read(heard.text, as_of=here.as_of, language=here.language, currency=here.currency)
    if reading.has(Intent.STOP):
        return _stop(state, reading)
    if state.step is Step.PERSON:
        return Turn(state)
    why = next((why for intent, why in _URGENT if reading.has(intent)), None)
    if why is None and state.step is Step.MENU and known is not None and reading.option == _PERSON_NUMBER:
        why = Why.ASKED
    if why is not None and not (known is not None and _is_a_dispute(why, reading)):
        return hand_over(why, here)
    if heard.is_closed_file:
        return hand_over(Why.FILE, here)
    if heard.is_voice:
        return again(state, Line(Say.VOICE), here)
    if known is None:
        return _stranger(state, heard, reading, here)
    return _acquaintance(state, heard, reading, known, here)


def checked(state: State, identity: Identity, *, known: Known | None, here: Here) -> Turn:
    """What follows from having looked at the digits: what the person wanted, another try, or a person."""
    if identity is Identity.RIGHT and known is not None:
        first = Line(Say.WELCOME)
        pending, state = state.pending, state.fresh()
        reading = read(pending, as_of=here.as_of, language=here.language, currency=here.currency)
        topic = _topic(state, reading)
        turn = topic(state, reading, known, here) if topic else topics.balance(state, reading, known, here)
        return replace(turn, lines=(first, *turn.lines))
    tries = state.tries + 1
    if identity is Identity.LOCKED or tries >= MOST_TRIES:
        return hand_over(Why.IDENTITY, here)
    return Turn(replace(state, step=Step.IDENTITY, tries=tries), (Line(Say.IDENTITY_WRONG),))


def refused(state: State, here: Here) -> Turn:
    """What follows when the house could not do what was agreed: nothing is pretended, and a person goes on."""
    turn = hand_over(Why.REFUSED, here)
    return replace(turn, lines=(Line(Say.REFUSED), *turn.lines))


def _stop(state: State, reading: Reading) -> Turn:
    """Obeyed at once; whoever holds the conversation keeps it, and a matter of care still reaches a person."""
    acts: list[StopContact | HandOver] = [StopContact(is_everywhere=not is_stop(reading.text))]
    grave = next((why for intent, why in _URGENT[:4] if reading.has(intent)), None)
    if state.step is Step.PERSON:
        return Turn(state, (Line(Say.STOPPED),), tuple(acts))
    if grave is not None:
        return Turn(State(step=Step.PERSON), (Line(Say.STOPPED),), (*acts, HandOver(grave)))
    return Turn(state.fresh(), (Line(Say.STOPPED),), tuple(acts))


def _is_a_dispute(why: Why, reading: Reading) -> bool:
    """«No soy yo quien debe» from whoever has shown who they are is about the debt, not about the person."""
    return why is Why.WRONG_PERSON and reading.has(Intent.DISPUTE)


def _stranger(state: State, heard: Heard, reading: Reading, here: Here) -> Turn:
    """Ask who is there, and remember what they want; a file without words is what somebody who paid sends."""
    if heard.has_file and not reading.text.strip():
        reading = read(_A_RECEIPT, as_of=here.as_of, language=here.language, currency=here.currency)
    if reading.has(Intent.WHO):
        return Turn(replace(state, step=Step.IDENTITY, misses=0), (Line(Say.WHO), Line(Say.ASK_IDENTITY)))
    asks = _topic(State(), reading) is not None or reading.has(Intent.GREETING)
    if state.step is Step.IDENTITY and reading.digits and not asks:
        return Turn(state, (), (CheckIdentity(reading.digits),))
    waiting = State(
        step=Step.IDENTITY,
        tries=state.tries,
        misses=state.misses,
        pending=reading.text if asks else state.pending,
    )
    turn = Turn(waiting, (Line(Say.ASK_IDENTITY),))
    return turn if asks or state.step is not Step.IDENTITY else missed(turn, state.misses, here)


def _acquaintance(state: State, heard: Heard, reading: Reading, known: Known, here: Here) -> Turn:
    if heard.has_file and state.step is not Step.PAID_PROOF:
        return topics.paid(state, reading, known, here)
    topic = _topic(state, reading)
    own = _OWN.get(state.step)
    if own is not None and (topic is None or reading.has(*_TOPIC_OF[state.step])):
        turn = own(state, reading, known, here)
        return turn if turn is not None else _not_understood(state, here)
    if topic is not None:
        return topic(state.fresh(), reading, known, here)
    chosen = _BY_NUMBER.get(reading.option or 0)
    if chosen is not None:
        return chosen(
            state.fresh(),
            read("", as_of=here.as_of, language=here.language, currency=here.currency),
            known,
            here,
        )
    if reading.amount and reading.amount.minor:
        return topics.promise(state.fresh(), reading, known, here)
    if reading.has(Intent.GREETING, Intent.YES, Intent.NO):
        return topics.menu(state, reading, known, here)
    return _not_understood(state, here)


def _topic(state: State, reading: Reading) -> topics.Topic | None:
    """What the message is about. An amount or a day makes a promise of «pagar», whatever its verb, but for what was paid."""
    is_dated = bool(reading.amount and reading.found) or (
        reading.has(Intent.PROMISE) and bool(reading.amount or reading.found)
    )
    for intent, topic in _TOPICS:
        if intent is Intent.PAY and is_dated and state.step not in (Step.PAID_AMOUNT, Step.PAID_DATE):
            return topics.promise
        if reading.has(intent):
            return topic
    return None


def _not_understood(state: State, here: Here) -> Turn:
    return again(state, Line(Say.NOT_UNDERSTOOD), here)
