"""Ageing: days past due, the buckets as data, and open documents summed by bucket.

Currencies are never added: the result has one table per currency.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

NOT_DUE = "not_due"


class BadBuckets(ValueError):
    """The buckets overlap, leave a gap, or do not reach both ends."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Days past due from ``first`` to ``last``, both included; None is without limit."""

    key: str
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Buckets:
    """An ordered list of buckets that covers every number of days exactly once.

    Raises BadBuckets naming the two neighbours that overlap or leave a gap.
    """

    rows: tuple[Bucket, ...]

    def __post_init__(self) -> None:
        rows = self.rows
        if not rows or rows[0].first is not None or rows[-1].last is not None:
            raise BadBuckets("the first bucket must have no lower limit and the last one no upper limit")
        if len({row.key for row in rows}) != len(rows):
            raise BadBuckets(f"two buckets share a key: {[row.key for row in rows]}")
        for row in rows:
            if row.first is not None and row.last is not None and row.last < row.first:
                raise BadBuckets(f"bucket {row.key!r} ends at {row.last}, before it starts at {row.first}")
        for left, right in pairwise(rows):
            _check_neighbours(left, right)

    @classmethod
    def from_edges(cls, *edges: int) -> "Buckets":
        """Buckets that end at each edge: ``from_edges(30, 60)`` -> not_due, 1-30, 31-60, over_60."""
        if not edges or edges[0] < 1 or any(b <= a for a, b in pairwise(edges)):
            raise BadBuckets(
                f"edges must be days from 1 on, each larger than the one before, found {list(edges)}"
            )
        rows, first = [Bucket(NOT_DUE, None, 0)], 1
        for edge in edges:
            rows.append(Bucket(f"{first}-{edge}", first, edge))
            first = edge + 1
        return cls((*rows, Bucket(f"over_{edges[-1]}", first, None)))

    @property
    def keys(self) -> tuple[str, ...]:
        """The bucket keys, from the youngest."""
        return tuple(row.key for row in self.rows)

    def bucket_of(self, dpd: int) -> str:
        """The key of the bucket that holds that many days past due."""
        return next(row.key for row in self.rows if row.last is None or dpd <= row.last)

    def position_of(self, key: str) -> int:
        """0 for the youngest bucket; a larger position is a worse bucket. Raises BadBuckets."""
        if key not in self.keys:
            raise BadBuckets(f"unknown bucket {key!r}: expected one of {', '.join(self.keys)}")
        return self.keys.index(key)


def _check_neighbours(left: Bucket, right: Bucket) -> None:
    if left.last is None or right.first is None:
        raise BadBuckets(
            f"only the first and the last bucket may be without limit: see {left.key!r}, {right.key!r}"
        )
    if right.first != left.last + 1:
        problem = "overlap" if right.first <= left.last else "leave a gap"
        raise BadBuckets(
            f"buckets {left.key!r} and {right.key!r} {problem}: after day {left.last} the next starts at "
            f"{left.last + 1}, found {right.first}"
        )


DEFAULT_BUCKETS = Buckets.from_edges(30, 60, 90)
"""not_due, 1-30, 31-60, 61-90, over_90."""


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """What ageing needs of a document; ``open_minor`` is negative for an unapplied credit note."""

    issued_on: date
    due_on: date
    open_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class AgeCell:
    """How many documents and how much open money, in minor units."""

    documents: int = 0
    open_minor: int = 0

    def plus(self, open_minor: int) -> "AgeCell":
        """One document more."""
        return AgeCell(self.documents + 1, self.open_minor + open_minor)


@dataclass(frozen=True, slots=True)
class Ageing:
    """Cells by currency and bucket; every currency present has all buckets, zeros included."""

    buckets: Buckets
    cells: dict[str, dict[str, AgeCell]] = field(default_factory=dict)

    def cell(self, currency: str, bucket: str) -> AgeCell:
        """The cell, zero when that currency has nothing."""
        self.buckets.position_of(bucket)
        return self.cells.get(currency, {}).get(bucket, AgeCell())

    def total(self, currency: str, keys: Sequence[str] | None = None) -> AgeCell:
        """The sum of the named buckets (all by default) of one currency."""
        chosen = [self.cell(currency, key) for key in (self.buckets.keys if keys is None else keys)]
        return AgeCell(sum(c.documents for c in chosen), sum(c.open_minor for c in chosen))

    def past_due(self, currency: str) -> AgeCell:
        """Everything but the first bucket."""
        return self.total(currency, self.buckets.keys[1:])


def days_past_due(due_on: date, as_of: date) -> int:
    """Days since the due date; 0 or less is not due: due 1 Nov, as of 4 Nov -> 3; due today -> 0."""
    return (as_of - due_on).days


def bucket_of(dpd: int, buckets: Buckets = DEFAULT_BUCKETS) -> str:
    """0 -> not_due, 1 -> 1-30, 30 -> 1-30, 31 -> 31-60, 91 -> over_90."""
    return buckets.bucket_of(dpd)


def age(documents: Iterable[OpenDocument], as_of: date, buckets: Buckets = DEFAULT_BUCKETS) -> Ageing:
    """Open documents summed by currency and bucket.

    A document issued after ``as_of`` or with nothing open does not count. Credit notes count with their sign.
    """
    cells: dict[str, dict[str, AgeCell]] = {}
    for document in documents:
        if document.issued_on > as_of or document.open_minor == 0:
            continue
        row = cells.setdefault(document.currency, {key: AgeCell() for key in buckets.keys})
        key = buckets.bucket_of(days_past_due(document.due_on, as_of))
        row[key] = row[key].plus(document.open_minor)
    return Ageing(buckets, {currency: cells[currency] for currency in sorted(cells)})
