"""KPI formulas against published golden numbers."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain import formulas as f
from aldia.domain.ageing import DEFAULT_BUCKETS, Buckets
from aldia.domain.measures import MEASURES, UnknownMeasure, measure_of

OCC = Buckets.from_edges(29, 59, 89, 119)
BUCKET = st.sampled_from(DEFAULT_BUCKETS.keys)
MOVES = st.lists(
    st.builds(f.Move, BUCKET, st.integers(0, 10**9), st.none() | BUCKET, st.integers(-100, 10**9)),
    max_size=30,
)


@pytest.mark.covers("S0-1a")
def test_dso_family_golden_numbers() -> None:
    assert f.dso_simple(25_000_00, 15_000_00, 30) == 50
    assert f.best_possible_dso(6_000_00, 15_000_00, 30) == 12
    assert f.add(25_000_00, 6_000_00, 15_000_00, 30) == 38


@pytest.mark.covers("S0-1a")
def test_countback_golden_number() -> None:
    sales = {date(2026, 5, 1): 50_000, date(2026, 6, 1): 60_000}
    assert f.dso_countback(100_000, sales, date(2026, 6, 30)) == Fraction("54.8")


@pytest.mark.parametrize(
    ("receivables", "sales", "as_of", "days"),
    [
        (60_000, {date(2026, 6, 1): 60_000}, date(2026, 6, 30), 30),
        (30_000, {date(2026, 6, 1): 60_000}, date(2026, 6, 15), Fraction(15, 2)),
        (10_000, {date(2026, 4, 1): 20_000, date(2026, 6, 1): 0}, date(2026, 6, 30), 30 + 31 + 15),
        (0, {}, date(2026, 6, 30), 0),
        (-5, {date(2026, 6, 1): 1}, date(2026, 6, 30), 0),
    ],
)
def test_countback_at_its_edges(
    receivables: int, sales: dict[date, int], as_of: date, days: Fraction
) -> None:
    assert f.dso_countback(receivables, sales, as_of) == days


def test_countback_is_unknown_when_the_known_sales_do_not_reach() -> None:
    assert f.dso_countback(100_001, {date(2026, 6, 1): 100_000}, date(2026, 6, 30)) is None
    assert f.dso_countback(1, {}, date(2026, 6, 30)) is None


def test_cei_golden_number() -> None:
    assert f.rounded(f.cei(100_000, 50_000, 90_000, 60_000)) == Decimal("66.67")


@pytest.mark.covers("S0-10")
def test_roll_rate_golden_number_follows_accounts() -> None:
    moves = [
        f.Move("30-59", 200_000, "60-89", 200_000),
        f.Move("30-59", 500_000, "30-59", 450_000),
        f.Move("30-59", 300_000, None, 0),
    ]
    rates = f.roll_rates(moves, "30-59", OCC)
    assert rates == f.RollRates(cure=Fraction(0), stay=Fraction(45), roll=Fraction(20), paid=Fraction(35))
    assert f.roll_rates([*moves, f.Move("1-29", 10**9, "60-89", 10**9)], "30-59", OCC) == rates


@given(MOVES, BUCKET)
def test_roll_rates_add_up_to_100(moves: list[f.Move], bucket: str) -> None:
    rates = f.roll_rates(moves, bucket, DEFAULT_BUCKETS)
    if rates is None:
        assert not any(move.from_bucket == bucket and move.before_minor > 0 for move in moves)
        return
    parts = (rates.cure, rates.stay, rates.roll, rates.paid)
    assert sum(parts) == 100
    assert min(parts) >= 0


def test_other_golden_numbers() -> None:
    assert f.contactability(75, 200) == Fraction("37.5")
    assert f.rounded(f.drop_rate(29, 9, 7)) == Decimal("64.44")
    assert f.loss_forecast(1000, [Fraction(50), Fraction(20)]) == 100


def test_ratios_by_hand() -> None:
    assert f.recovery_rate(250, 1000) == 25
    assert f.promise_kept_count(3, 4) == 75
    assert f.promise_kept_amount(500, 800) == Fraction("62.5")
    assert f.promise_rate(2, 5) == 40
    assert f.promise_rate_of_attempts(2, 50) == 4
    assert f.rpc_rate(5, 50) == 10
    assert f.rpc_of_reached(5, 20) == 25
    assert f.contactability_by_debtor(9, 10) == 90
    assert f.delinquency_ratio(300, 1200) == 25
    assert f.at_risk_rate(10, 200) == 5
    assert f.dispute_rate(1, 8) == Fraction("12.5")
    assert f.cost_to_collect(30, 1000) == 3
    assert f.weighted_days_late([(100, 10), (300, -5)]) == Fraction("2.5")


def test_quantiles() -> None:
    assert f.quantile([30, 10, 20], 50) == 20
    assert f.quantile([10, 20], 50) == 15
    assert f.quantile([0, 10], 90) == 9
    assert f.quantile([7], 90) == 7
    assert f.quantile([], 50) is None


@pytest.mark.parametrize(
    "value",
    [
        f.dso_simple(1, 0, 30), f.best_possible_dso(1, 0, 30), f.add(1, 1, 0, 30), f.cei(0, 0, 0, 0), f.recovery_rate(0, 0),
        f.promise_kept_count(0, 0), f.rpc_rate(0, 0), f.delinquency_ratio(0, 0), f.drop_rate(0, 0), f.weighted_days_late([]),
    ],
)  # fmt: skip
def test_a_division_by_zero_is_unknown_and_never_zero(value: object) -> None:
    assert value is None
    assert f.rounded(None) is None


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(5), 1, "5.0"),
        (Fraction(5, 2), 0, "3"),
    ],
)
def test_figures_are_rounded_half_up_for_show(value: Fraction, places: int, shown: str) -> None:
    assert str(f.rounded(value, places)) == shown


@pytest.mark.covers("S0-9")
def test_every_measure_shows_its_formula_in_three_languages() -> None:
    for key, measure in MEASURES.items():
        assert measure_of(key) is measure
        assert len({measure.formula.es, measure.formula.en, measure.formula.pt}) >= 2
    needed = {"dso_simple", "dso_countback", "best_possible_dso", "add", "cei", "recovery_rate", "promise_kept_count",
              "promise_kept_amount", "promise_rate", "rpc_rate", "contactability", "delinquency_ratio", "roll_rate"}  # fmt: skip
    assert needed <= set(MEASURES)


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(UnknownMeasure):
        measure_of("happiness")
