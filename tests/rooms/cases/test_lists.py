"""Lists: pages in both directions, filters from an allow-list, counts and money that equal the rows."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.cases import selectors, services
from aldia.cases.models import Case
from aldia.cases.selectors import BadFilter, CaseFilter, CaseQuery
from tests.beginnings import beginning
from tests.rooms.cases.conftest import NOW, TODAY, Room, make_room


def twelve_clients() -> Room:
    """Twelve clients: some late, some not, with ties in amount and name."""
    room = make_room("uno")
    for number in range(12):
        room.owes(f"cliente{number % 5}-{number}", 100_00 * (number % 3 + 1), days_late=(number % 4) * 31 - 5)
    room.refresh()
    return room


twelve = beginning(twelve_clients)


def _walk(room: Room, sort: str, limit: int, wanted: CaseFilter) -> tuple[list[int], list[int]]:
    """The keys of all pages on, and of all pages back from the last."""
    on: list[int] = []
    page = selectors.case_list(room.boss, CaseQuery(TODAY, wanted, sort, "", limit))
    on += [row.case_id for row in page.rows]
    while page.next_cursor:
        page = selectors.case_list(room.boss, CaseQuery(TODAY, wanted, sort, page.next_cursor, limit))
        on += [row.case_id for row in page.rows]
    back = [row.case_id for row in page.rows]
    while page.previous_cursor:
        page = selectors.case_list(room.boss, CaseQuery(TODAY, wanted, sort, page.previous_cursor, limit))
        back = [row.case_id for row in page.rows] + back
    return on, back


@pytest.mark.parametrize("sort", [*selectors.SORTS, *(f"-{name}" for name in selectors.SORTS)])
@pytest.mark.parametrize("limit", [1, 5, 12])
def test_pages_on_and_back_are_the_whole_list(twelve: Room, sort: str, limit: int) -> None:
    on, back = _walk(twelve, sort, limit, CaseFilter())
    assert len(on) == len(set(on)) == 12
    assert on == back


def test_the_list_is_in_the_order_asked_for(twelve: Room) -> None:
    rows = selectors.case_list(twelve.boss, CaseQuery(TODAY, sort="overdue")).rows
    assert [row.overdue_minor for row in rows] == sorted((row.overdue_minor for row in rows), reverse=True)
    rows = selectors.case_list(twelve.boss, CaseQuery(TODAY, sort="age")).rows
    late = [row.dpd for row in rows if row.dpd]
    assert late == sorted(late, reverse=True)
    assert all(row.dpd == 0 for row in rows[len(late) :])


@pytest.mark.parametrize(
    "wanted",
    [
        {}, {"buckets": ("1-30", "over_90")}, {"is_overdue": True}, {"holder": "none"}, {"stage": "current"}, {"currency": "USD"},
        {"min_overdue_minor": 150_00}, {"max_overdue_minor": 150_00}, {"no_contact_days": 3}, {"in_hold": True},
        {"in_hold": False}, {"promise_state": "none"}, {"has_dispute": False}, {"text": "cliente1"}, {"is_open": None},
    ],
    ids=str,
)  # fmt: skip
def test_counts_and_money_equal_the_rows(twelve: Room, wanted: dict[str, Any]) -> None:
    query = CaseQuery(TODAY, CaseFilter(**wanted), limit=200)
    page = selectors.case_list(twelve.boss, query)
    assert (page.count, page.is_capped) == (len(page.rows), False)
    totals = selectors.ageing_totals(twelve.boss, query)
    assert totals.cases == len(page.rows)
    assert totals.currencies == page.totals
    money = totals.currencies.get("USD")
    assert (money.total_minor if money else 0) == sum(row.total_minor for row in page.rows)
    assert (money.overdue_minor if money else 0) == sum(row.overdue_minor for row in page.rows)


def test_filters_find_what_they_say(twelve: Room) -> None:
    key = twelve.clients["cliente1-6"]
    services.place_hold(
        actor=twelve.system,
        case_id=key,
        hold=services.HoldDraft("manual", TODAY, TODAY + timedelta(days=3)),
        now=NOW,
    )
    services.assign(
        actor=twelve.boss, case_ids=[key], user_id=twelve.ana.user_id, team_id=None, as_of=TODAY, now=NOW
    )
    services.set_commitments(
        actor=twelve.system, case_id=key, as_of=TODAY, promise_state="broken", has_dispute=True
    )
    for wanted in (
        {"in_hold": True}, {"holder": f"user:{twelve.ana.user_id}"}, {"promise_state": "broken"}, {"has_dispute": True},
        {"text": "cliente1 6"}, {"text": "F-7"},
    ):  # fmt: skip
        assert [
            row.case_id
            for row in selectors.case_list(twelve.boss, CaseQuery(TODAY, CaseFilter(**wanted))).rows
        ] == [key]
    mine = selectors.case_list(twelve.ana, CaseQuery(TODAY, CaseFilter(holder="me")))
    assert [row.case_id for row in mine.rows] == [key]


def test_a_hold_is_half_open(twelve: Room) -> None:
    key = twelve.clients["cliente1-1"]
    end = TODAY + timedelta(days=3)
    services.place_hold(
        actor=twelve.system, case_id=key, hold=services.HoldDraft("manual", TODAY, end), now=NOW
    )
    assert len(selectors.holds(twelve.boss, key, as_of=end - timedelta(days=1))) == 1
    assert selectors.holds(twelve.boss, key, as_of=end) == []
    assert selectors.holds(twelve.boss, key, as_of=TODAY - timedelta(days=1)) == []


def test_a_collector_sees_own_and_free_cases_where_the_organisation_asks_for_it(twelve: Room) -> None:
    keys = list(twelve.clients.values())
    services.assign(
        actor=twelve.boss, case_ids=keys[:5], user_id=twelve.luis.user_id, team_id=None, as_of=TODAY, now=NOW
    )
    twelve.organisation.settings = {"collectors_see_own_cases": True}
    twelve.organisation.save()
    page = selectors.case_list(twelve.ana, CaseQuery(TODAY))
    assert (len(page.rows), page.count) == (7, 7)
    assert len(selectors.case_list(twelve.boss, CaseQuery(TODAY)).rows) == 12
    with pytest.raises(selectors.UnknownCase):
        selectors.case(twelve.ana, keys[0], as_of=TODAY)


def test_another_organisation_sees_nothing(twelve: Room, room_of: Any) -> None:
    other = room_of("dos")
    assert selectors.case_list(other.boss, CaseQuery(TODAY)).rows == ()
    assert selectors.search(other.boss, "cliente", as_of=TODAY) == []
    with pytest.raises(selectors.UnknownCase):
        selectors.case(other.boss, twelve.clients["cliente1-1"], as_of=TODAY)


SHARP = ["' OR 1=1 --", "1;DROP TABLE", "\x00", "9" * 40, "-1", "user:", "%", "user:²", "W10="]
HOSTILE = st.one_of(st.text(max_size=60), st.sampled_from(SHARP))


@settings(max_examples=40)
@given(name=st.sampled_from(selectors.FILTERS), value=HOSTILE, sort=HOSTILE, cursor=HOSTILE)
def test_hostile_parameters_are_refused_or_find_rows(
    hostile_room: Room, name: str, value: str, sort: str, cursor: str
) -> None:
    for make in (
        lambda: CaseQuery(TODAY, CaseFilter.from_data({name: value})),
        lambda: CaseQuery(TODAY, sort=sort),
        lambda: CaseQuery(TODAY, cursor=cursor),
    ):
        try:
            assert selectors.case_list(hostile_room.boss, make()).count >= 0
        except BadFilter as refusal:
            assert str(refusal)


@pytest.fixture
def hostile_room(room: Room) -> Room:
    room.owes("acme", 100, days_late=3)
    room.refresh()
    return room


def test_search_finds_by_words_phone_mail_and_document(room: Room) -> None:
    import polars as pl

    from aldia.parties import services as parties

    room.clients_named(c1="Nélida Ibarra e Hijos", c2="Distribuidora Sur")
    reach = {"phone_e164": ["+541143215678"], "email": ["Pagos@Ibarra.test"]}
    frame = pl.DataFrame({"customer_id": ["c1"], "name": ["Nélida Ibarra e Hijos"], **reach})
    parties.upsert_frame(organisation_id=room.organisation.pk, source="erp", frame=frame, now=NOW)
    room.owes("c1", 100, days_late=3)
    room.owes("c2", 100, days_late=3)
    room.refresh()
    for text, matched in (
        ("iba nel", "name"), ("IBÁRRA", "name"), ("4321-5678", "phone"), ("pagos@", "email"), ("F-1", "document"),
    ):  # fmt: skip
        found = selectors.search(room.boss, text, as_of=TODAY)
        assert [(hit.case.case_id, hit.matched) for hit in found] == [(room.clients["c1"], matched)], text
    assert selectors.search(room.boss, "zz", as_of=TODAY) == []


@pytest.mark.parametrize("text", ["cliente1", "cliente1 cliente", "cliente", "Cliente1 6", "zz"])
def test_a_text_that_finds_very_many_is_asked_row_by_row_and_finds_the_same(
    twelve: Room, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    query = CaseQuery(TODAY, CaseFilter(text=text, is_open=None), sort="name")
    named = selectors.case_list(twelve.boss, query)
    monkeypatch.setattr("aldia.parties.selectors.MOST_LISTED", 0)
    asked = selectors.case_list(twelve.boss, query)
    assert asked == named
    monkeypatch.setattr("aldia.cases.selectors.sums.TEXTS_COUNTED_UP_TO", 1)
    many = selectors.case_list(twelve.boss, query)
    assert many.rows == named.rows
    assert (many.count, many.is_capped) == ((1, True) if named.count else (0, False))


def test_a_cursor_goes_on_when_its_row_has_moved(twelve: Room) -> None:
    page = selectors.case_list(twelve.boss, CaseQuery(TODAY, sort="overdue", limit=4))
    Case.objects.of(twelve.organisation).filter(pk=page.rows[-1].case_id).update(overdue_minor=1)
    rest = selectors.case_list(
        twelve.boss, CaseQuery(TODAY, sort="overdue", cursor=page.next_cursor, limit=200)
    )
    assert not {row.case_id for row in page.rows[:3]} & {row.case_id for row in rest.rows}
