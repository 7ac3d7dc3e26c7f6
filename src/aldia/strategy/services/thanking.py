"""Thanks for money that came in, as the case's strategy says: once a case, currency and day, and never for history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import polars as pl

from aldia.access.actors import Actor
from aldia.contact import facts as contact_facts
from aldia.contact import services as contact
from aldia.engine.strategy import Thanks
from aldia.ledger import selectors as ledger
from aldia.outcomes import facts as outcomes
from aldia.parties import selectors as parties
from aldia.payments import facts as payments
from aldia.strategy.night.in_use import night_plan

LATE: Final = timedelta(
    days=3
)  # a payment told on Monday for Friday is thanked; an old one that is loaded is not
LIFE: Final = timedelta(days=5)  # a long holiday fits
_HISTORY: Final = ":settlement"  # receipts that a load made of a date in the document: nobody just paid
_PRIORITY: Final = 60


@dataclass(frozen=True)
class Paid:
    """What one case paid in one currency on one day; `is_promise`: it kept a promise."""

    case_id: int
    portfolio_id: int
    on: date
    currency: str
    minor: int
    is_promise: bool = False

    @property
    def identity(self) -> str:
        """What makes its thanks unique for ever."""
        return f"thanks:{self.case_id}:{self.on.isoformat()}:{self.currency}"


def thank(*, actor: Actor, as_of: date, now: datetime) -> int:
    """Leave the thanks that are due and return how many are new; the same again leaves none.

    They leave by the outbox like any message: within the hours of the law, never to whoever opted out.
    """
    plan = night_plan(actor.organisation_id, as_of=as_of)
    says = {
        portfolio_id: one.strategy.thanks
        for one in plan.strategies
        if one.strategy.thanks and one.strategy.thanks.is_on
        for portfolio_id in one.portfolio_ids
    }
    if not says:
        return 0
    due = [paid for paid in _paid(actor.organisation_id, as_of) if paid.portfolio_id in says]
    known = contact_facts.known_identities(actor.organisation_id, [paid.identity for paid in due])
    drafts = [
        _draft(actor, paid, says[paid.portfolio_id], as_of, now) for paid in due if paid.identity not in known
    ]
    return contact.place_orders(organisation_id=actor.organisation_id, orders=drafts, now=now)


def _paid(organisation_id: int, as_of: date) -> Iterator[Paid]:
    """What came in these last days, by case, day and currency."""
    span: dict[str, Any] = {"from_on": as_of - LATE, "to_on": as_of + timedelta(days=1)}
    receipts = payments.receipt_frame(organisation_id, **span)
    receipts = receipts.filter(
        pl.col("case_id").is_not_null() & (pl.col("state") != "REVERSED") & ~pl.col("source").str.ends_with(_HISTORY)
    )  # fmt: skip
    sums = receipts.group_by("case_id", "portfolio_id", "on", "currency", maintain_order=True).agg(
        pl.col("amount_minor").sum()
    )
    promises = outcomes.promise_frame(organisation_id, **span).filter(
        (pl.col("state") == "kept") & pl.col("decided_on").is_not_null()
    )
    kept = dict.fromkeys(promises.select("case_id", "currency").iter_rows())
    yield from _with_promises((Paid(*row) for row in sums.iter_rows()), kept)


def _with_promises(sums: Iterable[Paid], kept: dict[tuple[int, str], None]) -> Iterator[Paid]:
    """A kept promise is told with the newest payment of its case; without a payment of ours there is nothing to thank for."""
    newest: dict[tuple[int, str], date] = {}
    rows = list(sums)
    for paid in rows:
        key = (paid.case_id, paid.currency)
        newest[key] = max(newest.get(key, paid.on), paid.on)
    for paid in rows:
        key = (paid.case_id, paid.currency)
        yield replace(paid, is_promise=key in kept and newest[key] == paid.on)


def _draft(actor: Actor, paid: Paid, says: Thanks, as_of: date, now: datetime) -> contact.OrderDraft:
    portfolio_id, creditor_id, party_id = ledger.account_of(actor, paid.case_id)
    return contact.OrderDraft(
        creditor_id=creditor_id, portfolio_id=portfolio_id, case_id=paid.case_id, party_id=party_id, identity=paid.identity,
        channel=_channel(actor.organisation_id, party_id, creditor_id, says.channels),
        template_key=says.promise if paid.is_promise else says.receipt, origin=contact.THANKS, as_of=as_of, not_before_at=now,
        expires_at=now + LIFE, has_statement=False, extra={"paid_minor": paid.minor, "currency": paid.currency},
        purpose="service", priority=_PRIORITY,
    )  # fmt: skip


def _channel(organisation_id: int, party_id: int, creditor_id: int, channels: tuple[str, ...]) -> str:
    """The first channel that reaches the person and is open; else the first, so that the outbox says why it did not leave."""
    points = parties.best_points(organisation_id, party_id, creditor_id)
    closed = contact_facts.closed_channels(organisation_id) | parties.opted_out(
        organisation_id, party_id, creditor_id
    )
    return next((name for name in channels if name in points and name not in closed), channels[0])
