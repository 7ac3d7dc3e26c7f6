"""The law of a portfolio as people read it: hours and caps by channel, the rules with their source, and a question about one instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from aldia.access.actors import Actor
from aldia.contact import law
from aldia.contact.house.book import facts_of, policy_of
from aldia.contact.selectors import CHANNELS
from aldia.domain.compliance.packs import Rule
from aldia.domain.compliance.policy import ContactPolicy
from aldia.domain.compliance.texts import missing_text, reason_text, verdict_text
from aldia.ledger import selectors as ledger


@dataclass(frozen=True)
class ChannelHours:
    """The hours of a channel, Monday first: each day the open ranges as `8:00–20:00`, empty when closed."""

    channel: str
    days: tuple[str, ...]
    closes_on_holidays: bool
    is_product_default: bool
    consent: str


@dataclass(frozen=True)
class LawView:
    """What binds a portfolio on a day. `missing` says which facts are unknown, so that the strictest reading was taken."""

    country: str
    version: str
    hours: tuple[ChannelHours, ...]
    rules: tuple[Rule, ...]
    missing: str


@dataclass(frozen=True)
class Answer:
    """Whether a person could be contacted at an instant, in words, with the rules that decided."""

    is_allowed: bool
    text: str
    reasons: tuple[str, ...]
    rules: tuple[Rule, ...]
    at_local: datetime


def law_of_portfolio(actor: Actor, portfolio_id: int, *, on: date, language: str) -> LawView:
    """Return the law of a portfolio's facts that day. Raises Portfolio.DoesNotExist."""
    portfolio = ledger.portfolio(actor, portfolio_id)
    facts = facts_of(portfolio, country=portfolio.country)
    policy = policy_of(actor.organisation_id, facts, on=on)
    return LawView(
        country=policy.country or "",
        version=policy.rule_version,
        hours=tuple(_hours(policy, channel) for channel in CHANNELS if channel in policy.hours),
        rules=policy.rules,
        missing=missing_text(policy.missing, language),
    )


def answer_at(actor: Actor, case_id: int, *, channel: str, at: datetime, language: str) -> Answer:
    """Return whether the person of a case may be contacted by a person at that instant, with what is known of him today.

    Raises LookupError when the case is not the organisation's.
    """
    about = law.matter(
        actor.organisation_id,
        case_id,
        on=at.astimezone(law.zones_of(actor.organisation_id, case_id)[0]).date(),
    )
    verdict = law.ask(about, channel=channel, at=at, is_automated=False)
    rules = (about.policy.rule(reason.rule_id) for reason in verdict.reasons)
    return Answer(
        is_allowed=verdict.allowed,
        text=verdict_text(verdict, zone=about.zones[0], language=language),
        reasons=tuple(reason_text(reason, language) for reason in verdict.reasons),
        rules=tuple(rule for rule in rules if rule is not None),
        at_local=verdict.at_local,
    )


def _hours(policy: ContactPolicy, channel: str) -> ChannelHours:
    found = policy.hours[channel]
    consent = policy.consents.get(channel)
    days = tuple(
        ", ".join(f"{_clock(first)}–{_clock(last)}" for first, last in ranges) for ranges in found.week
    )
    return ChannelHours(
        channel, days, found.closes_on_holidays, found.is_product_default, consent.model if consent else ""
    )


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
