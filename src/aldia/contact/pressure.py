"""How much each person was contacted in the last days, and the strictest cap of a week that holds in a portfolio."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from aldia.access import selectors as access
from aldia.contact.facts import touch_frame
from aldia.contact.house.book import facts_of, policy_of
from aldia.contact.models import Touch
from aldia.ledger import selectors as ledger

if TYPE_CHECKING:
    from aldia.access.actors import Actor
    from aldia.domain.compliance.packs import FrequencyCap

DAYS: Final = 7
_EVERY_CHANNEL: Final = frozenset({"call", "whatsapp", "email", "sms", "letter", "visit"})


def pressure_frame(organisation_id: int, *, as_of: date) -> pl.DataFrame:
    """Return the people that our side contacted, or is about to, in the DAYS that end with a day: party_id, case_id of the
    last, contacts."""
    touches = touch_frame(organisation_id, since_on=as_of - timedelta(days=DAYS - 1))
    ours = touches.filter(~pl.col("is_inbound") & (pl.col("on") <= as_of)).sort("on", "case_id")
    return ours.group_by("party_id").agg(pl.col("case_id").last(), contacts=pl.len().cast(pl.Int64))


def contacts_of(organisation_id: int, party_id: int, *, as_of: date) -> int:
    """Return how many times our side contacted a person in the DAYS that end with a day."""
    rows = Touch.objects.of(organisation_id).filter(party_id=party_id, is_inbound=False, local_on__lte=as_of)
    return int(rows.filter(local_on__gt=as_of - timedelta(days=DAYS)).count())


def weekly_cap(actor: Actor, *, as_of: date, portfolio_id: int | None = None) -> int | None:
    """Return the fewest contacts by every channel together that a rule of the law or of the house leaves to a person in a week.

    Of one portfolio, or the strictest of all. None where no such rule holds.
    """
    home = access.organisation_of(actor).country
    found = []
    for row in ledger.portfolios(actor):
        if portfolio_id not in (None, row.pk):
            continue
        facts = facts_of(row, country=row.country or home)
        policy = policy_of(actor.organisation_id, facts, on=as_of)
        found += [most for cap in policy.caps if (most := _in_a_week(cap.limit)) is not None]
    return min(found, default=None)


def _in_a_week(cap: FrequencyCap) -> int | None:
    """What a cap leaves in a week; None for one that does not bind every channel together, or counts over longer."""
    is_plain = cap.after_event is None and not cap.excluded and not cap.only_elsewhere and cap.is_pooled
    if (
        not is_plain
        or cap.scope not in ("debtor", "debtor_and_creditor")
        or not set(cap.channels) >= _EVERY_CHANNEL
    ):
        return None
    if cap.period.span == "rolling_days":
        return cap.maximum * -(-DAYS // cap.period.length) if cap.period.length <= DAYS else None
    return cap.maximum if cap.period.span == "calendar_week" else cap.maximum * DAYS
