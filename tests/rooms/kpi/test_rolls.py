"""Roll rates: the golden month, the twin of the plain function, and a matrix that adds up to what each bucket held."""

from collections import Counter
from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.domain.formulas import Move, RollRates, roll_rates
from aldia.kpi import selectors as kpi
from aldia.kpi import services
from aldia.kpi.rolls import BUCKETS, PAID, cells, followed, keep_rolls, roll_table
from tests.rooms.kpi.conftest import keep, query
from tests.rooms.payments.conftest import NOW, Desk

MAY = date(2026, 5, 1)


def golden(desk: Desk) -> None:
    """1,000,000 in 31-60 at the end of April: a month later 200,000 of it is in 61-90 and the rest was paid."""
    desk.book.charge(200_000_00, issued="2026-02-01", due="2026-03-20")
    whole = desk.book.charge(300_000_00, issued="2026-02-01", due="2026-03-20")
    half = desk.book.charge(500_000_00, issued="2026-02-01", due="2026-03-20")
    desk.pay(300_000_00, on=date(2026, 5, 10), clock=desk.on("2026-07-01"), document_ids=[whole.pk])
    desk.pay(500_000_00, on=date(2026, 5, 12), clock=desk.on("2026-07-01"), document_ids=[half.pk])


@pytest.mark.django_db
@pytest.mark.covers("S0-10", "S0-1a")
def test_a_million_of_which_two_hundred_thousand_went_on_rolls_20_percent(desk: Desk) -> None:
    golden(desk)
    keep(desk, "2026-06-01", "2026-06-01")
    [row] = kpi.roll_matrix(desk.book.actor, month_on=MAY, currency="USD")
    assert (row.bucket, row.minor, row.documents) == ("31-60", 1_000_000_00, 3)
    assert row.rates == RollRates(cure=Fraction(0), stay=Fraction(0), roll=Fraction(20), paid=Fraction(80))
    assert row.cells["61-90"].minor == 200_000_00
    assert (row.cells[PAID].minor, row.cells[PAID].documents) == (800_000_00, 2)
    assert kpi.roll_months(desk.book.actor) == [MAY]


@pytest.mark.django_db
def test_a_part_paid_counts_as_paid_and_the_rest_where_it_went(desk: Desk) -> None:
    document = desk.book.charge(1_000_00, issued="2026-04-01", due="2026-05-20")
    desk.book.charge(5_000_00, issued="2026-05-02", due="2026-05-20")  # was not there when the month began
    desk.pay(400_00, on=date(2026, 5, 25), clock=desk.on("2026-07-01"), document_ids=[document.pk])
    keep_rolls(desk.organisation_id, MAY)
    keep_rolls(desk.organisation_id, MAY)  # the same month again replaces itself
    [row] = kpi.roll_matrix(desk.book.actor, month_on=MAY, currency="USD")
    assert row.bucket == "not_due"
    assert (row.cells["1-30"].minor, row.cells["1-30"].documents) == (600_00, 1)
    assert (row.cells[PAID].minor, row.cells[PAID].documents) == (400_00, 0)


@pytest.mark.django_db
def test_the_rows_behind_a_cell_add_up_to_it(desk: Desk) -> None:
    golden(desk)
    keep_rolls(desk.organisation_id, MAY)
    [row] = kpi.roll_matrix(desk.book.actor, month_on=MAY, currency="USD")
    asked = query("2026-05-01", "2026-05-31")
    for end, cell in row.cells.items():
        page = kpi.roll_rows(desk.book.actor, asked, "31-60", end)
        assert page.sum_minor == cell.minor
        assert page.total == cell.documents
    first = kpi.roll_rows(desk.book.actor, asked, "31-60", PAID, limit=1)
    second = kpi.roll_rows(desk.book.actor, asked, "31-60", PAID, first.next_cursor, limit=1)
    assert [page.rows[0]["amount_minor"] for page in (first, second)] == [500_000_00, 300_000_00]
    assert second.next_cursor == ""


@pytest.mark.django_db
def test_only_the_first_of_a_month_keeps_the_month_before(desk: Desk) -> None:
    golden(desk)
    for on in (date(2026, 5, 31), date(2026, 6, 2)):
        services.snapshot(actor=desk.book.actor, as_of=on, now=NOW)
    assert kpi.roll_months(desk.book.actor) == []
    services.snapshot(actor=desk.book.actor, as_of=date(2026, 6, 1), now=NOW)
    assert kpi.roll_months(desk.book.actor) == [MAY]


@given(
    documents=st.lists(st.tuples(st.sampled_from(BUCKETS), st.integers(1, 900), st.sampled_from(BUCKETS), st.integers(0, 999)))
)  # fmt: skip
def test_every_bucket_has_the_rates_of_the_plain_function(documents: list[tuple[str, int, str, int]]) -> None:
    moves = [Move(here, before, there if after else None, after) for here, before, there, after in documents]
    schema = {
        "document_id": pl.Int64,
        "portfolio_id": pl.Int64,
        "currency": pl.String,
        "open_minor": pl.Int64,
    }
    place = [(number, 1, "USD") for number in range(len(moves))]
    before = [(*row, move.before_minor, move.from_bucket) for row, move in zip(place, moves, strict=True)]
    after = [
        (*row, move.after_minor, move.to_bucket)
        for row, move in zip(place, moves, strict=True)
        if move.to_bucket
    ]
    frames = [
        pl.DataFrame(rows, {**schema, name: pl.String}, orient="row")
        for rows, name in ((before, "from_bucket"), (after, "to_bucket"))
    ]
    told = cells(followed(*frames)).drop("portfolio_id", "currency")
    matrix = {row.bucket: row for row in roll_table(told.iter_rows())}
    held = Counter[str]()
    for move in moves:
        held[move.from_bucket] += move.before_minor
    for bucket in BUCKETS:
        assert (matrix[bucket].rates if bucket in matrix else None) == roll_rates(
            moves, bucket, DEFAULT_BUCKETS
        )
        assert (matrix[bucket].minor if bucket in matrix else 0) == held[bucket]


def test_what_heads_for_the_oldest_bucket_goes_through_the_rates_of_each_on_the_way() -> None:
    matrix = roll_table(
        [
            ("31-60", "61-90", 1, 500),
            ("31-60", PAID, 1, 500),
            ("61-90", "over_90", 1, 20),
            ("61-90", "1-30", 1, 80),
        ]
    )
    assert kpi.heading_for_the_end(matrix) == {"31-60": 100, "61-90": 20}
    assert kpi.heading_for_the_end(roll_table([("1-30", "31-60", 1, 500)])) == {}
