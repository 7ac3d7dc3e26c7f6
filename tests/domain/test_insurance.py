"""What a contract of credit insurance covers, by hand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.insurance import CreditInsurance, read_insurance

CONTRACT = CreditInsurance(85, 10_000_00, 60)


@pytest.mark.covers("S2-33a")
def test_the_limit_comes_first_then_the_cover() -> None:
    assert (CONTRACT.insured(4_000_00), CONTRACT.uninsured(4_000_00)) == (3_400_00, 600_00)
    assert (CONTRACT.insured(12_000_00), CONTRACT.uninsured(12_000_00)) == (8_500_00, 3_500_00)
    assert CONTRACT.declare_by(date(2026, 1, 31)) == date(2026, 4, 1)


@given(st.integers(-(10**9), 10**12), st.integers(0, 100), st.integers(0, 10**12))
def test_what_is_paid_and_what_is_not_are_the_whole_debt(owed: int, cover: int, limit: int) -> None:
    contract = CreditInsurance(cover, limit, 30)
    assert contract.insured(owed) + contract.uninsured(owed) == max(owed, 0)
    assert 0 <= contract.insured(owed) <= limit


def test_a_contract_is_read_in_the_units_of_its_currency() -> None:
    told = {"cover": 85, "limit": 10_000, "declare_days": 60}
    assert read_insurance(told, exponent=2) == CONTRACT
    assert read_insurance({}, exponent=2) is None
