"""References with check digits, and the Pix text of the public specification."""

from binascii import crc_hqx

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.transfer_references import BadPix, case_of, pix_text, reference_of


@given(case=st.integers(1, 2**40), at=st.integers(0, 30), digit=st.integers(0, 9))
def test_a_reference_is_its_case_and_one_wrong_digit_is_nobodys(case: int, at: int, digit: int) -> None:
    told = reference_of(case)
    assert case_of(told) == case
    place = 2 + at % (len(told) - 2)
    wrong = f"{told[:place]}{digit}{told[place + 1 :]}"
    assert (case_of(wrong) == case) is (wrong == told)
    if wrong != told:
        assert case_of(wrong) is None


def test_the_pix_text_is_the_example_of_the_central_banks_manual() -> None:
    """The manual's static code: key, merchant, city and CRC; ours adds the amount and the txid, so its parts are compared."""
    known = (
        "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal"
        "6008BRASILIA62070503***6304"
    )
    assert f"{crc_hqx(known.encode(), 0xFFFF):04X}" == "1D3D"
    ours = pix_text(
        key="123e4567-e12b-12d1-a456-426655440000", name="João da Conceição", city="São Paulo", reference="PG0000000195",
        amount_minor=123_456,
    )  # fmt: skip
    assert ours.startswith(known[:84].replace("5802BR", ""))
    assert "54071234.56" in ours and "5917JOAO DA CONCEICAO6009SAO PAULO" in ours
    assert "62160512PG0000000195" in ours
    assert f"{crc_hqx(ours[:-4].encode(), 0xFFFF):04X}" == ours[-4:]


@pytest.mark.parametrize(
    "wrong", [{"key": ""}, {"reference": "PG-1"}, {"name": "  "}, {"city": ""}, {"key": "x" * 78}]
)
def test_what_does_not_fit_a_code_is_refused(wrong: dict[str, str]) -> None:
    told = {"key": "a@b.c", "name": "Ana", "city": "Recife", "reference": "PG1", **wrong}
    with pytest.raises(BadPix):
        pix_text(**told, amount_minor=100)
