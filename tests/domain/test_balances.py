"""Journal legs and folded balances."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.balances import (
    DayBalance,
    Leg,
    Movement,
    Unbalanced,
    balances,
    check_balanced,
    differences,
    reversed_legs,
    running,
    totals,
)

FIRST, FIFTH = date(2026, 11, 1), date(2026, 11, 5)
LATE = datetime(2026, 11, 20, tzinfo=UTC)
MOVEMENTS = (
    Movement(FIRST, "principal", 100, "USD"),
    Movement(FIRST, "late_interest", 7, "USD"),
    Movement(FIRST, "principal", 5000, "CLP"),
    Movement(FIFTH, "principal", -30, "USD", recorded_at=LATE),
)


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


@given(
    st.lists(
        st.builds(
            Leg, st.sampled_from(["receivable", "cash"]), st.sampled_from(["USD", "CLP"]), st.integers(-(10**12), 10**12),
            st.sampled_from(["principal", "late_interest", ""]),
        )
    )
)  # fmt: skip
def test_a_reversal_undoes_its_posting_leg_by_leg(legs: list[Leg]) -> None:
    sums: dict[tuple[str, str, str], int] = {}
    for leg in (*legs, *reversed_legs(legs)):
        key = (leg.account, leg.currency, leg.component)
        sums[key] = sums.get(key, 0) + leg.amount_minor
    assert not any(sums.values())


def test_balances_fold_by_component_up_to_a_day() -> None:
    assert balances(MOVEMENTS, as_of=FIRST) == {
        ("CLP", "principal"): 5000,
        ("USD", "late_interest"): 7,
        ("USD", "principal"): 100,
    }
    assert totals(MOVEMENTS, as_of=FIFTH) == {"CLP": 5000, "USD": 77}


def test_history_replays_as_it_was_known() -> None:
    before = datetime(2026, 11, 10, tzinfo=UTC)
    assert totals(MOVEMENTS, as_of=FIFTH, known_at=before)["USD"] == 107
    assert totals(MOVEMENTS, as_of=FIFTH, known_at=LATE)["USD"] == 77


def test_the_running_line_has_one_entry_per_day_and_currency() -> None:
    assert running(MOVEMENTS) == (
        DayBalance(FIRST, "CLP", 5000, 5000),
        DayBalance(FIRST, "USD", 107, 107),
        DayBalance(FIFTH, "USD", -30, 77),
    )
