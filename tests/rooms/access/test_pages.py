"""Keyset pages: on and back over equal values, each row once, and a mark that nobody made is refused."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from aldia.access import services
from aldia.access.actors import system
from aldia.access.models import AuditEvent
from aldia.db.pages import BadCursor, Page, paged

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def rows() -> object:
    made = services.create_organisation(key="uno", name="Uno", country="AR", currency="ARS", now=NOW)
    actor = system(made.pk)
    for number, day in enumerate((1, 2, 2, 2, 3, 4, 4)):
        services.add_team(actor=actor, key=f"t{number}", name=f"T{number}", now=NOW + timedelta(days=day))
    return AuditEvent.objects.of(made)


def page_of(rows: object, by: str, cursor: str | None, *, is_newest_first: bool) -> Page[int]:
    return paged(
        rows, by=by, is_newest_first=is_newest_first, cursor=cursor, limit=3, made=lambda row: row.pk
    )


@pytest.mark.parametrize("is_newest_first", [True, False])
@pytest.mark.parametrize("by", ["at", "pk"])
def test_pages_go_on_and_come_back_with_each_row_once(rows: object, by: str, is_newest_first: bool) -> None:
    pages = [page_of(rows, by, None, is_newest_first=is_newest_first)]
    while cursor := pages[-1].next_cursor:
        pages.append(page_of(rows, by, cursor, is_newest_first=is_newest_first))
    seen = [row for page in pages for row in page.rows]
    assert sorted(seen) == sorted(rows.values_list("pk", flat=True)) and len(set(seen)) == len(seen) > 6
    for earlier, page in itertools.pairwise(pages):
        back = page_of(rows, by, page.previous_cursor, is_newest_first=is_newest_first)
        assert back.rows == earlier.rows and back.next_cursor
    assert pages[0].previous_cursor is None
    assert (
        page_of(rows, by, pages[1].previous_cursor, is_newest_first=is_newest_first).previous_cursor is None
    )


@pytest.mark.parametrize("cursor", ["x", "7", "W10=", "WyJhIl0="])
def test_a_mark_that_nobody_made_is_refused(rows: object, cursor: str) -> None:
    with pytest.raises(BadCursor):
        page_of(rows, "at", cursor, is_newest_first=True)
