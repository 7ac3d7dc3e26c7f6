"""Day counts, rates and time value: golden numbers worked by hand, and what must hold for any numbers."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.loans import rates
from aldia.domain.loans.brazil import banking_calendar, easter
from aldia.domain.loans.day_counts import DayCount, MissingTerms, Terms, days, year_fraction
from aldia.domain.loans.rounding import RoundTo, whole
from aldia.domain.loans.time_value import Annuity, periods_needed, rate_of

pytestmark = pytest.mark.covers("S4-1c")
DATES = st.dates(date(2000, 1, 1), date(2060, 12, 31))
MONTH_END, FEBRUARY_END = date(2027, 1, 31), date(2027, 2, 28)


@pytest.mark.parametrize(("how", "rounded"), [("half_up", 13), ("half_even", 12), ("up", 13), ("down", 12)])
def test_a_half_goes_where_it_is_told(how: str, rounded: int) -> None:
    assert whole(Fraction(25, 2), RoundTo(how)) == rounded
    assert whole(Fraction(-25, 2), RoundTo(how)) == -rounded


def test_a_step_rounds_to_whole_currency_units() -> None:
    assert whole(Fraction(36_070), RoundTo.HALF_EVEN, 100) == 36_100


@pytest.mark.parametrize(
    ("convention", "expected"),
    [
        (DayCount.THIRTY_360, 28),
        (DayCount.THIRTY_E_360, 28),
        (DayCount.THIRTY_E_360_ISDA, 30),
        (DayCount.ACT_365, 28),
    ],
)
def test_from_the_end_of_january_to_the_end_of_february(convention: DayCount, expected: int) -> None:
    assert days(convention, MONTH_END, FEBRUARY_END) == expected


def test_the_maturity_in_february_is_not_a_thirtieth() -> None:
    assert days(DayCount.THIRTY_E_360_ISDA, MONTH_END, FEBRUARY_END, Terms(matures_on=FEBRUARY_END)) == 28


def test_actual_actual_weighs_each_calendar_year_by_its_own_length() -> None:
    part = year_fraction(DayCount.ACT_ACT, date(2027, 12, 1), date(2028, 2, 1))
    assert part == Fraction(31, 365) + Fraction(31, 366)


def test_a_long_first_coupon_counts_half_a_year_and_the_days_before_it() -> None:
    reference = (date(2027, 1, 15), date(2027, 7, 15))
    part = year_fraction(
        DayCount.ACT_ACT_ICMA, date(2026, 10, 15), date(2027, 7, 15), Terms(reference=reference)
    )
    assert part == Fraction(1, 2) + Fraction(92, 2 * 184)


def test_a_convention_without_what_it_needs_says_so() -> None:
    with pytest.raises(MissingTerms, match="reference"):
        year_fraction(DayCount.ACT_ACT_ICMA, MONTH_END, FEBRUARY_END)
    with pytest.raises(MissingTerms, match="calendar"):
        days(DayCount.BUSINESS_252, MONTH_END, FEBRUARY_END)


def test_brazilian_banks_close_for_carnival_and_corpus_christi() -> None:
    assert easter(2027) == date(2027, 3, 28)
    calendar = banking_calendar([2027])
    assert not any(
        calendar.is_business_day(day) for day in (date(2027, 2, 8), date(2027, 2, 9), date(2027, 5, 27))
    )
    assert days(DayCount.BUSINESS_252, date(2027, 2, 5), date(2027, 2, 11), Terms(calendar=calendar)) == 2


@given(DATES, DATES, st.sampled_from([each for each in DayCount if "ICMA" not in each and "252" not in each]))
def test_a_span_reversed_is_its_negative(start: date, end: date, convention: DayCount) -> None:
    assert year_fraction(convention, start, end) == -year_fraction(convention, end, start)


@given(DATES, DATES)
def test_every_convention_is_within_two_percent_and_three_days_of_the_calendar(
    start: date, end: date
) -> None:
    start, end = min(start, end), max(start, end)
    real = Fraction((end - start).days) / Fraction("365.25")
    for convention in DayCount:
        if "ICMA" not in convention and "252" not in convention:
            assert abs(year_fraction(convention, start, end) - real) <= real / 50 + Fraction(3, 360)


def test_one_percent_a_month_costs_twelve_sixty_eight_a_year() -> None:
    paid = [rates.Flow(Fraction(month, 12), Decimal("-8884.8788678")) for month in range(1, 13)]
    cost = rates.yearly_cost([rates.Flow(Fraction(0), 100_000), *paid])
    assert f"{cost:.6f}" == "0.126825"


def test_the_us_rate_counts_whole_unit_periods_back_from_the_payment() -> None:
    assert rates.UnitPeriod(months=1).between(date(2027, 2, 10), date(2027, 4, 1)) == 1 + Fraction(19, 30)
    assert rates.UnitPeriod(is_half_month=True).between(date(2027, 2, 23), date(2027, 3, 1)) == Fraction(
        6, 15
    )
    paid = [rates.Flow(Fraction(1), Decimal(-1010))]
    assert (
        f"{rates.us_apr([rates.Flow(Fraction(0), 1000), *paid], rates.UnitPeriod(months=1)):.4f}" == "0.1200"
    )


def test_payments_that_never_give_the_money_back_have_no_rate() -> None:
    with pytest.raises(rates.NoRate):
        rates.yearly_cost([rates.Flow(Fraction(0), 1000), rates.Flow(Fraction(1), 1000)])


@given(
    st.decimals("0.0001", "0.05", places=4),
    st.integers(2, 60),
    st.decimals("100", "100000", places=2),
    st.booleans(),
)
def test_the_parts_of_a_level_payment_explain_it(
    rate: Decimal, periods: int, present: Decimal, early: bool
) -> None:
    annuity = Annuity(rate, Decimal(periods), early)
    payment = annuity.payment(present)
    assert abs(annuity.present_value(payment) - present) < Decimal("1e-20")
    assert abs(periods_needed(rate, payment, present, at_start=early) - periods) < Decimal("1e-15")
    principal = sum(annuity.principal_in(each, present) for each in range(1, periods + 1))
    assert abs(principal + present) < Decimal("1e-20")


def test_the_rate_behind_a_level_payment_is_found() -> None:
    payment = Annuity(Decimal("0.02"), Decimal(24)).payment(Decimal(1000))
    assert abs(rate_of(24, payment, Decimal(1000)) - Decimal("0.02")) < Decimal("1e-15")
