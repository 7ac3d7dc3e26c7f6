"""Bank statements: lines enter once for ever, the sure ones apply themselves, and every sum ties."""

import hashlib
from datetime import date
from itertools import count
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aldia.access import services as access
from aldia.payments import reconciliation, selectors
from aldia.payments import services as payments
from aldia.payments.models import BankLine, BankMatch, KnownPayer, LineState, Receipt
from aldia.payments.services.bulk import registering
from tests.rooms.payments.conftest import Desk

DAY = date(2026, 2, 20)
_STARTS = count(1)


def _line(minor: int, **told: Any) -> dict[str, Any]:
    blank = dict.fromkeys(("reference", "text", "payer", "payer_account", "payer_tax_id", "reason"), "")
    return {**blank, "booked_on": DAY, "is_returned": False, "amount_minor": minor, **told}


def take(desk: Desk, *lines: dict[str, Any], name: str = "", **balances: int) -> payments.Taken:
    """Take a statement of these lines; another name is another file."""
    account = payments.ensure_bank_account(
        actor=desk.book.actor, number="AR-77", currency="USD", clock=desk.clock
    )
    draft = payments.StatementDraft(
        format="CSV", number="1", digest=hashlib.sha256((name or repr(lines)).encode()).hexdigest(), turn=0,
        opening_minor=balances.get("opening"), closing_minor=balances.get("closing"),
        lines=pl.DataFrame(lines, schema=payments.LINES),
    )  # fmt: skip
    return payments.take_statement(
        actor=desk.book.actor, bank_account_id=account.pk, draft=draft, clock=desk.clock
    )


def match(desk: Desk) -> payments.Matched:
    return payments.match_lines(actor=desk.book.actor, clock=desk.clock)


def lines_of(desk: Desk) -> list[BankLine]:
    return list(BankLine.objects.of(desk.organisation_id).order_by("pk"))


def ties(desk: Desk) -> bool:
    """True when every line is in one part of the totals, and the books verify."""
    whole = all(
        row.total_minor
        == row.applied_minor
        + row.unidentified_minor
        + row.returned_minor
        + row.ignored_minor
        + row.waiting_minor
        for row in reconciliation.totals(desk.book.actor)
    )
    return whole and selectors.verify(desk.organisation_id).ok


def accept(desk: Desk, line: BankLine, *documents: int, minor: int | None = None) -> BankLine:
    share = payments.Share(desk.account.pk, minor or line.amount_minor, documents)
    return payments.accept_line(actor=desk.book.actor, line_id=line.pk, shares=[share], clock=desk.clock)


def test_a_line_that_names_its_invoice_to_the_cent_applies_itself(desk: Desk) -> None:
    other, named = desk.book.charge(10_000), desk.book.charge(25_000, number="A-0001-00000457")
    take(desk, _line(25_000, text="PAGO FC A-0001-00000457"))
    done = match(desk)
    assert (done.automatic, done.waiting) == (1, 0)
    assert desk.balances(other, named) == [10_000, 0]
    found = BankMatch.objects.of(desk.organisation_id).get()
    assert found.is_automatic
    assert [reason["code"] for reason in found.reasons] == ["named", "closes_named"]
    assert ties(desk)


def test_one_line_closes_several_named_invoices(desk: Desk) -> None:
    first, second = desk.book.charge(10_000, number="B-10001"), desk.book.charge(5_000, number="B-10002")
    take(desk, _line(15_000, text="B-10001 / B-10002"))
    assert match(desk).automatic == 1
    assert desk.balances(first, second) == [0, 0]


def test_several_lines_of_one_statement_share_a_document_and_never_pay_it_twice(desk: Desk) -> None:
    document = desk.book.charge(10_000, number="B-10001")
    take(desk, _line(10_000, text="B-10001", reference="x1"), _line(10_000, text="B-10001", reference="x2"))
    assert (match(desk).automatic, desk.balances(document)) == (1, [0])
    assert [line.state for line in lines_of(desk)] == [LineState.APPLIED, LineState.WAITING]
    assert ties(desk)


def test_the_same_file_again_and_another_that_overlaps_bring_nothing(desk: Desk) -> None:
    first, second = _line(500, reference="r1"), _line(700, text="Ana")
    assert take(desk, first, second).new == 2
    assert take(desk, first, second).statement_id is None
    assert take(desk, second, _line(900, text="Eva")).new == 1
    assert len(lines_of(desk)) == 3


def test_two_equal_lines_of_one_statement_are_two(desk: Desk) -> None:
    assert take(desk, _line(500, text="Ana"), _line(500, text="Ana")).new == 2
    assert take(desk, _line(500, text="Ana"), name="later").new == 0


def test_a_line_without_date_keeps_the_whole_statement_out(desk: Desk) -> None:
    with pytest.raises(payments.BadStatement, match="1 movimientos sin fecha"):
        take(desk, _line(500), _line(700, booked_on=None))
    assert lines_of(desk) == []


def test_balances_that_do_not_agree_are_told_and_gaps_named(desk: Desk) -> None:
    assert take(desk, _line(500), opening=0, closing=500).is_balanced is True
    later = _line(100, booked_on=date(2026, 2, 25))
    assert take(desk, later, opening=800, closing=950).is_balanced is False
    newest, oldest = reconciliation.statements(desk.book.actor)
    assert (newest.gap_minor, oldest.gap_minor) == (300, None)


def test_money_out_is_set_aside_by_itself(desk: Desk) -> None:
    take(desk, _line(-300, text="COMISION"))
    [line] = lines_of(desk)
    assert (line.state, line.reason, line.is_automatic) == (LineState.IGNORED, "out", True)
    assert ties(desk)


def test_a_decision_is_remembered_for_the_payer(desk: Desk) -> None:
    first, second = desk.book.charge(10_000), desk.book.charge(7_000)
    take(desk, _line(10_000, payer="Tía Rosa", payer_account="ES11"))
    match(desk)
    accept(desk, lines_of(desk)[0], first.pk)
    take(desk, _line(7_000, payer="Tía Rosa", payer_account="ES11", booked_on=date(2026, 2, 21)))
    assert match(desk).automatic == 1
    assert desk.balances(first, second) == [0, 0]


def test_undoing_reverses_the_receipt_forgets_the_payer_and_lets_the_line_wait(desk: Desk) -> None:
    document = desk.book.charge(10_000)
    take(desk, _line(10_000, payer="Tía Rosa"))
    line = accept(desk, lines_of(desk)[0], document.pk)
    payments.undo_line(actor=desk.book.actor, line_id=line.pk, clock=desk.clock)
    assert desk.balances(document) == [10_000]
    assert [row.state for row in Receipt.objects.of(desk.organisation_id)] == ["REVERSED"]
    assert not KnownPayer.objects.of(desk.organisation_id).exists()
    assert lines_of(desk)[0].state == LineState.WAITING
    assert match(desk).automatic == 0, "what a person undid no machine does again"
    accept(desk, lines_of(desk)[0], document.pk)
    assert desk.balances(document) == [0]
    assert ties(desk)


def test_a_line_is_decided_once(desk: Desk) -> None:
    take(desk, _line(10_000))
    line = accept(desk, lines_of(desk)[0])
    with pytest.raises(payments.BadDecision, match="ya se decidió: Aplicado"):
        accept(desk, line)
    with pytest.raises(payments.BadDecision):
        payments.leave_unidentified(actor=desk.book.actor, line_id=line.pk, clock=desk.clock)
    assert Receipt.objects.of(desk.organisation_id).count() == 1


def test_what_is_paid_stops_its_notices_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[int] = []
    monkeypatch.setattr(registering, "follow", lambda *, actor, case_ids, clock: followed.extend(case_ids))
    desk.book.charge(10_000, number="B-10001")
    take(desk, _line(10_000, text="B-10001"))
    match(desk)
    assert followed == [desk.account.pk]


def test_money_of_nobody_has_an_owner_and_a_day_and_finds_its_client_later(desk: Desk) -> None:
    document = desk.book.charge(10_000)
    take(desk, _line(10_000, payer="X"))
    line = payments.leave_unidentified(actor=desk.book.actor, line_id=lines_of(desk)[0].pk, clock=desk.clock)
    assert (line.state, (line.review_on - desk.clock.as_of).days) == (LineState.UNIDENTIFIED, 7)
    assert reconciliation.totals(desk.book.actor)[0].unidentified_minor == 10_000
    receipt = Receipt.objects.of(desk.organisation_id).get()
    payments.identify_receipt(
        actor=desk.book.actor, receipt_id=receipt.pk, case_id=desk.account.pk, clock=desk.clock
    )
    assert lines_of(desk)[0].state == LineState.APPLIED
    assert desk.balances(document) == [0]
    assert ties(desk)


def test_the_owner_of_unidentified_money_is_told_once_when_its_day_comes(desk: Desk) -> None:
    added = access.add_member(
        actor=desk.book.actor,
        email="a@uno.example",
        name="Ana",
        role="SUPERVISOR",
        now=desk.clock.now,
        password="una clave larga",
    )
    take(desk, _line(10_000, payer="X"))
    payments.leave_unidentified(
        actor=desk.book.actor, line_id=lines_of(desk)[0].pk, clock=desk.clock, owner_id=added.user_id
    )
    assert payments.remind_unidentified(actor=desk.book.actor, clock=desk.clock) == 0
    later = desk.on("2026-03-08")
    told = [payments.remind_unidentified(actor=desk.book.actor, clock=later) for _again in range(2)]
    assert told == [1, 0]


def test_a_returned_line_takes_its_payment_back_with_the_banks_reason(desk: Desk) -> None:
    document = desk.book.charge(10_000, number="B-10001")
    take(desk, _line(10_000, text="B-10001", reference="E2E-9"))
    match(desk)
    back = _line(-10_000, reference="E2E-9", is_returned=True, reason="AM04", booked_on=date(2026, 2, 25))
    take(desk, back)
    assert match(desk).returned == 1
    assert desk.balances(document) == [10_000]
    assert Receipt.objects.of(desk.organisation_id).get().reversal_reason == "AM04"
    assert [line.state for line in lines_of(desk)] == [LineState.APPLIED, LineState.RETURNED]
    assert ties(desk)


def test_a_reported_refusal_reverses_its_payment_once(desk: Desk) -> None:
    document = desk.book.charge(10_000)
    desk.pay(10_000, reference="E2E-1")
    told = [payments.ReturnDraft("E2E-1", 10_000, "USD", "MD06"), payments.ReturnDraft("E2E-2", 5, "USD", "")]
    done = payments.take_back_reported(actor=desk.book.actor, returns=told, clock=desk.clock)
    assert (done.reversed, done.unknown) == (1, ["E2E-2"])
    again = payments.take_back_reported(actor=desk.book.actor, returns=told, clock=desk.clock)
    assert (again.reversed, again.same) == (0, 1)
    assert desk.balances(document) == [10_000]


def test_a_line_is_split_until_nothing_of_it_waits(desk: Desk) -> None:
    first, second = desk.book.charge(6_000), desk.book.charge(4_000)
    take(desk, _line(10_000))
    with pytest.raises(payments.BadDecision, match="más que lo que queda"):
        accept(desk, lines_of(desk)[0], minor=10_001)
    assert accept(desk, lines_of(desk)[0], second.pk, minor=4_000).state == LineState.WAITING
    assert ties(desk)
    assert accept(desk, lines_of(desk)[0], first.pk, minor=6_000).state == LineState.APPLIED
    assert desk.balances(first, second) == [0, 0]
    assert ties(desk)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_however_statements_are_cut_and_shuffled_the_lines_are_the_same(
    desk: Desk, data: st.DataObject
) -> None:
    minors = data.draw(st.lists(st.integers(-5_000, 5_000), min_size=1, max_size=8))
    start = 1_000 * next(_STARTS)  # the examples share one database
    told = [_line(minor, reference=f"{start + turn}") for turn, minor in enumerate(minors)]
    before = len(lines_of(desk))
    for turn in range(3):
        part = data.draw(st.lists(st.sampled_from(told), unique_by=lambda row: row["reference"], min_size=1))
        take(desk, *part, name=f"{start}-{turn}")
    take(desk, *data.draw(st.permutations(told)), name=f"{start}-all")
    match(desk)
    assert len(lines_of(desk)) - before == len(told)
    assert ties(desk)


def test_money_that_something_else_told_first_is_proposed_tied_and_let_go_without_a_posting(
    desk: Desk,
) -> None:
    first, second = desk.book.charge(10_000), desk.book.charge(25_000)
    told = [
        desk.pay(minor, source="erp", on=DAY, document_ids=[row.pk])
        for row, minor in ((first, 10_000), (second, 5_000))
    ]
    take(desk, _line(15_000, payer="Tía Rosa", booked_on=date(2026, 2, 23)))
    assert match(desk).automatic == 0  # nothing says who: a person looks
    [line] = lines_of(desk)
    policy = reconciliation.policy_of(desk.book.actor)
    [best] = reconciliation.proposals(desk.book.actor, line, policy, extra=desk.account.pk)
    assert (
        dict(best.receipts) == {row.pk: row.amount_minor for row in told}
        and best.reasons[-1].code == "received"
    )
    ids = list(dict(best.receipts))
    for _time in range(2):
        payments.accept_known(actor=desk.book.actor, line_id=line.pk, receipt_ids=ids, clock=desk.clock)
        assert (
            lines_of(desk)[0].state == LineState.APPLIED
            and desk.balances(first, second) == [0, 20_000]
            and ties(desk)
        )
        payments.undo_line(actor=desk.book.actor, line_id=line.pk, clock=desk.clock)
        assert (
            lines_of(desk)[0].state == LineState.WAITING
            and desk.balances(first, second) == [0, 20_000]
            and ties(desk)
        )
    assert not KnownPayer.objects.of(desk.organisation_id).exists()
    far = _line(15_000, payer="Tía Rosa", booked_on=date(2026, 2, 26))
    take(desk, far)
    assert reconciliation.proposals(desk.book.actor, lines_of(desk)[1], policy) == []


def test_a_receipt_is_told_again_by_one_line_only(desk: Desk) -> None:
    row = desk.book.charge(10_000, number="B-10001")
    [known] = [desk.pay(10_000, source="erp", on=DAY)]
    take(desk, _line(10_000, text="B-10001", reference="x1"), _line(10_000, text="B-10001", reference="x2"))
    assert match(desk).automatic == 1 and desk.balances(row) == [0]
    assert BankMatch.objects.of(desk.organisation_id).get().receipt == known
    other = lines_of(desk)[1]
    with pytest.raises(payments.BadDecision, match="ya es de otro movimiento"):
        payments.accept_known(
            actor=desk.book.actor, line_id=other.pk, receipt_ids=[known.pk], clock=desk.clock
        )
    payments.reverse_receipt(
        actor=desk.book.actor, receipt_id=known.pk, reason="x", on=desk.clock.as_of, clock=desk.clock
    )
    assert {line.state for line in lines_of(desk)} == {LineState.WAITING} and ties(desk)
