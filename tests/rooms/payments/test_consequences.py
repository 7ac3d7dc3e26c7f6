"""What money changes elsewhere, at once: queued notices, promises, alarms."""

from datetime import timedelta

import polars as pl
import pytest

from aldia.contact import selectors as contact
from aldia.contact import services as outbox
from aldia.outcomes import selectors as outcomes
from aldia.outcomes import services as work
from aldia.outcomes.models import Promise, Task
from aldia.payments import services as payments
from tests.rooms.payments.conftest import NOW, TODAY, Desk


def queue_a_notice(desk: Desk, identity: str) -> None:
    draft = outbox.OrderDraft(
        creditor_id=desk.book.portfolio.creditor_id,
        portfolio_id=desk.book.portfolio.pk,
        case_id=desk.account.pk,
        party_id=desk.account.party_id,
        identity=identity,
        channel="email",
        template_key="reminder",
        origin="strategy",
        as_of=TODAY,
        not_before_at=NOW,
    )
    outbox.place_orders(organisation_id=desk.organisation_id, orders=[draft], now=NOW)


def queued(desk: Desk) -> list[tuple[str, str]]:
    return [
        (row.state.upper(), row.reason) for row in contact.orders_of_case(desk.book.actor, desk.account.pk)
    ]


@pytest.mark.covers("S2-8a")
def test_queued_notices_stop_when_nothing_overdue_is_left(desk: Desk) -> None:
    desk.book.charge(3_000)
    queue_a_notice(desk, "n1")
    desk.pay(1_000)
    assert queued(desk) == [("QUEUED", "")]
    desk.pay(2_000)
    assert queued(desk) == [("CANCELLED", "paid")]


def test_what_a_strategy_asked_people_to_claim_goes_when_it_is_paid_and_a_persons_plan_stays(
    desk: Desk,
) -> None:
    desk.book.charge(3_000)
    asked = {"case_id": desk.account.pk, "due_on": TODAY, "kind": "call"}
    drafts = [work.TaskDraft(**asked, identity=origin, origin=origin) for origin in ("run:7", "outcome:7")]
    work.create_tasks(organisation_id=desk.organisation_id, tasks=drafts, now=NOW)
    desk.pay(2_999)
    assert Task.objects.of(desk.organisation_id).filter(state="open").count() == 2
    desk.pay(1)
    states = Task.objects.of(desk.organisation_id).values_list("origin", "state")
    assert dict(states) == {"run:7": "cancelled", "outcome:7": "open"}


def test_a_file_of_receipts_stops_them_too(desk: Desk) -> None:
    document = desk.book.charge(3_000)
    queue_a_notice(desk, "n1")
    frame = pl.DataFrame(
        {
            "account_id": [desk.account.pk],
            "amount_minor": [3_000],
            "currency": ["USD"],
            "on": [TODAY],
            "reference": ["S1"],
            "document_id": [document.pk],
        }
    )
    payments.register_frame(
        actor=desk.book.actor,
        told=payments.ReceiptSet(portfolio_id=desk.book.portfolio.pk, receipts=frame, source="file"),
        clock=desk.clock,
    )
    assert queued(desk) == [("CANCELLED", "paid")]


def test_a_promise_is_kept_by_its_money(desk: Desk) -> None:
    desk.book.charge(3_000)
    promise = work.make_promise(
        actor=desk.book.actor,
        case_id=desk.account.pk,
        amount_minor=3_000,
        currency="USD",
        due_on=TODAY + timedelta(days=5),
        clock=desk.clock,
    )
    desk.pay(3_000)
    assert Promise.objects.of(desk.organisation_id).get(pk=promise.pk).state == "kept"


def test_a_reversal_leaves_an_alarm_with_the_receipt(desk: Desk) -> None:
    desk.book.charge(3_000)
    receipt = desk.pay(1_000)
    payments.reverse_receipt(
        actor=desk.book.actor, receipt_id=receipt.pk, reason="sin fondos", on=TODAY, clock=desk.clock
    )
    rows = outcomes.alarms(desk.book.actor).rows
    assert [(row.kind, row.case_id) for row in rows] == [("receipt_reversed", desk.account.pk)]
