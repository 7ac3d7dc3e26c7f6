"""The sequential test may be looked at every day: without a difference it errs within its promise, with one it finds it."""

import random
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.experiments import (
    ARMS,
    LEAST_IN_ARM,
    AmountArm,
    AmountPlan,
    Arm,
    ExperimentError,
    Look,
    Plan,
    arm_of,
    likelihood_ratio,
    looks,
    sequential_size,
    verdict,
)

PLAN = Plan(base=0.30, effect=0.10)
RUNS, DAYS = 1000, 30


def days_of(rng: random.Random, share: float, size: int) -> list[Arm]:
    """An arm that grows to its size in so many days; each day's hits by the normal approximation of the binomial, rounded."""
    each = size // DAYS
    deviation = (each * share * (1 - share)) ** 0.5
    hits = accumulate(min(max(round(rng.gauss(each * share, deviation)), 0), each) for _ in range(DAYS))
    return [Arm(each * day, total) for day, total in enumerate(hits, start=1)]


def winners(first: float, second: float, size: int, seed: int) -> float:
    """In what share of the runs somebody is called a winner when it is looked at every day."""
    rng = random.Random(seed)
    told = (
        verdict(zip(days_of(rng, first, size), days_of(rng, second, size), strict=True), PLAN, size=size)
        for _ in range(RUNS)
    )
    return sum(word in ("champion", "challenger") for word in told) / RUNS


def test_without_a_difference_at_most_one_in_twenty_runs_looked_at_daily_names_a_winner() -> None:
    assert winners(0.30, 0.30, sequential_size(PLAN), seed=1) <= 0.05
    assert winners(0.08, 0.08, sequential_size(PLAN), seed=2) <= 0.05


@pytest.mark.covers("S4-49b")
def test_with_the_planned_difference_the_planned_share_of_runs_finds_it() -> None:
    assert winners(0.30, 0.40, sequential_size(PLAN) + DAYS, seed=3) >= PLAN.power


def test_a_single_look_repeated_daily_would_have_fooled_oneself() -> None:
    rng, fooled = random.Random(4), 0
    for _ in range(300):
        pairs = zip(days_of(rng, 0.3, 900), days_of(rng, 0.3, 900), strict=True)
        fooled += any(
            abs(b.share - a.share) > 1.96 * (a.variance + b.variance) ** 0.5
            for a, b in pairs
            if a.people >= LEAST_IN_ARM
        )
    assert fooled / 300 > 0.1


def test_looking_every_day_asks_for_more_people_than_a_single_look() -> None:
    """A single look with 80 % power and two-sided 5 %: 356 in each arm for 30 % against 40 % (Fleiss), 63 for half a deviation."""
    assert 356 < sequential_size(PLAN) < 2 * 356
    assert 63 < sequential_size(AmountPlan(deviation=10, effect=5)) < 2 * 63


AMOUNTS = AmountPlan(deviation=380.0, effect=60.0)
"""What people bring: seven of ten nothing, the others about 370 on average, a few much more."""


def amounts_of(rng: random.Random, lift: float, size: int) -> list[AmountArm]:
    """An arm that grows to its size in so many days; who pays brings a skewed amount, `lift` times the usual."""
    arms, people, total, squares = [], 0, 0, 0
    each = size // DAYS
    for _day in range(DAYS):
        payers = min(max(round(rng.gauss(0.3 * each, (each * 0.21) ** 0.5)), 0), each)
        brought = [int(lift * rng.lognormvariate(5.5, 0.9)) for _ in range(payers)]
        people, total, squares = (
            people + each,
            total + sum(brought),
            squares + sum(one * one for one in brought),
        )
        arms.append(AmountArm(people, total, squares))
    return arms


def amount_winners(lift: float, size: int, runs: int, seed: int) -> float:
    rng = random.Random(seed)
    told = (
        verdict(zip(amounts_of(rng, 1.0, size), amounts_of(rng, lift, size), strict=True), AMOUNTS, size=size)
        for _ in range(runs)
    )
    return sum(word in ("champion", "challenger") for word in told) / runs


@pytest.mark.covers("S4-49b")
def test_mean_amounts_without_a_difference_name_a_winner_in_at_most_one_in_twenty_runs() -> None:
    assert amount_winners(1.0, 600, RUNS, seed=5) <= 0.05


def test_a_planned_difference_of_mean_amounts_is_found() -> None:
    """Sixty more on 110; what is brought by both arms together varies by some 365."""
    assert amount_winners(1 + 60 / 110, sequential_size(AMOUNTS) + DAYS, 100, seed=6) >= AMOUNTS.power


def test_amounts_that_do_not_vary_or_of_too_few_say_nothing() -> None:
    same = [(AmountArm(100, 0, 0), AmountArm(100, 0, 0)), (AmountArm(1, 5, 25), AmountArm(1, 9, 81))]
    assert [look.p_value for look in looks(same, AMOUNTS)] == [1, 1]
    with pytest.raises(ExperimentError, match="deviation"):
        AmountPlan(deviation=0, effect=1)


@given(st.integers(1, 10**12), st.integers(0, 100))
def test_an_arm_is_for_ever_and_shares_are_kept(party_id: int, part: int) -> None:
    shares = {"champion": part, "challenger": 100 - part, "control": 0}
    arm = arm_of("e1", party_id, shares)
    assert arm == arm_of("e1", party_id, shares)
    assert shares[arm] > 0


def test_people_are_dealt_as_the_shares_say() -> None:
    shares = {"champion": 45, "challenger": 45, "control": 10}
    dealt = [arm_of("e2", party_id, shares) for party_id in range(5000)]
    for arm in ARMS:
        assert dealt.count(arm) / 5000 == pytest.approx(shares[arm] / 100, abs=0.03)


def test_a_rise_of_complaints_stops_before_any_winner() -> None:
    pairs = [(Arm(500, 100), Arm(500, 200))]
    assert verdict(pairs, PLAN, size=500) == "challenger"
    assert (
        verdict(pairs, PLAN, size=500, guards=[("complaints", Look(0.1, 0.001, 0.02, 0.2))])
        == "harm:complaints"
    )
    assert (
        verdict(pairs, PLAN, size=500, guards=[("complaints", Look(0.01, 0.4, -0.02, 0.1))]) == "challenger"
    )


def test_too_few_people_say_nothing_and_all_of_them_without_difference_end_it() -> None:
    few = [(Arm(10, 0), Arm(10, 10))]
    assert looks(few, PLAN)[0].p_value == 1
    assert verdict(few, PLAN, size=500) == "go_on"
    assert verdict([(Arm(500, 150), Arm(500, 151))], PLAN, size=500) == "no_difference"


def test_the_p_value_never_rises_again() -> None:
    told = looks([(Arm(100, 20), Arm(100, 50)), (Arm(200, 60), Arm(200, 60))], PLAN)
    assert told[1].p_value == told[0].p_value
    assert likelihood_ratio(0.0, 0.001, 0.1) < 1


@pytest.mark.parametrize("wrong", [{"base": 0.0}, {"effect": 0.8}, {"alpha": 1.0}, {"power": -1.0}])
def test_a_plan_that_cannot_be_is_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(ExperimentError, match=next(iter(wrong))):
        Plan(**{"base": 0.3, "effect": 0.1, **wrong})


def test_shares_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ExperimentError, match="hundred"):
        arm_of("e", 1, {"champion": 50, "challenger": 40, "control": 0})
