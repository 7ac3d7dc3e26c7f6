"""A loan in the books: every way of paying and changing it leaves balances that derive from the journal."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from aldia.access.actors import Actor, Clock, member
from aldia.access.permissions import NotAllowed
from aldia.cases.models import Case
from aldia.domain.balances import COMPENSATORY_INTEREST, PENALTY_INTEREST, PRINCIPAL
from aldia.domain.loans import agreement as agreed
from aldia.domain.loans.calendars import Every, Unit
from aldia.domain.loans.events import Disbursed, Paid
from aldia.domain.loans.extras import Base, Extra
from aldia.domain.loans.orders import INTEREST, PaymentOrder
from aldia.domain.loans.planning import Prepaying, Product
from aldia.domain.loans.replay import replay
from aldia.domain.loans.schedules import BadSchedule
from aldia.ledger import loans as reading
from aldia.ledger import services as ledger
from aldia.ledger.models import Leg, Loan
from aldia.payments import services as payments
from aldia.payments.models import Receipt
from aldia.payments.selectors import verify
from tests.beginnings import beginning
from tests.rooms.ledger.conftest import Book, make_book

pytestmark = [pytest.mark.django_db, pytest.mark.covers("S4-1c")]
GRANTED = date(2026, 1, 15)
LATE = agreed.LateAgreement(penalty_rate=Decimal("0.365"))


@dataclass
class Lender:
    """A lender with a client; days are written as they come."""

    book: Book
    number: int = 0
    days: list[str] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        return self.book.actor

    def clock(self, on: str | date) -> Clock:
        day = on if isinstance(on, date) else date.fromisoformat(on)
        return Clock(day, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))

    def lend(self, principal: int = 1_200_00, **terms: object) -> Loan:
        told = {"count": 12, "yearly_rate": Decimal("0.12"), "late": LATE, **terms}
        agreement = agreed.Agreement(principal_minor=principal, granted_on=GRANTED, **told)  # type: ignore[arg-type]
        return payments.grant_loan(
            actor=self.actor, portfolio_id=self.book.portfolio.pk, party_id=self.book.account.party_id,
            agreement=agreement, clock=self.clock(GRANTED),
        )  # fmt: skip

    def tender(self, minor: int) -> payments.Tender:
        self.number += 1
        return payments.Tender(minor, "cash", f"C{self.number}")

    def pay(self, minor: int, on: str) -> Receipt:
        self.number += 1
        return self.receive(minor, on, f"R{self.number}", self.clock(on))

    def receive(self, minor: int, on: str, reference: str, clock: Clock) -> Receipt:
        book, day = self.book, date.fromisoformat(on)
        draft = payments.ReceiptDraft(
            book.portfolio.pk, book.account.pk, minor, "USD", day, "cash", "desk", reference
        )
        return payments.register_receipt(actor=self.actor, draft=draft, clock=clock)

    def lines(self, loan: Loan, on: str) -> list[reading.InstalmentLine]:
        return reading.instalments(self.actor, reading.loan(self.actor, loan.pk), date.fromisoformat(on))

    def principal(self, loan: Loan, on: str) -> int:
        return sum(line.open.get(PRINCIPAL, 0) for line in self.lines(loan, on))

    def holds(self) -> bool:
        report = verify(self.actor.organisation_id)
        assert report.ok, report.differences
        return True


def make_lender() -> Lender:
    book = make_book("presta")
    book.portfolio.settings = {"lending": {}}
    book.portfolio.save()
    return Lender(book)


lender = beginning(make_lender)


def test_a_loan_that_is_told_months_later_was_granted_on_its_day(lender: Lender) -> None:
    agreement = agreed.Agreement(
        principal_minor=900_00, granted_on=GRANTED, count=3, yearly_rate=Decimal("0.12"), late=LATE
    )
    told = {"portfolio_id": lender.book.portfolio.pk, "party_id": lender.book.account.party_id}
    loan = payments.grant_loan(
        actor=lender.actor, agreement=agreement, clock=lender.clock("2026-06-01"), **told
    )
    (version,) = reading.terms(lender.actor, loan.pk)
    assert (version.on, version.recorded_at.date()) == (GRANTED, date(2026, 6, 1))


def test_a_loan_enters_the_books_as_instalments_with_components(lender: Lender) -> None:
    loan = lender.lend(
        extras=(Extra("tax", Base.INTEREST, Decimal("0.21")), Extra("insurance", Base.EACH, amount_minor=150))
    )
    lines = lender.lines(loan, "2026-01-15")
    assert len(lines) == 12
    assert lines[0].open == {PRINCIPAL: 9462, COMPENSATORY_INTEREST: 1200, "tax": 252, "insurance": 150}
    assert lender.principal(loan, "2026-01-15") == 1_200_00
    case = Case.objects.of(lender.actor.organisation_id).get(pk=loan.account_id)
    assert case.total_minor == sum(line.open_minor for line in lines)
    assert lender.holds()


def test_money_pays_interest_before_principal_of_the_oldest_instalment(lender: Lender) -> None:
    loan = lender.lend()
    lender.pay(1500, "2026-02-15")
    first = lender.lines(loan, "2026-02-15")[0]
    assert first.paid == {COMPENSATORY_INTEREST: 1200, PRINCIPAL: 300}
    assert lender.holds()


def test_the_books_say_what_a_replay_of_the_same_facts_says(lender: Lender) -> None:
    loan = lender.lend(late=agreed.LateAgreement())
    paid = [(1500, "2026-02-10"), (10_662, "2026-03-15"), (30_000, "2026-04-01"), (1, "2026-04-02")]
    for minor, on in paid:
        lender.pay(minor, on)
    product = Product(
        12, Every(1, Unit.MONTHS), PaymentOrder(*[(INTEREST, PRINCIPAL)] * 3), yearly_rate=Decimal("0.12")
    )
    events = [Disbursed(key="d", on=GRANTED, minor=1_200_00)]
    book = replay(
        product, [*events, *(Paid(key=on, on=date.fromisoformat(on), minor=minor) for minor, on in paid)]
    )
    lines = lender.lines(loan, "2026-04-02")
    assert [line.open.get(PRINCIPAL, 0) for line in lines] == [row.open(PRINCIPAL) for row in book.rows]
    assert [line.open.get(INTEREST, 0) for line in lines] == [row.open(INTEREST) for row in book.rows]


def test_interest_of_delay_is_posted_with_the_money_and_never_twice(lender: Lender) -> None:
    loan = lender.lend()
    line = lender.lines(loan, "2026-02-25")[0]
    assert line.late == {PENALTY_INTEREST: 95}  # 94.62 at 0.1 % a day for 10 days
    assert line.open_minor == 10_662
    lender.pay(95, "2026-02-25")
    lender.pay(100, "2026-02-25")
    line = lender.lines(loan, "2026-02-25")[0]
    assert line.late == {}
    assert line.paid == {PENALTY_INTEREST: 95, COMPENSATORY_INTEREST: 100}
    charged = Leg.objects.of(lender.actor.organisation_id).filter(
        component=PENALTY_INTEREST, book="receivable", amount_minor__gt=0
    )
    assert [leg.amount_minor for leg in charged] == [95]
    assert lender.lines(loan, "2026-02-27")[0].late == {PENALTY_INTEREST: 19}
    assert lender.holds()


def test_a_payment_told_late_takes_back_interest_that_did_not_run(lender: Lender) -> None:
    loan = lender.lend()
    lender.pay(1, "2026-03-10")
    lender.receive(10_662, "2026-02-15", "late", lender.clock("2026-03-11"))
    first = lender.lines(loan, "2026-03-11")[0]
    assert first.charged[PENALTY_INTEREST] == 1  # what had been paid of it by then
    assert first.open_minor == 0
    assert lender.holds()


def test_ending_a_loan_today_lets_go_what_has_not_run(lender: Lender) -> None:
    loan = lender.lend()
    on = "2026-03-01"
    settled = reading.settlement(lender.actor, reading.loan(lender.actor, loan.pk), date.fromisoformat(on))
    assert settled.principal_minor == 1_200_00 - 9462
    assert settled.accrued == {COMPENSATORY_INTEREST: 553}  # 11.05 for 14 of 28 days
    assert settled.total_minor == settled.principal_minor + 553 + 10_662 + 132
    with pytest.raises(payments.BadPrepayment):
        payments.pay_off_loan(
            actor=lender.actor,
            loan_id=loan.pk,
            tender=lender.tender(settled.total_minor - 1),
            clock=lender.clock(on),
        )
    receipt = payments.pay_off_loan(
        actor=lender.actor, loan_id=loan.pk, tender=lender.tender(settled.total_minor), clock=lender.clock(on)
    )
    assert receipt.unapplied_minor == 0
    assert all(line.owed_minor == 0 for line in lender.lines(loan, "2027-06-01"))
    assert lender.holds()


@pytest.mark.parametrize("way", list(Prepaying))
def test_principal_paid_ahead_lowers_the_instalment_or_shortens_the_term(
    lender: Lender, way: Prepaying
) -> None:
    loan = lender.lend()
    lender.pay(10_662, "2026-02-15")
    before = lender.lines(loan, "2026-02-15")[5].open_minor
    receipt = payments.prepay_loan(
        actor=lender.actor,
        loan_id=loan.pk,
        tender=lender.tender(50_000),
        way=way,
        clock=lender.clock("2026-02-15"),
    )
    assert receipt.unapplied_minor == 0
    assert lender.principal(loan, "2026-02-15") == 1_200_00 - 9462 - 50_000
    ahead = [line for line in lender.lines(loan, "2026-02-15") if line.open_minor]
    if way is Prepaying.SHORTER:
        assert len(ahead) < 11
        assert ahead[1].open_minor == before
    else:
        assert len(ahead) == 11
        assert ahead[1].open_minor < before
    assert lender.holds()


def test_a_reversed_prepayment_is_owed_again(lender: Lender) -> None:
    loan = lender.lend()
    receipt = payments.prepay_loan(
        actor=lender.actor,
        loan_id=loan.pk,
        tender=lender.tender(50_000),
        way=Prepaying.LOWER,
        clock=lender.clock(GRANTED),
    )
    payments.reverse_receipt(
        actor=lender.actor, receipt_id=receipt.pk, reason="bounced", on=GRANTED, clock=lender.clock(GRANTED)
    )
    assert lender.principal(loan, "2026-01-15") == 1_200_00
    assert lender.holds()


def test_money_that_is_no_prepayment_is_sent_where_it_belongs(lender: Lender) -> None:
    loan = lender.lend()
    for minor in (100, 10_000_00):
        with pytest.raises(payments.BadPrepayment):
            payments.prepay_loan(
                actor=lender.actor, loan_id=loan.pk, tender=lender.tender(minor), way=Prepaying.LOWER,
                clock=lender.clock("2026-03-01"),
            )  # fmt: skip


def test_a_loan_planned_anew_keeps_its_principal(lender: Lender) -> None:
    loan = lender.lend()
    change = payments.Rescheduling(date(2026, 5, 1), more_instalments=6, grace=1, takes_arrears=True)
    payments.reschedule_loan(
        actor=lender.actor, loan_id=loan.pk, change=change, clock=lender.clock("2026-03-20")
    )
    lines = [line for line in lender.lines(loan, "2026-03-20") if line.open_minor]
    assert lender.principal(loan, "2026-03-20") == 1_200_00
    assert lines[0].due_on == date(2026, 5, 1)
    assert len(lines) == 12 + 6 + 1
    assert lines[0].open[PENALTY_INTEREST] > 0  # moved, not capitalised
    assert PRINCIPAL not in lines[0].open
    assert [row.reason for row in reading.terms(lender.actor, loan.pk)] == ["re_aged", "granted"]
    assert lender.holds()


def test_only_what_is_to_come_moves_unless_arrears_are_taken_too(lender: Lender) -> None:
    loan = lender.lend()
    change = payments.Rescheduling(date(2026, 5, 1), yearly_rate=Decimal("0.24"))
    payments.reschedule_loan(
        actor=lender.actor, loan_id=loan.pk, change=change, clock=lender.clock("2026-02-20")
    )
    lines = lender.lines(loan, "2026-02-20")
    assert [line.due_on for line in lines][:2] == [date(2026, 2, 15), date(2026, 5, 1)]
    assert reading.agreement_of(lender.actor, loan.pk).yearly_rate == Decimal("0.24")
    assert lender.holds()


def test_a_new_loan_pays_the_old_one_with_its_arrears(lender: Lender) -> None:
    loan = lender.lend()
    clock = lender.clock("2026-04-01")
    owed = reading.settlement(lender.actor, reading.loan(lender.actor, loan.pk), clock.as_of).total_minor
    terms = agreed.Agreement(
        principal_minor=owed + 50_000, granted_on=clock.as_of, count=24, yearly_rate=Decimal("0.18")
    )
    fresh = payments.refinance_loan(actor=lender.actor, loan_id=loan.pk, agreement=terms, clock=clock)
    assert fresh.refinances_id == loan.pk
    assert all(line.open_minor == 0 for line in lender.lines(loan, "2026-04-01"))
    assert lender.principal(fresh, "2026-04-01") == owed + 50_000
    with pytest.raises(ledger.BadChange):
        payments.refinance_loan(actor=lender.actor, loan_id=loan.pk, agreement=terms, clock=clock)
    assert lender.holds()


def test_a_loan_given_up_can_be_recovered(lender: Lender) -> None:
    loan = lender.lend()
    clock = lender.clock("2026-04-01")
    owed = reading.settlement(lender.actor, reading.loan(lender.actor, loan.pk), clock.as_of).total_minor
    payments.write_off_loan(actor=lender.actor, loan_id=loan.pk, reason="fallecido", clock=clock)
    assert sum(line.open_minor for line in lender.lines(loan, "2026-04-01")) == 0
    later = lender.clock("2026-06-01")
    receipt = payments.recover_loan(
        actor=lender.actor, loan_id=loan.pk, tender=lender.tender(20_000), clock=later
    )
    assert receipt.unapplied_minor == 0
    left = reading.written_off(lender.actor, reading.loan(lender.actor, loan.pk))
    assert sum(minor for _document, minor in left) == owed - 20_000
    with pytest.raises(ledger.BadChange):
        payments.recover_loan(actor=lender.actor, loan_id=loan.pk, tender=lender.tender(owed), clock=later)
    assert lender.holds()


def test_a_portfolio_without_product_does_not_lend(lender: Lender) -> None:
    lender.book.portfolio.settings = {}
    lender.book.portfolio.save()
    with pytest.raises(ledger.NotLending):
        lender.lend()


def test_a_collector_does_not_grant(lender: Lender) -> None:
    lender.book.actor = member(lender.actor.organisation_id, user_id=1, role="COLLECTOR")
    with pytest.raises(NotAllowed):
        lender.lend()


def test_days_of_a_loan_leave_true_books_whatever_happens(lender: Lender) -> None:
    loan = lender.lend()
    for at, minor in enumerate((5_000, 10_662, 40_000, 7)):
        receipt = lender.pay(minor, str(date(2026, 2, 20) + timedelta(days=17 * at)))
        if at == 1:
            on = receipt.on + timedelta(days=2)
            payments.reverse_receipt(
                actor=lender.actor, receipt_id=receipt.pk, reason="bounced", on=on, clock=lender.clock(on)
            )
    assert lender.principal(loan, "2026-05-01") > 0
    assert lender.holds()


def test_a_file_of_receipts_pays_loans_by_component(lender: Lender) -> None:
    loan = lender.lend()
    days = ["2026-02-25", "2026-02-26", "2026-03-01"]
    frame = pl.DataFrame(
        {
            "account_id": [lender.book.account.pk] * 3, "amount_minor": [1000, 400, 20_000], "currency": ["USD"] * 3,
            "on": [date.fromisoformat(day) for day in days], "reference": days,
        }
    )  # fmt: skip
    payments.register_frame(
        actor=lender.actor,
        told=payments.ReceiptSet(portfolio_id=lender.book.portfolio.pk, receipts=frame, source="bank"),
        clock=lender.clock(days[-1]),
    )
    first, second = lender.lines(loan, days[-1])[:2]
    assert first.paid == {PENALTY_INTEREST: 95, COMPENSATORY_INTEREST: 1200, PRINCIPAL: 9462}
    assert second.paid == {COMPENSATORY_INTEREST: 1105, PRINCIPAL: 21_400 - 95 - 10_662 - 1105}
    assert lender.holds()


def test_more_money_joins_the_instalments_to_come_with_interest_from_its_day(lender: Lender) -> None:
    fee = Extra("fees", Base.EACH, amount_minor=500)
    loan = lender.lend(count=3, extras=(fee,), late=agreed.LateAgreement())
    before = lender.lines(loan, "2026-03-01")
    changed = payments.hand_out_at_counter(
        actor=lender.actor,
        loan_id=loan.pk,
        amount_minor=600_00,
        is_cash=False,
        clock=lender.clock("2026-03-01"),
    )
    after = lender.lines(loan, "2026-03-01")
    assert changed.principal_minor == 1_800_00
    assert (
        lender.principal(loan, "2026-03-01") - sum(line.open.get(PRINCIPAL, 0) for line in before) == 600_00
    )
    assert after[0].open == before[0].open  # overdue since 15 February: as it was
    fresh = after[1].open[COMPENSATORY_INTEREST] - before[1].open[COMPENSATORY_INTEREST]
    assert fresh == 300  # 600.00 at 1 % a month, from the 1st to the 15th of a period of 28 days
    assert [line.open["fees"] for line in after] == [500] * 3
    with pytest.raises(ledger.BadChange):
        payments.hand_out_at_counter(
            actor=lender.actor,
            loan_id=loan.pk,
            amount_minor=1,
            is_cash=False,
            clock=lender.clock("2026-05-01"),
        )
    assert lender.holds()


@pytest.mark.parametrize("rates", [{"yearly_rate": Decimal("0.26")}, {"late": Decimal("0.20")}])
def test_nobody_lends_above_what_the_law_allows(lender: Lender, rates: dict[str, Decimal]) -> None:
    late = agreed.LateAgreement(rates.get("late", Decimal("0.1")), Decimal("0.1"), ceiling="CO-usury")
    with pytest.raises(BadSchedule, match="máximo legal"):
        lender.lend(
            rate_kind=agreed.RateKind.EFFECTIVE, **{"yearly_rate": Decimal("0.2"), **rates, "late": late}
        )
    fair = agreed.LateAgreement(Decimal("0.15"), Decimal("0.1"), ceiling="CO-usury")
    assert lender.lend(late=fair).principal_minor == 1_200_00
