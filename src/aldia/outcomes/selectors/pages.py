"""Keyset pages of this room's lists: an opaque mark of the last row, whatever the order."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.db.models import Q
from django.utils.translation import gettext as _

MOST_ROWS: Final = 200
Row = TypeVar("Row")


class BadCursor(ValueError):
    """A page mark that these lists did not make."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and the mark of the next ones; None when these are the last."""

    rows: tuple[Row, ...]
    next_cursor: str | None


def paged(
    rows: Any, *, by: str, is_newest_first: bool, cursor: str | None, limit: int, made: Callable[[Any], Row]
) -> Page[Row]:
    """Return one page of a queryset ordered by a never empty column, then by key. Raises BadCursor."""
    limit = max(1, min(limit, MOST_ROWS))
    if cursor:
        value, pk = _read(cursor)
        beyond = "lt" if is_newest_first else "gt"
        rows = rows.filter(Q(**{f"{by}__{beyond}": value}) | Q(**{by: value, f"pk__{beyond}": pk}))
    order = (f"-{by}", "-pk") if is_newest_first else (by, "pk")
    found = list(rows.order_by(*order)[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return Page(tuple(map(made, found[:limit])), _mark(getattr(last, by), last.pk) if last else None)


def _mark(value: Any, pk: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([value.isoformat(), pk]).encode()).decode()


def _read(cursor: str) -> tuple[str, int]:
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return str(value), int(pk)
    except (ValueError, TypeError) as problem:
        raise BadCursor(_("Esa página ya no existe: vuelve a la primera.")) from problem
