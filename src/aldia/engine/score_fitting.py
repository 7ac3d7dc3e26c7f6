"""Learning a scorecard: bins merged until neighbours differ, then a logistic regression over their weights of evidence.

Newton's method over sums that Polars takes; a handful of characteristics needs no numeric library (ADR 0031).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import polars as pl

from aldia.engine.scorecards import Bin, Characteristic, Scorecard

LEAST_ROWS: Final = 200
LEAST_EVENTS: Final = 30
"""With less than this a score would be noise: who asks falls back on a stated rule of thumb."""

_LEAST_SHARE, _MOST_BINS, _CUTS = 0.03, 8, 25
_LEAST_VALUE: Final = 0.02  # information value under which a characteristic says nothing
_DIFFERENT: Final = 6.63  # chi-square of two neighbours, at 1 %
_RIDGE: Final = 1.0
_STEPS: Final = 25
Counts = tuple[int, int]


class TooThin(ValueError):
    """There is too little history, or only one outcome in it, to learn from."""


def fit(rows: pl.DataFrame, target: str, names: Sequence[str]) -> Scorecard:
    """Return the scorecard that tells `target` (true or false) from these columns. Raises TooThin."""
    known = rows.filter(pl.col(target).is_not_null())
    events = int(known[target].sum())
    if known.height < LEAST_ROWS or min(events, known.height - events) < LEAST_EVENTS:
        raise TooThin(
            f"{known.height} rows with {events} events; {LEAST_ROWS} and {LEAST_EVENTS} of each are needed"
        )
    told = [one for name in names if (one := _characteristic(known, target, name)) is not None]
    while True:
        weights = _weights(known, target, told)
        kept = [one for one, weight in zip(told, weights[1:], strict=True) if weight > 0]
        if len(kept) == len(told):
            break
        told = kept  # a weight below nothing would turn its bins upside down: it repeats what others say
    chosen = tuple(
        Characteristic(one.name, one.is_number, weight, one.bins)
        for one, weight in zip(told, weights[1:], strict=True)
    )
    return Scorecard(weights[0], events / known.height, known.height, chosen)


def _characteristic(rows: pl.DataFrame, target: str, name: str) -> Characteristic | None:
    """The bins of a column, before its weight is known; None when it tells nothing."""
    is_number = rows[name].dtype.is_numeric() or rows[name].dtype == pl.Boolean
    column = rows.select(value=pl.col(name).cast(pl.Float64 if is_number else pl.String), hit=target)
    totals = (int(column["hit"].sum()), column.height - int(column["hit"].sum()))
    bins = [
        *(_number_bins if is_number else _text_bins)(column.drop_nulls("value"), totals),
        *_empty_bin(column, totals),
    ]
    value = sum(_information(one, totals) for _bin, one in bins)
    if len(bins) < 2 or value < _LEAST_VALUE:
        return None
    return Characteristic(name, is_number, 1.0, tuple(one for one, _counts in bins))


def _number_bins(column: pl.DataFrame, totals: Counts) -> list[tuple[Bin, Counts]]:
    values = column["value"]
    found = {values.quantile(step / _CUTS, "nearest") for step in range(1, _CUTS)}
    cuts = sorted(cut for cut in found if cut is not None and cut > (values.min() or 0))  # type: ignore[operator]
    parts = [
        (low, high, _counts(column.filter(_between(low, high))))
        for low, high in pairwise([None, *cuts, None])
    ]
    while len(parts) > 1:
        scores = [_apart(first[2], second[2]) for first, second in pairwise(parts)]
        small = [
            min(sum(first[2]), sum(second[2])) < _LEAST_SHARE * sum(totals)
            for first, second in pairwise(parts)
        ]
        at = min(range(len(scores)), key=lambda place: (not small[place], scores[place]))
        if not small[at] and scores[at] >= _DIFFERENT and len(parts) <= _MOST_BINS:
            break
        first, second = parts[at], parts[at + 1]
        parts[at : at + 2] = [(first[0], second[1], _plus(first[2], second[2]))]
    return [(_made(counts, totals, low=low, high=high), counts) for low, high, counts in parts]


def _text_bins(column: pl.DataFrame, totals: Counts) -> list[tuple[Bin, Counts]]:
    """One bin for each text that is frequent enough; the rare ones together."""
    groups = column.group_by("value").agg(hits=pl.col("hit").sum(), rows=pl.len()).sort("value")
    counted = {str(value): (int(hits), int(rows - hits)) for value, hits, rows in groups.iter_rows()}
    often = {
        value: counts for value, counts in counted.items() if sum(counts) >= _LEAST_SHARE / 2 * sum(totals)
    }
    rare = tuple(value for value in counted if value not in often)
    bins = [(_made(counts, totals, levels=(value,)), counts) for value, counts in often.items()]
    if rare:
        together = _sum(counted[value] for value in rare)
        bins.append((_made(together, totals, levels=rare), together))
    return bins


def _empty_bin(column: pl.DataFrame, totals: Counts) -> list[tuple[Bin, Counts]]:
    counts = _counts(column.filter(pl.col("value").is_null()))
    return [(_made(counts, totals, is_empty=True), counts)] if sum(counts) else []


def _between(low: float | None, high: float | None) -> pl.Expr:
    test = pl.lit(value=True)
    test = test if low is None else pl.col("value") >= low
    return test if high is None else test & (pl.col("value") < high)


def _made(counts: Counts, totals: Counts, *, low: float | None = None, high: float | None = None,
          levels: tuple[str, ...] = (), is_empty: bool = False) -> Bin:  # fmt: skip
    return Bin(round(_evidence(counts, totals), 6), sum(counts) / sum(totals), low, high, levels, is_empty)


def _evidence(counts: Counts, totals: Counts) -> float:
    """ln(share of the events here / share of the others here), half a row added so that no bin is sure of anything."""
    return math.log((counts[0] + 0.5) / (totals[0] + 0.5)) - math.log((counts[1] + 0.5) / (totals[1] + 0.5))


def _information(counts: Counts, totals: Counts) -> float:
    return (counts[0] / totals[0] - counts[1] / totals[1]) * _evidence(counts, totals)


def _apart(first: Counts, second: Counts) -> float:
    """Chi-square of two bins: how surely their rates differ."""
    whole, both = sum(first) + sum(second), _plus(first, second)
    if not (both[0] and both[1] and sum(first) and sum(second)):
        return 0.0
    cross = first[0] * second[1] - first[1] * second[0]
    return whole * cross * cross / (both[0] * both[1] * sum(first) * sum(second))


def _counts(rows: pl.DataFrame) -> Counts:
    hits = int(rows["hit"].sum())
    return hits, rows.height - hits


def _plus(first: Counts, second: Counts) -> Counts:
    return first[0] + second[0], first[1] + second[1]


def _sum(counts: Iterable[Counts]) -> Counts:
    whole = (0, 0)
    for one in counts:
        whole = _plus(whole, one)
    return whole


def _weights(rows: pl.DataFrame, target: str, told: Sequence[Characteristic]) -> list[float]:
    """The intercept and a weight for each characteristic: maximum likelihood with a small ridge, by Newton's method."""
    names = [f"x{place}" for place in range(len(told) + 1)]
    columns = [
        pl.lit(1.0).alias("x0"),
        *(one.evidence.alias(name) for one, name in zip(told, names[1:], strict=True)),
    ]
    frame = rows.select(*columns, y=pl.col(target).cast(pl.Float64))
    weights = [0.0] * len(names)
    for _step in range(_STEPS):
        odds = pl.sum_horizontal(pl.col(name) * weight for name, weight in zip(names, weights, strict=True))
        with_chance = frame.with_columns(p=1 / (1 + (-odds).exp())).with_columns(
            v=pl.col("p") * (1 - pl.col("p"))
        )
        sums = with_chance.select(
            *[(pl.col(name) * (pl.col("y") - pl.col("p"))).sum().alias(name) for name in names],
            *[
                (pl.col(a) * pl.col(b) * pl.col("v")).sum().alias(f"{a}*{b}")
                for i, a in enumerate(names)
                for b in names[i:]
            ],
        ).row(0, named=True)
        ridge = [0.0 if name == "x0" else _RIDGE for name in names]
        slope = [sums[name] - lean * weight for name, lean, weight in zip(names, ridge, weights, strict=True)]
        bend = [[sums[f"{min(a, b, key=_place)}*{max(a, b, key=_place)}"] for b in names] for a in names]
        for place, lean in enumerate(ridge):
            bend[place][place] += lean
        moved = _solved(bend, slope)
        weights = [weight + step for weight, step in zip(weights, moved, strict=True)]
        if max(map(abs, moved)) < 1e-8:
            break
    return [round(weight, 8) for weight in weights]


def _place(name: str) -> int:
    return int(name[1:])


def _solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Gauss with the largest pivot, for a small symmetric system."""
    size = len(right)
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for at in range(size):
        best = max(range(at, size), key=lambda place: abs(rows[place][at]))
        rows[at], rows[best] = rows[best], rows[at]
        for other in range(at + 1, size):
            share = rows[other][at] / rows[at][at]
            rows[other] = [value - share * first for value, first in zip(rows[other], rows[at], strict=True)]
    found = [0.0] * size
    for at in reversed(range(size)):
        known = sum(rows[at][place] * found[place] for place in range(at + 1, size))
        found[at] = (rows[at][size] - known) / rows[at][at]
    return found
