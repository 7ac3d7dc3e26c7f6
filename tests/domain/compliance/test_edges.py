"""Corners that generated cases rarely meet: hours that happen twice or never, doubtful facts, overlapping limits."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.contact.rulepacks import shipped_rules
from aldia.domain.compliance.history import Event, PastContact, Standing
from aldia.domain.compliance.packs import (
    CHANNELS,
    CapPeriod,
    ContactWindow,
    FrequencyCap,
    Rule,
    RuleBook,
    RulePack,
)
from aldia.domain.compliance.windows import ALWAYS, first_open
from tests.domain.compliance.people import ask, at, clocks, past, policy

BOGOTA, MADRID, CANARY = ZoneInfo("America/Bogota"), ZoneInfo("Europe/Madrid"), ZoneInfo("Atlantic/Canary")
CHANGES = [
    ("America/Santiago", date(2026, 4, 4)),
    ("America/Santiago", date(2026, 9, 6)),
    ("Europe/Madrid", date(2026, 3, 29)),
    ("Europe/Madrid", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),
]


def own(params: FrequencyCap | ContactWindow) -> RuleBook:
    kind = "frequency_cap" if isinstance(params, FrequencyCap) else "contact_window"
    return shipped_rules().with_organisation(
        tightenings=(Rule("ORG-1", "", kind, params, "hard"),), switched_on=frozenset(), version="1"
    )


@given(
    change=st.sampled_from(CHANGES),
    hours=st.tuples(st.integers(0, 1430), st.integers(1, 1440)).filter(lambda pair: pair[0] < pair[1]),
    seconds=st.integers(0, 30 * 3600),
)
@settings(max_examples=150, deadline=None)
def test_the_first_open_instant_is_right_when_an_hour_is_missing_or_happens_twice(
    change: tuple[str, date], hours: tuple[int, int], seconds: int
) -> None:
    zone, on = ZoneInfo(change[0]), change[1]
    start = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(seconds=seconds - seconds % 60)
    found = first_open(zone, lambda day: (hours,), start)
    instant = start
    while not hours[0] <= instant.astimezone(zone).hour * 60 + instant.astimezone(zone).minute < hours[1]:
        instant += timedelta(minutes=1)
    assert found == instant


def test_a_minute_already_begun_is_not_opened_backwards() -> None:
    zone = ZoneInfo("Europe/Madrid")
    start = datetime(2026, 10, 25, 0, 59, 30, tzinfo=UTC)
    # At 02:59:30 the clock is about to go back to 02:00; the hour from 02:15 opens again fifteen minutes later.
    assert first_open(zone, lambda day: ((135, 179),), start) == datetime(2026, 10, 25, 1, 15, tzinfo=UTC)


def test_an_instant_pushed_by_one_clock_is_asked_again_of_the_others() -> None:
    narrow = ContactWindow(CHANNELS, (((9 * 60, 10 * 60 + 30),),) * 7, closes_on_holidays=False)
    rules = policy("ES", region="ES-MD", debt="commercial", debtor="business", book=own(narrow))
    verdict = ask(rules, "email", at(MADRID, "2026-11-24T10:40"), zones=[CANARY, MADRID])
    assert verdict.next_allowed_at == at(MADRID, "2026-11-25T10:00")


def test_clocks_that_never_agree_have_no_next_instant() -> None:
    minutes = ContactWindow(CHANNELS, (((9 * 60, 9 * 60 + 30),),) * 7, closes_on_holidays=False)
    rules = policy("ES", debt="commercial", debtor="business", book=own(minutes))
    assert ask(rules, "email", at(MADRID, "2026-11-24T09:10"), zones=[CANARY, MADRID]).next_allowed_at is None


def test_a_calendar_week_ends_on_sunday() -> None:
    book = shipped_rules().with_organisation(
        tightenings=(), switched_on=frozenset({"CO-CAP-02"}), version="1"
    )
    rules = policy("CO", debt="consumer_credit", actor="creditor", book=book)
    friday = [past("email", at(BOGOTA, "2026-11-13T10:00"))]
    tuesday = [past("email", at(BOGOTA, "2026-11-17T10:00"))]
    assert ask(rules, "email", at(BOGOTA, "2026-11-17T10:00"), zones=[BOGOTA], history=friday).allowed
    later = ask(rules, "email", at(BOGOTA, "2026-11-20T10:00"), zones=[BOGOTA], history=tuesday)
    assert [reason.rule_id for reason in later.reasons] == ["CO-CAP-02"]
    assert later.next_allowed_at == at(BOGOTA, "2026-11-23T07:00")


@pytest.mark.parametrize(
    ("exclusion", "allowed"), [("not_connected_to_dialled_number", True), ("busy", False)]
)
def test_attempts_that_the_law_excludes_are_not_counted(exclusion: str, allowed: bool) -> None:
    rules, zones = policy("US", region="US-CA", debt="consumer_credit"), clocks("US", "US-CA")
    calls = [
        PastContact("call", at(zones[0], f"2026-11-2{day}T09:00"), False, exclusions=frozenset({exclusion}))
        for day in (1, 1, 2, 2, 3, 3, 4)
    ]
    assert ask(rules, "call", at(zones[0], "2026-11-24T12:00"), zones=zones, history=calls).allowed is allowed


@pytest.mark.parametrize(("is_pooled", "allowed"), [(True, False), (False, True)])
def test_a_cap_that_is_not_pooled_counts_each_channel_alone(is_pooled: bool, allowed: bool) -> None:
    cap = FrequencyCap(1, "attempts", CapPeriod("calendar_day"), "debtor", ("email", "sms"), is_pooled)
    rules, zones = policy("PE", book=own(cap)), clocks("PE")
    wrote = [past("sms", at(zones[0], "2026-11-25T09:00"))]
    noon = at(zones[0], "2026-11-25T12:00")
    assert ask(rules, "email", noon, zones=zones, history=wrote).allowed is allowed
    assert not ask(rules, "sms", noon, zones=zones, history=wrote).allowed


@pytest.mark.parametrize(("creditor", "allowed"), [("c2", True), ("c1", False), (None, False)])
def test_a_contact_of_an_unknown_creditor_counts(creditor: str | None, allowed: bool) -> None:
    wrote = [PastContact("email", at(BOGOTA, "2026-11-25T09:00"), creditor_id=creditor)]
    rules = policy("CO", debt="consumer_credit", actor="creditor")
    assert (
        ask(rules, "email", at(BOGOTA, "2026-11-25T12:00"), zones=[BOGOTA], history=wrote).allowed is allowed
    )


def test_an_event_no_longer_stops_on_the_day_it_ends() -> None:
    rules, zones = policy("CL", region="CL-RM"), clocks("CL", "CL-RM")
    over = Event("served_in_lawsuit_or_insolvency", date(2026, 11, 1), ended_on=date(2026, 11, 25))
    standing = Standing(events=(over,))
    assert ask(rules, "email", at(zones[0], "2026-11-25T10:00"), zones=zones, standing=standing).allowed
    assert not ask(rules, "email", at(zones[0], "2026-11-24T10:00"), zones=zones, standing=standing).allowed


def test_hours_of_an_organisation_never_replace_the_floor() -> None:
    always = ContactWindow(CHANNELS, ALWAYS, closes_on_holidays=False)
    silent = {"debt": "commercial", "debtor": "business"}
    assert (
        policy("MX", book=own(always), **silent).hours["call"].week
        == policy("MX", **silent).hours["call"].week
    )


def test_a_law_of_one_country_does_not_lift_the_floor_for_an_unknown_one() -> None:
    late = ContactWindow(CHANNELS, (((6 * 60, 23 * 60),),) * 7, closes_on_holidays=False)
    law = Rule("XX-1", "XX", "contact_window", late, "hard")
    book = RuleBook({"XX": RulePack("XX", "X", date(2026, 1, 1), (), {}, (law,))}, "test")
    assert policy("XX", book=book).hours["call"].week[6] == ((360, 1380),)
    assert policy(None, book=book).hours["call"].week[6] == ()


def test_a_london_borough_may_be_in_england() -> None:
    assert "GB-EVT-02" in {
        block.rule_id for block in policy("GB", region="GB-LND", debt="consumer_credit").blocks
    }
    assert "GB-EVT-02" not in {
        block.rule_id for block in policy("GB", region="GB-SCT", debt="consumer_credit").blocks
    }


def test_an_organisation_rule_for_one_country_stays_there() -> None:
    rule = Rule(
        "ORG-1",
        "PE",
        "frequency_cap",
        FrequencyCap(1, "attempts", CapPeriod("calendar_day"), "debtor", CHANNELS),
        "hard",
    )
    book = shipped_rules().with_organisation(tightenings=(rule,), switched_on=frozenset(), version="7")
    assert "ORG-1" in {cap.rule_id for cap in policy("PE", book=book).caps}
    assert "ORG-1" not in {cap.rule_id for cap in policy("AR", book=book).caps}
    assert policy("PE", book=book).rule_version.endswith("/7")
