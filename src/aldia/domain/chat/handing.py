"""When a person goes on: on demand, for what is grave, or because the bot did not understand twice."""

from dataclasses import replace
from typing import Final

from aldia.domain.chat.talk import HandOver, Here, Line, Say, State, Step, StopContact, Turn, Why

MOST_MISSES: Final = 2


def hand_over(why: Why, here: Here) -> Turn:
    """Put the conversation in the hands of a person, and say so. Whoever is not the person is left in peace too."""
    state = State(step=Step.PERSON)
    if why is Why.WRONG_PERSON:
        return Turn(state, (Line(Say.SORRY_WRONG_PERSON),), (StopContact(is_everywhere=False), HandOver(why)))
    if why is Why.CARE:
        return Turn(state, (Line(Say.HANDED_CARE),), (HandOver(why),))
    said = Say.HANDED_NOW if here.is_staffed else Say.HANDED_LATER
    return Turn(state, (Line(said),), (HandOver(why),))


def missed(turn: Turn, misses: int, here: Here, why: Why = Why.MISUNDERSTOOD) -> Turn:
    """The answer to what could not be used: once it is asked again, the second time in a row a person goes on."""
    if misses + 1 >= MOST_MISSES:
        return hand_over(why, here)
    return replace(turn, state=replace(turn.state, misses=misses + 1))


def again(state: State, line: Line, here: Here, why: Why = Why.MISUNDERSTOOD) -> Turn:
    """Say what was wrong with an answer and wait for another."""
    return missed(Turn(state, (line,)), state.misses, here, why)
