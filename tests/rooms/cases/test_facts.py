"""The frames that the strategy reads keep the engine's words and say what the rows say."""

from datetime import timedelta

import polars as pl

from aldia.cases import facts, services
from aldia.engine.frames import CASES, HOLDS, check_frame
from aldia.strategy.night import asked
from tests.rooms.cases.conftest import NOW, TODAY, Room

COMPLETED_ABOVE = {  # what the rooms above know, and strategy adds
    "calendar", "policy", "days_since_right_party", "contacts_7d", "attempts_7d", "attempts_30d", "promise_amount",
    "promises_broken_12m", "plan_state", "days_in_dispute", "tasks_open", "days_since_payment", "last_payment", "paid_12m",
}  # fmt: skip
ASKED_ABOVE = frozenset().union(
    *(part.facts for part in asked._PARTS)
)  # and what it tells only to a rule that asks


def test_the_case_frame_is_what_the_engine_asks_of_this_room(room: Room) -> None:
    room.owes("acme", 1_200_00, days_late=45)
    room.owes("acme", 300_00, days_late=-10)
    room.owes("beta", 100_00, days_late=-3)
    room.refresh()
    frame = facts.case_frame(room.organisation.pk, as_of=TODAY)
    wanted = {column.name for column in CASES.columns} - COMPLETED_ABOVE - ASKED_ABOVE
    check_frame(frame, CASES, wanted)
    acme = frame.row(0, named=True)
    assert (acme["dpd"], acme["overdue"], acme["not_due"], acme["total"]) == (45, 1_200_00, 300_00, 1_500_00)
    assert (acme["documents_open"], acme["documents_overdue"], acme["next_due_on"]) == (
        2,
        1,
        TODAY + timedelta(days=10),
    )
    assert (acme["portfolio"], acme["creditor"], acme["stage"], acme["holder_kind"]) == (
        "facturas",
        "propia",
        "current",
        "team",
    )
    assert (acme["days_since_contact"], acme["promise_state"], acme["dispute_open"]) == (None, "none", False)


def test_amounts_in_two_currencies_are_not_added(room: Room) -> None:
    room.owes("acme", 1_200_00, days_late=45)
    room.owes("acme", 5_000, days_late=5, currency="CLP")
    room.refresh()
    row = facts.case_frame(room.organisation.pk, as_of=TODAY).row(0, named=True)
    assert (row["overdue"], row["dpd"], row["documents_overdue"]) == (None, 45, 2)


def test_partitions_are_the_whole(room: Room) -> None:
    for number in range(5):
        room.owes(f"c{number}", 100_00, days_late=4)
    room.refresh()
    parts = facts.partitions(room.organisation.pk, at_once=2)
    frames = [facts.case_frame(room.organisation.pk, as_of=TODAY, partition=part) for part in parts]
    assert [frame.height for frame in frames] == [2, 2, 1]
    assert sorted(pl.concat(frames)["case_id"]) == sorted(room.clients.values())


def test_the_hold_frame_has_the_pauses_of_the_day(room: Room) -> None:
    room.owes("acme", 100_00, days_late=4)
    room.refresh()
    draft = services.HoldDraft("promise", TODAY, TODAY + timedelta(days=2), source="promise:1")
    services.place_hold(actor=room.system, case_id=room.clients["acme"], hold=draft, now=NOW)
    frame = facts.hold_frame(room.organisation.pk, as_of=TODAY)
    check_frame(frame, HOLDS)
    assert frame["until_on"].to_list() == [TODAY + timedelta(days=2)]
    assert facts.case_frame(room.organisation.pk, as_of=TODAY)["hold_kind"].to_list() == ["promise"]
    assert facts.hold_frame(room.organisation.pk, as_of=TODAY + timedelta(days=2)).is_empty()


def test_the_changes_of_a_period_are_told(room: Room) -> None:
    room.owes("acme", 100_00, days_late=4)
    room.refresh()
    frame = facts.change_frame(room.organisation.pk, from_on=TODAY, to_on=TODAY + timedelta(days=1))
    assert frame.select("field", "after", "reason").rows() == [("cycle", "1", "arrears")]
