"""The people in parts, so that whoever reads millions holds few of them at a time.

A part is a range of parties and not a remainder: the indexes on the party lead to its rows, which lie together in the tables,
instead of every part walking all of them.
"""

from math import ceil
from typing import Final

import polars as pl
from django.db.models import Q

Partition = tuple[int, int]
"""The first and the last party, both included."""
EVERYBODY: Final[Partition] = (0, 2**63 - 1)
CASES_AT_ONCE: Final = 7_000
"""Cases, or accounts, per part: bounds the memory of whatever goes over all of them."""


def within(column: str, partition: Partition | None) -> tuple[str, list[int]]:
    """Return the condition, beginning with AND, that the party in a column is of the partition; and its parameters."""
    return ("", []) if partition is None else (f" AND {column} BETWEEN %s AND %s", [*partition])


def of_people(party: str, partition: Partition | None) -> Q:
    """Return the same condition for a queryset; `party` is the way to the party: case__party."""
    return Q() if partition is None else Q(**{f"{party}__gte": partition[0], f"{party}__lte": partition[1]})


def cut(parties: pl.Series, at_once: int) -> list[Partition]:
    """Return partitions of everybody, as even as can be, of at most about `at_once` of these rows; those of a party in one."""
    parts = max(ceil(parties.len() / at_once), 1)
    size = max(ceil(parties.len() / parts), 1)
    begins = parties.sort().gather_every(size, size).unique().sort().to_list()
    return list(zip([EVERYBODY[0], *begins], [*(begin - 1 for begin in begins), EVERYBODY[1]], strict=True))
