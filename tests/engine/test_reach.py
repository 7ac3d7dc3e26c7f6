"""The channel that reached a person best goes first: counted and chosen over columns as the domain does for one."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain import reach
from aldia.engine.contact_rules import CHANNELS
from aldia.engine.reach import TOUCHES, tallies

FIRST = datetime(2026, 11, 2, 9, tzinfo=UTC)
touches = st.lists(
    st.builds(
        dict,
        party_id=st.integers(1, 2),
        channel=st.sampled_from(["call", "whatsapp", "visit"]),
        at=st.integers(0, 200).map(lambda hours: FIRST + timedelta(hours=hours)),
        is_inbound=st.booleans(),
        is_right_party=st.booleans(),
    ),
    max_size=25,
)


@pytest.mark.covers("S3-58")
@given(touches)
def test_the_tallies_of_many_are_those_of_each(rows: list[dict[str, object]]) -> None:
    many = {row["party_id"]: row for row in tallies(pl.DataFrame(rows, schema=TOUCHES)).to_dicts()}
    for person in {row["party_id"] for row in rows}:
        own = [
            {name: row[name] for name in row if name != "party_id"}
            for row in rows
            if row["party_id"] == person
        ]
        one = reach.tallies(reach.Touch(**each) for each in own)  # type: ignore[arg-type]
        told = many.get(
            person, dict.fromkeys((f"{way}_{name}" for way in ("tries", "reached") for name in CHANNELS), 0)
        )
        for name in CHANNELS:
            tally = one.get(name, reach.Tally(0, 0))
            assert (told[f"reached_{name}"], told[f"tries_{name}"]) == (tally.reached, tally.tries)


def test_equal_shares_keep_the_order_of_the_list_and_thin_histories_say_nothing() -> None:
    told = {
        "sms": reach.Tally(2, 4),
        "email": reach.Tally(3, 6),
        "call": reach.Tally(2, 2),
        "letter": reach.Tally(0, 9),
    }
    assert reach.first_by_reach(["letter", "email", "sms", "call"], told) == "email"
    assert reach.first_by_reach(["sms", "email"], told) == "sms"
    assert reach.first_by_reach(["call", "letter", "visit"], told) is None
