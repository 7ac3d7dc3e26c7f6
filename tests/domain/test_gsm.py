"""The letters of an SMS and its parts: as many as are counted, nothing lost, nothing cut."""

from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.domain.gsm import coded, text_in_gsm
from aldia.domain.sms import segments

LETTERS = st.text(st.sampled_from("aZ9 @ñÑ€[]{}~^|\\\n¿úá😀"), max_size=400)


@settings(max_examples=150, deadline=None)
@given(LETTERS)
def test_a_text_travels_in_as_many_parts_as_are_paid_and_arrives_whole(text: str) -> None:
    made = coded(text)
    assert len(made.parts) == max(1, segments(text).count)
    room = 160 if made.is_plain else 140
    heading = 0 if len(made.parts) == 1 else 7 if made.is_plain else 6  # septets, bytes
    assert all(len(part) + heading <= room for part in made.parts)
    read = [text_in_gsm(part) if made.is_plain else part.decode("utf-16-be") for part in made.parts]
    assert "".join(read) == text


def test_the_letters_are_those_of_the_standard() -> None:
    assert coded("@ñ€").parts == (bytes([0x00, 0x7D, 0x1B, 0x65]),)
    assert text_in_gsm(bytes([0x48, 0x1B, 0x28, 0x1B, 0x01])) == "H{?"
