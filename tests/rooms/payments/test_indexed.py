"""Debts in an indexed unit: they stay in it until paid, and money pays it at the published value of its own day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from aldia.access.actors import Actor, Clock, system
from aldia.cases.facts import missing_rates_frame
from aldia.domain.loans import agreement as agreed
from aldia.ledger import loans as reading
from aldia.ledger import services as ledger
from aldia.ledger.indexed import NoUnitValue, amount_text
from aldia.ledger.models import BookAccount, Document, Leg, Loan, Portfolio
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Alarm, PromiseState
from aldia.parties.models import Party
from aldia.payments import cash, reconciliation, selectors
from aldia.payments import services as payments
from aldia.payments.models import BankLine, BankMatch, Receipt, ReportedPayment
from tests.beginnings import beginning
from tests.rooms.ledger.conftest import make_book

pytestmark = [pytest.mark.django_db, pytest.mark.covers("S4-1c")]
GRANTED, TODAY = date(2026, 1, 15), date(2026, 3, 2)


@dataclass
class Lender:
    """Who lends in UF to one client, and knows what the UF was worth on two days."""

    organisation_id: int
    portfolio: Portfolio
    party: Party
    number: int = 0

    @property
    def actor(self) -> Actor:
        return system(self.organisation_id)

    def clock(self, on: date = TODAY) -> Clock:
        return Clock(on, datetime(on.year, on.month, on.day, 12, tzinfo=UTC))

    def value(self, on: date, rate: str, source: str = "banco central") -> None:
        rates = pl.DataFrame([{"currency": "CLF", "quote": "CLP", "on": on, "rate": rate}])
        ledger.record_rates(actor=self.actor, rates=rates, source=source, clock=self.clock())

    def lend(self, principal: int = 120_0000) -> Loan:
        agreement = agreed.Agreement(
            principal_minor=principal, granted_on=GRANTED, count=12, yearly_rate=Decimal(0)
        )
        return payments.grant_loan(
            actor=self.actor, portfolio_id=self.portfolio.pk, party_id=self.party.pk, agreement=agreement,
            clock=self.clock(GRANTED),
        )  # fmt: skip

    def pay(self, loan: Loan, minor: int, on: date = TODAY, *, documents: list[int] | None = None) -> Receipt:
        self.number += 1
        return payments.register_receipt(
            actor=self.actor,
            draft=payments.ReceiptDraft(
                portfolio_id=self.portfolio.pk,
                case_id=loan.account_id,
                amount_minor=minor,
                currency="CLP",
                on=on,
                means="transfer",
                source="desk",
                reference=f"R{self.number}",
                document_ids=documents,
            ),
            clock=self.clock(),
        )

    def open_units(self, loan: Loan) -> int:
        return sum(
            Document.objects.of(self.organisation_id)
            .filter(source=loan.source)
            .values_list("balance_minor", flat=True)
        )

    def holds(self) -> bool:
        report = selectors.verify(self.organisation_id)
        assert report.ok, report.differences
        return True


def make_lender() -> Lender:
    book = make_book("uf")
    portfolio = ledger.ensure_portfolio(
        actor=book.actor, creditor_id=book.portfolio.creditor_id, key="uf", name="Créditos UF", currency="CLF",
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    ledger.change_portfolio(
        actor=book.actor,
        portfolio_id=portfolio.pk,
        settings={"lending": {}},
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    made = Lender(book.actor.organisation_id, portfolio, book.account.party)
    made.value(TODAY, "39000.55")
    made.value(date(2026, 2, 20), "38000")
    return made


lender = beginning(make_lender)


def test_pesos_pay_units_at_the_value_of_their_own_day_and_the_books_hold(lender: Lender) -> None:
    loan = lender.lend()
    today = lender.pay(loan, 390_006)
    before = lender.pay(loan, 380_000, date(2026, 2, 20))
    assert lender.open_units(loan) == 100_0000
    assert (today.currency, today.unapplied_minor, before.unapplied_minor) == ("CLP", 0, 0)
    legs = Leg.objects.of(lender.organisation_id).filter(book=BookAccount.EXCHANGE).order_by("pk")
    assert list(legs.values_list("currency", "amount_minor")) == [
        ("CLP", -390_006), ("CLF", 10_0000), ("CLP", -380_000), ("CLF", 10_0000),
    ]  # fmt: skip
    [share] = selectors.receipt(lender.actor, before.pk).covered
    assert (share.amount_minor, share.units_minor) == (380_000, 10_0000)
    assert share.rate is not None and (share.rate.rate, share.rate.on, share.rate.source) == (
        38000,
        date(2026, 2, 20),
        "banco central",
    )
    assert lender.holds()


def test_without_the_value_of_that_day_the_money_waits_and_the_case_says_which_is_missing(
    lender: Lender,
) -> None:
    loan = lender.lend()
    receipt = lender.pay(loan, 380_000, date(2026, 2, 19))
    assert (receipt.unapplied_minor, lender.open_units(loan)) == (380_000, 120_0000)
    assert [row.data["subject"] for row in Alarm.objects.of(lender.organisation_id)] == ["CLF 2026-02-19"]
    with pytest.raises(NoUnitValue, match=r"UF del 19/02/2026"):
        payments.allocate_unapplied(actor=lender.actor, case_id=loan.account_id, clock=lender.clock())
    assert lender.holds()


def test_nobody_pays_in_units(lender: Lender) -> None:
    loan = lender.lend()
    with pytest.raises(payments.BadReceipt, match="CLP"):
        payments.register_receipt(
            actor=lender.actor,
            draft=payments.ReceiptDraft(
                portfolio_id=lender.portfolio.pk,
                case_id=loan.account_id,
                amount_minor=10_0000,
                currency="UF",
                on=TODAY,
                means="transfer",
                source="desk",
                reference="U1",
            ),
            clock=lender.clock(),
        )


def test_more_than_is_owed_waits_in_money_and_what_went_back_is_owed_in_units(lender: Lender) -> None:
    loan = lender.lend()
    receipt = lender.pay(loan, 5_000_000)
    assert lender.open_units(loan) == 0
    assert receipt.unapplied_minor == 5_000_000 - 4_680_066
    payments.reverse_receipt(
        actor=lender.actor, receipt_id=receipt.pk, reason="mistaken", on=TODAY, clock=lender.clock()
    )
    assert lender.open_units(loan) == 120_0000
    assert lender.holds()


def test_of_two_sources_the_last_that_spoke_counts(lender: Lender) -> None:
    loan = lender.lend()
    lender.value(TODAY, "40000", "corregido")
    lender.pay(loan, 400_000)
    assert lender.open_units(loan) == 110_0000


def test_the_preview_says_what_the_receipt_does(lender: Lender) -> None:
    loan = lender.lend()
    last = Document.objects.of(lender.organisation_id).filter(source=loan.source).order_by("due_on").last()
    assert last is not None
    told = {"amount_minor": 500_000, "currency": "CLP", "on": TODAY}
    plan = selectors.plan_receipt(
        lender.actor, case_id=loan.account_id, as_of=TODAY, document_ids=[last.pk], **told
    )
    receipt = lender.pay(loan, 500_000, documents=[last.pk])
    made = selectors.receipt(lender.actor, receipt.pk)
    assert [(row.document_id, row.paid_minor, row.covers_minor) for row in plan.covers] == [
        (row.document_id, row.amount_minor, row.units_minor) for row in made.covered
    ]
    assert plan.covers[0].document_id == last.pk and plan.covers[0].is_whole
    assert plan.unapplied_minor == receipt.unapplied_minor == 0


def test_a_debt_in_money_of_the_same_client_is_paid_before_the_one_in_units(lender: Lender) -> None:
    loan = lender.lend()
    row = {
        "account_id": loan.account_id, "source": "erp", "reference": "F1", "number": "F-1", "kind": "invoice", "issued_on": GRANTED,
        "due_on": GRANTED, "currency": "CLP", "original_minor": 100_000,
    }  # fmt: skip
    ledger.add_documents(
        organisation_id=lender.organisation_id, portfolio_id=lender.portfolio.pk, documents=pl.DataFrame([row]),
        declared_on=TODAY, posting_source="load:1", now=lender.clock().now,
    )  # fmt: skip
    receipt = lender.pay(loan, 100_000 + 390_006)
    assert (lender.open_units(loan), receipt.unapplied_minor) == (110_0000, 0)
    assert lender.holds()


@pytest.mark.parametrize("purpose", ["payoff", "lower"])
def test_the_counter_takes_pesos_for_a_loan_in_units(lender: Lender, purpose: str) -> None:
    loan = lender.lend()
    total = reading.settlement(lender.actor, loan, TODAY).total_minor
    paid = cash.in_money(loan, total if purpose == "payoff" else 60_0000, TODAY)
    receipt = payments.take_at_counter(
        actor=lender.actor, loan_id=loan.pk, purpose=purpose, tender=payments.Tender(paid, "transfer", "C1"),
        clock=lender.clock(),
    )  # fmt: skip
    assert (receipt.currency, receipt.unapplied_minor) == ("CLP", 0)
    assert lender.open_units(loan) == (0 if purpose == "payoff" else 60_0000)
    assert lender.holds()


def test_a_promise_in_units_is_kept_by_pesos(lender: Lender) -> None:
    loan = lender.lend()
    promise = outcomes.make_promise(
        actor=lender.actor,
        case_id=loan.account_id,
        amount_minor=10_0000,
        currency="UF",
        due_on=TODAY,
        clock=lender.clock(),
    )
    lender.pay(loan, 390_006)
    promise.refresh_from_db()
    assert promise.state == PromiseState.KEPT


def test_receipts_of_a_file_pay_units_and_where_no_value_is_they_wait_and_ring(lender: Lender) -> None:
    loan = lender.lend()
    rows = pl.DataFrame(
        {
            "account_id": [loan.account_id] * 2, "amount_minor": [390_006, 380_000], "currency": ["CLP"] * 2,
            "on": [TODAY, date(2026, 2, 19)], "reference": ["a", "b"],
        }
    )  # fmt: skip
    for _again in range(2):
        payments.register_frame(
            actor=lender.actor,
            told=payments.ReceiptSet(portfolio_id=lender.portfolio.pk, receipts=rows, source="banco"),
            clock=lender.clock(),
        )
    assert lender.open_units(loan) == 110_0000
    assert [row.kind for row in Alarm.objects.of(lender.organisation_id)] == ["rate_missing"]
    assert lender.holds()
    lender.value(date(2026, 2, 19), "38000")
    payments.allocate_unapplied(actor=lender.actor, case_id=loan.account_id, clock=lender.clock())
    assert lender.open_units(loan) == 100_0000
    assert lender.holds()


def test_an_amount_is_written_in_units_and_in_the_money_of_that_day(lender: Lender) -> None:
    told = [
        amount_text(lender.organisation_id, 2_5000, "CLF", on, "es_CL") for on in (TODAY, date(2026, 2, 19))
    ]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in told] == [
        "UF 2,5000 ($ 97.501)",
        "UF 2,5000 (sin valor de hoy)",
    ]
    assert "(" not in amount_text(lender.organisation_id, 2_5000, "CLP", TODAY, "es_CL")


def test_the_night_tells_which_unit_has_no_value_of_the_day(lender: Lender) -> None:
    lender.lend()
    told = [missing_rates_frame(lender.organisation_id, as_of=on) for on in (TODAY, date(2026, 3, 3))]
    assert [frame.select("currency", "own").rows() for frame in told] == [[], [("CLF", "CLP")]]


def test_what_a_client_says_to_have_paid_in_units_is_looked_for_in_money(lender: Lender) -> None:
    loan = lender.lend()

    def tell(paid_on: date) -> ReportedPayment:
        draft = payments.ReportDraft(amount_minor=10_0000, currency="UF", paid_on=paid_on, means="")
        return payments.report_payment(
            actor=lender.actor, case_id=loan.account_id, draft=draft, clock=lender.clock()
        )

    reported = tell(TODAY)
    assert (reported.amount_minor, reported.currency) == (390_006, "CLP")
    with pytest.raises(payments.BadReport, match="19/02/2026"):
        tell(date(2026, 2, 19))


def _told(lender: Lender, *rows: tuple[int, date, str]) -> list[BankLine]:
    """A statement in pesos, judged: (amount, day, text)."""
    clock = lender.clock()
    account = payments.ensure_bank_account(
        actor=lender.actor, number="CL-1", currency="CLP", clock=clock, portfolio_id=lender.portfolio.pk
    )
    blank = dict.fromkeys(("reference", "payer", "payer_account", "payer_tax_id", "reason"), "")
    lines = [
        {**blank, "booked_on": on, "amount_minor": minor, "text": text, "is_returned": False}
        for minor, on, text in rows
    ]
    draft = payments.StatementDraft(
        "CSV", "1", "d", 0, None, None, pl.DataFrame(lines, schema=payments.LINES)
    )
    payments.take_statement(actor=lender.actor, bank_account_id=account.pk, draft=draft, clock=clock)
    payments.match_lines(actor=lender.actor, clock=clock)
    return list(BankLine.objects.of(lender.organisation_id).order_by("pk"))


def test_a_bank_line_in_pesos_finds_and_pays_the_debt_in_units_at_the_value_of_its_day(
    lender: Lender,
) -> None:
    loan = lender.lend()
    first, second, third = Document.objects.of(lender.organisation_id).filter(source=loan.source)[:3]
    waits = date(2026, 2, 27)  # nobody said what a unit was worth that day
    lines = _told(
        lender,
        (390_006, TODAY, f"TRANSF {second.number}"),
        (380_000, date(2026, 2, 20), f"TRANSF {first.number}"),
        (390_006, waits, f"TRANSF {third.number}"),
    )
    assert [line.state for line in lines] == ["applied", "applied", "waiting"]
    owed = dict(Document.objects.of(lender.organisation_id).values_list("pk", "balance_minor"))
    assert (owed[first.pk], owed[second.pk], owed[third.pk]) == (0, 0, 10_0000)
    shares = [
        selectors.receipt(lender.actor, each.receipt_id).covered[0]
        for each in BankMatch.objects.of(lender.organisation_id).order_by("line_id")
    ]
    assert [share.rate.on for share in shares if share.rate] == [TODAY, date(2026, 2, 20)]
    assert lender.holds()


def test_the_desk_proposes_the_debt_in_units_that_a_line_would_close(lender: Lender) -> None:
    loan = lender.lend()
    (line,) = _told(lender, (390_006, TODAY, lender.party.name))
    (best,) = reconciliation.proposals(lender.actor, line, reconciliation.policy_of(lender.actor))
    assert (best.client, len(best.documents), best.reasons[-1].code) == (loan.account_id, 1, "closes_one")
