"""Promises: kept, partial or broken by themselves; plans that add up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.promises import (
    BadTerms,
    Every,
    Instalment,
    PromiseState,
    PromiseStatus,
    PromiseTerms,
    evaluate,
    split_plan,
)

MADE, DUE = date(2026, 11, 2), date(2026, 11, 10)
TERMS = PromiseTerms(1000, DUE, tolerance_minor=10, grace_days=2)
OFFSETS = st.integers(-5, 25)
PAYMENTS = st.lists(
    st.tuples(OFFSETS.map(lambda days: MADE + timedelta(days=days)), st.integers(1, 700)), max_size=6
)


def nov(day: int) -> date:
    return date(2026, 11, day)


@pytest.mark.parametrize(
    ("payments", "as_of", "expected"),
    [
        ([(nov(9), 600), (nov(12), 400)], nov(12), PromiseState(PromiseStatus.KEPT, 1000, nov(12))),
        ([(nov(9), 990)], nov(9), PromiseState(PromiseStatus.KEPT, 990, nov(9))),
        ([(nov(9), 989)], nov(12), PromiseState(PromiseStatus.OPEN, 989, None)),
        ([(nov(9), 989)], nov(13), PromiseState(PromiseStatus.PARTIAL, 989, nov(13))),
        ([], nov(12), PromiseState(PromiseStatus.OPEN, 0, None)),
        ([], nov(30), PromiseState(PromiseStatus.BROKEN, 0, nov(13))),
        ([(nov(1), 1000)], nov(13), PromiseState(PromiseStatus.BROKEN, 0, nov(13))),
        ([(nov(13), 1000)], nov(13), PromiseState(PromiseStatus.BROKEN, 0, nov(13))),
        ([(nov(12), 1000)], nov(11), PromiseState(PromiseStatus.OPEN, 0, None)),
        ([(nov(5), 1000), (nov(5), -1000)], nov(13), PromiseState(PromiseStatus.BROKEN, 0, nov(13))),
        (
            [(nov(3), 1000), (nov(4), -1000), (nov(8), 995)],
            nov(9),
            PromiseState(PromiseStatus.KEPT, 995, nov(8)),
        ),
    ],
)
@pytest.mark.covers("S1-13c")
def test_a_promise_decides_itself(
    payments: list[tuple[date, int]], as_of: date, expected: PromiseState
) -> None:
    assert evaluate(TERMS, MADE, payments, as_of) == expected


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ((0, DUE), "positive amount, found 0"),
        ((-5, DUE), "positive amount, found -5"),
        ((100, DUE, 100), "tolerance is 0 to 99, found 100"),
        ((100, DUE, -1), "tolerance is 0 to 99, found -1"),
        ((100, DUE, 0, -1), "grace is 0 days or more, found -1"),
    ],
)
def test_terms_that_cannot_be_kept_or_broken_are_refused(terms: tuple[int, date], says: str) -> None:
    with pytest.raises(BadTerms, match=says):
        PromiseTerms(*terms)


def test_the_smallest_promise_is_one_minor_unit_without_tolerance_or_grace() -> None:
    terms = PromiseTerms(1, DUE)
    assert (terms.needed_minor, terms.last_on) == (1, DUE)
    assert PromiseTerms(1, DUE, 0, 1).last_on == DUE + timedelta(days=1)


def test_one_minor_unit_is_part_of_a_promise() -> None:
    assert evaluate(TERMS, MADE, [(nov(9), 1)], nov(13)).status is PromiseStatus.PARTIAL


def test_a_promise_is_kept_on_the_day_that_its_last_unit_came() -> None:
    paid = [(nov(5), 989), (nov(8), 1)]
    assert evaluate(TERMS, MADE, paid, nov(12)).decided_on == nov(8)


@given(PAYMENTS, st.integers(0, 40), st.integers(0, 40))
def test_a_decided_promise_stays_decided(payments: list[tuple[date, int]], first: int, more: int) -> None:
    before = evaluate(TERMS, MADE, payments, MADE + timedelta(days=first))
    after = evaluate(TERMS, MADE, payments, MADE + timedelta(days=first + more))
    if before.status is not PromiseStatus.OPEN:
        assert (after.status, after.decided_on) == (before.status, before.decided_on)
    assert after.kept_minor >= before.kept_minor


@given(PAYMENTS, st.integers(0, 40))
def test_the_day_a_promise_is_decided_is_the_first_day_that_it_is_not_open(
    payments: list[tuple[date, int]], offset: int
) -> None:
    state = evaluate(TERMS, MADE, payments, MADE + timedelta(days=offset))
    if state.decided_on is None:
        assert state.status is PromiseStatus.OPEN
        return
    assert evaluate(TERMS, MADE, payments, state.decided_on).status is state.status
    assert evaluate(TERMS, MADE, payments, state.decided_on - timedelta(days=1)).status is PromiseStatus.OPEN


@given(PAYMENTS)
def test_after_its_last_day_a_promise_is_never_open(payments: list[tuple[date, int]]) -> None:
    state = evaluate(TERMS, MADE, payments, TERMS.last_on + timedelta(days=1))
    paid = sum(minor for on, minor in payments if MADE <= on <= TERMS.last_on)
    assert state.status is not PromiseStatus.OPEN
    assert (state.status is PromiseStatus.KEPT) == (paid >= 990)
    assert state.status.is_failed == (paid < 990)


def test_a_plan_holds_the_month_end() -> None:
    assert split_plan(10000, 3, date(2026, 1, 31), Every.MONTH) == (
        Instalment(1, date(2026, 1, 31), 3334),
        Instalment(2, date(2026, 2, 28), 3333),
        Instalment(3, date(2026, 3, 31), 3333),
    )


def test_a_down_payment_is_line_zero() -> None:
    plan = split_plan(1000, 2, nov(20), Every.FORTNIGHT, down_payment_minor=200, down_on=nov(5))
    assert plan == (
        Instalment(0, nov(5), 200),
        Instalment(1, nov(20), 400),
        Instalment(2, date(2026, 12, 4), 400),
    )


@pytest.mark.parametrize(
    ("total", "parts", "down"), [(100, 0, 0), (2, 3, 0), (100, 2, 100), (100, 2, -1), (100, 2, 50)]
)
def test_plans_that_cannot_be_made_are_refused(total: int, parts: int, down: int) -> None:
    with pytest.raises(BadTerms, match=r"^a (plan needs 1 part or more|down payment is positive and dated)"):
        split_plan(total, parts, nov(20), Every.WEEK, down_payment_minor=down)


def test_a_down_payment_is_one_minor_unit_or_more_on_the_day_of_the_first_instalment_at_the_latest() -> None:
    with pytest.raises(BadTerms, match=r"first instalment$"):
        split_plan(100, 2, nov(20), Every.WEEK, down_payment_minor=1, down_on=nov(21))
    with pytest.raises(BadTerms):
        split_plan(100, 2, nov(20), Every.WEEK, down_payment_minor=1)
    lines = split_plan(100, 2, nov(20), Every.WEEK, down_payment_minor=1, down_on=nov(20))
    assert [(line.number, line.due_on) for line in lines] == [(0, nov(20)), (1, nov(20)), (2, nov(27))]
    assert len(split_plan(100, 2, nov(20), Every.WEEK, down_on=nov(5))) == 2


@given(
    st.integers(1, 10**12),
    st.integers(1, 60),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.sampled_from(Every),
)
def test_a_plan_adds_up_and_its_dates_rise(total: int, parts: int, first_on: date, every: Every) -> None:
    if total < parts:
        return
    plan = split_plan(total, parts, first_on, every)
    assert sum(line.amount_minor for line in plan) == total
    assert len({line.due_on for line in plan}) == parts
    assert [line.due_on for line in plan] == sorted(line.due_on for line in plan)
    assert plan[0].due_on == first_on
