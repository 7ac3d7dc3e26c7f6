"""The keypad of an automatic call tried in words, as an invented client: the machine that answers calls, and nothing is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy

from aldia.contact.calls.menus import SILENCE
from aldia.domain import keypad
from aldia.domain.keypad import Act, Line, State, Terms, Turn

DIGITS: Final = "1234"  # of the invented client's document
KEYS: Final = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")
_TERMS: Final = Terms(owed=1_200, most_days=7)
_WOULD: Final = {
    Act.SEND_LINK: gettext_lazy("Le enviaría cómo pagar, por SMS, WhatsApp o correo."),
    Act.PROMISE: gettext_lazy("Anotaría la promesa por todo lo vencido."),
    Act.CALL_ME: gettext_lazy("Dejaría para hoy la tarea de llamarlo."),
    Act.STOP: gettext_lazy("Guardaría que no quiere más llamadas, y no se lo llamaría más."),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a key leads to: where the menu is, what is heard, what would be done, and whether the call is over."""

    state: State
    is_known: bool
    says: tuple[Line, ...]
    would: tuple[str, ...] = ()
    is_over: bool = False


def begin() -> Heard:
    """Return what is heard when somebody picks up."""
    return _heard(keypad.begin(), is_known=False, acts=())


def press(state: State, key: str, *, is_known: bool) -> Heard:
    """Return what a key leads to, or the silence of who presses none (`.`)."""
    terms = _TERMS if is_known else None
    turn = keypad.silence(state, terms=terms) if key == SILENCE else keypad.press(state, key, terms=terms)
    acts = [turn.act] if turn.act else []
    if turn.act is Act.CHECK:
        is_known = turn.state.typed == DIGITS
        turn = keypad.checked(turn.state, is_right=is_known, terms=_TERMS if is_known else None)
        acts = [turn.act] if turn.act else []
    elif turn.act in (Act.SEND_LINK, Act.PROMISE):
        turn = keypad.done(turn.state, is_done=True)
    return _heard(turn, is_known=is_known, acts=tuple(acts))


def _heard(turn: Turn, *, is_known: bool, acts: tuple[Act, ...]) -> Heard:
    return Heard(turn.state, is_known, turn.lines, tuple(str(_WOULD[act]) for act in acts), turn.is_over)
