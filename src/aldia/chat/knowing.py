"""What the dialogue may know of a case, as of now; asked for only once who writes has shown who they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.chat.switching import ChatRules, rules_of
from aldia.contact.statements import locale_for
from aldia.domain.chat.talk import Here, Known, PlanOption
from aldia.domain.negotiation import Offer, judge, offers
from aldia.domain.outcome_tree import DISPUTE_REASONS
from aldia.domain.promises import Instalment
from aldia.ledger import selectors as ledger
from aldia.outcomes import selectors as outcomes
from aldia.outcomes.terms import promise_defaults, working_calendar
from aldia.parties import selectors as parties
from aldia.payments.customer_terms import terms_of
from aldia.payments.running import owed_today

if TYPE_CHECKING:
    from aldia.access.models import Organisation
    from aldia.domain.calendars import Calendar
    from aldia.ledger.models import Portfolio

FARTHEST: Final = 60
MOST_PLANS: Final = 5
_FIRST_IN: Final = 7
_LANGUAGES: Final = ("es", "en", "pt-br")


@dataclass(frozen=True)
class Surroundings:
    """Where a conversation happens: its house, portfolio, person, rules and language."""

    organisation: Organisation
    portfolio: Portfolio
    party: Any
    rules: ChatRules
    language: str
    locale: str
    calendar: Calendar
    here: Here


def surroundings(actor: Actor, case_id: int, clock: Clock) -> Surroundings:
    """Return what every message of a case is answered with, whoever writes. Nothing in it goes into an answer by itself."""
    house = access.organisation_of(actor)
    portfolio = ledger.account(house.pk, case_id).portfolio
    _portfolio, _creditor, party_id = ledger.account_of(actor, case_id)
    party = parties.party(actor, party_id)
    wanted = (party.language or portfolio.language or house.language).lower()
    language = wanted if wanted in _LANGUAGES else {"pt": "pt-br", "en": "en"}.get(wanted[:2], "es")
    rules = rules_of(house, portfolio)
    calendar = working_calendar(portfolio.country or house.country, access.holidays(house.pk), clock.as_of)
    local = clock.now.astimezone(ZoneInfo(house.timezone))
    is_staffed = calendar.is_business_day(local.date()) and rules.from_hour <= local.hour < rules.to_hour
    here = Here(clock.as_of, language, portfolio.currency, is_staffed)
    return Surroundings(house, portfolio, party, rules, language, locale_for(house, language), calendar, here)


def known_of(actor: Actor, case_id: int, around: Surroundings, clock: Clock) -> Known:
    """Return the debt, the promise and what may be offered, as of now."""
    lines = owed_today(actor, case_id, as_of=clock.as_of)
    owed = [line for line in lines if line.dpd > 0] or lines
    totals = {currency: total.minor for currency, total in ledger.total_open(owed).items() if total.minor > 0}
    currency = max(totals, key=lambda code: totals[code], default=around.portfolio.currency)
    minor = totals.get(currency, 0)
    promise = outcomes.open_promise(actor, case_id)
    ahead = min(promise_defaults(around.portfolio.settings).days_ahead, FARTHEST)
    has_agreement = any(row.state == "active" for row in outcomes.agreements_of_case(actor, case_id))
    return Known(
        currency=currency, owed_minor=minor, totals=tuple(totals.items()), oldest_on=min((line.due_on for line in owed), default=None),
        is_overdue=any(line.dpd > 0 for line in lines), last_on=clock.as_of + timedelta(days=ahead),
        least_minor=max(minor * around.rules.least_percent // 100, 1), closed_on=around.calendar.holidays,
        days=terms_of(actor, case_id).days, has_agreement=has_agreement,
        promise=(promise.amount_minor, promise.currency, promise.due_on) if promise else None,
        plans=tuple(_option(offer) for offer in plans_of(actor, case_id, currency, as_of=clock.as_of)),
        reasons=tuple(reason.key for reason in DISPUTE_REASONS),
    )  # fmt: skip


def plans_of(actor: Actor, case_id: int, currency: str, *, as_of: date) -> tuple[Offer, ...]:
    """Return the plans that the lowest level of the policy may grant alone: the bot has no more power than a beginner."""
    portfolio_id, _creditor, _party = ledger.account_of(actor, case_id)
    policy = outcomes.policy_of(actor, portfolio_id)
    if policy is None:
        return ()
    role = policy.rules.levels[0].role
    debt, _covers = outcomes.negotiable(actor, case_id, currency, as_of=as_of)
    first_on = as_of + timedelta(days=min(_FIRST_IN, policy.rules.first_within_days))
    found = offers(policy.rules, debt, role=role, first_on=first_on, as_of=as_of)
    return tuple(
        offer
        for offer in found
        if judge(policy.rules, debt, offer.proposal, role=role, as_of=as_of).is_within
    )[:MOST_PLANS]


def _option(offer: Offer) -> PlanOption:
    first: Instalment = next(line for line in offer.sheet.lines if line.number)
    return PlanOption(
        parts=offer.proposal.parts, each_minor=first.amount_minor, total_minor=offer.sheet.total_minor, first_on=first.due_on,
        down_minor=offer.proposal.down_minor, discount_minor=offer.proposal.discount_minor,
    )  # fmt: skip
