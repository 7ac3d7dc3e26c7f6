"""Texts that a spreadsheet could run."""

import pytest

from aldia.domain.cells import inert


@pytest.mark.parametrize("text", ["=1+1", "+54 11", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1"])
def test_what_begins_like_a_formula_gets_a_quote_before_it(text: str) -> None:
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["", "Ana = Bea", "3-4", -2, None])
def test_everything_else_stays_as_it_is(cell: object) -> None:
    assert inert(cell) == cell
