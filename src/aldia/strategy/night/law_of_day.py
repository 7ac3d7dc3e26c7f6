"""The calendars and contact policies of a night, and the first lawful instant of the day for each kind of debtor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from aldia.access import selectors as access
from aldia.contact.house.book import book_of
from aldia.contact.rulepacks import policy_under, shipped_rules
from aldia.domain.calendars import Calendar, UnknownCountry, country_calendar
from aldia.domain.compliance.gate import day_windows
from aldia.domain.compliance.matching import CaseFacts
from aldia.domain.compliance.policy import ContactPolicy
from aldia.domain.compliance.zones import zones_for
from aldia.engine.contact_rules import DayPolicy, day_policy

POLICY_FACTS: Final = (
    "country",
    "region",
    "debt_kind",
    "portfolio_debtor_kind",
    "actor_kind",
)  # as CaseFacts has them
_SEPARATOR: Final = "|"
_DAYS_AHEAD: Final = 8


@dataclass(frozen=True)
class LawOfDay:
    """By key: `calendars` (country), `policies` (the facts of a debtor joined by |), whole and as the plan reads them."""

    calendars: Mapping[str, Calendar]
    policies: Mapping[str, ContactPolicy]
    plans: Mapping[str, DayPolicy]

    @property
    def since(self) -> date | None:
        """The earliest day that some cap looks back to."""
        return min((cap.since for plan in self.plans.values() for cap in plan.caps), default=None)


def with_keys(cases: pl.DataFrame) -> pl.DataFrame:
    """Return the cases with the columns `calendar` and `policy`."""
    facts = [pl.col(name).fill_null("") for name in POLICY_FACTS]
    return cases.with_columns(
        calendar=pl.col("country").fill_null(""), policy=pl.concat_str(facts, separator=_SEPARATOR)
    )


def law_of_day(organisation_id: int, cases: pl.DataFrame, *, as_of: date, years: Iterable[int]) -> LawOfDay:
    """Return what is closed and counted that day for the cases (with their keys). `years` are those to count days over."""
    own, book = access.holidays(organisation_id), book_of(organisation_id)
    covered = sorted({as_of.year, *years})
    calendars = {key: _calendar(key, covered, own) for key in cases["calendar"].unique().sort().to_list()}
    policies: dict[str, ContactPolicy] = {}
    plans: dict[str, DayPolicy] = {}
    for key in cases["policy"].unique().sort().to_list():
        facts = CaseFacts(*key.split(_SEPARATOR))
        policies[key] = policy_under(book, facts, on=as_of)
        plans[key] = day_policy(
            policies[key], as_of=as_of, is_holiday=calendars[facts.country or ""].is_holiday
        )
    return LawOfDay(calendars, policies, plans)


def _calendar(country: str, years: Iterable[int], own: frozenset[date]) -> Calendar:
    try:
        return country_calendar(country, years, extra=own) if country else Calendar(holidays=own)
    except UnknownCountry:
        return Calendar(holidays=own)


@dataclass(frozen=True)
class Place:
    """Who is written to, as far as hours go: policy, country, region, time zone when known, channel."""

    policy: str
    country: str
    region: str
    timezone: str
    channel: str

    @property
    def zones(self) -> tuple[ZoneInfo, ...]:
        """Every plausible clock; the first one dates things."""
        if self.timezone:
            return (ZoneInfo(self.timezone),)
        return zones_for(
            shipped_rules(), country=self.country or None, region=self.region or None, phone=None
        ).zones


def first_lawful_instant(law: LawOfDay, place: Place, *, as_of: date, now: datetime) -> datetime:
    """Return the first instant (UTC), not before `now`, at which the hours are open on every clock of the place.

    Where the clocks never agree within a week, the opening on the first of them: the gate says the last word.
    """
    policy, calendar = law.policies[place.policy], law.calendars[place.country]
    zones = place.zones
    for ahead in range(_DAYS_AHEAD):
        on = as_of + timedelta(days=ahead)
        ranges = day_windows(policy, place.channel, on, calendar.is_holiday(on))
        opened = [[_instants(zone, on, one) for one in ranges] for zone in zones]
        found = _first_common(opened, now)
        if found is not None:
            return found
    return now


def _instants(zone: ZoneInfo, on: date, minutes: tuple[int, int]) -> tuple[datetime, datetime]:
    midnight = datetime.combine(on, time())
    begin, end = (
        (midnight + timedelta(minutes=minute)).replace(tzinfo=zone).astimezone(UTC) for minute in minutes
    )
    return begin, end


def _first_common(opened: list[list[tuple[datetime, datetime]]], now: datetime) -> datetime | None:
    """The earliest instant that lies in some range of every clock."""
    begins = sorted({max(begin, now) for ranges in opened for begin, _end in ranges})
    for instant in begins:
        if all(any(begin <= instant < end for begin, end in ranges) for ranges in opened):
            return instant
    return None


def end_of_window(place: Place, ends_on: date) -> datetime:
    """Return the instant at which the day `ends_on` begins on the place's first clock: what waits longer is too late."""
    return datetime.combine(ends_on, time(), place.zones[0]).astimezone(UTC)
