"""Legs of a posting sum to zero in each currency."""

import pytest

from aldia.domain.balances import Leg, Unbalanced, check_balanced, differences


def test_legs_that_do_not_sum_to_zero_are_named() -> None:
    legs = (Leg("receivable", "USD", 100, "principal"), Leg("cash", "USD", -90))
    assert differences(legs) == {"USD": 10}
    with pytest.raises(Unbalanced, match=r"USD \+10"):
        check_balanced(legs)


def test_two_currencies_do_not_balance_each_other_and_both_are_named() -> None:
    with pytest.raises(Unbalanced, match=r"found CLP -100, USD \+100 \(minor"):
        check_balanced((Leg("receivable", "USD", 100), Leg("cash", "CLP", -100)))


def test_a_posting_without_legs_is_refused() -> None:
    with pytest.raises(Unbalanced, match=r"^a posting needs at least two legs, found none$"):
        check_balanced(())
