"""Late interest, ceilings, collection tariffs and indexed units, by numbers that anyone can check."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.loans.indexed import UnitValue, shared
from aldia.domain.loans.late_interest import LateTerms, late_interest
from aldia.domain.loans.published import COLOMBIA_USURY, SPAIN_COMMERCIAL, TABLES
from aldia.domain.loans.rate_tables import (
    AboveCeiling,
    DatedRate,
    NoRateInForce,
    Overlapping,
    RateTable,
    check_ceiling,
    usury_cap,
)

pytestmark = pytest.mark.covers("S0-18c", "S3-72")
DEC_31 = date(2024, 12, 31)
AGREED = RateTable("agreed", (DatedRate(date(2020, 1, 1), None, Decimal("0.30")),))
CEILING = RateTable.of(
    "ceiling",
    [
        DatedRate(date(2025, 7, 1), None, Decimal("0.10")),
        DatedRate(date(2025, 1, 1), date(2025, 6, 30), Decimal("0.40")),
    ],
)


def test_spanish_commercial_interest_of_half_a_year() -> None:
    owed = late_interest(1_000_000, DEC_31, date(2025, 6, 30), LateTerms(SPAIN_COMMERCIAL))
    assert (owed.days, owed.minor) == (181, 55_292)


def test_each_day_bears_the_rate_in_force_that_day() -> None:
    owed = late_interest(1_000_000, date(2024, 12, 30), date(2025, 1, 2), LateTerms(SPAIN_COMMERCIAL))
    assert SPAIN_COMMERCIAL.days_by_rate(DEC_31, date(2025, 1, 2)) == [
        (Decimal("0.1225"), 1),
        (Decimal("0.1115"), 2),
    ]
    assert owed.minor == 947  # 335.62 + 610.96 cents


def test_the_ceiling_lowers_the_rate_only_on_the_days_it_binds() -> None:
    owed = late_interest(365_000, date(2025, 6, 29), date(2025, 7, 2), LateTerms(AGREED, CEILING))
    assert (owed.minor, owed.capped_days) == (300 + 100 + 100, 2)


def test_paid_within_grace_owes_nothing_and_later_owes_it_all() -> None:
    terms = LateTerms(AGREED, grace_days=3)
    assert late_interest(365_000, DEC_31, date(2025, 1, 3), terms).minor == 0
    assert late_interest(365_000, DEC_31, date(2025, 1, 4), terms).minor == 1200


def test_a_day_without_a_rate_is_told_not_guessed() -> None:
    with pytest.raises(NoRateInForce, match="2025-08-01"):
        COLOMBIA_USURY.rate_on(date(2025, 8, 1))
    with pytest.raises(NoRateInForce):
        late_interest(1, date(2013, 1, 1), date(2013, 2, 1), LateTerms(SPAIN_COMMERCIAL))


def test_rows_that_overlap_are_refused() -> None:
    with pytest.raises(Overlapping):
        RateTable("two", (DatedRate(DEC_31, None, Decimal(0)), DatedRate(date(2025, 1, 1), None, Decimal(0))))


def test_a_rate_above_the_ceiling_is_refused_with_both_numbers() -> None:
    with pytest.raises(AboveCeiling, match=r"30.00 % is above the ceiling of 25.02"):
        check_ceiling(Decimal("0.30"), COLOMBIA_USURY, date(2025, 12, 1))
    check_ceiling(Decimal("0.2502"), COLOMBIA_USURY, date(2025, 12, 1))
    assert usury_cap(Decimal("0.1661")) == Decimal("0.2492")


def test_every_shipped_table_says_who_published_each_row() -> None:
    assert all(row.source and 0 < row.rate < 1 for table in TABLES.values() for row in table.rates)


@given(st.integers(0, 10**9), st.integers(0, 900), st.integers(0, 900))
def test_interest_of_two_stretches_is_that_of_the_whole(amount: int, one: int, two: int) -> None:
    start = date(2021, 1, 1).toordinal()
    middle, end = date.fromordinal(start + one), date.fromordinal(start + one + two)
    terms = LateTerms(SPAIN_COMMERCIAL)
    together = late_interest(amount, date(2021, 1, 1), end, terms)
    apart = [
        late_interest(amount, date(2021, 1, 1), middle, terms),
        late_interest(amount, middle, end, terms),
    ]
    assert together.days == sum(each.days for each in apart)
    assert abs(together.minor - sum(each.minor for each in apart)) <= 1


def test_an_indexed_debt_is_paid_at_the_value_of_the_day() -> None:
    value = UnitValue("CLF", "CLP", date(2025, 3, 9), Decimal("38894.11"))
    assert value.to_currency(25_000) == 97_235
    assert value.to_units(97_235) == 25_000
    assert value.to_units(97_234) == 24_999


@given(
    st.sampled_from([("CLF", "CLP", "38894.11"), ("COU", "COP", "376.5"), ("MXV", "MXN", "8.3"), ("UVA", "ARS", "1290.55")]),
    st.integers(1, 10**9),
)  # fmt: skip
def test_what_was_quoted_for_units_pays_those_units_whole(kind: tuple[str, str, str], units: int) -> None:
    value = UnitValue(kind[0], kind[1], date(2025, 3, 9), Decimal(kind[2]))
    assert value.to_units(value.to_currency(units)) == units


@given(st.integers(0, 10**9), st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=6))
def test_money_shared_over_units_adds_up(paid: int, units: list[int]) -> None:
    assert sum(shared(paid, units)) == (paid if sum(units) else 0)
