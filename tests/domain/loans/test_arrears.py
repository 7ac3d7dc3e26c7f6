"""How late a loan is, pauses whose days do not count, and interest on what is past due."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.ageing import Buckets
from aldia.domain.loans import events as did
from aldia.domain.loans.arrears import (
    Arrears,
    BadPause,
    Pause,
    arrears_by_bucket,
    arrears_of,
    days_given_back,
    resumed,
    with_pause,
)
from aldia.domain.loans.calendars import Every, Unit
from aldia.domain.loans.day_counts import DayCount
from aldia.domain.loans.orders import FEES, INTEREST, PRINCIPAL
from aldia.domain.loans.planning import OnArrears, Product
from aldia.domain.loans.replay import replay
from aldia.domain.loans.rounding import whole

pytestmark = pytest.mark.covers("S4-1c", "S3-60d")
START = date(2027, 1, 1)
MONTHLY = Every(1, Unit.MONTHS)
THREE = Product(3, MONTHLY)
BEARING = Product(3, MONTHLY, yearly_rate=Decimal("0.12"), day_count=DayCount.ACT_365)
GRANTED = did.Disbursed(key="loan", on=START, minor=90_000)
RANGES = Buckets.from_edges(3, 30, 60)


def on(month: int, day: int = 1) -> date:
    return date(2027, month, day)


def test_arrears_begin_with_the_oldest_instalment_past_due_and_days_after_the_grace() -> None:
    book = replay(THREE, [GRANTED])
    assert arrears_of(book, on(2, 1)) == Arrears()
    assert arrears_of(book, on(3, 5), grace_days=3) == Arrears(60_000, on(2), on(2, 4), 29, 32)
    assert arrears_by_bucket(book, on(3, 5), RANGES) == {"4-30": 30_000, "31-60": 30_000}


def test_a_charge_back_begins_arrears_on_its_own_day() -> None:
    history = [
        GRANTED,
        did.Paid(key="a", on=on(2), minor=60_000),
        did.ChargedBack(key="b", on=on(3, 10), minor=30_000, of="a"),
    ]
    assert arrears_of(replay(THREE, history), on(3, 20)) == Arrears(30_000, on(3, 10), on(3, 10), 10, 10)


def test_a_pause_gives_back_its_days_once_they_have_passed() -> None:
    pauses = with_pause((), Pause(on(2, 10), on(2, 20)))
    assert [days_given_back(pauses, day) for day in (on(2, 10), on(2, 14), on(3, 30))] == [0, 4, 10]
    assert arrears_of(replay(THREE, [GRANTED]), on(3, 5), pauses=pauses).days == 22
    assert days_given_back(resumed(pauses, on(2, 12)), on(3, 30)) == 2


@pytest.mark.parametrize(
    ("since", "until"), [(on(2, 10), on(2, 10)), (on(2, 19), on(2, 25)), (on(2, 1), on(2, 11))]
)
def test_a_pause_that_cannot_be_is_refused(since: date, until: date) -> None:
    with pytest.raises(BadPause):
        with_pause((Pause(on(2, 10), on(2, 20)),), Pause(since, until))
    with pytest.raises(BadPause, match="no pause runs"):
        resumed((Pause(on(2, 10), on(2, 20)),), on(2, 21))


@given(st.lists(st.integers(1, 40), max_size=4), st.integers(0, 150), st.integers(0, 100_000))
def test_no_pause_adds_days_and_buckets_hold_no_more_than_is_past_due(
    lengths: list[int], after: int, paid: int
) -> None:
    history = [GRANTED, *([did.Paid(key="a", on=START, minor=paid)] if paid else [])]
    book, day, pauses, since = replay(THREE, history), START + timedelta(after), (), START
    for length in lengths:
        pauses = with_pause(pauses, Pause(since, since + timedelta(length)))
        since += timedelta(length + 1)
    free, paused = arrears_of(book, day), arrears_of(book, day, pauses=pauses)
    assert paused.days == max(0, free.days - days_given_back(pauses, day))
    assert (paused.minor, paused.since) == (free.minor, free.since)
    assert sum(arrears_by_bucket(book, day, RANGES, pauses=pauses).values()) <= free.minor
    assert sum(arrears_by_bucket(book, day, RANGES).values()) == free.minor


@pytest.mark.parametrize(
    ("way", "compounds", "bears", "days"),
    [
        (OnArrears.BY_DAY, False, 29_701, 9), (OnArrears.BY_DAY, True, 30_618, 9), (OnArrears.BY_PERIOD, False, 29_701, 31),
    ],
)  # fmt: skip
def test_what_is_past_due_bears_interest_in_the_period_that_runs(
    way: OnArrears, compounds: bool, bears: int, days: int
) -> None:
    history = [GRANTED, did.Paid(key="a", on=on(3), minor=30_597)]
    usual = replay(BEARING, history)
    late = replay(replace(BEARING, on_arrears=way, compounds=compounds), history, on(3, 10))
    owed = sum(usual.rows[1].owed[part] for part in ((PRINCIPAL, INTEREST) if compounds else (PRINCIPAL,)))
    assert abs(owed - bears) < 400
    expected = whole(Fraction(owed) * Fraction(12, 100) * days / 365)
    assert late.rows[2].owed[INTEREST] - usual.rows[2].owed[INTEREST] in (
        expected - 1,
        expected,
        expected + 1,
    )
    assert replay(BEARING, history, on(3, 10)).rows[2].owed == usual.rows[2].owed


def test_interest_counted_anew_keeps_the_instalments_and_all_of_the_principal() -> None:
    plan = replay(BEARING, [GRANTED])
    anew = replay(BEARING, [GRANTED, did.InterestRecounted(key="night", on=on(3, 10))])
    assert [row.due_minor for row in anew.rows[:2]] == [row.due_minor for row in plan.rows[:2]]
    assert anew.rows[1].owed[INTEREST] > plan.rows[1].owed[INTEREST]
    assert sum(row.owed[PRINCIPAL] for row in anew.rows) == 90_000


def test_money_handed_out_in_parts_keeps_the_instalment_of_all_of_it() -> None:
    product = replace(BEARING, count=6, on_arrears=OnArrears.BY_PERIOD, agreed_minor=90_000)
    whole_loan = replay(replace(product, agreed_minor=0), [GRANTED]).rows[0].due_minor
    parts = [
        did.Disbursed(key="first", on=START, minor=50_000),
        did.Disbursed(key="second", on=on(2, 15), minor=40_000),
    ]
    book = replay(product, parts)
    assert abs(book.rows[0].due_minor - whole_loan) <= 1
    assert book.rows[0].owed[INTEREST] == whole(Fraction(50_000 * 12 * 31, 36_500))
    assert sum(row.owed[PRINCIPAL] for row in book.rows) == 90_000


def test_a_fee_kept_back_is_paid_at_once_and_the_loan_is_owed_whole() -> None:
    kept = did.FeeKeptBack(key="fee", on=START, minor=1_350, of_minor=90_000)
    book = replay(THREE, [kept, GRANTED])
    assert (book.kept_back_minor, book.open_minor) == (1_350, 90_000)
    assert [(entry.kind, entry.parts[FEES], entry.balance_minor) for entry in book.entries] == [
        ("kept_back", 1_350, 90_000), ("disbursement", 0, 90_000),
    ]  # fmt: skip


def test_due_dates_may_count_from_another_day_than_the_money() -> None:
    book = replay(replace(THREE, counted_from=date(2026, 12, 20)), [GRANTED])
    assert [row.due_on for row in book.rows] == [on(1, 20), on(2, 20), on(3, 20)]
