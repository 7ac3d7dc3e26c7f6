"""Every row of a list that comes in pages: what a measurement counts, and no screen may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aldia.db.pages import Page

Row = TypeVar("Row")


def every_row(page_of: Callable[..., Page[Row]]) -> Iterator[Row]:
    """Yield the rows of a list from its first page to its last; `page_of(cursor=…)` returns one page."""
    cursor, has_more = None, True
    while has_more:
        page = page_of(cursor=cursor)
        yield from page.rows
        cursor, has_more = page.next_cursor, page.next_cursor is not None
