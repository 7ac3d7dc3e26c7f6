"""How a conversation was handled: criteria with weights, the score of a review, and the sample that is fair and can be drawn again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

BEST: Final = 2  # a criterion is met (2), in part (1) or not (0); None: it did not apply
LEAST: Final = 5  # reviews or opinions below which an average says nothing


class BadCriteria(ValueError):
    """Raised when criteria are none, repeat a key, or have no positive weight."""


class BadMarks(ValueError):
    """Raised when marks are not 0, 1, 2 or None, name other criteria, or all say that nothing applied."""


@dataclass(frozen=True)
class Criterion:
    """Something that is looked at; `weight` against those of the others."""

    key: str
    label: str
    weight: int


def read_criteria(rows: Iterable[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """Return criteria from data. Raises BadCriteria."""
    found = tuple(Criterion(str(row["key"]), str(row["label"]), int(row["weight"])) for row in rows)
    if not found or len({one.key for one in found}) < len(found) or any(one.weight <= 0 for one in found):
        raise BadCriteria("one or more criteria, each key once, with a positive weight")
    return found


def score_of(criteria: Sequence[Criterion], marks: Mapping[str, int | None]) -> int:
    """Return the percent: sum of weight x mark / sum of weight x BEST over what applied, rounded half up. Raises BadMarks."""
    if set(marks) != {one.key for one in criteria} or not set(marks.values()) <= {None, 0, 1, BEST}:
        raise BadMarks("a mark of 0, 1, 2 or None for each criterion")
    applied = [(one.weight, marks[one.key]) for one in criteria]
    most = sum(weight * BEST for weight, mark in applied if mark is not None)
    if not most:
        raise BadMarks("nothing applied")
    got = sum(weight * mark for weight, mark in applied if mark is not None)
    return (200 * got + most) // (2 * most)


def fair_sample(ids: Iterable[int], size: int, *, seed: str) -> list[int]:
    """Return at most `size` of them, each as likely as any other: those whose digest with the seed comes first.

    The same ids and seed give the same sample in any order, so that anybody can check that nobody chose.
    """
    return sorted(set(ids), key=lambda one: sha256(f"{seed}:{one}".encode()).digest())[:size]


def mean_of(values: Sequence[int], *, least: int = LEAST) -> float | None:
    """Return the average with one decimal, half up; None when there are too few to say anything."""
    if len(values) < least:
        return None
    return (20 * sum(values) + len(values)) // (2 * len(values)) / 10
