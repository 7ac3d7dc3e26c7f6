"""The journal: balanced, once for ever, final; balances on any day, as known at any instant."""

from datetime import date, timedelta

import polars as pl
import pytest
from django.db import DatabaseError, connection, transaction

from aldia.db.append_only import RowsAreFinal
from aldia.ledger import facts, selectors
from aldia.ledger import services as ledger
from aldia.ledger.models import Document, Instrument, Leg, Posting
from tests.rooms.ledger.conftest import NOW, TODAY, Book


def pay(
    book: Book, document: Document, minor: int, *, on: date = TODAY, reference: str = "R1", now=NOW
) -> Posting:
    account = book.account.pk
    return ledger.post(
        actor=book.actor,
        draft=ledger.PostingDraft(
            portfolio_id=book.portfolio.pk,
            kind="allocation",
            on=on,
            source="test",
            reference=reference,
            legs=[
                ledger.LegDraft(account, "unapplied", "USD", minor),
                ledger.LegDraft(account, "receivable", "USD", -minor, document.pk),
            ],
        ),
        now=now,
    )


def open_on(book: Book, day: date, **options: object) -> dict[int, int]:
    frame = facts.document_frame(book.actor.organisation_id, as_of=day, **options)
    return dict(zip(frame["document_id"], frame["open_minor"], strict=True))


def test_a_charge_is_owed_and_its_posting_sums_to_zero(book: Book) -> None:
    document = book.charge(10_000)
    assert (document.balance_minor, document.state) == (10_000, "OPEN")
    legs = selectors.journal(book.actor, case_id=book.account.pk)
    assert {(leg.book, leg.amount_minor) for leg in legs} == {("receivable", 10_000), ("sales", -10_000)}
    assert selectors.verify(book.actor.organisation_id) == selectors.VerifyReport(True, 1)


def test_a_document_settles_reopens_and_keeps_its_days(book: Book) -> None:
    document = book.charge(10_000)
    posting = pay(book, document, 10_000, on=date(2026, 2, 10))
    assert (book.document(document.pk).balance_minor, book.document(document.pk).state) == (0, "SETTLED")
    ledger.reverse(actor=book.actor, posting_id=posting.pk, on=date(2026, 2, 20), now=NOW)
    assert (book.document(document.pk).balance_minor, book.document(document.pk).state) == (10_000, "OPEN")
    days = [date(2025, 12, 31), date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 19), date(2026, 2, 20)]
    assert [open_on(book, day).get(document.pk) for day in days] == [None, 10_000, None, None, 10_000]


def test_history_replays_as_it_was_known(book: Book) -> None:
    document = book.charge(10_000)
    pay(book, document, 4_000, on=date(2026, 2, 10), now=NOW + timedelta(days=3))  # arrives late, dated back
    day = date(2026, 2, 15)
    assert open_on(book, day)[document.pk] == 6_000
    assert open_on(book, day, known_at=NOW)[document.pk] == 10_000
    assert open_on(book, day, known_at=NOW + timedelta(days=3))[document.pk] == 6_000
    assert open_on(book, day, known_at=NOW - timedelta(seconds=1)) == {}


def test_an_unbalanced_posting_is_refused_and_nothing_moves(book: Book) -> None:
    document = book.charge(10_000)
    legs = [
        ledger.LegDraft(book.account.pk, "cash", "USD", 5),
        ledger.LegDraft(book.account.pk, "receivable", "USD", -4, document.pk),
    ]
    with pytest.raises(ledger.UnbalancedPosting, match=r"test/R1.*USD \+1"):
        ledger.post(
            actor=book.actor,
            draft=ledger.PostingDraft(
                portfolio_id=book.portfolio.pk,
                kind="receipt",
                on=TODAY,
                source="test",
                reference="R1",
                legs=legs,
            ),
            now=NOW,
        )
    assert book.document(document.pk).balance_minor == 10_000


def test_a_reference_is_used_once_for_ever(book: Book) -> None:
    document = book.charge(10_000)
    posting = pay(book, document, 100)
    with pytest.raises(ledger.AlreadyPosted, match="test/R1"):
        pay(book, document, 100)
    ledger.reverse(actor=book.actor, posting_id=posting.pk, on=TODAY, now=NOW)
    with pytest.raises(ledger.AlreadyPosted):
        pay(book, document, 100)
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(actor=book.actor, posting_id=posting.pk, on=TODAY, now=NOW)
    assert book.document(document.pk).balance_minor == 10_000


def test_another_organisations_account_document_or_posting_is_refused(book: Book, book_of) -> None:
    other = book_of("dos")
    document, theirs = book.charge(10_000), other.charge(10_000)
    with pytest.raises(ledger.UnknownAccount), transaction.atomic():
        pay(other, document, 100)
    with pytest.raises(ledger.UnknownPosting):
        ledger.reverse(actor=book.actor, posting_id=pay(other, theirs, 1).pk, on=TODAY, now=NOW)
    assert book.document(document.pk).balance_minor == 10_000


@pytest.mark.parametrize("table", ["ledger_posting", "ledger_leg"])
@pytest.mark.parametrize("sql", ['UPDATE "{}" SET organisation_id = 0', 'DELETE FROM "{}"'])
def test_the_journal_is_never_changed_by_sql(book: Book, table: str, sql: str) -> None:
    book.charge(10_000)
    with pytest.raises(DatabaseError, match="are final"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table))


@pytest.mark.parametrize("model", [Posting, Leg])
def test_the_journal_is_never_changed_by_the_orm(book: Book, model: type[Posting] | type[Leg]) -> None:
    book.charge(10_000)
    rows = model.objects.of(book.actor.organisation_id)
    row = rows.first()
    assert row is not None
    for change in (row.save, row.delete, rows.delete, lambda: rows.update(organisation_id=0)):
        with pytest.raises(RowsAreFinal):
            change()


def test_frames_post_what_single_postings_post(book: Book) -> None:
    documents = [book.charge(1_000 * n) for n in range(1, 6)]
    postings = pl.DataFrame(
        [{"key": n, "portfolio_id": book.portfolio.pk, "on": TODAY, "kind": "allocation", "source": "bulk",
          "reference": str(n), "recorded_at": NOW} for n in range(5)]
    )  # fmt: skip
    one = {"account_id": book.account.pk, "currency": "USD"}
    legs = pl.DataFrame(
        [
            {"key": n, **one, "document_id": d.pk, "book": "receivable", "amount_minor": -1_000}
            for n, d in enumerate(documents)
        ]
        + [
            {"key": n, **one, "document_id": None, "book": "unapplied", "amount_minor": 1_000}
            for n in range(5)
        ]
    )
    posted = ledger.post_frame(organisation_id=book.actor.organisation_id, postings=postings, legs=legs)
    assert [book.document(d.pk).balance_minor for d in documents] == [0, 1_000, 2_000, 3_000, 4_000]
    assert [book.document(d.pk).state for d in documents[:2]] == ["SETTLED", "OPEN"]
    with pytest.raises(ledger.AlreadyPosted):
        ledger.post_frame(organisation_id=book.actor.organisation_id, postings=postings, legs=legs)
    reversals = ledger.reverse_frame(actor=book.actor, posting_ids=posted["posting_id"], on=None, now=NOW)
    assert sorted(reversals["posting_id"]) == sorted(posted["posting_id"])
    assert [book.document(d.pk).balance_minor for d in documents] == [1_000, 2_000, 3_000, 4_000, 5_000]
    assert selectors.verify(book.actor.organisation_id).ok


def test_a_frame_is_posted_whole_or_not_at_all(book: Book) -> None:
    document = book.charge(1_000)
    head = {
        "portfolio_id": book.portfolio.pk,
        "on": TODAY,
        "kind": "receipt",
        "source": "bulk",
        "recorded_at": NOW,
    }
    postings = pl.DataFrame([{**head, "key": n, "reference": f"B{n}"} for n in (1, 2)])
    one = {"account_id": book.account.pk, "currency": "USD"}
    legs = pl.DataFrame(
        [{"key": 1, **one, "document_id": document.pk, "book": "receivable", "amount_minor": -10},
         {"key": 1, **one, "document_id": None, "book": "cash", "amount_minor": 10},
         {"key": 2, **one, "document_id": None, "book": "cash", "amount_minor": 10}]
    )  # fmt: skip
    with pytest.raises(ledger.UnbalancedPosting, match=r"bulk/B2: USD \+10"):
        ledger.post_frame(organisation_id=book.actor.organisation_id, postings=postings, legs=legs)
    with pytest.raises(ledger.UnbalancedPosting, match="2"):
        ledger.post_frame(organisation_id=book.actor.organisation_id, postings=postings, legs=legs.head(2))
    stranger = legs.head(2).with_columns(document_id=pl.when(pl.col("document_id").is_not_null()).then(10**9))
    with pytest.raises(ledger.UnknownAccount):
        ledger.post_frame(
            organisation_id=book.actor.organisation_id, postings=postings.head(1), legs=stranger
        )
    assert book.document(document.pk).balance_minor == 1_000


def test_verify_names_a_balance_that_does_not_re_derive(book: Book) -> None:
    document = book.charge(10_000)
    Document.objects.of(book.actor.organisation_id).filter(pk=document.pk).update(balance_minor=9_999)
    report = selectors.verify(book.actor.organisation_id)
    assert not report.ok
    assert report.to_json()["differences"] == [
        {
            "kind": "document_balance",
            "name": "F-1 (erp/F1)",
            "currency": "USD",
            "expected_minor": 10_000,
            "found_minor": 9_999,
        }
    ]


def test_verify_names_a_posting_that_does_not_sum_to_zero(book: Book) -> None:
    document = book.charge(10_000)
    leg = Leg.objects.of(book.actor.organisation_id).filter(document_id=None).get()
    leg.pk, leg.amount_minor, leg._state.adding = None, 7, True
    leg.save()
    report = selectors.verify(book.actor.organisation_id)
    assert [(row.kind, row.name, row.found_minor) for row in report.differences] == [
        ("posting_sum", f"charge load:1/{document.reference}", 7)
    ]


def test_what_a_reload_turns_into_a_cheque_is_in_the_house_and_what_it_turns_back_is_not(book: Book) -> None:
    document, moved = book.charge(10_00), book.charge(20_00, kind="cheque")
    Instrument.objects.of(book.actor.organisation_id).filter(document_id=moved.pk).update(state="deposited")
    for kind, held in (("cheque", ["held"]), ("cheque", ["held"]), ("invoice", [])):
        changes = pl.DataFrame({"document_id": [document.pk, moved.pk], "kind": [kind, kind]})
        ledger.change_documents(organisation_id=book.actor.organisation_id, changes=changes, columns=["kind"])
        rows = Instrument.objects.of(book.actor.organisation_id)
        assert list(rows.filter(document=document).values_list("state", flat=True)) == held
    assert rows.get(document=moved).state == "deposited"  # what somebody moved keeps its story
