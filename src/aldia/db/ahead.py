"""One read for one row of a screen and for a whole batch: what is asked of many is read together and remembered for each."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from aldia.db.memory import already_read, remembered
from aldia.db.prepared import prepared

Row = TypeVar("Row")


class ReadByKey(Generic[Row]):
    """The rows of one key. `ahead` reads those of many at once, while answers are remembered (see `memory`)."""

    def __init__(self, build: Callable[..., "QuerySet[Any, Row]"], key: Callable[[Any], int]) -> None:
        self._read, self._key = prepared(build), key
        self._one = remembered(self._read_one)

    def __call__(self, organisation_id: int, key: int, *more: Any) -> list[Row]:
        return self._one(organisation_id, key, *more)

    def ahead(self, organisation_id: int, keys: Iterable[int], *more: Any) -> None:
        """Read the rows of all these keys, a few dozen at most."""
        found: dict[int, list[Row]] = defaultdict(list)
        asked = list(keys)
        if not asked:
            return
        for row in self._read(organisation_id, asked, *more):
            found[self._key(row)].append(row)
        for key in asked:
            already_read(self._one, found[key], organisation_id, key, *more)

    def _read_one(self, organisation_id: int, key: int, *more: Any) -> list[Row]:
        return self._read(organisation_id, [key], *more)


def read_by(key: Callable[[Any], int]) -> Callable[[Callable[..., "QuerySet[Any, Row]"]], ReadByKey[Row]]:
    """Make a function that returns the queryset of an organisation's keys (a list) a read of the rows of each of them."""
    return lambda build: ReadByKey(build, key)
