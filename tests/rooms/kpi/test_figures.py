"""The indicators against the golden numbers, from the real journal: derived at once, and from the roll-ups."""

import itertools
from datetime import date
from fractions import Fraction

import pytest

from aldia.db.pages import BadCursor
from aldia.kpi import selectors as kpi
from aldia.kpi import services
from aldia.kpi.figures import figures
from aldia.kpi.models import PortfolioDay
from aldia.outcomes.models import Promise
from tests.rooms.kpi.conftest import keep, query
from tests.rooms.payments.conftest import NOW, Desk

pytestmark = pytest.mark.django_db


def speed(desk: Desk) -> None:
    """25,000 open of which 6,000 not due, 15,000 sold in April."""
    desk.book.charge(10_000_00, issued="2026-03-01", due="2026-03-20")
    desk.book.charge(9_000_00, issued="2026-04-02", due="2026-04-20")
    desk.book.charge(6_000_00, issued="2026-04-10", due="2026-05-10")


def effectiveness(desk: Desk) -> None:
    """100,000 at the beginning, 50,000 sold, 60,000 paid: 90,000 left, 60,000 of it not due."""
    late = desk.book.charge(90_000_00, issued="2026-02-01", due="2026-03-31")
    desk.book.charge(10_000_00, issued="2026-03-15", due="2026-05-15")
    desk.book.charge(50_000_00, issued="2026-04-05", due="2026-05-30")
    desk.pay(60_000_00, on=date(2026, 4, 12), clock=desk.on("2026-07-01"), document_ids=[late.pk])


def values(desk: Desk, first: str, last: str) -> dict[str, Fraction | int | None]:
    asked = query(first, last)
    return {key: tile.value for key, tile in kpi.tiles(kpi.dashboard(desk.book.actor, asked)).items()}


def kept_days(desk: Desk) -> list[tuple[object, ...]]:
    rows = PortfolioDay.objects.of(desk.organisation_id).order_by("on")
    return list(rows.values_list("on", "total_minor", "billed_minor", "received_minor"))


@pytest.mark.covers("S0-1a", "S0-9", "S3-42a")
def test_dso_best_possible_and_add_are_the_published_ones(desk: Desk) -> None:
    speed(desk)
    found = figures(desk.organisation_id, query("2026-04-01", "2026-04-30").period)["USD"]
    assert (found.dso_simple, found.best_possible_dso, found.add) == (50, 12, 38)
    keep(desk, "2026-04-29", "2026-04-30")
    told = values(desk, "2026-04-01", "2026-04-30")
    assert (told["dso_simple"], told["best_possible_dso"], told["add"]) == (50, 12, 38)


@pytest.mark.covers("S0-9", "S3-10..13")
def test_cei_is_two_thirds(desk: Desk) -> None:
    effectiveness(desk)
    found = figures(desk.organisation_id, query("2026-04-01", "2026-04-30").period)["USD"]
    assert found.cei == Fraction(200, 3)
    keep(desk, "2026-03-31", "2026-04-30")
    told = values(desk, "2026-04-01", "2026-04-30")
    assert told["cei"] == Fraction(200, 3)
    assert told["recovered"] == 60_000_00


def test_the_countback_goes_back_month_by_month(desk: Desk) -> None:
    may = desk.book.charge(50_000_00, issued="2026-05-10", due="2026-06-10")
    desk.book.charge(60_000_00, issued="2026-06-10", due="2026-07-10")
    desk.pay(10_000_00, on=date(2026, 6, 20), clock=desk.on("2026-07-01"), document_ids=[may.pk])
    found = figures(desk.organisation_id, query("2026-06-01", "2026-06-30").period)["USD"]
    assert found.dso_countback == Fraction("54.8")
    keep(desk, "2026-06-30", "2026-06-30")
    assert values(desk, "2026-06-01", "2026-06-30")["dso_countback"] == Fraction("54.8")


def test_cei_is_unknown_without_the_balance_of_the_eve(desk: Desk) -> None:
    effectiveness(desk)
    keep(desk, "2026-04-30", "2026-04-30")
    assert values(desk, "2026-04-01", "2026-04-30")["cei"] is None


def test_the_command_keeps_its_contract(desk: Desk) -> None:
    speed(desk)
    told = kpi.indicators(desk.organisation_id, as_of=date(2026, 4, 30), days=30)
    assert told["dso"] == 50.0
    assert set(told["ageing"]["USD"]) == {"not_due", "1-30", "31-60", "61-90", "over_90"}
    assert told["ageing"]["USD"]["not_due"] == {"documents": 1, "open_minor": 6_000_00}
    assert {"cei", "by_currency", "promises", "contacts"} <= set(told)


def test_a_day_kept_twice_is_kept_once(desk: Desk) -> None:
    effectiveness(desk)
    keep(desk, "2026-04-29", "2026-04-30")
    before = kept_days(desk)
    keep(desk, "2026-04-29", "2026-04-30")
    assert kept_days(desk) == before


@pytest.mark.covers("S0-1b", "S3-43b")
def test_money_that_arrives_late_is_counted_on_its_day(desk: Desk) -> None:
    effectiveness(desk)
    keep(desk, "2026-04-29", "2026-04-30")
    desk.pay(5_000_00, on=date(2026, 4, 20), clock=desk.on("2026-07-01"))
    services.snapshot(actor=desk.book.actor, as_of=date(2026, 5, 1), now=NOW)
    assert kpi.dashboard(desk.book.actor, query("2026-04-01", "2026-05-01")).recovered_minor == 65_000_00


@pytest.mark.parametrize(
    ("measure", "expected"), [("overdue", 30_000_00), ("dso_simple", 90_000_00), ("recovered", 60_000_00)]
)
def test_every_figure_equals_the_rows_behind_it(desk: Desk, measure: str, expected: int) -> None:
    effectiveness(desk)
    keep(desk, "2026-03-31", "2026-04-30")
    asked = query("2026-04-01", "2026-04-30")
    page = kpi.rows_behind(desk.book.actor, measure, asked)
    assert page.sum_minor == expected == sum(row["amount_minor"] for row in page.rows)


@pytest.mark.parametrize(
    ("measure", "behind"), [("promises_made", {1_00, 2_00, 8_00}), ("promise_kept_count", {2_00, 4_00})]
)
def test_a_promise_is_behind_the_figure_that_it_counts_in(desk: Desk, measure: str, behind: set[int]) -> None:
    desk.book.charge(100_00, issued="2026-03-01", due="2026-03-20")
    promise(desk, 1_00, "2026-04-02", "open")
    promise(desk, 2_00, "2026-04-03", "kept", decided="2026-04-10")
    promise(desk, 4_00, "2026-03-03", "broken", decided="2026-04-10")
    promise(desk, 8_00, "2026-04-04", "cancelled", decided="2026-04-11")
    page = kpi.rows_behind(desk.book.actor, measure, query("2026-04-01", "2026-04-30"))
    assert {row["amount_minor"] for row in page.rows} == behind


def promise(desk: Desk, minor: int, made: str, state: str, decided: str | None = None) -> None:
    Promise.objects.create(
        organisation_id=desk.book.actor.organisation_id, case_id=desk.account.pk, currency="USD", amount_minor=minor,
        tolerance_minor=0, kept_minor=minor if state == "kept" else 0, state=state, due_on=decided or "2026-05-01",
        decided_on=decided, made_on=made, made_at=NOW, made_by="user:1",
    )  # fmt: skip


def test_pages_of_rows_cover_all_of_them_once(desk: Desk) -> None:
    for minor in range(1, 8):
        desk.book.charge(minor * 100_00, issued="2026-03-01", due="2026-03-20")
    asked = query("2026-04-01", "2026-04-30")
    pages = [kpi.rows_behind(desk.book.actor, "overdue", asked, limit=3)]
    while cursor := pages[-1].next_cursor:
        pages.append(kpi.rows_behind(desk.book.actor, "overdue", asked, cursor, limit=3))
    seen = [row["amount_minor"] for page in pages for row in page.rows]
    assert seen == [minor * 100_00 for minor in range(7, 0, -1)]
    for earlier, page in itertools.pairwise(pages):
        back = kpi.rows_behind(desk.book.actor, "overdue", asked, page.previous_cursor, limit=3)
        assert back == earlier
    assert pages[0].previous_cursor == ""
    with pytest.raises(BadCursor):
        kpi.rows_behind(desk.book.actor, "overdue", asked, "x")


def test_another_organisation_is_never_counted(desk: Desk, db: None) -> None:
    from tests.rooms.payments.conftest import make_desk

    other = make_desk("ajena")
    effectiveness(other)
    keep(other, "2026-04-30", "2026-04-30")
    keep(desk, "2026-04-30", "2026-04-30")
    assert kpi.dashboard(desk.book.actor, query("2026-04-01", "2026-04-30")).latest is None
