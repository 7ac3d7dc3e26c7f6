"""Schedules: the figures a lender checks by hand, and sums that always close."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.domain.calendars import Calendar
from aldia.domain.loans.calendars import MONTH_END, Every, Move, Unit, due_dates, moved
from aldia.domain.loans.day_counts import DayCount
from aldia.domain.loans.extras import Base, Extra, total_yearly_cost, with_extras
from aldia.domain.loans.rounding import RoundTo
from aldia.domain.loans.schedules import (
    BadSchedule,
    Method,
    Rounding,
    Terms,
    by_days,
    by_period,
    schedule,
)

pytestmark = pytest.mark.covers("S4-1c", "S4-1d")
ONE_PERCENT = by_period(Decimal("0.12"), 12, 3)
START = date(2027, 1, 31)
MONTHLY = Every(1, Unit.MONTHS)


def parts(terms: Terms) -> list[tuple[int, int]]:
    return [(line.principal_minor, line.interest_minor) for line in schedule(terms)]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Method.FRENCH, [(33_002, 1000), (33_332, 670), (33_666, 337)]),
        (Method.GERMAN, [(33_333, 1000), (33_333, 667), (33_334, 333)]),
        (Method.AMERICAN, [(0, 1000), (0, 1000), (100_000, 1000)]),
        (Method.SIMPLE, [(33_333, 1000), (33_333, 1000), (33_334, 1000)]),
    ],
)
def test_a_thousand_at_one_percent_for_three_months(method: Method, expected: list[tuple[int, int]]) -> None:
    assert parts(Terms(100_000, ONE_PERCENT, method)) == expected


def test_a_balloon_waits_for_the_last_instalment() -> None:
    lines = schedule(Terms(100_000, ONE_PERCENT, balloon_minor=40_000))
    assert lines[0].due_minor == lines[1].due_minor == 20_801
    assert lines[-1].due_minor == 60_802


def test_own_parts_are_taken_as_written_and_must_add_up() -> None:
    assert parts(Terms(100_000, ONE_PERCENT, Method.OWN, own_parts=(0, 70_000, 30_000))) == [
        (0, 1000), (70_000, 1000), (30_000, 300),
    ]  # fmt: skip
    with pytest.raises(BadSchedule, match="add up"):
        Terms(100_000, ONE_PERCENT, Method.OWN, own_parts=(1, 2, 3))


def test_grace_pays_only_interest_or_nothing_or_lets_it_join_the_debt() -> None:
    four = by_period(Decimal("0.12"), 12, 4)
    assert parts(Terms(100_000, four, interest_only=2))[:2] == [(0, 1000), (0, 1000)]
    deferred = parts(Terms(100_000, four, deferred=1))
    assert deferred[0] == (0, 0) and deferred[1][1] == 2000
    grown = schedule(Terms(100_000, four, deferred=2, capitalises=True))
    assert [line.balance_minor for line in grown[:2]] == [101_000, 102_010]


def test_a_fixed_instalment_leaves_the_rest_to_the_last() -> None:
    lines = schedule(Terms(100_000, ONE_PERCENT, level_minor=30_000))
    assert [line.due_minor for line in lines] == [30_000, 30_000, 42_127]


def test_a_long_first_period_bears_its_own_days() -> None:
    due = due_dates(START, MONTHLY, 3, first_on=date(2027, 3, 15))
    factors = by_days(Decimal("0.365"), DayCount.ACT_365, START, due)
    assert [line.interest_minor for line in schedule(Terms(100_000, factors, Method.AMERICAN))] == [
        4300,
        3100,
        3000,
    ]


def test_due_dates_hold_the_end_of_the_month_and_half_months() -> None:
    assert due_dates(START, MONTHLY, 3) == (date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30))
    held = due_dates(date(2027, 2, 28), Every(1, Unit.MONTHS, MONTH_END), 2)
    assert held == (date(2027, 3, 31), date(2027, 4, 30))
    halves = due_dates(date(2027, 1, 5), Every(1, Unit.HALF_MONTHS), 3)
    assert halves == (date(2027, 1, 20), date(2027, 2, 5), date(2027, 2, 20))
    assert due_dates(START, Every(2, Unit.WEEKS), 1) == (date(2027, 2, 14),)


def test_a_closed_day_moves_but_may_stay_in_its_month() -> None:
    sunday = date(2027, 1, 31)
    assert moved(sunday, Calendar(), Move.NEXT) == date(2027, 2, 1)
    assert (
        moved(sunday, Calendar(), Move.NEXT_IN_MONTH)
        == moved(sunday, Calendar(), Move.PREVIOUS)
        == date(2027, 1, 29)
    )
    assert moved(sunday, Calendar(), Move.KEEP) == sunday


def test_taxes_insurance_and_fees_fall_due_with_the_instalment_and_make_it_dearer() -> None:
    extras = (
        Extra("tax", Base.INTEREST, Decimal("0.21")),
        Extra("insurance", Base.BALANCE, Decimal("0.001")),
        Extra("fees", Base.EACH, amount_minor=500, tax_rate=Decimal("0.21")),
    )
    lines, due = schedule(Terms(100_000, ONE_PERCENT)), due_dates(START, MONTHLY, 3)
    instalments = with_extras(lines, due, extras)
    assert instalments[0].extras == (("tax", 210 + 105), ("insurance", 100), ("fees", 500))
    assert instalments[0].due_minor == 34_002 + 915
    bare = total_yearly_cost(100_000, START, with_extras(lines, due, ()))
    assert Decimal("0.12") < bare < Decimal("0.14") < total_yearly_cost(100_000, START, instalments)


TERMS = st.builds(
    Terms,
    principal_minor=st.integers(1000, 10**9),
    factors=st.lists(st.fractions(0, Fraction(1, 10), max_denominator=36_500), min_size=3, max_size=12).map(
        tuple
    ),
    method=st.sampled_from([Method.SIMPLE, Method.FRENCH, Method.GERMAN, Method.AMERICAN]),
    rounding=st.builds(
        Rounding, st.sampled_from(RoundTo), st.sampled_from([1, 100]), st.sampled_from(RoundTo)
    ),
    balloon_minor=st.integers(0, 999),
    interest_only=st.integers(0, 2),
    deferred=st.integers(0, 2),
    capitalises=st.booleans(),
)


@settings(max_examples=50)
@given(TERMS)
def test_principal_adds_up_to_what_was_granted_and_nothing_is_left(terms: Terms) -> None:
    lines = schedule(terms)
    joined = sum(line.capitalised_minor for line in lines)
    assert sum(line.principal_minor for line in lines) == terms.principal_minor + joined
    assert lines[-1].balance_minor == 0
    assert all(line.principal_minor >= 0 and line.interest_minor >= 0 for line in lines)


@given(st.integers(10_000, 10**9), st.fractions(0, Fraction(1, 12), max_denominator=1200), st.integers(2, 60))
def test_french_instalments_are_equal_and_the_last_takes_the_cents(
    principal: int, factor: Fraction, count: int
) -> None:
    due = [line.due_minor for line in schedule(Terms(principal, (factor,) * count))]
    assert len(set(due[:-1])) == 1
    assert abs(due[-1] - due[0]) <= count * (2 + factor) ** 2 * 60
