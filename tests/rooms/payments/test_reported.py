"""«Ya pagué»: it holds the case until somebody answers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aldia.access.actors import Actor, debtor, member
from aldia.access.permissions import NotAllowed
from aldia.cases import selectors as cases
from aldia.payments import selectors
from aldia.payments import services as payments
from aldia.payments.models import ReportedPayment
from tests.rooms.payments.conftest import TODAY, Desk

TOLD = payments.ReportDraft(amount_minor=2_000, currency="usd", paid_on=TODAY, means="transfer")


def report(
    desk: Desk, draft: payments.ReportDraft = TOLD, *, actor: Actor | None = None, case_id: int | None = None
) -> ReportedPayment:
    who = actor or debtor(desk.organisation_id, party_id=desk.account.party_id)
    return payments.report_payment(
        actor=who, case_id=case_id or desk.account.pk, draft=draft, clock=desk.clock
    )


def holds(desk: Desk) -> list[str]:
    return [hold.kind for hold in cases.holds(desk.book.actor, case_id=desk.account.pk, as_of=TODAY)]


def test_a_reported_payment_holds_the_case_until_it_is_verified(desk: Desk) -> None:
    document = desk.book.charge(3_000)
    told = report(desk)
    assert (told.state, told.currency, told.verify_on) == ("open", "USD", TODAY + timedelta(days=3))
    assert report(desk).pk == told.pk  # the same form sent twice
    assert holds(desk) == ["reported_payment"]
    assert desk.balances(document) == [3_000]  # words are not money
    assert list(selectors.reported(desk.book.actor)) == [told]


def test_received_registers_the_receipt_and_ends_the_hold(desk: Desk) -> None:
    document = desk.book.charge(3_000)
    told = report(desk)
    answered = payments.answer_reported(actor=desk.book.actor, id=told.pk, is_received=True, clock=desk.clock)
    assert (answered.state, desk.balances(document), holds(desk)) == ("matched", [1_000], [])
    assert answered.receipt is not None
    with pytest.raises(payments.AlreadyAnswered):
        payments.answer_reported(actor=desk.book.actor, id=told.pk, is_received=False, clock=desk.clock)


def test_it_may_match_a_receipt_that_came_otherwise(desk: Desk) -> None:
    document = desk.book.charge(3_000)
    told, receipt = report(desk), desk.pay(2_000)
    answered = payments.answer_reported(
        actor=desk.book.actor, id=told.pk, is_received=True, receipt_id=receipt.pk, clock=desk.clock
    )
    assert (answered.receipt, desk.balances(document)) == (receipt, [1_000])


def test_not_received_ends_the_hold_and_moves_no_money(desk: Desk) -> None:
    document = desk.book.charge(3_000)
    told = report(desk)
    payments.answer_reported(actor=desk.book.actor, id=told.pk, is_received=False, clock=desk.clock)
    assert (desk.balances(document), holds(desk)) == ([3_000], [])
    assert [row.state for row in selectors.reported(desk.book.actor, is_open=False)] == ["rejected"]


@pytest.mark.parametrize(
    "draft",
    [
        replace(TOLD, amount_minor=0),
        replace(TOLD, paid_on=TODAY + timedelta(days=1)),
        replace(TOLD, file_id=10**9),
    ],
)
def test_reports_that_cannot_be_are_refused(desk: Desk, draft: payments.ReportDraft) -> None:
    with pytest.raises(payments.BadReport):
        report(desk, draft)


def test_a_report_of_a_case_that_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(payments.BadReport):
        report(desk, case_id=10**9)


def test_only_those_who_work_cases_report_and_only_those_who_register_answer(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        report(desk, actor=member(desk.organisation_id, user_id=1, role="AUDITOR"))
    told = report(desk)
    with pytest.raises(NotAllowed):
        payments.answer_reported(
            actor=member(desk.organisation_id, user_id=1, role="COLLECTOR"),
            id=told.pk,
            is_received=True,
            clock=desk.clock,
        )
    with pytest.raises(payments.UnknownReport):
        payments.answer_reported(actor=desk.book.actor, id=10**9, is_received=True, clock=desk.clock)
