"""The ledger and the receipts against a plain model of them: whatever is done, in any order, no difference."""

import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from aldia.ledger import services as ledger
from aldia.ledger.models import Document
from aldia.payments import selectors
from aldia.payments import services as payments
from aldia.payments.services import allocating, receipts, reversing
from tests.rooms.ledger.conftest import NOW, TODAY
from tests.rooms.payments.conftest import Desk

# On a second database the same rules meet other SQL, not other arithmetic: fewer histories. `./aldia test --soak`: 2000x50.
SIZE = "50x30" if os.environ.get("ALDIA_TEST_SECOND_DATABASE") else "200x30"
EXAMPLES, STEPS = map(int, os.environ.get("ALDIA_STATE_MACHINE", SIZE).split("x"))
DOCUMENTS = 5


class Receipts(RuleBasedStateMachine):
    """One account. The model: what each document owes, and what each receipt gave to whom.

    Each example begins with the desk as it was found and ends by being rolled back.
    """

    desk: Desk

    def __init__(self) -> None:
        super().__init__()
        self.start = transaction.savepoint()
        self.owed: dict[int, int] = {}  # document -> open, in order of their due dates
        self.given: dict[int, dict[int, int]] = {}  # receipt -> document -> amount
        self.waiting: dict[int, int] = {}  # receipt -> unapplied

    @precondition(lambda self: len(self.owed) < DOCUMENTS)
    @rule(minor=st.integers(1, 5_000))
    def charge(self, minor: int) -> None:
        document = self.desk.book.charge(minor)
        self.owed[document.pk] = minor

    @rule(minor=st.integers(1, 9_000))
    def pay(self, minor: int) -> None:
        receipt = self.desk.pay(minor)
        self.waiting[receipt.pk] = minor
        self.given[receipt.pk] = {}
        self._spread(receipt.pk, list(self.owed))

    @precondition(lambda self: any(self.owed.values()))
    @rule(data=st.data(), minor=st.integers(1, 9_000))
    def pay_a_chosen_document(self, data: st.DataObject, minor: int) -> None:
        chosen = data.draw(st.sampled_from([key for key, open_minor in self.owed.items() if open_minor]))
        receipt = self.desk.pay(minor, document_ids=[chosen])
        self.waiting[receipt.pk] = minor
        self.given[receipt.pk] = {}
        self._spread(receipt.pk, [chosen, *self.owed])

    @rule()
    def allocate(self) -> None:
        payments.allocate_unapplied(
            actor=self.desk.book.actor, case_id=self.desk.account.pk, clock=self.desk.clock
        )
        for receipt in sorted(self.waiting):
            self._spread(receipt, list(self.owed))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        receipt = data.draw(st.sampled_from(sorted(self.waiting)))
        payments.reverse_receipt(
            actor=self.desk.book.actor, receipt_id=receipt, reason="cheque", on=TODAY, clock=self.desk.clock
        )
        del self.waiting[receipt]
        for document, minor in self.given.pop(receipt).items():
            self.owed[document] += minor

    @precondition(lambda self: any(self.owed.values()))
    @rule(data=st.data(), is_all=st.booleans(), is_discount=st.booleans())
    def forgive(self, data: st.DataObject, is_all: bool, is_discount: bool) -> None:
        document = data.draw(st.sampled_from([key for key, open_minor in self.owed.items() if open_minor]))
        minor = self.owed[document] if is_all else data.draw(st.integers(1, self.owed[document]))
        give_up = ledger.grant_discount if is_discount else ledger.write_off
        give_up(
            actor=self.desk.book.actor,
            document_id=document,
            amount_minor=minor,
            on=TODAY,
            reason="acuerdo",
            now=NOW,
        )
        self.owed[document] -= minor

    @invariant()
    def nothing_differs(self) -> None:
        balances = Document.objects.of(self.desk.organisation_id).values_list("pk", "balance_minor")
        assert dict(balances) == self.owed
        waiting = {row.pk: row.unapplied_minor for row in selectors.unapplied(self.desk.book.actor)}
        assert waiting == {receipt: minor for receipt, minor in self.waiting.items() if minor}

    def teardown(self) -> None:
        """The journal only grows: what it has at the end re-derives every balance on the way."""
        try:
            report = selectors.verify(self.desk.organisation_id)
            assert report.ok, report.differences
        finally:
            transaction.savepoint_rollback(self.start)

    def _spread(self, receipt: int, documents: list[int]) -> None:
        for document in documents:
            minor = min(self.waiting[receipt], self.owed[document])
            if minor:
                self.given[receipt][document] = self.given[receipt].get(document, 0) + minor
                self.owed[document] -= minor
                self.waiting[receipt] -= minor


@pytest.fixture
def _books_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What money changes in the rooms above (figures of the case, promises, alarms) has its own tests."""
    for module in (receipts, allocating, reversing):
        monkeypatch.setattr(module, "follow", lambda **_told: None)
    monkeypatch.setattr(reversing.outcomes, "raise_alarm", lambda **_told: None)


@pytest.mark.slow
@pytest.mark.usefixtures("_books_alone")
def test_no_difference_from_a_plain_model(desk: Desk) -> None:
    Receipts.desk = desk
    run_state_machine_as_test(
        Receipts,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
