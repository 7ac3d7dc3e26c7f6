"""Receipts: allocated by the portfolio's order, partial, over, to chosen documents, once; reversed exactly."""

import pytest

from aldia.access.actors import member
from aldia.access.permissions import NotAllowed
from aldia.cases.models import Case
from aldia.ledger import facts as ledger_facts
from aldia.payments import selectors
from aldia.payments import services as payments
from aldia.payments.models import Allocation
from tests.rooms.payments.conftest import NOW, TODAY, Desk


def holds(desk: Desk) -> None:
    report = selectors.verify(desk.organisation_id)
    assert report.ok, report.differences


def test_money_covers_the_oldest_first_and_in_part(desk: Desk) -> None:
    young = desk.book.charge(5_000, due="2026-02-15")
    old = desk.book.charge(3_000, due="2026-01-15")
    receipt = desk.pay(4_000)
    assert desk.balances(old, young) == [0, 4_000]
    assert receipt.unapplied_minor == 0
    assert [(row.number, row.amount_minor) for row in selectors.receipt(desk.book.actor, receipt.pk).covered] == [
        (old.number, 3_000), (young.number, 1_000),
    ]  # fmt: skip
    holds(desk)


def test_chosen_documents_come_first_and_the_rest_follows_the_order(desk: Desk) -> None:
    old, young = desk.book.charge(3_000, due="2026-01-15"), desk.book.charge(5_000, due="2026-02-15")
    desk.pay(6_000, document_ids=[young.pk])
    assert desk.balances(old, young) == [2_000, 0]
    with pytest.raises(payments.NothingOpen):
        desk.pay(100, document_ids=[young.pk])
    assert selectors.receipts(desk.book.actor).rows[0].reference == "T1"  # the refused one left nothing
    holds(desk)


def test_what_is_too_much_waits_and_covers_the_next_debt(desk: Desk) -> None:
    first = desk.book.charge(3_000)
    receipt = desk.pay(10_000)
    assert receipt.unapplied_minor == 7_000
    assert list(selectors.unapplied(desk.book.actor)) == [receipt]
    second = desk.book.charge(5_000)
    applied = payments.allocate_unapplied(actor=desk.book.actor, case_id=desk.account.pk, clock=desk.clock)
    assert (applied, desk.receipt(receipt).unapplied_minor) == (5_000, 2_000)
    assert desk.balances(first, second) == [0, 0]
    waiting = ledger_facts.unapplied_frame(desk.organisation_id, as_of=TODAY)
    assert waiting["amount_minor"].to_list() == [2_000]
    holds(desk)


def test_a_document_issued_after_the_receipt_is_covered_on_its_own_day(desk: Desk) -> None:
    document = desk.book.charge(3_000, issued="2026-02-20", due="2026-03-20")
    receipt = desk.pay(3_000, on=desk.on("2026-02-01").as_of)
    assert [share.on.isoformat() for share in selectors.receipt(desk.book.actor, receipt.pk).covered] == [
        "2026-02-20"
    ]
    assert desk.balances(document) == [0]
    holds(desk)


def test_a_document_of_the_future_waits_for_its_day(desk: Desk) -> None:
    document = desk.book.charge(3_000, issued="2026-04-01", due="2026-04-30")
    receipt = desk.pay(3_000)
    assert (desk.balances(document), receipt.unapplied_minor) == ([3_000], 3_000)
    payments.allocate_unapplied(actor=desk.book.actor, case_id=desk.account.pk, clock=desk.on("2026-04-01"))
    assert desk.balances(document) == [0]
    holds(desk)


def test_other_currencies_are_left_alone(desk: Desk) -> None:
    dollars, pesos = desk.book.charge(1_000), desk.book.charge(9_000, currency="ARS")
    receipt = desk.pay(5_000)
    assert desk.balances(dollars, pesos) == [0, 9_000]
    assert receipt.unapplied_minor == 4_000
    holds(desk)


def test_credit_notes_are_used_when_the_portfolio_says_so(desk: Desk) -> None:
    invoice, note = desk.book.charge(5_000), desk.book.charge(-2_000, kind="credit_note")
    assert desk.pay(1_000).unapplied_minor == 0
    assert desk.balances(invoice, note) == [4_000, -2_000]
    desk.book.portfolio.allocation = {"nets_credits": True}
    desk.book.portfolio.save()
    receipt = desk.pay(3_000)
    assert desk.balances(invoice, note) == [0, 0]
    assert receipt.unapplied_minor == 1_000
    payments.reverse_receipt(
        actor=desk.book.actor, receipt_id=receipt.pk, reason="cheque", on=TODAY, clock=desk.clock
    )
    assert desk.balances(invoice, note) == [4_000, -2_000]
    covered = payments.apply_credits(
        actor=desk.book.actor, case_id=desk.account.pk, currency="USD", clock=desk.clock
    )
    assert (covered, desk.balances(invoice, note)) == (2_000, [2_000, 0])
    holds(desk)


def test_proportional_portfolios_share_by_what_is_open(desk: Desk) -> None:
    desk.book.portfolio.allocation = {"kind": "proportional"}
    desk.book.portfolio.save()
    big, small = desk.book.charge(3_000), desk.book.charge(1_000)
    desk.pay(1_000)
    assert desk.balances(big, small) == [2_250, 750]


def test_the_same_receipt_again_is_the_same_row(desk: Desk) -> None:
    document = desk.book.charge(5_000)
    first = desk.pay(1_000, reference="A1")
    assert desk.pay(1_000, reference="A1").pk == first.pk
    assert desk.balances(document) == [4_000]
    with pytest.raises(payments.DifferentReceipt, match="A1"):
        desk.pay(1_001, reference="A1")
    assert desk.balances(document) == [4_000]


@pytest.mark.parametrize(
    "told",
    [{"minor": 0}, {"minor": -5}, {"on": TODAY.replace(day=2)}, {"reference": " "}, {"case_id": 10**9}],
)
def test_receipts_that_cannot_be_are_refused(desk: Desk, told: dict[str, object]) -> None:
    with pytest.raises(payments.BadReceipt):
        desk.pay(**{"minor": 100, **told})  # type: ignore[arg-type]
    assert selectors.receipts(desk.book.actor).rows == ()


def test_a_collector_neither_registers_nor_reverses(desk: Desk) -> None:
    collector = member(desk.organisation_id, user_id=1, role="COLLECTOR")
    supervisor = member(desk.organisation_id, user_id=2, role="SUPERVISOR")
    with pytest.raises(NotAllowed):
        desk.pay(100, actor=collector)
    receipt = desk.pay(100, actor=supervisor)
    with pytest.raises(NotAllowed):
        payments.reverse_receipt(
            actor=supervisor, receipt_id=receipt.pk, reason="x", on=TODAY, clock=desk.clock
        )


def test_unidentified_money_waits_for_its_case(desk: Desk) -> None:
    document = desk.book.charge(3_000)
    receipt = desk.pay(3_000, case_id=None)
    assert (receipt.unapplied_minor, desk.balances(document)) == (3_000, [3_000])
    holds(desk)
    payments.identify_receipt(
        actor=desk.book.actor, receipt_id=receipt.pk, case_id=desk.account.pk, clock=desk.clock
    )
    assert (desk.receipt(receipt).unapplied_minor, desk.balances(document)) == (0, [0])
    cash = ledger_facts.payments_frame(desk.organisation_id)
    assert cash.select("case_id", "amount_minor").rows() == [(desk.account.pk, 3_000)]
    holds(desk)
    with pytest.raises(payments.AlreadyIdentified):
        payments.identify_receipt(
            actor=desk.book.actor, receipt_id=receipt.pk, case_id=desk.account.pk, clock=desk.clock
        )


def test_a_bounced_cheque_reopens_the_debt_exactly(desk: Desk) -> None:
    old, young = desk.book.charge(3_000, due="2026-01-15"), desk.book.charge(5_000, due="2026-02-15")
    kept = desk.pay(1_000)
    cheque = desk.pay(9_000, means="cheque")
    assert desk.balances(old, young) == [0, 0]
    later = desk.on("2026-03-05")
    payments.reverse_receipt(
        actor=desk.book.actor, receipt_id=cheque.pk, reason="sin fondos", on=later.as_of, clock=later
    )
    assert desk.balances(old, young) == [2_000, 5_000]
    gone = desk.receipt(cheque)
    assert (gone.state, gone.unapplied_minor, gone.reversed_on) == ("REVERSED", 0, later.as_of)
    assert desk.receipt(kept).state == "ACTIVE"
    assert (
        sum(
            Allocation.objects.of(desk.organisation_id)
            .filter(receipt_id=cheque.pk)
            .values_list("amount_minor", flat=True)
        )
        == 0
    )
    covered_until = ledger_facts.document_frame(desk.organisation_id, as_of=desk.on("2026-03-04").as_of)
    assert covered_until.is_empty()  # between the cheque and its return nothing was owed
    holds(desk)
    with pytest.raises(payments.AlreadyReversed):
        payments.reverse_receipt(
            actor=desk.book.actor, receipt_id=cheque.pk, reason="x", on=later.as_of, clock=later
        )


def test_a_reversal_needs_a_reason_and_a_possible_day(desk: Desk) -> None:
    desk.book.charge(3_000)
    receipt = desk.pay(1_000)
    for reason, on in (("", TODAY), ("x", TODAY.replace(month=2)), ("x", TODAY.replace(day=9))):
        with pytest.raises(payments.BadReversal):
            payments.reverse_receipt(
                actor=desk.book.actor, receipt_id=receipt.pk, reason=reason, on=on, clock=desk.clock
            )
    with pytest.raises(payments.UnknownReceipt):
        payments.reverse_receipt(
            actor=desk.book.actor, receipt_id=10**9, reason="x", on=TODAY, clock=desk.clock
        )


def test_the_case_follows_its_money_at_once(desk: Desk) -> None:
    desk.book.charge(3_000)
    desk.pay(1_000)
    case = Case.objects.of(desk.organisation_id).get(pk=desk.account.pk)
    assert (case.overdue_minor, case.overdue_documents) == (2_000, 1)
    receipt = desk.pay(2_000)
    case.refresh_from_db()
    assert (case.overdue_minor, case.is_open) == (0, False)
    payments.reverse_receipt(
        actor=desk.book.actor, receipt_id=receipt.pk, reason="cheque", on=TODAY, clock=desk.clock
    )
    case.refresh_from_db()
    assert (case.overdue_minor, case.is_open) == (2_000, True)


def test_pages_go_on_from_where_they_were(desk: Desk) -> None:
    for day in (1, 1, 3, 2):
        desk.pay(100, on=TODAY.replace(month=2, day=day))
    first = selectors.receipts(desk.book.actor, limit=3)
    second = selectors.receipts(desk.book.actor, cursor=first.next_cursor, limit=3)
    assert [row.reference for row in first.rows + second.rows] == ["T3", "T4", "T2", "T1"]
    assert second.next_cursor is None
    assert selectors.receipts(desk.book.actor, {"has_unapplied": False}).rows == ()
    with pytest.raises(selectors.UnknownFilter):
        selectors.receipts(desk.book.actor, {"amount": 1})


def test_verify_names_a_receipt_that_does_not_add_up(desk: Desk) -> None:
    desk.book.charge(3_000)
    receipt = desk.pay(4_000)
    receipt.unapplied_minor = 999
    receipt.save()
    found = selectors.verify(desk.organisation_id).differences
    assert [(row.kind, row.name, row.expected_minor, row.found_minor) for row in found] == [
        ("receipt_allocations", "bank/T1", 4_000, 3_999),
        ("unapplied", f"account {desk.account.pk}", 1_000, 999),
    ]


def test_two_organisations_do_not_see_each_other(desk: Desk, external: Desk) -> None:
    receipt = desk.pay(100)
    assert selectors.receipts(external.book.actor).rows == ()
    with pytest.raises(payments.UnknownReceipt):
        payments.reverse_receipt(
            actor=external.book.actor, receipt_id=receipt.pk, reason="x", on=TODAY, clock=desk.clock
        )
    with pytest.raises(payments.BadReceipt):
        desk.pay(100, actor=external.book.actor, portfolio_id=external.book.portfolio.pk)
    assert desk.clock.now == NOW
