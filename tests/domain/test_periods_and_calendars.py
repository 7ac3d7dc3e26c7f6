"""Half-open periods, months, business days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.calendars import (
    Calendar,
    CalendarError,
    UnknownCountry,
    YearNotCovered,
    country_calendar,
    holiday_names,
    subdivision_name,
)
from aldia.domain.periods import (
    EmptyPeriod,
    Period,
    add_months,
    month_of,
    next_month,
    previous_month,
    whole_months,
)

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
CLOSED = st.frozensets(st.integers(0, 6), max_size=6)
CALENDARS = st.builds(
    Calendar, CLOSED, st.frozensets(st.dates(date(2026, 1, 1), date(2026, 3, 1)), max_size=20)
)
NEAR = st.dates(date(2025, 12, 15), date(2026, 3, 15))


def test_a_period_holds_its_start_and_not_its_end() -> None:
    january = Period(date(2026, 1, 1), date(2026, 2, 1))
    assert date(2026, 1, 1) in january
    assert date(2026, 2, 1) not in january
    assert january == Period.through(date(2026, 1, 1), date(2026, 1, 31)) == month_of(date(2026, 1, 15))
    assert (january.days, january.last) == (31, date(2026, 1, 31))


def test_a_period_without_end_goes_on() -> None:
    open_end = Period(date(2026, 1, 1))
    assert date(2999, 1, 1) in open_end
    assert open_end.overlaps(Period(date(2050, 1, 1)))


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(EmptyPeriod):
        Period(date(2026, 1, 1), date(2026, 1, 1))


def test_touching_periods_do_not_overlap() -> None:
    assert not month_of(date(2026, 1, 1)).overlaps(month_of(date(2026, 2, 1)))


@given(DAYS, st.integers(1, 60), DAYS, st.integers(1, 60), DAYS)
def test_a_day_is_in_the_intersection_when_it_is_in_both(a: date, n: int, b: date, m: int, day: date) -> None:
    left, right = Period(a, a + timedelta(days=n)), Period(b, b + timedelta(days=m))
    both = left.intersection(right)
    assert (both is not None and day in both) == (day in left and day in right)
    assert both == right.intersection(left)


def test_months_hold_their_ends() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 31), -11) == date(2025, 2, 28)
    assert previous_month(date(2026, 1, 17)) == month_of(date(2025, 12, 3))
    assert next_month(date(2026, 12, 31)) == month_of(date(2027, 1, 1))


def test_whole_months_count_complete_ones() -> None:
    assert whole_months(date(2026, 1, 31), date(2026, 2, 28)) == 1
    assert whole_months(date(2026, 1, 15), date(2026, 3, 14)) == 1
    assert whole_months(date(2026, 3, 14), date(2026, 1, 15)) == -1


def test_business_days_jump_over_the_weekend_and_holidays() -> None:
    calendar = Calendar(holidays=frozenset({date(2026, 11, 30)}))
    friday = date(2026, 11, 27)
    assert calendar.add_business_days(friday, 1) == date(2026, 12, 1)
    assert calendar.add_business_days(date(2026, 12, 1), -1) == friday
    assert calendar.add_business_days(date(2026, 11, 28), 0) == date(2026, 12, 1)
    assert calendar.next_business_day(friday) == friday
    assert calendar.previous_business_day(date(2026, 11, 30)) == friday
    assert calendar.business_days_between(date(2026, 11, 23), date(2026, 12, 7)) == 9
    assert calendar.business_days_between(date(2026, 12, 7), date(2026, 11, 23)) == -9


@given(CALENDARS, NEAR, st.integers(1, 20))
def test_counting_forward_agrees_with_counting_between(calendar: Calendar, day: date, count: int) -> None:
    found = calendar.add_business_days(day, count)
    assert calendar.is_business_day(found)
    assert calendar.business_days_between(day + timedelta(days=1), found + timedelta(days=1)) == count


@given(CALENDARS, NEAR, st.integers(1, 20))
def test_counting_there_and_back_returns_to_an_open_day(calendar: Calendar, day: date, count: int) -> None:
    start = calendar.next_business_day(day)
    assert calendar.add_business_days(calendar.add_business_days(start, count), -count) == start


@pytest.mark.parametrize("closed", [frozenset(range(7)), frozenset({7})])
def test_a_calendar_that_never_opens_is_refused(closed: frozenset[int]) -> None:
    with pytest.raises(CalendarError):
        Calendar(closed)


@pytest.mark.parametrize(
    ("country", "subdivision", "holiday"),
    [
        ("AR", None, date(2026, 7, 9)),
        ("CL", None, date(2026, 9, 18)),
        ("MX", None, date(2026, 9, 16)),
        ("BR", "SP", date(2026, 7, 9)),
        ("ES", "CT", date(2026, 9, 11)),
    ],
)
@pytest.mark.covers("S3-1g")
def test_countries_close_on_their_holidays(country: str, subdivision: str | None, holiday: date) -> None:
    calendar = country_calendar(country, [2026], subdivision, extra=[date(2026, 12, 24)])
    assert calendar.is_holiday(holiday)
    assert calendar.is_holiday(date(2026, 12, 24))
    assert calendar.is_business_day(date(2026, 11, 24))


def test_own_holidays_do_not_leak_into_the_country() -> None:
    country_calendar("AR", [2026], extra=[date(2026, 11, 24)])
    assert country_calendar("AR", [2026]).is_business_day(date(2026, 11, 24))


def test_a_year_outside_the_calendar_is_refused_not_guessed() -> None:
    with pytest.raises(YearNotCovered, match="2025 to 2036"):
        country_calendar("AR", [2026]).is_business_day(date(2037, 1, 1))


def test_unknown_places_and_no_years_are_refused() -> None:
    with pytest.raises(UnknownCountry):
        country_calendar("ZZ", [2026])
    with pytest.raises(UnknownCountry):
        country_calendar("AR", [2026], "NOWHERE")
    with pytest.raises(CalendarError):
        country_calendar("AR", [])


@pytest.mark.parametrize(
    ("code", "name"), [("AR-T", "Tucumán"), ("Córdoba", "Córdoba"), ("CO-ANT", ""), ("XX-1", ""), ("", "")]
)
def test_a_place_is_called_by_its_name_and_never_by_its_code(code: str, name: str) -> None:
    assert subdivision_name(code) == name


@pytest.mark.parametrize(
    ("country", "language", "name"),
    [("AR", "es", "Año Nuevo"), ("AR", "en", "New Year's Day"), ("AR", "pt", "Año Nuevo"), ("BR", "pt", "Confraternização Universal")],
)  # fmt: skip
def test_a_holiday_is_named_in_the_readers_language_or_as_its_country_writes_it(
    country: str, language: str, name: str
) -> None:
    assert holiday_names(country, 2026, language)[0] == (date(2026, 1, 1), name)


def test_a_country_without_a_table_has_no_holidays_to_name() -> None:
    assert holiday_names("ZZ", 2026, "es") == ()
