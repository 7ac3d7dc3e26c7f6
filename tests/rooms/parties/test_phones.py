"""Telephones by the column are what they are one at a time, and say whether a message may reach them."""

import phonenumbers
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.parties.phones import plain_phones, read_phone

REGIONS = (
    "AR",
    "BR",
    "CL",
    "CO",
    "CR",
    "DO",
    "EC",
    "ES",
    "GT",
    "IT",
    "MX",
    "PE",
    "PT",
    "PY",
    "US",
    "UY",
    "VE",
)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str | None]:
    """A number as somebody may write it: real beginnings, wrong endings, prefixes, blanks."""
    region = draw(st.sampled_from(REGIONS))
    kind = draw(st.sampled_from([0, 1, 2, 3, 4, 6]))
    example = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
    digits = str(example.national_number)
    kept = draw(st.integers(1, len(digits)))
    digits = digits[:kept] + draw(
        st.text("0123456789", min_size=len(digits) - kept, max_size=len(digits) - kept + 1)
    )
    digits = draw(st.sampled_from(["", "", "", "0", "00", "15", "1", "(0)"])) + digits
    at = draw(st.integers(0, len(digits)))
    digits = digits[:at] + draw(st.sampled_from(["", " ", "-", ".", " (", ") ", "/", " x"])) + digits[at:]
    code = draw(
        st.sampled_from(
            ["", f"+{example.country_code}", f"+{example.country_code} ", str(example.country_code)]
        )
    )
    return code + digits, draw(st.sampled_from([region, region, None, "AR"]))


@settings(max_examples=60, deadline=None)
@given(st.lists(written(), min_size=1, max_size=40))
def test_what_is_read_by_the_column_is_what_is_read_one_at_a_time(
    cells: list[tuple[str, str | None]],
) -> None:
    raw, country = (pl.Series(values, dtype=pl.String) for values in zip(*cells, strict=True))
    for (text, where), (e164, is_mobile) in zip(cells, plain_phones(raw, country).rows(), strict=True):
        assert e164 is None or read_phone(text, where) == (e164, is_mobile)


def test_plain_numbers_of_the_region_are_read_by_the_column() -> None:
    cells = [
        ("+54 9 11 4000-1234", "AR"), ("11 4321-5678", "AR"), ("+55 (11) 91234-5678", None), ("55 1234 5678", "MX"),
        ("300 123 4567", "CO"), ("+56 9 6123 4567", "AR"),
    ]  # fmt: skip
    found = plain_phones(pl.Series([cell for cell, _ in cells]), pl.Series([where for _, where in cells]))
    assert found.rows() == [
        ("+5491140001234", True), ("+541143215678", False), ("+5511912345678", True), ("+525512345678", True),
        ("+573001234567", True), ("+56961234567", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "country", "is_mobile"),
    [("+1 212 555 2345", None, True), ("+52 55 1234 5678", None, True), ("0810 555 1234", "AR", None)],
)
def test_where_the_numbering_does_not_tell_a_message_is_tried(
    text: str, country: str | None, is_mobile: bool | None
) -> None:
    found = read_phone(text, country)
    assert found is not None and found[1] is is_mobile


def test_the_zero_that_a_spreadsheet_adds_is_nobodys() -> None:
    assert read_phone("1122223333.0", "AR") == read_phone("1122223333", "AR")
    (found,) = plain_phones(pl.Series(["1187654321.0"]), pl.Series(["BR"])).rows()
    assert found[0] in {None, "+551187654321"}
