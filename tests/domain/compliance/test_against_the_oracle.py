"""Generated histories in every country: the gate and a slow hand-written reading of the law never differ."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.domain.compliance.gate import Verdict
from aldia.domain.compliance.history import PastContact
from aldia.domain.compliance.packs import CHANNELS
from aldia.domain.compliance.policy import ContactPolicy
from tests.domain.compliance.oracle import LAWS, Entry, Law, first_lawful_minute, is_lawful
from tests.domain.compliance.people import ask, holidays, policy

EXAMPLES = int(os.environ.get("ALDIA_GATE_HISTORIES", "16"))
# Around the changes of the clock in Spain, Chile and the United States, holidays, and a plain week.
STARTS = [
    datetime(2026, 3, 5, tzinfo=UTC),
    datetime(2026, 3, 26, tzinfo=UTC),
    datetime(2026, 4, 1, tzinfo=UTC),
    datetime(2026, 9, 2, tzinfo=UTC),
    datetime(2026, 10, 22, tzinfo=UTC),
    datetime(2026, 11, 12, tzinfo=UTC),
]
Wish = tuple[str, int, bool, str]  # channel, minute, whether it reached somebody, whose act it was
KINDS = ["us", "us", "us", "us", "inbound", "other creditor", "other debt"]
MINUTES, MOST = 12 * 24 * 60, 25
wishes = st.lists(
    st.tuples(st.sampled_from(CHANNELS), st.integers(0, MINUTES), st.booleans(), st.sampled_from(KINDS)),
    min_size=1,
    max_size=MOST,
)


def entry(channel: str, at: datetime, contact: bool, kind: str) -> Entry:
    return Entry(
        channel,
        at,
        contact,
        kind == "inbound",
        "c2" if kind == "other creditor" else "c1",
        "d2" if kind in ("other creditor", "other debt") else "d1",
    )


def as_history(log: Sequence[Entry]) -> list[PastContact]:
    return [
        PastContact(
            each.channel,
            each.at,
            each.contact,
            each.inbound,
            each.creditor,
            frozenset({each.debt}),
            place="home",
        )
        for each in log
    ]


def rules_of(law: Law) -> ContactPolicy:
    nature = "business" if law.debt == "commercial" else "consumer"
    return policy(law.country, region=law.region, debt=law.debt, debtor=nature, actor=law.actor)


def decide(law: Law, rules: ContactPolicy, channel: str, at: datetime, past: list[PastContact]) -> Verdict:
    return ask(
        rules,
        channel,
        at,
        zones=[ZoneInfo(law.zone)],
        history=past,
        is_holiday=holidays(law.country),
        place="home",
    )


def first_difference(law: Law, rules: ContactPolicy, start: datetime, wished: Sequence[Wish]) -> object:
    """Live a history wish after wish; return the first act on which gate and oracle differ, or None."""
    off, log, past = holidays(law.country), list[Entry](), list[PastContact]()
    for channel, minute, contact, kind in sorted(wished, key=lambda wish: wish[1]):
        at = start + timedelta(minutes=minute)
        if kind == "us":
            verdict = decide(law, rules, channel, at, past)
            if verdict.allowed != is_lawful(law, channel, at, log, off):
                return channel, at.isoformat(), verdict.reasons
            if not verdict.allowed:
                continue
        log.append(entry(channel, at, contact, kind))
        past += as_history(log[-1:])
    return None


@pytest.mark.enforces("contact_window", "frequency_cap")
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.country)
@given(start=st.sampled_from(STARTS), wished=wishes)
@settings(max_examples=EXAMPLES, deadline=None)
def test_every_act_that_the_gate_lets_through_is_lawful_and_none_lawful_is_refused(
    law: Law, start: datetime, wished: list[Wish]
) -> None:
    assert first_difference(law, rules_of(law), start, wished) is None


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.country)
@given(start=st.sampled_from(STARTS), wished=wishes, channel=st.sampled_from(CHANNELS))
@settings(max_examples=max(5, EXAMPLES // 4), deadline=None)
def test_the_next_instant_is_the_first_lawful_minute(
    law: Law, start: datetime, wished: list[Wish], channel: str
) -> None:
    log = [
        entry(how, start + timedelta(minutes=minute), contact, kind) for how, minute, contact, kind in wished
    ]
    at = max(each.at for each in log) + timedelta(minutes=1)
    verdict = decide(law, rules_of(law), channel, at, as_history(log))
    found = first_lawful_minute(law, channel, at, log, holidays(law.country), days=12)
    if found is not None or verdict.next_allowed_at is None:
        assert verdict.next_allowed_at == found
    else:
        assert verdict.next_allowed_at > at + timedelta(days=11)


@pytest.mark.parametrize(
    ("zone", "begins"),
    [("America/Santiago", "2026-09-05"), ("America/Santiago", "2026-04-03"), ("Europe/Madrid", "2026-03-28"),
     ("Europe/Madrid", "2026-10-24"), ("America/New_York", "2026-10-31")],
)  # fmt: skip
def test_hours_follow_the_wall_clock_over_a_change_of_the_clock(zone: str, begins: str) -> None:
    law = next(law for law in LAWS if law.country == {"Am": "CL", "Eu": "ES"}[zone[:2]])
    law = Law(law.country, law.region, zone, law.debt, law.actor, law.hours, law.open_on_holidays)
    rules, off = rules_of(law), holidays(law.country)
    at = datetime.fromisoformat(begins).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for minute in range(0, 60 * 60, 7):
        instant = at + timedelta(minutes=minute)
        for channel in ("call", "email", "letter"):
            verdict = decide(law, rules, channel, instant, [])
            assert verdict.allowed == is_lawful(law, channel, instant, [], off), (channel, instant)
            if minute % 70 == 0:
                assert verdict.next_allowed_at == first_lawful_minute(law, channel, instant, [], off, days=5)
