"""The figures of cases follow the ledger, and nothing else is written."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from aldia.cases import facts, selectors
from aldia.cases.models import Case, CaseBalance, StageChange
from aldia.cases.services import refreshing
from aldia.cases.steps import CONTACT, DONE, WAIT
from tests.rooms.cases.conftest import TODAY, Room


def test_a_new_account_gets_a_case_with_its_figures(room: Room) -> None:
    room.owes("acme", 1_200_00, days_late=45)
    room.owes("acme", 300_00, days_late=-10)
    room.refresh()
    case = room.case("acme")
    assert (case.is_open, case.stage, case.cycle, case.next_step, case.next_on) == (
        True,
        "current",
        1,
        CONTACT,
        TODAY,
    )
    assert (case.total_minor, case.overdue_minor, case.overdue_documents, case.bucket) == (
        1_500_00,
        1_200_00,
        1,
        2,
    )
    assert case.oldest_due_on == TODAY - timedelta(days=45)
    assert case.arrears_since_on == TODAY - timedelta(days=44)
    assert case.team_id is not None
    assert case.debtor_folded == "acme"


def test_parts_of_people_say_what_all_of_them_say(
    room: Room, room_of: Callable[[str], Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lived(one: Room) -> list[tuple[object, ...]]:
        owed = [one.owes(f"c{n}", 100_00 + n, days_late=20 * n - 30) for n in range(5)]
        one.refresh()
        one.pays("c1", owed[1], 40_00)
        one.pays("c3", owed[3], 100_03)
        found = one.refresh()
        assert (found.cases, found.changed, found.closed) == (5, 2, 1)
        told = Case.objects.of(one.organisation).order_by("debtor_name")
        return list(
            told.values_list("debtor_name", "total_minor", "overdue_minor", "cycle", "next_on", "priority")
        )

    whole = lived(room)
    monkeypatch.setattr(refreshing, "partitions", partial(facts.partitions, at_once=2))
    monkeypatch.setattr(refreshing, "CASES_AT_ONCE", 2)
    assert lived(room_of("partes")) == whole


def test_refreshing_twice_changes_nothing(room: Room) -> None:
    room.owes("acme", 100_00, days_late=3)
    room.owes("beta", 100_00, days_late=-3)
    room.refresh()
    again = room.refresh()
    assert (again.cases, again.changed) == (2, 0)


def test_a_paid_case_is_cured_and_closed(room: Room) -> None:
    document = room.owes("acme", 100_00, days_late=40)
    room.refresh()
    room.pays("acme", document, 100_00)
    result = room.refresh(only="acme")
    case = room.case("acme")
    assert (result.cured, result.closed) == (1, 1)
    assert (case.is_open, case.closed_on, case.next_step, case.priority, case.arrears_since_on) == (
        False,
        TODAY,
        DONE,
        0,
        None,
    )


def test_a_cured_case_goes_back_to_the_first_stage_and_waits_for_its_next_due_date(room: Room) -> None:
    from aldia.cases import services

    late = room.owes("acme", 100_00, days_late=40)
    room.owes("acme", 50_00, days_late=-7)
    room.refresh()
    services.change_stage(
        actor=room.system, case_id=room.clients["acme"], stage="late", as_of=TODAY, now=room.clock().now
    )
    room.pays("acme", late, 100_00)
    room.refresh(only="acme")
    case = room.case("acme")
    assert (case.is_open, case.stage, case.next_step, case.next_on) == (
        True,
        "current",
        WAIT,
        TODAY + timedelta(days=7),
    )
    last = (
        StageChange.objects.of(room.organisation)
        .filter(case_id=case.pk, field="stage")
        .order_by("-id")
        .first()
    )
    assert (last.before, last.after, last.reason) == ("late", "current", "cured")


@pytest.mark.covers("S3-85")
def test_a_second_entry_into_arrears_is_a_second_cycle(room: Room) -> None:
    first = room.owes("acme", 100_00, days_late=1)
    room.refresh()
    room.pays("acme", first, 100_00)
    room.refresh()
    room.owes("acme", 80_00, days_late=1)
    room.refresh()
    case = room.case("acme")
    assert (case.is_open, case.cycle, case.closed_on, case.next_step) == (True, 2, None, CONTACT)


def test_credit_notes_that_cover_what_is_overdue_leave_no_arrears(room: Room) -> None:
    room.owes("acme", 100_00, days_late=10)
    room.owes("acme", -100_00, days_late=5)
    room.refresh()
    case = room.case("acme")
    assert (case.is_open, case.overdue_minor, case.oldest_due_on, case.priority) == (True, 0, None, 0)


def test_currencies_stand_side_by_side(room: Room) -> None:
    room.owes("acme", 100_00, days_late=10)
    room.owes("acme", 7_000, days_late=95, currency="CLP")
    room.refresh()
    case = room.case("acme")
    assert (case.overdue_minor, case.overdue_documents, case.bucket) == (100_00, 2, 4)
    rows = {row.currency: row for row in CaseBalance.objects.of(room.organisation)}
    assert (rows["USD"].open_1_minor, rows["CLP"].open_4_minor, rows["CLP"].is_own) == (100_00, 7_000, False)


def test_a_debt_only_in_another_currency_is_ranked_by_its_age(room: Room) -> None:
    room.owes("acme", 7_000, days_late=45, currency="CLP")
    room.refresh()
    assert room.case("acme").priority > 0


def test_the_score_is_the_domain_rule(room: Room) -> None:
    from aldia.cases.points import points_of

    for number, (minor, days) in enumerate([(1_200_00, 45), (5_000_00, 2), (90_000_00, 400), (10, 1)]):
        room.owes(f"c{number}", minor, days_late=days)
    room.refresh()
    for who in room.clients:
        case = room.case(who)
        assert case.priority == points_of(case, TODAY).score


@pytest.mark.covers("S2-14")
def test_amount_against_age_is_as_the_portfolio_says(room: Room) -> None:
    from aldia.ledger import services as ledger

    room.owes("vieja", 1_200_00, days_late=45)
    room.owes("nueva", 5_000_00, days_late=2)
    room.refresh()
    assert room.case("vieja").priority > room.case("nueva").priority
    ledger.change_portfolio(
        actor=room.system,
        portfolio_id=room.portfolio_id,
        now=room.clock().now,
        settings={"attention": {"age_percent": 0, "least_minor": 100_000}},  # the second, of an older version
    )
    room.refresh()
    assert room.case("vieja").priority < room.case("nueva").priority


@pytest.mark.covers("S2-15", "S1-13a")
def test_no_open_case_is_without_somebody_and_a_next_step(room: Room) -> None:
    from aldia.cases.models import Case

    room.owes("acme", 100_00, days_late=10)
    room.owes("beta", 100_00, days_late=-10)
    room.refresh()
    assert selectors.neglected(room.organisation.pk) == []
    Case.objects.of(room.organisation).filter(pk=room.clients["acme"]).update(team=None, next_step="")
    found = selectors.neglected(room.organisation.pk)
    assert [(row.case_id, row.lacks) for row in found] == [(room.clients["acme"], ("holder", "next_step"))]


def test_the_roll_up_is_the_sum_of_the_cases(room: Room) -> None:
    document = room.owes("acme", 100_00, days_late=10)
    room.owes("beta", 200_00, days_late=100)
    room.refresh()
    room.pays("acme", document, 100_00)
    room.refresh(only="acme")
    assert selectors.totals_drift(room.organisation.pk) == []
    totals = selectors.ageing_totals(room.boss, selectors.CaseQuery(TODAY))
    assert (totals.cases, totals.currencies["USD"].ageing["over_90"].open_minor) == (1, 200_00)
