"""Loans whose interest runs by the day: level and add-on plans, and their life with early, late and missing payments."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.loans.daily_life import LifeTerms, Look, Moment, daily_life
from aldia.domain.loans.daily_plans import DailyTerms, Last, daily_plan

pytestmark = pytest.mark.covers("S4-1c", "S3-72")
ONE_PERCENT = Fraction(1, 100)
TERMS = DailyTerms(100_000, ONE_PERCENT, (10, 20, 30))


def life_of(terms: DailyTerms, *moments: Moment, as_of: int = 90, **more: object) -> tuple[Look, ...]:
    return daily_life(LifeTerms(terms, daily_plan(terms), **more), moments, as_of)  # type: ignore[arg-type]


def test_the_last_payment_is_lower_or_higher_than_the_others_as_agreed() -> None:
    terms = replace(TERMS, days=(10, 20, 31))
    lower, higher = daily_plan(terms), daily_plan(replace(terms, last=Last.HIGHER))
    assert [line.payment_minor for line in lower.lines] == [40_321, 40_321, 40_320]
    assert [line.payment_minor for line in higher.lines] == [40_320, 40_320, 40_324]


def test_interest_stops_at_the_cap_of_the_whole_loan_and_the_rate_at_that_of_the_day() -> None:
    assert daily_plan(replace(TERMS, total_cap_minor=Fraction(12_000))).total_interest_minor == 12_000
    halved = replace(TERMS, daily_cap=ONE_PERCENT / 2)
    assert daily_plan(halved) == daily_plan(replace(TERMS, daily_rate=ONE_PERCENT / 2))


def test_add_on_interest_is_owed_at_once_paid_first_and_equals_what_accrues() -> None:
    plan = daily_plan(replace(TERMS, interest_first=True))
    assert plan.opening_interest_minor == sum(line.interest_minor for line in plan.lines)
    assert abs(plan.opening_interest_minor - sum(line.accrued for line in plan.lines)) <= 1
    assert plan.lines[0].principal_minor == max(0, plan.level_minor - plan.opening_interest_minor)


def test_a_late_payer_owes_more_interest_and_a_charge() -> None:
    moments = (Moment(10, scheduled_minor=40_212), Moment(20, scheduled_minor=40_212, paid_minor=80_424))
    first, second = life_of(TERMS, *moments, late_charge_minor=1000, timeout=3)
    assert (first.new_charges_minor, first.settlement_minor) == (1000, 111_000)
    assert (second.charges_minor, second.interest_minor, second.principal_minor) == (1000, 20_000, 59_424)


def test_a_payment_ahead_of_its_time_lowers_what_is_asked_for_next() -> None:
    moments = (
        Moment(5, paid_minor=45_000),
        Moment(10, scheduled_minor=40_212),
        Moment(20, scheduled_minor=40_212),
    )
    assert [look.due_minor for look in life_of(TERMS, *moments)] == [0, 0, 35_424]


def test_the_fee_of_the_days_to_come_is_given_back_when_the_loan_is_settled() -> None:
    moments = (Moment(15, settles=True),)
    (look,) = life_of(TERMS, *moments, fee_minor=30_000, rebates=True)
    assert (look.fee_rebate_minor, look.fee_minor, look.generated_minor) == (15_000, 15_000, 100_000)
    assert (look.principal_balance_minor, look.fee_balance_minor, look.settlement_minor) == (0, 0, 0)


def test_a_stretch_at_another_rate_bears_that_rate_only() -> None:
    (look,) = life_of(TERMS, Moment(10), other_rates=((5, 8, Fraction(0)),))
    assert look.accrued == 100_000 * ONE_PERCENT * 7


PAYMENTS = st.lists(
    st.tuples(st.integers(1, 80), st.integers(1, 60_000)), max_size=6, unique_by=lambda each: each[0]
)


@given(PAYMENTS, st.booleans())
def test_what_comes_in_is_spread_to_the_cent_and_settling_ends_it(
    paid: list[tuple[int, int]], first: bool
) -> None:
    moments = [Moment(day, paid_minor=minor) for day, minor in sorted(paid)]
    looks = life_of(replace(TERMS, interest_first=first), *moments, Moment(90, settles=True))
    for look in looks:
        parts = look.charges_minor + look.interest_minor + look.fee_minor + look.principal_minor
        assert parts == look.net_minor
    assert looks[-1].principal_balance_minor == 0
    assert sum(look.principal_minor for look in looks) == 100_000
