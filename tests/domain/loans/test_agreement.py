"""What was agreed gives the instalments: nothing is lost, nothing appears, and the terms survive being written down."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.allocation import CHARGES_FIRST, netted
from aldia.domain.balances import PRINCIPAL
from aldia.domain.loans import agreement as agreed
from aldia.domain.loans.calendars import Every, Unit
from aldia.domain.loans.day_counts import DayCount
from aldia.domain.loans.extras import Base, Extra
from aldia.domain.loans.late_interest import late_interest, late_on_balances
from aldia.domain.loans.schedules import BadSchedule, Method

GRANTED = date(2026, 1, 15)
METHODS = [method for method in Method if method is not Method.OWN]
TAX = Extra("tax", Base.INTEREST, Decimal("0.21"))
INSURANCE = Extra("insurance", Base.BALANCE, Decimal("0.002"))

agreements = st.builds(
    agreed.Agreement,
    principal_minor=st.integers(10_000, 10**9),
    granted_on=st.just(GRANTED),
    count=st.integers(1, 48),
    every=st.sampled_from([Every(1, Unit.MONTHS), Every(2, Unit.WEEKS), Every(1, Unit.WEEKS)]),
    method=st.sampled_from(METHODS),
    yearly_rate=st.decimals("0", "2", places=4),
    rate_kind=st.sampled_from(agreed.RateKind),
    day_count=st.sampled_from([None, DayCount.ACT_365, DayCount.ACT_360]),
    extras=st.sampled_from([(), (TAX,), (TAX, INSURANCE)]),
    late=st.builds(
        agreed.LateAgreement, st.just(Decimal("0.5")), st.just(Decimal("0.25")), st.integers(0, 5)
    ),
)


@given(agreements)
@pytest.mark.covers("S4-1c")
def test_the_instalments_pay_back_exactly_what_was_lent(agreement: agreed.Agreement) -> None:
    lines = agreed.plan(agreement)
    assert sum(each.line.principal_minor for each in lines) == agreement.principal_minor
    assert lines[-1].line.balance_minor == 0
    assert all(sum(agreed.parts_of(each).values()) == each.due_minor for each in lines)


@given(agreements)
def test_terms_written_down_are_the_same_terms(agreement: agreed.Agreement) -> None:
    assert agreed.from_json(agreed.to_json(agreement)) == agreement


@given(agreements, st.integers(1, 99), st.booleans())
def test_what_is_left_is_paid_back_exactly_however_it_is_planned_anew(
    agreement: agreed.Agreement, share: int, is_shorter: bool
) -> None:
    principal = max(1, agreement.principal_minor * share // 100)
    level = agreed.plan(agreement)[0].line.due_minor if is_shorter else None
    lines = agreed.replanned(
        agreement, principal, GRANTED, agreement.due_on, first_part=Fraction(1, 3), level_minor=level
    )
    assert sum(each.line.principal_minor for each in lines) == principal
    assert lines[-1].line.balance_minor == 0


def test_a_nominal_rate_has_its_effective_one() -> None:
    agreement = agreed.Agreement(
        principal_minor=100_000, granted_on=GRANTED, count=12, yearly_rate=Decimal("0.12")
    )
    assert round(agreement.effective_rate, 6) == Decimal("0.126825")
    assert round(agreed.yearly_cost_of(agreement, agreed.plan(agreement)), 2) == Decimal("0.13")


def test_an_agreement_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadSchedule):
        agreed.Agreement(principal_minor=1, granted_on=GRANTED, count=0)
    with pytest.raises(BadSchedule):
        agreed.Agreement(principal_minor=1, granted_on=GRANTED, count=1, first_due_on=GRANTED)


LATE = agreed.LateAgreement(late_rate=Decimal("0.365")).terms()["late_interest"]


@given(st.integers(1, 10**9), st.integers(0, 400))
def test_late_interest_of_a_debt_that_does_not_move_is_the_plain_one(minor: int, days: int) -> None:
    as_of = GRANTED + timedelta(days=days)
    assert (
        late_on_balances([(GRANTED, minor)], GRANTED, as_of, LATE)
        == late_interest(minor, GRANTED, as_of, LATE).minor
    )


def test_each_day_bears_interest_on_what_was_owed_that_day() -> None:
    changes = [(GRANTED, 100_000), (GRANTED + timedelta(days=10), -60_000)]
    as_of = GRANTED + timedelta(days=30)
    assert late_on_balances(changes, GRANTED, as_of, LATE) == 10 * 100 + 20 * 40


@given(st.dictionaries(st.sampled_from(CHARGES_FIRST), st.integers(-1000, 1000)))
def test_netted_components_keep_the_sum_and_have_one_sign(parts: dict[str, int]) -> None:
    kept = netted(parts)
    assert sum(kept.values()) == sum(parts.values())
    assert len({minor > 0 for minor in kept.values()}) <= 1
    assert netted({PRINCIPAL: 100, "fees": -5}) == {PRINCIPAL: 95}
