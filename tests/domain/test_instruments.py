"""The table of moves of cheques, notes and bills, and when a signed promise prescribes."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.calendars import Calendar
from aldia.domain.instruments import (
    LIMITATION_YEARS,
    MOVES,
    Effect,
    InstrumentKind,
    InstrumentState,
    MoveRefused,
    checked_move,
    possible_moves,
    prescribes_on,
    protest_until,
)

DUE = date(2026, 3, 10)
CHEQUE, NOTE = InstrumentKind.CHEQUE, InstrumentKind.NOTE


def keys(kind: InstrumentKind, state: InstrumentState, as_of: date = DUE) -> list[str]:
    return [move.key for move in possible_moves(kind, state, due_on=DUE, as_of=as_of)]


@pytest.mark.covers("S0-7c")
def test_a_post_dated_cheque_is_deposited_from_its_day_and_may_bounce_even_after_it_cleared() -> None:
    assert keys(CHEQUE, InstrumentState.HELD, DUE - timedelta(days=1)) == ["endorse", "replace", "give_back"]
    assert keys(CHEQUE, InstrumentState.HELD)[0] == "deposit"
    assert keys(CHEQUE, InstrumentState.DEPOSITED) == ["clear", "bounce"]
    assert keys(CHEQUE, InstrumentState.CLEARED) == ["bounce"]
    assert keys(CHEQUE, InstrumentState.BOUNCED) == ["deposit_again", "replace", "give_back"]


@pytest.mark.covers("S0-7b")
@pytest.mark.parametrize(
    ("country", "due", "last"),
    [
        ("AR", date(2026, 3, 6), date(2026, 3, 10)), ("PE", date(2026, 3, 6), date(2026, 3, 21)), ("XX", date(2026, 3, 6), None),
    ],
)  # fmt: skip
def test_the_last_day_to_protest_counts_as_the_law_of_the_country_does(
    country: str, due: date, last: date | None
) -> None:
    assert protest_until(NOTE, country, due, Calendar()) == last
    assert protest_until(CHEQUE, country, due, Calendar()) is None


@pytest.mark.covers("S0-7b")
def test_a_note_is_protested_after_its_day_and_never_deposited() -> None:
    assert "protest" not in keys(NOTE, InstrumentState.HELD, DUE - timedelta(days=1))
    assert keys(NOTE, InstrumentState.HELD) == ["collect", "protest", "replace", "give_back"]
    with pytest.raises(MoveRefused, match="state"):
        checked_move("deposit", NOTE, InstrumentState.HELD, due_on=DUE, on=DUE)


def test_a_bounce_says_why() -> None:
    with pytest.raises(MoveRefused, match="code"):
        checked_move("bounce", CHEQUE, InstrumentState.DEPOSITED, due_on=DUE, on=DUE, code="porque sí")
    made = checked_move("bounce", CHEQUE, InstrumentState.DEPOSITED, due_on=DUE, on=DUE, code="no_funds")
    assert (made.after, made.effect) == (InstrumentState.BOUNCED, Effect.REOPEN)


@given(st.sampled_from(InstrumentKind), st.lists(st.sampled_from(MOVES), max_size=12))
def test_every_walk_over_the_table_ends_somewhere_known_and_what_is_offered_is_allowed(kind, walk) -> None:
    state = InstrumentState.HELD
    for move in walk:
        offered = possible_moves(kind, state, due_on=DUE, as_of=DUE)
        if move in offered:
            state = checked_move(move.key, kind, state, due_on=DUE, on=DUE, code="other").after
        else:
            with pytest.raises(MoveRefused):
                checked_move(move.key, kind, state, due_on=DUE, on=DUE, code="other")
    assert state not in {InstrumentState.REPLACED, InstrumentState.RETURNED} or not possible_moves(
        kind, state, due_on=DUE, as_of=DUE
    )


@given(st.sampled_from(sorted(LIMITATION_YEARS)), st.dates(date(2000, 1, 1), date(2050, 12, 31)))
def test_a_note_prescribes_whole_years_after_its_day(country: str, due: date) -> None:
    on = prescribes_on(NOTE, country, due)
    assert on is not None and on.year == due.year + LIMITATION_YEARS[country][0] and on > due
    assert prescribes_on(CHEQUE, country, due) is None and prescribes_on(NOTE, "ZZ", due) is None
