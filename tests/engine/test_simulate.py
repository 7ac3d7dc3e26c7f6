"""The days ahead with answers: the fast and the slow way live the same lives; what pays more brings more."""

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aldia.engine.draws import PURPOSES, salt, uniform, uniforms
from aldia.engine.frames import Frames
from aldia.engine.response import DIMENSIONS, PRIOR, Response, chance_table, fitted
from aldia.engine.simulate import FUTURE, simulate
from aldia.engine.simulate_reference import simulate_reference
from tests.engine.portfolios import (
    AS_OF,
    CALENDARS,
    MIXED,
    POLICIES,
    default_case,
    default_document,
    default_person,
    frames_of,
    portfolios,
)

EAGER = Response(
    base=0.08, factors={"age": {"1-7": 2.0, "current": 0.5}, "contact": {"email": 2.0, "call": 3.0}}, sizes={"USD": (50_00,)},
    full=0.5, part=0.3, reach=0.6, promise=0.5, kept=0.5, delay=2,
)  # fmt: skip


def law(_on: object) -> tuple[object, object]:
    return CALENDARS, POLICIES


def lived(frames: Frames, responses: list[Response], days: int = 8, seed: int = 7) -> pl.DataFrame:
    return simulate(frames, MIXED, law, responses, as_of=AS_OF, days=days, seed=seed).paid  # type: ignore[arg-type]


def many(count: int) -> Frames:
    return frames_of(
        [default_case(n, stage="early") for n in range(1, count + 1)],
        [default_document(1000 + n, n, AS_OF - timedelta(days=n % 9)) for n in range(1, count + 1)],
        [default_person(n) for n in range(1, count + 1)],
    )


@given(st.integers(0, 2**40), st.integers(0, 400), st.sampled_from(PURPOSES), st.integers(0, 20 * FUTURE))
def test_a_draw_is_the_same_in_a_column_and_alone(seed: int, day: int, purpose: str, case_id: int) -> None:
    salted = salt(seed, day, purpose)
    told = pl.DataFrame({"case_id": [case_id]}).select(uniforms(salted, pl.col("case_id"))).item()
    assert told == uniform(salted, case_id)
    assert 0 <= told < 1


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(portfolios(), st.integers(0, 1000))
def test_the_fast_and_the_slow_way_live_the_same_lives(frames: Frames, seed: int) -> None:
    slow = simulate_reference(frames, MIXED, law, EAGER, as_of=AS_OF, days=6, seed=seed)  # type: ignore[arg-type]
    fast = lived(frames, [EAGER], days=6, seed=seed)
    told: dict[object, int] = {}
    for on, _case_id, amount in slow:
        told[on] = told.get(on, 0) + amount
    assert dict(fast.group_by("on").agg(pl.col("recovered_minor").sum()).iter_rows()) == told


def test_the_same_seed_tells_the_same_lives_and_another_seed_others() -> None:
    one, again, other = lived(many(60), [EAGER]), lived(many(60), [EAGER]), lived(many(60), [EAGER], seed=8)
    key = ["on", "future"]
    assert one.sort(key).equals(again.sort(key))
    assert not one.sort(key).equals(other.sort(key))


def test_nobody_pays_more_than_is_owed_and_who_never_pays_pays_nothing() -> None:
    sure = Response(base=0.95, factors={}, full=0.5, part=0.5)
    total = lived(many(40), [sure], days=30)["recovered_minor"].sum()
    assert total == 40 * 100_00
    assert lived(many(40), [Response(base=0.0, factors={})]).is_empty()


def test_each_future_has_its_own_draw_of_the_model() -> None:
    paid = lived(many(80), [Response(base=0.02, factors={}), Response(base=0.3, factors={})], days=5)
    by_future = dict(paid.group_by("future").agg(pl.col("recovered_minor").sum()).iter_rows())
    assert by_future[1] > 2 * by_future.get(0, 0)


def test_the_fit_finds_factors_that_made_the_payments() -> None:
    days = 40_000.0
    truth = {"1-7": 0.04, "90+": 0.01}
    cells = [
        ((age, "0", "p", contact), days, days * rate * (2.0 if contact == "email" else 1.0))
        for age, rate in truth.items()
        for contact in ("none", "email")
    ]
    base, factors = fitted(cells)
    response = Response(base=base, factors=factors)
    for cell, at_risk, paid in cells:
        assert response.chance(cell) == pytest.approx(paid / at_risk, rel=0.02)
    assert PRIOR > 0


def test_a_value_that_history_never_saw_counts_as_average() -> None:
    response = Response(base=0.1, factors={"contact": {"email": 2.0}})
    rows = pl.DataFrame({name: ["x", "x"] for name in DIMENSIONS}).with_columns(
        contact=pl.Series(["email", "pigeon"])
    )
    told = rows.select(chance_table([response]).of(pl.lit(0, pl.Int64))).to_series().to_list()
    assert told == [0.2, 0.1]
