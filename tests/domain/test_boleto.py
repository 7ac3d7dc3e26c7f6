"""Boleto codes: both written forms, check digits, amounts, and which of two due dates is meant."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.boleto import NotABoleto, read_boleto

BANK = "00190500954014481606906809350314337370000000100"
COLLECTION = "846100000005246100291102005460339004695895061080"


def test_a_typed_line_gives_its_bar_code_amount_and_due_dates() -> None:
    boleto = read_boleto("00190.50095 40144.816069 06809.350314 3 37370000000100")
    assert boleto.bar_code == "00193373700000001000500940144816060680935031"
    assert (boleto.typed_line, boleto.amount_minor) == (BANK, 100)
    assert boleto.due_old_on == date(2007, 12, 31)
    assert boleto.due_on(seen_on=date(2007, 11, 1)) == date(2007, 12, 31)
    assert boleto.due_on(seen_on=date(2032, 7, 1)) == boleto.due_new_on


def test_a_bar_code_gives_the_same_boleto() -> None:
    boleto = read_boleto(BANK)
    assert read_boleto(boleto.bar_code) == boleto


def test_a_collection_has_an_amount_and_no_due_date() -> None:
    boleto = read_boleto(COLLECTION)
    assert (boleto.amount_minor, boleto.due_on(seen_on=date(2025, 1, 1))) == (2461, None)
    assert read_boleto(boleto.bar_code).typed_line == COLLECTION


@pytest.mark.parametrize("code", ["", "1234", "hola", "8" * 47, BANK[:-1], BANK + "0"])
def test_other_texts_are_no_boleto(code: str) -> None:
    with pytest.raises(NotABoleto):
        read_boleto(code)


@given(place=st.integers(0, 46), digit=st.integers(1, 9))
def test_one_wrong_digit_is_always_found(place: int, digit: int) -> None:
    wrong = BANK[:place] + str((int(BANK[place]) + digit) % 10) + BANK[place + 1 :]
    with pytest.raises(NotABoleto):
        read_boleto(wrong)


@given(st.text(alphabet="0123456789", min_size=44, max_size=48))
def test_what_is_read_reads_back_the_same(digits: str) -> None:
    try:
        boleto = read_boleto(digits)
    except NotABoleto:
        return
    assert read_boleto(boleto.bar_code) == read_boleto(boleto.typed_line) == boleto
