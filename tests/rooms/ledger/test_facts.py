"""Facts for millions agree with the plain rules of `domain`, day by day."""

from datetime import date

import polars as pl
import pytest
from hypothesis import strategies as st

from aldia.domain.ageing import Buckets
from aldia.ledger import facts, selectors
from aldia.ledger import services as ledger
from tests.rooms.ledger.conftest import NOW, TODAY, Book
from tests.rooms.ledger.test_journal import pay

DAY = st.dates(date(2025, 10, 1), date(2026, 6, 1))
DEBTS = st.lists(
    st.tuples(DAY, st.integers(-60, 120), st.integers(1, 9_000), st.sampled_from(["USD", "ARS"])), max_size=8
)


@pytest.mark.parametrize("edges", [(30, 60, 90), (7, 30), (1,)])
def test_bucket_expressions_are_the_twin_of_the_rule(edges: tuple[int, ...]) -> None:
    buckets = Buckets.from_edges(*edges)
    days = pl.DataFrame({"dpd": list(range(-5, 100))})
    name, position = facts.bucket_expressions(buckets)
    rows = days.select("dpd", name=name, position=position)
    assert rows["name"].to_list() == [buckets.bucket_of(dpd) for dpd in days["dpd"]]
    assert rows["position"].to_list() == [buckets.position_of(key) for key in rows["name"]]


def test_screens_and_frames_show_the_same_documents(book: Book) -> None:
    kept, paid = book.charge(1_000), book.charge(2_000)
    book.charge(500, issued="2026-05-01", due="2026-05-31")
    pay(book, paid, 2_000, on=date(2026, 2, 10))
    lines = selectors.documents(book.actor, case_id=book.account.pk, as_of=TODAY)
    assert [(line.id, line.open_minor, line.dpd) for line in lines] == [
        (kept.pk, 1_000, 29),
        (paid.pk, 0, 29),
    ]
    assert [
        line.id
        for line in selectors.documents(book.actor, case_id=book.account.pk, as_of=TODAY, is_open=True)
    ] == [kept.pk]
    frame = facts.document_frame(book.actor.organisation_id, as_of=TODAY)
    assert frame.select("document_id", "open_minor").rows() == [(kept.pk, 1_000)]
    whole = facts.document_frame(book.actor.organisation_id, as_of=TODAY, has_settled=True)
    assert whole["document_id"].to_list() == [kept.pk, paid.pk]
    assert {key: str(money) for key, money in selectors.total_open(lines).items()} == {"USD": "10.00 USD"}


def test_partitions_hold_everything_once(book: Book) -> None:
    book.charge(1_000)
    party = facts.account_frame(book.actor.organisation_id)["party_id"][0]
    parts = [
        facts.document_frame(book.actor.organisation_id, as_of=TODAY, partition=part).height
        for part in ((0, party - 1), (party, party), (party + 1, 2**63 - 1))
    ]
    assert parts == [0, 1, 0]
    assert facts.document_frame(book.actor.organisation_id, as_of=TODAY, case_ids=[]).is_empty()


def test_sales_are_the_charges_and_credit_notes_apart(book: Book, book_of) -> None:
    book.charge(1_000, issued="2026-01-10")
    book.charge(-300, issued="2026-01-10", kind="credit_note")
    book.charge(700, issued="2026-02-01")
    book_of("dos").charge(9_999, issued="2026-01-10")
    sales = facts.sales_frame(book.actor.organisation_id, from_on=date(2026, 1, 1), to_on=date(2026, 2, 1))
    assert sales.select("on", "gross_minor", "net_minor", "documents").rows() == [
        (date(2026, 1, 10), 1_000, 700, 2)
    ]


def test_what_a_load_posted_can_be_found_to_undo_it(book: Book) -> None:
    document = book.charge(1_000, open_minor=400)
    told = {"portfolio_id": book.portfolio.pk, "source": "load:1"}
    posted = facts.postings_of(book.actor.organisation_id, **told)
    assert sorted(posted["kind"]) == ["adjustment", "charge"]
    ledger.reverse_frame(actor=book.actor, posting_ids=posted["posting_id"], on=None, now=NOW)
    assert facts.postings_of(book.actor.organisation_id, **told).is_empty()
    assert book.document(document.pk).balance_minor == 0
    known = facts.known_documents(book.actor.organisation_id, portfolio_id=book.portfolio.pk, source="erp")
    assert known.select("document_id", "balance_minor", "state").rows() == [(document.pk, 0, "SETTLED")]
    assert facts.portfolio_frame(book.actor.organisation_id)["portfolio"].to_list() == ["facturas"]
    assert facts.account_frame(book.actor.organisation_id)["case_id"].to_list() == [book.account.pk]
