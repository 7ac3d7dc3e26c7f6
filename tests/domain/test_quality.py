"""The score of a review, the sample that nobody chooses, and the average that says nothing while there is little."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.quality import (
    BadCriteria,
    BadMarks,
    Criterion,
    fair_sample,
    mean_of,
    read_criteria,
    score_of,
)

CARD = (Criterion("a", "A", 3), Criterion("b", "B", 1))


@pytest.mark.covers("S4-41")
@pytest.mark.parametrize(
    ("marks", "score"),
    [
        ({"a": 2, "b": 2}, 100), ({"a": 0, "b": 0}, 0), ({"a": 2, "b": 0}, 75), ({"a": 1, "b": None}, 50),
        ({"a": 1, "b": 2}, 63),  # 5 of 8 is 62.5
    ],
)  # fmt: skip
def test_a_review_weighs_what_applied(marks: dict[str, int | None], score: int) -> None:
    assert score_of(CARD, marks) == score


@pytest.mark.parametrize(
    "marks", [{"a": 2}, {"a": 3, "b": 0}, {"a": None, "b": None}, {"a": 1, "b": 1, "c": 1}]
)
def test_marks_that_are_not_of_the_card_are_refused(marks: dict[str, int | None]) -> None:
    with pytest.raises(BadMarks):
        score_of(CARD, marks)


def test_criteria_need_their_own_key_and_a_weight() -> None:
    row = {"key": "a", "label": "A", "weight": 1}
    for rows in ([], [row, row], [{**row, "weight": 0}]):
        with pytest.raises(BadCriteria):
            read_criteria(rows)


@given(st.sets(st.integers(1, 10_000), max_size=60), st.integers(0, 10), st.randoms())
def test_the_sample_is_the_same_in_any_order_and_a_larger_one_holds_the_smaller(
    ids: set[int], size: int, chance: object
) -> None:
    shuffled = list(ids)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    found = fair_sample(shuffled, size, seed="7:2026-11-16")
    assert found == fair_sample(sorted(ids), size, seed="7:2026-11-16")
    assert len(found) == min(size, len(ids))
    assert fair_sample(ids, size + 1, seed="7:2026-11-16")[:size] == found


def test_each_is_as_likely_as_any_other() -> None:
    drawn = [fair_sample(range(10), 1, seed=str(seed))[0] for seed in range(2_000)]
    assert all(150 < drawn.count(one) < 250 for one in range(10))


@pytest.mark.parametrize(
    ("values", "mean"), [([5, 4, 4, 5, 4], 4.4), ([5, 5, 5, 5], None), ([], None), ([3, 4, 4, 4, 4, 4], 3.8)]
)
def test_few_values_have_no_average(values: list[int], mean: float | None) -> None:
    assert mean_of(values) == mean
