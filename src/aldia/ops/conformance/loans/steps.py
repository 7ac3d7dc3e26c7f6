"""What a scenario does, sentence by sentence, as events of a loan; sentences about other things are named, never passed over."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from aldia.domain.loans import events as did
from aldia.domain.loans.book import Book
from aldia.domain.loans.calendars import Every, Unit
from aldia.domain.loans.orders import INTEREST, PRINCIPAL, Ahead
from aldia.domain.loans.payoff import ended
from aldia.domain.loans.planning import Product
from aldia.domain.loans.replay import down_payment_due, replay
from aldia.domain.loans.rounding import RoundTo, whole
from aldia.ops.conformance.loans import products


class Outside(Exception):
    """The scenario asks for something that a collections product does not have."""


class Scenario:
    """A loan as the sentences make it: product, events, and today."""

    def __init__(self) -> None:
        self.today = date.min
        self.submitted_on = date.min
        self.counts_from_submission = False
        self.recounts_at_night = False
        self.kept_back_rate = Decimal(0)
        self.product: Product | None = None
        self.product_name = ""
        self.principal = 0
        self.ahead = Ahead.NEXT
        self.events: list[did.Event] = []

    def key(self) -> str:
        return f"e{len(self.events)}"

    def book(self) -> Book:
        """The loan now; before money is handed out, as it is planned."""
        if self.product is None:
            raise Outside("no loan")
        return self._book_of(self.product)

    def unrounded_book(self) -> Book | None:
        """The loan with instalments to the cent, where its product rounds them to whole units."""
        if self.product is None or self.product.rounding.step == 1:
            return None
        return self._book_of(replace(self.product, rounding=products.TO_CENTS))

    def _book_of(self, product: Product) -> Book:
        events = self.events
        if not any(isinstance(event, did.Disbursed) for event in self.standing()):
            events = [did.Disbursed(key="planned", on=self.submitted_on, minor=self.principal), *events]
        return replay(product, events, self.today)

    def charge(self, minor: int, due: str, name: str) -> None:
        event = did.Charged(
            key=self.key(),
            on=day(due),
            recorded_on=self.today,
            minor=minor,
            name=name,
            is_penalty="NSF" in name,
        )
        self.events.append(event)

    def payments(self) -> list[did.Paid]:
        return [
            event for event in self.events if isinstance(event, did.Paid) and event.kind != "down_payment"
        ]

    def paid_as(self, kind: str) -> list[did.Paid]:
        return [event for event in self.events if isinstance(event, did.Paid) and event.kind == kind]

    def standing(self) -> list[did.Event]:
        gone = {event.of for event in self.events if isinstance(event, did.Reversed)}
        return [event for event in self.events if event.key not in gone]

    def reverse(self, key: str) -> None:
        self.events.append(did.Reversed(key=self.key(), on=self.today, of=key))


def day(text: str) -> date:
    """`1 January 2023`."""
    return datetime.strptime(text, "%d %B %Y").date()  # noqa: DTZ007


def cents(text: str) -> int:
    """`250.5` -> 25050."""
    return int(Decimal(text) * 100)


def perform(scenario: Scenario, text: str, rows: list[dict[str, Any]]) -> bool:
    """Do what the sentence says; False when it is no deed that is known. Raises Outside."""
    for pattern, act in _DEEDS:
        if found := re.fullmatch(pattern, text):
            act(scenario, *found.groups(), rows)
            return True
    return False


Rows = list[dict[str, Any]]


def _today(scenario: Scenario, on: str, rows: Rows) -> None:
    scenario.today = day(on)


def _default_loan(scenario: Scenario, on: str, rows: Rows) -> None:
    scenario.submitted_on, scenario.principal = day(on), 100_000
    scenario.product = products.simple(1, Every(30, Unit.DAYS))


def _customised_loan(scenario: Scenario, on: str, principal: str, count: str, rows: Rows) -> None:
    scenario.submitted_on, scenario.principal = day(on), cents(principal)
    scenario.product = products.simple(int(count), Every(1, Unit.MONTHS))


def _full_loan(scenario: Scenario, rows: Rows) -> None:
    row = rows[0]
    scenario.submitted_on, scenario.principal = day(row["submitted on date"]), cents(row["with Principal"])
    scenario.product, scenario.product_name = products.customised(row, scenario.ahead), row["LoanProduct"]
    if scenario.counts_from_submission:
        scenario.product = replace(scenario.product, counted_from=scenario.submitted_on)


def _counted_from(scenario: Scenario, start: str, rows: Rows) -> None:
    scenario.counts_from_submission = start == "SUBMITTED_ON_DATE"


def _rule(scenario: Scenario, rule: str, rows: Rows) -> None:
    scenario.ahead = products.AHEAD[rule]


def _disburse(scenario: Scenario, on: str, amount: str, rows: Rows) -> None:
    if scenario.kept_back_rate:
        fee = whole(cents(amount) * scenario.kept_back_rate, RoundTo.HALF_EVEN)
        scenario.events.append(
            did.FeeKeptBack(key=scenario.key(), on=day(on), minor=fee, of_minor=cents(amount))
        )
    scenario.events.append(did.Disbursed(key=scenario.key(), on=day(on), minor=cents(amount)))
    if scenario.product and (minor := down_payment_due(scenario.product, scenario.events)):
        scenario.events.append(did.Paid(key=scenario.key(), on=day(on), minor=minor, kind="down_payment"))


def _pay(scenario: Scenario, on: str, amount: str, rows: Rows, kind: str = "repayment") -> None:
    scenario.events.append(did.Paid(key=scenario.key(), on=day(on), minor=cents(amount), kind=kind))


def _pay_as(scenario: Scenario, kind: str, on: str, amount: str, rows: Rows) -> None:
    _pay(scenario, on, amount, rows, products.PAYMENT_KINDS[kind])


def _charge(scenario: Scenario, name: str, due: str, amount: str, rows: Rows) -> None:
    scenario.charge(cents(amount), due, name)


def _bounce_fee(scenario: Scenario, on: str, rows: Rows) -> None:
    _charge(scenario, "LOAN_NSF_FEE", on, "10", rows)


def _part_of_loan(scenario: Scenario, percent: str, on: str, rows: Rows) -> None:
    """A percentage of all principal and interest, due that day."""
    whole_loan = sum(row.owed[PRINCIPAL] + row.owed[INTEREST] for row in scenario.book().rows)
    scenario.charge(whole(whole_loan * Decimal(percent) / 100, RoundTo.HALF_EVEN), on, "LOAN_PERCENT_FEE")


def _part_of_instalments(scenario: Scenario, percent: str, rows: Rows) -> None:
    scenario.events.append(
        did.Charged(
            key=scenario.key(), on=scenario.today, recorded_on=scenario.today, name="INSTALMENT_FEE",
            rate=Decimal(percent) / 100,
        )
    )  # fmt: skip


def _part_kept_back(scenario: Scenario, percent: str, rows: Rows) -> None:
    scenario.kept_back_rate += Decimal(percent) / 100


def _recounts(scenario: Scenario, what: str, rows: Rows) -> None:
    scenario.recounts_at_night = what == "puts"


def _charge_back(kind: str = "") -> Callable[..., None]:
    """Of the payments of that kind, or of all but down payments, the one with that number or the last."""

    def act(scenario: Scenario, amount: str, which: str | None, rows: Rows) -> None:
        paid = scenario.paid_as(kind) if kind else scenario.payments()
        of = paid[int(which) - 1 if which else -1].key if paid else ""
        event = did.ChargedBack(key=scenario.key(), on=scenario.today, minor=cents(amount), of=of)
        scenario.events.append(event)

    return act


def _undo_last_paid(kind: str) -> Callable[..., None]:
    def act(scenario: Scenario, rows: Rows) -> None:
        scenario.reverse(scenario.paid_as(kind)[-1].key)

    return act


def _undo_payment(scenario: Scenario, which: str, on: str, rows: Rows) -> None:
    gone = {event.of for event in scenario.events if isinstance(event, did.Reversed)}
    that_day = [
        event for event in scenario.events
        if event.on == day(on) and isinstance(event, did.Paid | did.ReAged) and event.key not in gone
    ]  # fmt: skip
    if not that_day:
        raise Outside("a transaction that the program made by itself is undone")
    scenario.reverse(that_day[min(int(which), len(that_day)) - 1].key)


def _undo_nth(scenario: Scenario, which: str, rows: Rows) -> None:
    scenario.reverse(scenario.payments()[int(which) - 1].key)


def _adjust(scenario: Scenario, which: str, on: str, amount: str, rows: Rows) -> None:
    """A payment corrected: the old one is taken back, another takes its place."""
    _undo_payment(scenario, which, on, rows)
    _pay(scenario, on, amount, rows)


def _undo_last(kind: type[did.Event]) -> Callable[..., None]:
    def act(scenario: Scenario, *words: Any) -> None:
        gone = {event.of for event in scenario.events if isinstance(event, did.Reversed)}
        done = [event for event in scenario.events if isinstance(event, kind) and event.key not in gone]
        scenario.reverse(done[-1].key)

    return act


def _happen(kind: type[did.Event]) -> Callable[..., None]:
    def act(scenario: Scenario, *words: Any) -> None:
        on = day(words[0]) if isinstance(words[0], str) else scenario.today
        scenario.events.append(kind(key=scenario.key(), on=on))

    return act


def _re_age(scenario: Scenario, rows: Rows) -> None:
    row = rows[0]
    every = Every(int(row["frequencyNumber"]), Unit(row["frequencyType"].lower()))
    scenario.events.append(
        did.ReAged(
            key=scenario.key(), on=scenario.today, first_on=day(row["startDate"]), every=every,
            count=int(row["numberOfInstallments"]),
        )
    )  # fmt: skip


def _reschedule(scenario: Scenario, rows: Rows) -> None:
    row = rows[0]
    if row["graceOnInterest"]:
        raise Outside("grace on interest in the middle of a loan")
    new_due, rate = row["adjustedDueDate"], row["newInterestRate"]
    scenario.events.append(
        did.Rescheduled(
            key=scenario.key(), on=day(row["submittedOnDate"]), from_due=day(row["rescheduleFromDate"]),
            new_due=day(new_due) if new_due else None, grace=int(row["graceOnPrincipal"] or 0),
            extra_terms=int(row["extraTerms"] or 0), yearly_rate=Decimal(rate) / 100 if rate else None,
        )
    )  # fmt: skip


def _reschedule_batch(scenario: Scenario, since: str, until: str, on: str, rows: Rows) -> None:
    event = did.Rescheduled(key=scenario.key(), on=day(on), from_due=day(since), new_due=day(until))
    scenario.events.append(event)


def _refund(scenario: Scenario, on: str, amount: str, rows: Rows) -> None:
    scenario.events.append(did.CreditRefunded(key=scenario.key(), on=day(on), minor=cents(amount)))


def _waive(scenario: Scenario, rows: Rows) -> None:
    charge = [event for event in scenario.events if isinstance(event, did.Charged)][-1]
    scenario.events.append(did.Waived(key=scenario.key(), on=charge.on, charge=charge.key))


def _adjust_charge(scenario: Scenario, amount: str, rows: Rows) -> None:
    event = did.Paid(key=scenario.key(), on=scenario.today, minor=cents(amount), kind="charge_adjustment")
    scenario.events.append(event)


def _pay_off(scenario: Scenario, on: str, rows: Rows) -> None:
    if scenario.product is not None and "TILL_PRECLOSE" in scenario.product_name:
        scenario.events += ended(scenario.product, scenario.events, day(on), scenario.key())
        return
    minor = scenario.book().open_minor
    scenario.events.append(did.Paid(key=scenario.key(), on=day(on), minor=minor))


_DEEDS: list[tuple[str, Callable[..., None]]] = [
    (r'Admin sets the business date to "([^"]+)"', _today),
    (r'Admin creates a new default Loan with date: "([^"]+)"', _default_loan),
    (
        r"Admin successfully creates a new customised Loan submitted on date: \"([^\"]+)\", with Principal: "
        r"\"([^\"]+)\", a loanTermFrequency: \d+ months, and numberOfRepayments: (\d+)",
        _customised_loan,
    ),
    (r"Admin creates a fully customized loan with the following data", _full_loan),
    (r'Admin sets repaymentStartDateType for "[^"]+" loan product to "([^"]+)"', _counted_from),
    (
        r'Admin set "[^"]+" loan product "DEFAULT" transaction type to "([^"]+)" future installment allocation rule',
        _rule,
    ),
    (r'Admin successfully disburse the loan on "([^"]+)" with "([^"]+)" EUR transaction amount', _disburse),
    (
        r'(?:Customer|Created user) makes (?:externalID controlled )?"\w+" repayment on "([^"]+)" with ([\d.]+) EUR '
        r"transaction amount(?: and check external owner)?",
        _pay,
    ),
    (
        r'(?:Customer|Admin) makes "([^"]+)" transaction with "[^"]+" payment type on "([^"]+)" with ([\d.]+) EUR '
        r"transaction amount(?: and .*)?",
        _pay_as,
    ),
    (
        r'Admin adds "([^"%]+)" due date charge with "([^"]+)" due date and ([\d.]+) EUR transaction amount',
        _charge,
    ),
    (r'Admin adds an NSF fee because of payment bounce with "([^"]+)" transaction date', _bounce_fee),
    (
        r'Admin adds a ([\d.]+) % Processing charge to the loan with "en" locale on date: "([^"]+)"',
        _part_of_loan,
    ),
    (
        r'Admin adds "LOAN_DISBURSEMENT_PERCENTAGE_FEE" charge with ([\d.]+) % of transaction amount',
        _part_kept_back,
    ),
    (
        r'Admin (puts|removes) "LOAN_INTEREST_RECALCULATION" business step into LOAN_CLOSE_OF_BUSINESS workflow',
        _recounts,
    ),
    (
        r'Admin adds "LOAN_INSTALLMENT_PERCENTAGE_FEE" charge with ([\d.]+) % of transaction amount',
        _part_of_instalments,
    ),
    (
        r'Admin makes "[^"]+" chargeback with ([\d.]+) EUR transaction amount(?: for Payment nr\. (\d+))?',
        _charge_back(),
    ),
    (
        r'Admin makes "[^"]+" chargeback with ([\d.]+) EUR transaction amount for Downpayment nr\. (\d+)',
        _charge_back("down_payment"),
    ),
    (
        r'Admin makes "[^"]+" chargeback with ([\d.]+) EUR transaction amount for MIR nr\. (\d+)',
        _charge_back("merchant_refund"),
    ),
    (
        r'Refund happens on "([^"]+)" with ([\d.]+) EUR transaction amount',
        partial(_pay, kind="payout_refund"),
    ),
    (r'Refund undo happens on "[^"]+"', _undo_last_paid("payout_refund")),
    (r'Customer undo "(\d+)"th (?:"[^"]+" )?transaction made on "([^"]+)"', _undo_payment),
    (r'Customer undo "(\d+)"th repayment on "[^"]+"', _undo_nth),
    (r'Customer adjust "(\d+)"th repayment on "([^"]+)" with amount "([^"]+)"', _adjust),
    (
        r'Customer makes a repayment undo on "([^"]+)"',
        lambda scenario, on, rows: _undo_payment(scenario, "1", on, rows),
    ),
    (r'Admin does charge-off the loan (?:with reason "[^"]+" )?on "([^"]+)"', _happen(did.ChargedOff)),
    (r"Admin does a charge-off undo the loan.*", _undo_last(did.ChargedOff)),
    (r'Admin does write-off the loan on "([^"]+)"', _happen(did.WrittenOff)),
    (r"Admin successfully undo (?:last )?disbursal", _undo_last(did.Disbursed)),
    (r"Admin creates a Loan re-aging transaction.*with the following data", _re_age),
    (r"Admin successfully undo Loan re-aging transaction", _undo_last(did.ReAged)),
    (
        r"(?:When )?Admin creates a Loan re-amortization transaction on current business date(?: by loan external ID)?",
        _happen(did.ReAmortised),
    ),
    (
        r"(?:When )?Admin undo Loan re-amortization transaction on current business date",
        _undo_last(did.ReAmortised),
    ),
    (r"Admin creates and approves Loan reschedule with the following data", _reschedule),
    (
        r'Batch API call with steps: rescheduleLoan from "([^"]+)" to "([^"]+)" submitted on date: "([^"]+)".*',
        _reschedule_batch,
    ),
    (
        r'Admin makes Credit Balance Refund transaction on "([^"]+)" with ([\d.]+) EUR transaction amount',
        _refund,
    ),
    (r"Admin waives (?:due date )?charge", _waive),
    (
        r'Admin makes a charge adjustment for the last "[^"]+" type charge which is due on "[^"]+" with ([\d.]+) EUR.*',
        _adjust_charge,
    ),
    (r"Admin reverts the charge adjustment which was raised on .*", _undo_last_paid("charge_adjustment")),
    (r'Loan Pay-off is made on "([^"]+)"', _pay_off),
]
