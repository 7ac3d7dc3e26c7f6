"""Early-payment discounts on allocation, payment days, and the papers that a client asks for."""

from datetime import date, timedelta

import polars as pl
import pytest

from aldia.domain.customer_terms import EarlyDiscount, read_payment_days
from aldia.payments import customer_terms, services
from aldia.payments import selectors as reads
from aldia.payments.customer_terms import Terms
from aldia.payments.models import Receipt
from tests.rooms.payments.conftest import TODAY, Desk

EARLY = Terms(early=EarlyDiscount(200, 10))


def _save(desk: Desk, terms: Terms, papers: dict[int, dict[str, str]] | None = None) -> None:
    services.save_terms(
        actor=desk.book.actor, case_id=desk.account.pk, terms=terms, papers=papers or {}, clock=desk.clock
    )


@pytest.mark.parametrize(
    ("days_ago", "paid", "left", "unapplied"),
    [(10, 980_00, 0, 0), (10, 1_000_00, 0, 20_00), (10, 979_99, 20_01, 0), (11, 980_00, 20_00, 0)],
)
@pytest.mark.covers("S4-23c")
def test_two_ten_is_honoured_when_the_whole_comes_in_time(
    desk: Desk, days_ago: int, paid: int, left: int, unapplied: int
) -> None:
    _save(desk, EARLY)
    invoice = desk.book.charge(1_000_00, issued=(TODAY - timedelta(days_ago)).isoformat(), due="2026-04-01")
    plan = reads.plan_receipt(
        desk.book.actor, case_id=desk.account.pk, amount_minor=paid, currency="USD", on=TODAY, as_of=TODAY
    )
    receipt = desk.pay(paid)
    assert (desk.balances(invoice), receipt.unapplied_minor) == ([left], unapplied)
    assert plan.unapplied_minor == unapplied
    assert reads.verify(desk.organisation_id).ok
    services.reverse_receipt(
        actor=desk.book.actor, receipt_id=receipt.pk, reason="rebotó", on=TODAY, clock=desk.clock
    )
    assert desk.balances(invoice) == [1_000_00]
    assert reads.verify(desk.organisation_id).ok


BULK = [
    ([("a", 980_00, None)], 0, 0),
    ([("a", 500_00, None), ("b", 480_00, None)], 20_00, 0),  # in two parts nothing is taken off
    ([("a", 980_00, 0), ("b", 490_00, None)], 0, 0),
    ([("a", 1_480_00, None)], 0, 10_00),
]


@pytest.mark.parametrize(("money", "left", "unapplied"), BULK)
def test_a_file_of_receipts_honours_it_as_one_receipt_does_and_gives_it_back(
    desk: Desk, money: list[tuple[str, int, int | None]], left: int, unapplied: int
) -> None:
    _save(desk, EARLY)
    invoices = [
        desk.book.charge(minor, issued=(TODAY - timedelta(10)).isoformat(), due="2026-04-01")
        for minor in (
            (1_000_00, 500_00)
            if money[-1][1] != 480_00 and sum(each[1] for each in money) > 1_000_00
            else (1_000_00,)
        )
    ]
    rows = [
        {
            "account_id": desk.account.pk, "currency": "USD", "on": TODAY, "reference": reference, "amount_minor": minor,
            "document_id": None if which is None else invoices[which].pk,
        }
        for reference, minor, which in money
    ]  # fmt: skip
    services.register_frame(
        actor=desk.book.actor,
        told=services.ReceiptSet(
            portfolio_id=desk.book.portfolio.pk,
            source="file",
            load_id=7,
            receipts=pl.DataFrame(rows, schema_overrides={"document_id": pl.Int64}),
        ),
        clock=desk.clock,
    )
    assert sum(desk.balances(*invoices)) == left
    held = Receipt.objects.of(desk.organisation_id).values_list("unapplied_minor", flat=True)
    assert sum(held) == unapplied and reads.verify(desk.organisation_id).ok
    services.reverse_load(actor=desk.book.actor, load_id=7, clock=desk.clock)
    assert desk.balances(*invoices) == [each.original_minor for each in invoices]
    assert reads.verify(desk.organisation_id).ok


def test_a_portfolio_may_allow_it_to_every_client(desk: Desk) -> None:
    desk.book.portfolio.settings = {"early_discount": "2/10"}
    desk.book.portfolio.save()
    invoice = desk.book.charge(1_000_00, issued=TODAY.isoformat(), due="2026-04-01")
    desk.pay(980_00)
    assert desk.balances(invoice) == [0]


def test_payment_days_and_papers_are_kept(desk: Desk) -> None:
    invoice = desk.book.charge(1_000_00, attributes='{"sector": "norte"}')
    assert customer_terms.next_payment_day(desk.book.actor, desk.account.pk, as_of=TODAY) is None
    _save(
        desk,
        Terms(read_payment_days("5 y 20"), needs_order=True),
        {invoice.pk: {"counter_receipt": "CR-9", "purchase_order": " "}},
    )
    assert customer_terms.next_payment_day(desk.book.actor, desk.account.pk, as_of=TODAY) == date(2026, 3, 5)
    assert desk.book.document(invoice.pk).attributes == {"sector": "norte", "counter_receipt": "CR-9"}
    assert customer_terms.terms_of(desk.book.actor, desk.account.pk).needs_order
