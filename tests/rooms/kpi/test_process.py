"""Cuts, what each person brings, and how the work goes, by hand on a few debts."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from aldia.cases import services as cases
from aldia.kpi import cuts, effects, process, services
from aldia.kpi import selectors as kpi
from aldia.kpi.models import PortfolioDay
from aldia.ledger import services as ledger
from aldia.ledger.models import Document
from tests.beginnings import beginning
from tests.rooms.kpi.conftest import keep, query
from tests.rooms.payments.conftest import Desk as Money
from tests.rooms.payments.conftest import make_desk as make_money
from tests.web.desk.seed import NOW, TODAY, Desk, make_desk

pytestmark = pytest.mark.django_db


def told_apart() -> Money:
    """In April: 1,000 of a loan due on 1 March and paid on 11 March; 3,000 of a card due on 1 March, a third paid on 1 April."""
    money = make_money("cortes")
    loan = money.book.charge(1_000_00, issued="2026-02-01", due="2026-03-01")
    card = money.book.charge(3_000_00, issued="2026-01-01", due="2026-03-01")
    for document, product in ((loan, "préstamo"), (card, "tarjeta")):
        Document.objects.of(money.organisation_id).filter(pk=document.pk).update(
            attributes={"Producto": product}
        )
    for minor, on, document in ((1_000_00, date(2026, 3, 11), loan), (1_000_00, date(2026, 4, 1), card)):
        money.pay(minor, on=on, document_ids=[document.pk], clock=money.on("2026-04-30"))
    return money


money = beginning(told_apart)


def house() -> Desk:
    desk = make_desk("personas")
    services.snapshot(actor=desk.system, as_of=TODAY, now=NOW)
    return desk


desk = beginning(house)


def of_desk(desk: Desk, days: int = 30) -> kpi.DashboardQuery:
    start = (TODAY - timedelta(days=days - 1)).isoformat()
    asked = query(start, TODAY.isoformat())
    return kpi.DashboardQuery(asked.period, "ARS", frozenset({desk.portfolio_id}))


@pytest.mark.covers("S4-45c")
def test_a_column_of_the_files_cuts_what_is_owed(money: Money) -> None:
    actor, april = money.book.actor, query("2026-04-01", "2026-04-30")
    for on in ("2026-03-05", "2026-04-30"):
        keep(money, on, on)
    [row] = cuts.cut(actor, april, "column:Producto")
    assert (row.value, row.documents, row.total_minor, row.overdue_minor) == (
        "tarjeta",
        1,
        2_000_00,
        2_000_00,
    )
    assert (row.overdue_index, row.received_minor) == (100, None)
    early = query("2026-02-01", "2026-03-05")
    assert [(row.value, row.overdue_minor) for row in cuts.cut(actor, early, "column:Producto")] == [
        ("tarjeta", 3_000_00),
        ("préstamo", 1_000_00),
    ]
    assert cuts.columns(actor) == ["Producto"]
    with pytest.raises(cuts.UnknownCut):
        cuts.cut(actor, april, "planet")
    keep(money, "2026-04-30", "2026-04-30")
    assert cuts.cut(actor, april, "column:Producto") == [row], "a day kept again replaces itself"
    assert cuts.cut(actor, query("2025-01-01", "2025-01-31"), "column:Producto") == [], (
        "no day was kept by then"
    )


@pytest.mark.covers("S4-45d")
@pytest.mark.parametrize("by", cuts.CUTS)
def test_every_cut_adds_up_to_the_whole(desk: Desk, by: str) -> None:
    asked = of_desk(desk)
    rows = cuts.cut(desk.actors["manager"], asked, by)
    board = kpi.dashboard(desk.actors["manager"], asked)
    assert board.latest is not None
    assert sum(row.total_minor for row in rows) == board.latest.total_minor
    assert sum(row.received_minor or 0 for row in rows) == board.received_minor > 0
    assert {"region": ["AR-X"], "party_kind": ["COMPANY"]}.get(by) in (
        None,
        [row.value for row in rows],
    )


@pytest.mark.covers("S4-37", "S4-39a", "S4-39b", "S3-91", "S3-44a")
def test_a_person_s_work_equals_what_was_logged_and_money_goes_to_whoever_spoke_last(desk: Desk) -> None:
    asked = of_desk(desk)
    manager = desk.actors["manager"]
    before = {row.name: row for row in effects.effects(manager, asked)}
    ana = before["Julieta Sosa"]
    board = {row["name"]: row for row in kpi.dashboard(manager, asked).by_collector}["Julieta Sosa"]
    assert (ana.attempts, ana.calls, ana.days) == (board["attempts"], board["attempts"], 2)
    assert (ana.made, ana.kept, ana.cases) == (board["made"], board["kept"], 24)
    assert ana.credited_minor == 0
    desk.receives(desk.case_ids[8], 700_00, reference="late-8")
    desk.receives(desk.case_ids[6], 500_00, reference="late-6")
    desk.log(6, "informed")
    desk.receives(desk.case_ids[25], 900_00, reference="late-25")
    after = {row.name: row.credited_minor for row in effects.effects(manager, asked)}
    assert (
        after["Julieta Sosa"] == 500_00
    )  # the voicemail of case 8 was no contact, and nobody spoke with case 25
    assert [row.name for row in effects.effects(desk.ana, asked)] == ["Julieta Sosa"]


@pytest.mark.covers("S3-63a", "S1-3")
def test_the_curve_tells_what_was_paid_by_each_age_and_the_pace_how_soon(money: Money) -> None:
    actor = money.book.actor
    told = {point.days: point for point in process.curve(actor, query("2026-03-01", "2026-08-20"))}
    assert [told[days].share for days in (0, 15, 30, 60)] == [0, 25, 25, 50]
    assert (told[0].documents, told[180].share) == (2, None)
    march = process.pace(actor, query("2026-03-01", "2026-03-31"))
    assert (march.settled, march.days_to_collect, march.settled_late, march.days_to_cure) == (1, 38, 1, 10)
    april = process.pace(actor, query("2026-04-01", "2026-04-30"))
    assert (april.settled, april.days_to_collect) == (0, None)


@pytest.mark.covers("S1-9b", "S4-51a", "S2-30")
def test_small_debtors_are_seen_to_be_reached_or_forgotten(desk: Desk) -> None:
    manager, asked = desk.actors["manager"], of_desk(desk)
    parts = process.coverage(manager, asked)
    assert [part.place for part in parts] == list(range(1, 11))
    sizes = [part.overdue_minor / part.cases for part in parts]
    assert sizes == sorted(sizes)
    reached = sum(part.reached for part in parts)
    desk.log(20, "informed")
    assert sum(part.reached for part in process.coverage(manager, asked)) == reached + 1
    told = process.pace(manager, asked)
    assert told.entered == sum(part.cases for part in parts)
    assert (told.reached, told.days_to_reach) == (4, 0)  # all entered today: three got a mail, one a call


@pytest.mark.covers("S4-25")
def test_where_work_waits_is_told_by_stage(desk: Desk) -> None:
    cases.refresh(actor=desk.system, case_ids=None, as_of=TODAY, now=NOW)
    found = {row.stage: row for row in process.queues(desk.actors["manager"], of_desk(desk))}
    assert (found["early"].days, found["early"].longest, found["late"].days) == (20, 20, 0)


@pytest.mark.covers("S2-32", "S4-49a", "S1-9d")
def test_each_channel_shows_what_it_cost_and_what_came_of_it(desk: Desk) -> None:
    manager, asked = desk.actors["manager"], of_desk(desk)
    desk.log(6, "informed")
    desk.receives(desk.case_ids[6], 500_00, reference="late-6")
    board = kpi.dashboard(manager, asked)
    rows = {row.channel: row for row in process.channel_costs(manager, board, {"call": 2_000_00})}
    calls = board.by_channel["call"]["attempts"]
    assert (rows["call"].acts, rows["call"].cost_minor) == (calls, round(calls * 200))
    assert rows["call"].cost_rate == Fraction(100 * round(calls * 200), 500_00)
    assert (rows["email"].acts, rows["email"].cost_minor, rows["email"].cost_rate) == (3, None, None)
    assert board.contacts["messages"] == 3


@pytest.mark.covers("S2-4", "S3-3f")
def test_quarters_are_told_by_their_last_day(money: Money) -> None:
    for on, total, overdue in (
        ("2025-12-30", 100, 50),
        ("2025-12-31", 100, 20),
        ("2026-03-31", 200, 50),
    ):
        PortfolioDay.objects.create(
            organisation_id=money.organisation_id, portfolio=money.book.portfolio, currency="USD", on=on,
            buckets={"not_due": [1, total]}, total_minor=total, overdue_minor=overdue,
        )  # fmt: skip
    cases.change_stage(
        actor=money.book.actor, case_id=money.account.pk, stage="legal", as_of=date(2026, 2, 10), now=money.clock.now
    )  # fmt: skip
    found = process.quarters(money.book.actor, query("2026-01-01", "2026-04-30"))
    assert [(row.on, row.overdue_index, row.to_court) for row in found] == [
        (date(2025, 12, 31), 20, 0),
        (date(2026, 3, 31), 25, 1),
    ]


@pytest.mark.covers("S3-1f")
def test_what_is_given_up_is_told_by_the_age_it_had_reached(money: Money) -> None:
    document = money.book.charge(500_00, issued="2026-02-01", due="2026-03-01")
    ledger.write_off(
        actor=money.book.actor, document_id=document.pk, amount_minor=300_00, on=date(2026, 4, 20), reason="incobrable", now=NOW,
    )  # fmt: skip
    assert process.given_up(money.book.actor, query("2026-04-01", "2026-04-30")) == {"31-60": 300_00}
    assert process.given_up(money.book.actor, query("2026-05-01", "2026-05-30")) == {}
