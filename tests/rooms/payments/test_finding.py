"""Pairs of lines and clients are found in sets by the same rules by which one is judged."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.domain import matching
from aldia.payments.services import finding

WRITTEN = st.text(alphabet=st.characters(max_codepoint=0x17F), max_size=30)


def _set(frame: pl.DataFrame, column: str) -> set[str]:
    return set(frame[column].drop_nulls())


@settings(max_examples=150, deadline=None)
@given(WRITTEN)
def test_the_marks_of_a_text_are_the_same_one_by_one_and_in_sets(text: str) -> None:
    frame = pl.DataFrame({"id": [1], "text": [text]})
    assert _set(finding._marks_of(frame), "mark") == matching.marks_of(text)


@settings(max_examples=150, deadline=None)
@given(WRITTEN)
def test_the_words_of_a_name_are_the_same_one_by_one_and_in_sets(text: str) -> None:
    frame = pl.DataFrame({"id": [1], "name": [text]})
    assert _set(finding._words_of(frame, "id", "name"), "word") == matching.name_words(text)


@given(WRITTEN)
def test_a_number_is_squeezed_alike(text: str) -> None:
    frame = pl.DataFrame({"text": [text]})
    assert frame.select(finding._squeezed(pl.col("text")))["text"][0] == matching.squeezed(text)


def test_the_pairs_of_a_document_that_is_named_by_its_run_alone_are_found() -> None:
    number = "FC A 0003-00000031"
    marks = matching.marks_of("TRANSF 0003-00000031")
    assert matching.names_of(number) & marks
    assert matching.tail(matching.squeezed(number)) in marks, "the tail is what the sets join on"
