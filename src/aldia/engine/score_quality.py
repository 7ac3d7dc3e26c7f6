"""How good a score is on rows that it did not learn from: order, honesty of its chances, drift, and whom it treats differently."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

BANDS: Final = 10


@dataclass(frozen=True, slots=True)
class Band:
    """A tenth of the rows by their chance: how many, what was said and what happened."""

    rows: int
    expected: float
    observed: float


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a trait that the score may not use: its size, the chance that it got, what happened, its order."""

    trait: str
    level: str
    rows: int
    expected: float
    observed: float
    auc: float | None


@dataclass(frozen=True, slots=True)
class Quality:
    """``auc`` of the order; ``brier`` and ``gap`` (mean distance of said and happened) of the chances; ``bands``."""

    rows: int
    events: int
    auc: float
    brier: float
    gap: float
    bands: tuple[Band, ...]


def quality(chances: pl.Series, happened: pl.Series) -> Quality:
    """Return how good these chances were. Raises ValueError where only one outcome happened: there is no order to judge."""
    order = auc(chances, happened)
    if order is None:
        raise ValueError("all rows had the same outcome")
    frame = pl.DataFrame({"p": chances, "y": happened.cast(pl.Float64)})
    bands = tuple(_bands(frame))
    gap = sum(band.rows * abs(band.expected - band.observed) for band in bands) / frame.height
    brier = float(frame.select(((pl.col("p") - pl.col("y")) ** 2).mean()).item())
    return Quality(
        frame.height, int(frame["y"].sum()), round(order, 4), round(brier, 4), round(gap, 4), bands
    )


def auc(chances: pl.Series, happened: pl.Series) -> float | None:
    """Return the share of pairs, one with the event and one without, that the chances put in order (ties count half)."""
    hits = int(happened.sum())
    others = len(happened) - hits
    if not hits or not others:
        return None
    ranks = pl.DataFrame({"rank": chances.rank("average"), "hit": happened})
    return (float(ranks.filter("hit")["rank"].sum()) - hits * (hits + 1) / 2) / (hits * others)


def drift(before: pl.Series, now: pl.Series) -> float:
    """Return the population stability index of two sets of chances over the tenths of the first: over 0.25 is another world."""
    cuts = sorted({cut for step in range(1, BANDS) if (cut := before.quantile(step / BANDS)) is not None})
    was, is_now = _shares(before, cuts), _shares(now, cuts)
    return round(sum((b - a) * math.log(b / a) for a, b in zip(was, is_now, strict=True)), 4)


def fairness(
    rows: pl.DataFrame, chances: pl.Series, happened: pl.Series, traits: Sequence[str]
) -> list[Group]:
    """Return, for each group of each trait, the chance that it got beside what happened."""
    told = rows.select(pl.col(trait).cast(pl.String) for trait in traits).with_columns(p=chances, y=happened)
    return [
        Group(
            trait, str(level[0]), part.height, round(float(part.select(pl.col("p").mean()).item()), 4),
            round(float(part.select(pl.col("y").cast(pl.Float64).mean()).item()), 4),
            None if (order := auc(part["p"], part["y"])) is None else round(order, 4),
        )
        for trait in traits
        for level, part in sorted(told.partition_by(trait, as_dict=True).items(), key=str)
    ]  # fmt: skip


def _bands(frame: pl.DataFrame) -> list[Band]:
    ranked = frame.with_columns(band=(pl.col("p").rank("ordinal") - 1) * BANDS // frame.height)
    told = (
        ranked.group_by("band")
        .agg(pl.len().alias("rows"), pl.col("p").mean(), pl.col("y").mean())
        .sort("band")
    )
    return [Band(rows, round(p, 4), round(y, 4)) for _band, rows, p, y in told.iter_rows()]


def _shares(chances: pl.Series, cuts: Sequence[float]) -> list[float]:
    """The share of rows between the cuts, never nothing."""
    places = [int((chances >= cut).sum()) for cut in cuts]
    counts = [a - b for a, b in zip([len(chances), *places], [*places, 0], strict=True)]
    return [max(count, 0.5) / max(len(chances), 1) for count in counts]
