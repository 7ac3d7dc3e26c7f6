"""Creditors, portfolios, files, forgiveness: made once, changed with permission, never more than there is."""

import polars as pl
import pytest
from django.db import IntegrityError

from aldia.access.actors import member
from aldia.access.permissions import NotAllowed
from aldia.domain.ageing import BadBuckets
from aldia.domain.money import UnknownCurrency
from aldia.ledger import selectors
from aldia.ledger import services as ledger
from aldia.ledger.models import Creditor, Portfolio, StoredFile
from tests.rooms.ledger.conftest import NOW, TODAY, Book


@pytest.mark.covers("S4-1b")
def test_the_same_key_is_the_same_creditor_and_portfolio(book: Book) -> None:
    again = ledger.ensure_portfolio(
        actor=book.actor,
        creditor_id=book.portfolio.creditor_id,
        key="facturas",
        name="Otra",
        currency="ARS",
        now=NOW,
    )
    assert (again.pk, again.name, again.currency) == (book.portfolio.pk, "Facturas", "USD")
    assert list(selectors.portfolios(book.actor)) == [book.portfolio]
    assert [row.key for row in selectors.creditors(book.actor)] == ["propia"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"nombre": "x"}, ledger.UnknownDetail),
        ({"settings": {"buckets": [30, 10]}}, BadBuckets),
        ({"currency": "XXX"}, UnknownCurrency),
        ({"allocation": {"kind": "newest"}}, ledger.UnknownDetail),
    ],
)
def test_a_portfolio_that_could_not_work_is_refused(
    book: Book, changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        ledger.change_portfolio(actor=book.actor, portfolio_id=book.portfolio.pk, now=NOW, **changes)


def test_a_portfolio_ages_in_its_own_buckets(book: Book) -> None:
    book.charge(1_000, due="2026-02-20")
    ledger.change_portfolio(
        actor=book.actor, portfolio_id=book.portfolio.pk, now=NOW, settings={"buckets": [7, 30]}
    )
    assert [
        line.bucket for line in selectors.documents(book.actor, case_id=book.account.pk, as_of=TODAY)
    ] == ["8-30"]


def test_only_those_who_may_make_or_change_them(book: Book) -> None:
    collector = member(book.actor.organisation_id, user_id=1, role="COLLECTOR")
    with pytest.raises(NotAllowed):
        ledger.ensure_creditor(actor=collector, key="otra", name="Otra", now=NOW)
    with pytest.raises(NotAllowed):
        ledger.change_creditor(actor=collector, creditor_id=book.portfolio.creditor_id, now=NOW, name="x")
    with pytest.raises(NotAllowed):
        ledger.write_off(actor=collector, document_id=book.charge(10).pk, on=TODAY, reason="x", now=NOW)


def test_another_organisation_sees_and_changes_nothing(book: Book, book_of) -> None:
    other = book_of("dos")
    document = book.charge(1_000)
    with pytest.raises(Portfolio.DoesNotExist):
        selectors.portfolio(other.actor, book.portfolio.pk)
    with pytest.raises(Creditor.DoesNotExist):
        ledger.change_creditor(actor=other.actor, creditor_id=book.portfolio.creditor_id, now=NOW, name="x")
    with pytest.raises(ledger.UnknownDocument):
        ledger.grant_discount(
            actor=other.actor, document_id=document.pk, amount_minor=1, on=TODAY, reason="x", now=NOW
        )
    assert selectors.documents(other.actor, case_id=book.account.pk, as_of=TODAY) == []
    assert selectors.journal(other.actor, case_id=book.account.pk) == []


def test_no_more_than_what_is_open_is_forgiven(book: Book) -> None:
    document = book.charge(1_000)
    told = {"actor": book.actor, "document_id": document.pk, "on": TODAY, "reason": "acuerdo", "now": NOW}
    ledger.grant_discount(amount_minor=300, **told)
    ledger.grant_discount(amount_minor=300, **told)  # the same again is another discount, not a repetition
    with pytest.raises(ledger.MoreThanOpen, match=r"4\.00 USD"):
        ledger.grant_discount(amount_minor=401, **told)
    ledger.write_off(**told)
    assert book.document(document.pk).balance_minor == 0
    with pytest.raises(ledger.MoreThanOpen):
        ledger.write_off(**told)
    assert selectors.verify(book.actor.organisation_id).ok


def test_a_document_enters_with_what_is_still_owed_of_it(book: Book) -> None:
    document = book.charge(1_000, open_minor=400)
    assert document.balance_minor == 400
    kinds = {
        (line.kind, line.amount_minor) for line in selectors.journal(book.actor, case_id=book.account.pk)
    }
    assert kinds == {("charge", 1_000), ("charge", -1_000), ("adjustment", -600), ("adjustment", 600)}
    assert selectors.verify(book.actor.organisation_id).ok
    with pytest.raises(IntegrityError):
        book.charge(1_000, reference=document.reference)


def test_documents_change_by_name_and_money_only_by_posting(book: Book, book_of) -> None:
    document = book.charge(1_000)
    changes = pl.DataFrame({"document_id": [document.pk], "number": ["A-1"], "balance_minor": [5]})
    told = {"organisation_id": book.actor.organisation_id, "changes": changes}
    assert ledger.change_documents(columns=["number"], **told) == 1
    assert book.document(document.pk).number == "A-1"
    with pytest.raises(ledger.UnknownColumn, match="balance_minor"):
        ledger.change_documents(columns=["balance_minor"], **told)
    with pytest.raises(ledger.UnknownDocument):
        ledger.change_documents(
            organisation_id=book_of("dos").actor.organisation_id, changes=changes, columns=["number"]
        )


def test_a_disputed_document_says_so(book: Book) -> None:
    document = book.charge(1_000)
    told = {"actor": book.actor, "document_ids": [document.pk], "now": NOW}
    assert [
        ledger.mark_disputed(is_disputed=True, **told),
        ledger.mark_disputed(is_disputed=True, **told),
    ] == [1, 0]
    assert [
        line.is_disputed for line in selectors.documents(book.actor, case_id=book.account.pk, as_of=TODAY)
    ] == [True]


def test_the_same_bytes_are_stored_once_and_open_again(book: Book, book_of) -> None:
    document = book.charge(1_000)
    told = {"actor": book.actor, "name": "../factura.pdf", "content_type": "application/pdf", "now": NOW}
    first, second = (ledger.store_file(content=b"%PDF", **told) for _ in range(2))
    assert (first.pk, first.name, first.size) == (second.pk, "factura.pdf", 4)
    ledger.attach_file(actor=book.actor, document_id=document.pk, file_id=first.pk)
    ledger.attach_file(actor=book.actor, document_id=document.pk, file_id=first.pk, now=NOW)
    stored, path = selectors.open_file(book.actor, first.pk)
    assert (stored, path.read_bytes()) == (first, b"%PDF")
    assert selectors.files(book.actor, document_ids=[document.pk]) == [(document.pk, first)]
    with pytest.raises(ledger.EmptyFile):
        ledger.store_file(content=b"", **told)
    with pytest.raises(StoredFile.DoesNotExist):
        selectors.open_file(book_of("dos").actor, first.pk)
    assert ledger.detach_file(actor=book.actor, document_id=document.pk, file_id=first.pk, now=NOW)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"factura\.pdf"):
        selectors.open_file(book.actor, first.pk)
