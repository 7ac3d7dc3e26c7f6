"""Uniform draws that a column and a plain function tell alike: from a seed, a case, a day and what is drawn, never from a sequence.

SplitMix64 of Steele, Lea and Flood (2014), on integers that wrap at 64 bits.
"""

from typing import Final

import polars as pl

_MASK: Final = (1 << 64) - 1
_STEP: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB
_UNIT: Final = 2.0**-53
PURPOSES: Final = ("pay", "full", "reach", "promise", "keep", "before", "weight")


def salt(seed: int, day: int, purpose: str) -> int:
    """The number that stands for a seed, a day and a purpose; the same for every case."""
    return _mixed((seed * 1_000_003 + day * 101 + PURPOSES.index(purpose)) & _MASK)


def uniform(salted: int, case_id: int) -> float:
    """A number in [0, 1) for a case."""
    return (_mixed((case_id + salted) & _MASK) >> 11) * _UNIT


def _mixed(number: int) -> int:
    number = (number + _STEP) & _MASK
    number = ((number ^ (number >> 30)) * _FIRST) & _MASK
    number = ((number ^ (number >> 27)) * _SECOND) & _MASK
    return number ^ (number >> 31)


def uniforms(salted: int, case_id: pl.Expr) -> pl.Expr:
    """The twin of ``uniform`` over a column of identifiers."""
    number = case_id.cast(pl.UInt64) + pl.lit(salted, pl.UInt64) + pl.lit(_STEP, pl.UInt64)
    number = (number ^ (number // (1 << 30))) * pl.lit(_FIRST, pl.UInt64)
    number = (number ^ (number // (1 << 27))) * pl.lit(_SECOND, pl.UInt64)
    number = number ^ (number // (1 << 31))
    return (number // (1 << 11)).cast(pl.Float64) * _UNIT
