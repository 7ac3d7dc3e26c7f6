"""Ageing: days past due, buckets as data, sums per currency."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.domain.ageing import (
    DEFAULT_BUCKETS,
    AgeCell,
    BadBuckets,
    Bucket,
    Buckets,
    OpenDocument,
    age,
    bucket_of,
    days_past_due,
)

AS_OF = date(2026, 11, 22)
WEEKLY_FIRST = Buckets.from_edges(7, 30, 60, 90)
DOCUMENTS = st.lists(
    st.builds(
        OpenDocument,
        issued_on=st.dates(date(2026, 5, 1), date(2026, 12, 31)),
        due_on=st.dates(date(2026, 5, 1), date(2027, 1, 31)),
        open_minor=st.integers(-(10**6), 10**9),
        currency=st.sampled_from(["USD", "CLP"]),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("dpd", "bucket"),
    [
        (-5, "not_due"),
        (0, "not_due"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (90, "61-90"),
        (91, "over_90"),
    ],
)
def test_the_edges_of_the_default_buckets(dpd: int, bucket: str) -> None:
    assert bucket_of(dpd) == bucket


def test_due_today_is_not_past_due() -> None:
    assert days_past_due(AS_OF, AS_OF) == 0
    assert days_past_due(AS_OF - timedelta(days=3), AS_OF) == 3


def test_buckets_are_data() -> None:
    assert DEFAULT_BUCKETS.keys == ("not_due", "1-30", "31-60", "61-90", "over_90")
    assert WEEKLY_FIRST.bucket_of(7) == "1-7"
    assert DEFAULT_BUCKETS.position_of("61-90") == 3
    with pytest.raises(BadBuckets, match="expected one of not_due, 1-30, 31-60"):
        DEFAULT_BUCKETS.position_of("61-91")


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ((Bucket("a", None, 0), Bucket("b", 0, None)), "overlap"),
        ((Bucket("a", None, 0), Bucket("b", 5, None)), "leave a gap"),
        ((Bucket("a", None, 0), Bucket("b", 3, 5), Bucket("c", 6, None)), "^.*leave a gap.* 1, found 3"),
        ((Bucket("a", None, 0), Bucket("b", -1, None)), "^.*overlap"),
        ((Bucket("a", None, 0),), "upper limit$"),
        ((), "^the first bucket must have no lower limit"),
        ((Bucket("a", None, 0), Bucket("a", 1, None)), "share a key"),
        ((Bucket("a", None, 0), Bucket("b", 1, -3), Bucket("c", -2, None)), "before it starts"),
        ((Bucket("a", None, None), Bucket("b", 1, None)), "only the first and the last"),
    ],
)
def test_broken_buckets_are_refused(rows: tuple[Bucket, ...], problem: str) -> None:
    with pytest.raises(BadBuckets, match=problem):
        Buckets(rows)


@pytest.mark.parametrize("edges", [(), (0,), (30, 30), (60, 30)])
def test_broken_edges_are_refused(edges: tuple[int, ...]) -> None:
    with pytest.raises(BadBuckets, match=r"^edges must be days from 1 on"):
        Buckets.from_edges(*edges)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=8, unique=True).map(sorted), st.integers(-30, 500))
def test_buckets_made_of_edges_end_at_each_edge(edges: list[int], dpd: int) -> None:
    buckets = Buckets.from_edges(*edges)
    assert [row.last for row in buckets.rows] == [0, *edges, None]
    assert [row.first for row in buckets.rows] == [None, 1, *(edge + 1 for edge in edges)]
    after = sum(edge < dpd for edge in [0, *edges])  # how many edges the debt is past
    assert buckets.bucket_of(dpd) == buckets.keys[after]
    named = ["not_due"] + [f"{low + 1}-{high}" for low, high in pairwise([0, *edges])] + [f"over_{edges[-1]}"]
    assert list(buckets.keys) == named


def test_a_bucket_may_be_one_day() -> None:
    buckets = Buckets((Bucket("a", None, 0), Bucket("b", 1, 1), Bucket("c", 2, None)))
    assert [buckets.bucket_of(dpd) for dpd in (0, 1, 2)] == ["a", "b", "c"]


def test_currencies_are_never_added_and_future_documents_do_not_count() -> None:
    old = AS_OF - timedelta(days=45)
    table = age(
        [
            OpenDocument(old, old, 100, "USD"),
            OpenDocument(old, old, 7000, "CLP"),
            OpenDocument(old, AS_OF, -20, "USD"),
            OpenDocument(AS_OF + timedelta(days=1), old, 999, "USD"),
            OpenDocument(old, old, 0, "USD"),
        ],
        AS_OF,
    )
    assert table.cell("USD", "31-60") == AgeCell(1, 100)
    assert table.cell("CLP", "31-60") == AgeCell(1, 7000)
    assert table.total("USD") == AgeCell(2, 80)
    assert table.past_due("USD") == AgeCell(1, 100)
    young = AS_OF - timedelta(days=3)
    assert age([OpenDocument(young, young, 5, "USD")], AS_OF).past_due("USD") == AgeCell(1, 5)
    assert table.cell("EUR", "1-30") == AgeCell()
    assert list(table.cells) == ["CLP", "USD"]


@given(DOCUMENTS, st.sampled_from([DEFAULT_BUCKETS, WEEKLY_FIRST]))
def test_every_open_document_lands_in_exactly_one_cell(
    documents: list[OpenDocument], buckets: Buckets
) -> None:
    table = age(documents, AS_OF, buckets)
    for currency in ("USD", "CLP"):
        counted = [d for d in documents if d.currency == currency and d.issued_on <= AS_OF and d.open_minor]
        assert table.total(currency) == AgeCell(len(counted), sum(d.open_minor for d in counted))


@given(st.integers(-500, 5000))
def test_a_bucket_holds_the_day_that_it_is_given(dpd: int) -> None:
    row = DEFAULT_BUCKETS.rows[DEFAULT_BUCKETS.position_of(bucket_of(dpd))]
    assert (row.first is None or row.first <= dpd) and (row.last is None or dpd <= row.last)
