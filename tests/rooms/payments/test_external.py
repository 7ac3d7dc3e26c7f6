"""External portfolios: receipts count here at once, and the refresh that explains them counts nothing twice."""

import polars as pl
import pytest

from aldia.ledger.models import Document
from aldia.payments import selectors
from aldia.payments import services as payments
from tests.rooms.payments.conftest import NOW, Desk


def refresh(desk: Desk, declared: dict[Document, int], load_id: int = 1) -> dict[int, tuple[int, int]]:
    """Return (absorbed, adjustment) by document."""
    frame = pl.DataFrame(
        {"document_id": [document.pk for document in declared], "declared_minor": list(declared.values())},
        schema={"document_id": pl.Int64, "declared_minor": pl.Int64},
    )
    result = payments.absorb_frame(
        actor=desk.book.actor, portfolio_id=desk.book.portfolio.pk, declared=frame, load_id=load_id, now=NOW
    )
    return {key: (absorbed, adjustment) for key, absorbed, adjustment in result.iter_rows()}


def test_a_receipt_here_is_provisional_and_counts_at_once(external: Desk) -> None:
    document = external.book.charge(10_000)
    receipt = external.pay(4_000)
    assert (receipt.state, external.balances(document)) == ("PROVISIONAL", [6_000])


@pytest.mark.parametrize(
    ("declared", "absorbed", "adjustment", "state"),
    [
        (10_000, 0, 0, "PROVISIONAL"),  # the other system has not seen it yet: still paid here
        (7_000, 3_000, 0, "PROVISIONAL"),  # it saw a part
        (6_000, 4_000, 0, "ABSORBED"),  # it saw it all
        (5_000, 4_000, -1_000, "ABSORBED"),  # and another payment
        (12_000, 0, 2_000, "PROVISIONAL"),  # it charged more
    ],
)
def test_a_refresh_explains_what_it_saw(
    external: Desk, declared: int, absorbed: int, adjustment: int, state: str
) -> None:
    document = external.book.charge(10_000)
    receipt = external.pay(4_000)
    assert refresh(external, {document: declared}) == {document.pk: (absorbed, adjustment)}
    assert external.receipt(receipt).state == state
    assert selectors.receipt(external.book.actor, receipt.pk).absorbed_minor == absorbed
    assert selectors.verify(external.organisation_id).ok


def test_the_next_refresh_goes_on_where_the_last_ended(external: Desk) -> None:
    document = external.book.charge(10_000)
    first, second = external.pay(4_000), external.pay(2_000)
    assert refresh(external, {document: 7_000}, 1) == {document.pk: (3_000, 0)}
    assert refresh(external, {document: 5_000}, 2) == {document.pk: (2_000, 0)}
    assert [external.receipt(row).state for row in (first, second)] == ["ABSORBED", "PROVISIONAL"]
    assert refresh(external, {document: 4_000}, 3) == {document.pk: (1_000, 0)}
    assert refresh(external, {document: 4_000}, 4) == {document.pk: (0, 0)}
    assert external.receipt(second).state == "ABSORBED"


def test_an_undone_load_gives_back_what_it_absorbed(external: Desk) -> None:
    document = external.book.charge(10_000)
    receipt = external.pay(4_000)
    refresh(external, {document: 6_000}, 1)
    assert payments.give_back(actor=external.book.actor, load_id=1, now=NOW) == 1
    assert payments.give_back(actor=external.book.actor, load_id=1, now=NOW) == 0
    assert external.receipt(receipt).state == "PROVISIONAL"
    assert refresh(external, {document: 6_000}, 2) == {document.pk: (4_000, 0)}


def test_documents_explained_in_full_absorb_by_name(external: Desk) -> None:
    one, other = external.book.charge(1_000), external.book.charge(1_000)
    receipt = external.pay(1_500)
    told = {"actor": external.book.actor, "account_id": external.account.pk, "now": NOW}
    assert payments.absorb(document_ids=[one.pk], load_id=1, **told) == 1_000  # type: ignore[arg-type]
    assert external.receipt(receipt).state == "PROVISIONAL"
    assert payments.absorb(document_ids=[one.pk, other.pk], load_id=2, **told) == 500  # type: ignore[arg-type]
    assert external.receipt(receipt).state == "ABSORBED"


def test_a_reversed_receipt_is_not_absorbed(external: Desk) -> None:
    document = external.book.charge(10_000)
    receipt = external.pay(4_000)
    payments.reverse_receipt(
        actor=external.book.actor,
        receipt_id=receipt.pk,
        reason="cheque",
        on=external.clock.as_of,
        clock=external.clock,
    )
    assert refresh(external, {document: 6_000}) == {document.pk: (0, -4_000)}


def test_nobody_else_declares_the_balances_of_an_aldia_portfolio(desk: Desk) -> None:
    with pytest.raises(payments.NotExternal):
        refresh(desk, {desk.book.charge(1_000): 500})
