"""The keypad tried in words: what is heard, what each key would do; nothing is done and a stranger hears nothing."""

import pytest

from aldia.chat import keypad_trial
from aldia.chat.keypad_trial import Heard


def _pressed(keys: str) -> list[Heard]:
    heard = [keypad_trial.begin()]
    for key in keys:
        heard.append(keypad_trial.press(heard[-1].state, key, is_known=heard[-1].is_known))
    return heard


@pytest.mark.covers("S3-44b")
@pytest.mark.parametrize(
    ("keys", "would"),
    [
        ("1", "Le enviaría cómo pagar"),
        ("2123451", "Anotaría la promesa"),
        ("3", "Dejaría para hoy la tarea"),
        ("9", "Guardaría que no quiere más llamadas"),
        ("777", "Dejaría para hoy la tarea"),
    ],
)
def test_each_key_says_what_it_would_do_and_ends_the_call(keys: str, would: str) -> None:
    last = _pressed(keys)[-1]
    assert last.is_over and last.would[0].startswith(would)


def test_two_silences_end_the_call_and_do_nothing() -> None:
    last = _pressed("..")[-1]
    assert last.is_over and last.would == ()


def test_before_the_digits_are_right_no_amount_is_heard() -> None:
    told = [line.number for heard in _pressed("29999") for line in heard.says]
    assert 1200 not in told
    assert 1200 in [line.number for line in _pressed("21234")[-1].says]
