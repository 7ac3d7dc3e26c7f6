"""Ready-made cases for the tests of the gate: policies, acts and past contacts said in few words."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aldia.contact.rulepacks import shipped_rules
from aldia.domain.calendars import country_calendar
from aldia.domain.compliance.gate import Intent, Verdict, may_contact
from aldia.domain.compliance.history import PastContact, Standing
from aldia.domain.compliance.matching import CaseFacts
from aldia.domain.compliance.packs import CHANNELS, RuleBook
from aldia.domain.compliance.policy import ContactPolicy, policy_for
from aldia.domain.compliance.zones import zones_for

CONSENTED = Standing(consented=frozenset(CHANNELS))
ON = date(2026, 11, 22)


def policy(
    country: str | None,
    *,
    region: str | None = None,
    debt: str | None = "consumer",
    debtor: str | None = "consumer",
    actor: str | None = "collection_agency",
    on: date = ON,
    book: RuleBook | None = None,
) -> ContactPolicy:
    return policy_for(book or shipped_rules(), CaseFacts(country, region, debt, debtor, actor), on=on)


def clocks(country: str | None, region: str | None = None) -> tuple[ZoneInfo, ...]:
    return zones_for(shipped_rules(), country=country, region=region, phone=None).zones


def holidays(country: str, subdivision: str | None = None) -> Callable[[date], bool]:
    return country_calendar(country, [2026], subdivision).is_holiday


def at(zone: ZoneInfo, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def past(
    channel: str, when: datetime, *, contact: bool = True, inbound: bool = False, debt: str = "d1"
) -> PastContact:
    return PastContact(
        channel, when, is_contact=contact, is_inbound=inbound, creditor_id="c1", debt_ids=frozenset({debt})
    )


def ask(
    rules: ContactPolicy,
    channel: str,
    when: datetime,
    *,
    zones: Sequence[ZoneInfo],
    history: Sequence[PastContact] = (),
    standing: Standing = CONSENTED,
    is_holiday: Callable[[date], bool] = lambda on: False,
    role: str = "debtor",
    place: str | None = None,
) -> Verdict:
    intent = Intent(
        channel,
        when,
        tuple(zones),
        creditor_id="c1",
        debt_ids=frozenset({"d1"}),
        target_role=role,
        place=place,
    )
    return may_contact(rules, intent, history=history, standing=standing, is_holiday=is_holiday)
