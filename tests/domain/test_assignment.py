"""Assignment by rule: stable, fair by weight, nobody left alone."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.assignment import (
    Assignment,
    AssignmentError,
    Member,
    NobodyAvailable,
    Why,
    assign,
    assign_all,
)
from aldia.domain.periods import Period

TODAY = date(2026, 11, 23)
AWAY = (Period(TODAY, date(2026, 12, 1)),)
ANA, BEA, CIRO = Member("ana"), Member("bea"), Member("ciro")
CASES = [f"case-{number}" for number in range(600)]


def holders(members: tuple[Member, ...], current: dict[str, str] | None = None) -> dict[str, str]:
    return {each.case_key: each.member for each in assign_all(CASES, members, TODAY, current)}


def moved(current: dict[str, str], members: tuple[Member, ...]) -> list[Assignment]:
    """The cases whose holder is away or gone."""
    every = assign_all(current, members, TODAY, current)
    return [each for each in every if each.why is not Why.KEPT]


def test_the_same_case_always_goes_to_the_same_person() -> None:
    assert holders((ANA, BEA, CIRO)) == holders((CIRO, ANA, BEA))


def test_weights_share_the_cases() -> None:
    counts = Counter(holders((ANA, Member("bea", weight=3))).values())
    assert 0.68 < counts["bea"] / len(CASES) < 0.82


def test_weight_zero_takes_no_case() -> None:
    assert set(holders((ANA, Member("bea", weight=0))).values()) == {"ana"}


def test_who_joins_takes_only_a_share_and_nothing_else_moves() -> None:
    before, after = holders((ANA, BEA)), holders((ANA, BEA, CIRO))
    assert {after[case] for case in CASES if after[case] != before[case]} == {"ciro"}


@pytest.mark.covers("S2-15")
def test_the_cases_of_an_absent_person_go_to_the_stand_in() -> None:
    before = holders((ANA, BEA, CIRO))
    team = (Member("ana", absences=AWAY, stand_in="ciro"), BEA, CIRO)
    handed = moved(before, team)
    assert {each.case_key for each in handed} == {case for case in CASES if before[case] == "ana"}
    assert {(each.member, each.why) for each in handed} == {("ciro", Why.STAND_IN)}


def test_an_absent_stand_in_passes_on_and_a_circle_ends() -> None:
    chain = (
        Member("ana", absences=AWAY, stand_in="bea"),
        Member("bea", absences=AWAY, stand_in="ciro"),
        CIRO,
    )
    assert {each.member for each in moved({"x": "ana"}, chain)} == {"ciro"}
    circle = (
        Member("ana", absences=AWAY, stand_in="bea"),
        Member("bea", absences=AWAY, stand_in="ana"),
        CIRO,
    )
    (handed,) = moved({"x": "ana"}, circle)
    assert (handed.member, handed.why is Why.STAND_IN) == ("ciro", False)


def test_without_stand_in_the_absent_persons_cases_are_spread() -> None:
    handed = moved(holders((ANA, BEA, CIRO)), (Member("ana", absences=AWAY), BEA, CIRO))
    assert {each.member for each in handed} == {"bea", "ciro"}


def test_back_from_absence_nothing_is_to_move() -> None:
    before = holders((ANA, BEA))
    assert moved(before, (Member("ana", absences=(Period(date(2026, 1, 1), TODAY),)), BEA)) == []


def test_someone_who_left_the_team_hands_over() -> None:
    (handed,) = moved({"x": "gone"}, (ANA,))
    assert handed.member == "ana"


def test_a_full_member_is_passed_over_until_all_are_full() -> None:
    team = (Member("ana", capacity=100), Member("bea", capacity=50))
    result = assign_all(CASES[:160], team, TODAY)
    assert Counter(each.why is Why.OVER_CAPACITY for each in result) == {False: 150, True: 10}
    assert len(result) == 160


def test_nobody_present_is_said_and_not_hidden() -> None:
    with pytest.raises(NobodyAvailable):
        assign("x", (Member("ana", absences=AWAY),), TODAY)
    with pytest.raises(NobodyAvailable):
        assign("x", (), TODAY)
    with pytest.raises(NobodyAvailable, match="weight"):
        assign("x", (Member("ana", weight=0),), TODAY)


def test_impossible_members_are_refused() -> None:
    for settings in ({"weight": 101}, {"weight": -1}, {"capacity": -1}, {"stand_in": "ana"}):
        with pytest.raises(AssignmentError):
            Member("ana", **settings)  # type: ignore[arg-type]
    with pytest.raises(AssignmentError):
        assign("x", (ANA, ANA), TODAY)


@given(
    st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=30),
    st.sets(st.sampled_from(["ana", "bea", "ciro"]), max_size=2),
)
def test_every_case_has_a_present_member(cases: list[str], away: set[str]) -> None:
    team = tuple(Member(key, absences=AWAY if key in away else ()) for key in ("ana", "bea", "ciro"))
    result = assign_all(cases, team, TODAY, dict.fromkeys(cases, "ana"))
    assert sorted(cases) == [each.case_key for each in result]
    assert not {each.member for each in result} & away
