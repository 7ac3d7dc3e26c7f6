"""The vectorised twin of ``aldia.domain.attention``: the score of every case at once."""

import polars as pl

from aldia.domain.attention import (
    DEFAULT_RULE,
    DEFAULT_WEIGHTS,
    DUE_TODAY_SHARE,
    FULL,
    FULL_SILENCE_DAYS,
    AttentionRule,
    PromiseSignal,
    Weights,
)


def priority_score(
    rule: AttentionRule = DEFAULT_RULE,
    weights: Weights = DEFAULT_WEIGHTS,
    full_silence_days: int = FULL_SILENCE_DAYS,
) -> pl.Expr:
    """An Int64 expression, 0 to 100, over the columns overdue (minor units), dpd, promise_signal (none,
    due_today, broken) and days_since_contact (empty: never). Same formula as the domain's rule.
    """
    overdue, dpd = pl.col("overdue"), pl.col("dpd")
    attention = (
        _share(overdue, rule.full_amount_minor) * (100 - rule.age_percent)
        + _share(dpd, rule.full_dpd) * rule.age_percent
    ) // 100
    promise = (
        pl.when(pl.col("promise_signal") == PromiseSignal.BROKEN.value)
        .then(FULL)
        .when(pl.col("promise_signal") == PromiseSignal.DUE_TODAY.value)
        .then(DUE_TODAY_SHARE)
        .otherwise(0)
    )
    silence = _share(pl.col("days_since_contact"), full_silence_days).fill_null(FULL)
    shares = ((weights.attention, attention), (weights.promise, promise), (weights.silence, silence))
    score = sum(
        (share.cast(pl.Int64) * weight // FULL for weight, share in shares), start=pl.lit(0, pl.Int64)
    )
    return pl.when((overdue > 0) & (dpd > 0)).then(score).otherwise(0).cast(pl.Int64)


def _share(value: pl.Expr, full: int) -> pl.Expr:
    return value.clip(0, full) * FULL // full
