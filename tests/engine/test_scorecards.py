"""Scorecards: they find what moves an outcome, are plain data, score alone, and their quality is measured by hand-checked rules."""

import json
import math
import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.engine.score_fitting import TooThin, fit
from aldia.engine.score_quality import auc, drift, fairness, quality
from aldia.engine.scorecards import Scorecard, reasons


def invented(rows: int = 3_000, seed: int = 7) -> pl.DataFrame:
    """People whose outcome depends on days late and on a channel, and not at all on the noise."""
    dice = random.Random(seed)
    told = []
    for number in range(rows):
        late, channel = dice.randrange(0, 120), dice.choice(["email", "sms", "letter"])
        odds = 1.2 - 0.03 * late + {"email": 0.8, "sms": 0.0, "letter": -0.8}[channel]
        told.append(
            {"late": None if number % 50 == 0 else late, "channel": channel, "noise": dice.random(),
             "paid": dice.random() < 1 / (1 + math.exp(-odds)), "trait": "a" if number % 2 else "b"}
        )  # fmt: skip
    return pl.DataFrame(told)


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return fit(invented(), "paid", ["late", "channel", "noise"])


def test_it_finds_what_moves_the_outcome_and_leaves_the_noise(card: Scorecard) -> None:
    assert [one.name for one in card.characteristics] == ["late", "channel"]
    evidence = [one.evidence for one in card.characteristics[0].bins if not one.is_empty]
    assert evidence == sorted(evidence, reverse=True)
    assert all(one.weight > 0 for one in card.characteristics)


@pytest.mark.covers("S4-51c")
def test_on_people_it_never_saw_its_order_and_its_chances_hold(card: Scorecard) -> None:
    fresh = invented(seed=8)
    told = quality(fresh.select(card.probability()).to_series(), fresh["paid"])
    assert told.auc > 0.75
    assert told.gap < 0.04
    assert sum(band.rows for band in told.bands) == fresh.height


def test_it_is_plain_data_and_scores_the_same_when_read_back(card: Scorecard) -> None:
    again = Scorecard.from_json(json.loads(json.dumps(card.to_json())))
    rows = invented(300, seed=9)
    assert rows.select(card.probability()).equals(rows.select(again.probability()))


def test_the_reasons_add_up_to_the_score(card: Scorecard) -> None:
    row = pl.DataFrame({"late": [100], "channel": ["email"]})
    parts = row.select(card.parts()).row(0, named=True)
    chance = row.select(card.probability()).item()
    assert math.log(chance / (1 - chance)) == pytest.approx(card.intercept + sum(parts.values()))
    assert [name for name, _moved in reasons(card, parts)] == ["late", "channel"]


def test_a_text_never_seen_has_no_evidence_and_an_empty_number_has_its_own(card: Scorecard) -> None:
    row = pl.DataFrame(
        {"late": [None], "channel": ["pigeon"]}, schema={"late": pl.Int64, "channel": pl.String}
    )
    parts = row.select(card.parts()).row(0, named=True)
    assert parts["channel"] == 0
    assert parts["late"] != 0


@pytest.mark.parametrize("rows", [invented(100), invented().with_columns(paid=pl.lit(value=True))])
def test_too_little_history_is_refused_not_guessed(rows: pl.DataFrame) -> None:
    with pytest.raises(TooThin, match="needed"):
        fit(rows, "paid", ["late"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=30))
def test_the_order_is_the_share_of_pairs_in_order(pairs: list[tuple[int, bool]]) -> None:
    hits, others = [p for p, y in pairs if y], [p for p, y in pairs if not y]
    found = auc(pl.Series([float(p) for p, _y in pairs]), pl.Series([y for _p, y in pairs]))
    if not hits or not others:
        assert found is None
        return
    wins = sum((a > b) + (a == b) / 2 for a in hits for b in others)
    assert found == pytest.approx(wins / (len(hits) * len(others)))


def test_drift_is_nothing_for_the_same_people_and_large_for_others() -> None:
    before = pl.Series([number / 1_000 for number in range(1_000)])
    assert drift(before, before) == pytest.approx(0, abs=1e-3)
    assert drift(before, before / 4) > 0.25


def test_each_group_of_a_trait_is_shown_beside_what_happened(card: Scorecard) -> None:
    rows = invented(600, seed=10)
    told = fairness(rows, rows.select(card.probability()).to_series(), rows["paid"], ["trait"])
    assert [(group.level, group.rows) for group in told] == [("a", 300), ("b", 300)]
    assert all(abs(group.expected - group.observed) < 0.1 for group in told)
