"""Reads of how clients pay: their days, what they may take off when they pay early, and the papers they ask for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.domain.calendars import Calendar, UnknownCountry, country_calendar
from aldia.domain.customer_terms import EarlyDiscount, PaymentDays, days_from, read_early_discount
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties
from aldia.payments.models import CustomerTerms

SETTING = "early_discount"
"""What a portfolio allows every client, as it is written: «2/10»."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a client pays, as far as it is known."""

    days: PaymentDays = field(default_factory=PaymentDays)
    early: EarlyDiscount | None = None
    needs_order: bool = False
    needs_counter_receipt: bool = False
    note: str = ""
    credit_minor: int = 0


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a client may owe and what it owes, in all its accounts; one person merged from several counts once."""

    credit_minor: int
    owed_minor: int
    currency: str

    @property
    def left_minor(self) -> int:
        """What it may still owe; nothing once it owes more."""
        return max(self.credit_minor - self.owed_minor, 0)

    @property
    def over_minor(self) -> int:
        """How much more it owes than it may."""
        return max(self.owed_minor - self.credit_minor, 0)


def terms_of(actor: Actor, case_id: int) -> Terms:
    """Return what is known of how a client pays; its own discount for paying early, else its portfolio's."""
    row: CustomerTerms | None = (
        CustomerTerms.objects.of(actor.organisation_id).filter(account_id=case_id).first()
    )
    account = ledger.account(actor.organisation_id, case_id)
    told = str(ledger.portfolio(actor, account.portfolio_id).settings.get(SETTING, ""))
    early = read_early_discount(told)
    if row is None:
        return Terms(early=early, credit_minor=account.credit_minor)
    own = EarlyDiscount(row.early_hundredths, row.early_days) if row.early_hundredths else early
    days = days_from(row.weekdays, row.month_days)
    return Terms(days, own, row.has_order, row.has_counter_receipt, row.note, account.credit_minor)


def exposure(actor: Actor, case_id: int) -> Exposure | None:
    """Return how a client stands against its credit; None where nobody gave it a limit."""
    account = ledger.account(actor.organisation_id, case_id)
    if not account.credit_minor:
        return None
    people, currency = parties.group_of(actor.organisation_id, account.party_id), account.portfolio.currency
    return Exposure(account.credit_minor, ledger.owed_by(actor, people, currency), currency)


def next_payment_day(actor: Actor, case_id: int, *, as_of: date) -> date | None:
    """Return the client's next payment day after today, on a business day of its country; None where it has none."""
    days = terms_of(actor, case_id).days
    if not days:
        return None
    house = access.organisation_of(actor)
    portfolio_id, _creditor, _party = ledger.account_of(actor, case_id)
    own = access.holidays(actor.organisation_id)
    try:
        country = ledger.portfolio(actor, portfolio_id).country or house.country
        calendar = country_calendar(country, [as_of.year, as_of.year + 1], extra=own)
    except UnknownCountry:
        calendar = Calendar(holidays=own)
    return days.next_on(date.fromordinal(as_of.toordinal() + 1), calendar)


def early_terms(actor: Actor, portfolio_id: int, case_ids: Collection[int]) -> dict[int, EarlyDiscount]:
    """Return what these cases may take off when they pay early, those that may: their own, else their portfolio's."""
    told = str(ledger.portfolio(actor, portfolio_id).settings.get(SETTING, ""))
    usual = read_early_discount(told)
    rows = CustomerTerms.objects.of(actor.organisation_id).filter(early_hundredths__gt=0)
    own = {
        key: EarlyDiscount(hundredths, days)
        for key, hundredths, days in rows.values_list("account_id", "early_hundredths", "early_days")
    }
    found = {key: own.get(key, usual) for key in case_ids}
    return {key: early for key, early in found.items() if early is not None}


def early_discounts(actor: Actor, *, case_id: int, currency: str, on: date) -> dict[str, int]:
    """Return what may be taken off each invoice of a case that is paid whole on a day, by the name of the document.

    Only invoices that owe all of what they were issued for, and that nobody disputes.
    """
    early = terms_of(actor, case_id).early
    if early is None:
        return {}
    found = {}
    for line in ledger.documents(actor, case_id=case_id, as_of=on, is_open=True):
        is_whole = line.kind == "invoice" and line.open_minor == line.original_minor and not line.is_disputed
        minor = (
            early.minor(line.original_minor, line.issued_on, on)
            if is_whole and line.currency == currency
            else 0
        )
        if minor:
            found[ledger.document_name(line.id)] = minor
    return found
