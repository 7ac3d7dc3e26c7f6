"""Keyset pages of lists, in both directions: an opaque mark of the row where a page ends, whatever the order."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

MOST_ROWS: Final = 200
Row = TypeVar("Row")


class BadCursor(ValueError):
    """A page mark that these lists did not make."""

    def __init__(self) -> None:
        super().__init__(_("Esa página ya no existe: vuelve a la primera."))


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and the marks of the next and the previous ones; None at the ends."""

    rows: tuple[Row, ...]
    next_cursor: str | None
    previous_cursor: str | None


def paged(
    rows: Any, *, by: str, is_newest_first: bool, cursor: str | None, limit: int, made: Callable[[Any], Row]
) -> Page[Row]:
    """Return one page of a queryset ordered by a never empty column (`pk`, a date, an instant), then by key. Raises BadCursor."""
    limit = max(1, min(limit, MOST_ROWS))
    is_back = False
    if cursor:
        value, pk, is_back = _read(cursor)
        beyond = "lt" if is_newest_first != is_back else "gt"
        try:  # Bounded first by the column alone: by the OR alone no planner walks its index.
            rows = rows.filter(**{f"{by}__{beyond}e": value})
            rows = rows.filter(Q(**{f"{by}__{beyond}": value}) | Q(**{f"pk__{beyond}": pk}))
        except (ValueError, ValidationError) as problem:
            raise BadCursor from problem
    order = (f"-{by}", "-pk") if is_newest_first != is_back else (by, "pk")
    found = list(rows.order_by(*order)[: limit + 1])
    has_more, found = len(found) > limit, found[:limit]
    if is_back:
        found.reverse()
    goes_on = found and (has_more or is_back)
    goes_back = found and (has_more if is_back else cursor)
    return Page(
        tuple(map(made, found)),
        _mark(found[-1], by, is_back=False) if goes_on else None,
        _mark(found[0], by, is_back=True) if goes_back else None,
    )


def _mark(row: Any, by: str, *, is_back: bool) -> str:
    value = getattr(row, by)
    mark = [value.isoformat() if isinstance(value, date) else value, row.pk, int(is_back)]
    return base64.urlsafe_b64encode(json.dumps(mark).encode()).decode()


def _read(cursor: str) -> tuple[str, int, bool]:
    try:
        value, pk, is_back = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return str(value), int(pk), bool(is_back)
    except (ValueError, TypeError) as problem:
        raise BadCursor from problem
