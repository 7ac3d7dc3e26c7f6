"""Each kind of rule is read field by field as it is written, and what cannot be read is named: rule, field, found, expected."""

from copy import deepcopy
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aldia.domain.compliance.charges import ChargeLimit, charge_limits
from aldia.domain.compliance.fields import MalformedRule, UnknownRuleKind, read_minute
from aldia.domain.compliance.matching import CaseFacts
from aldia.domain.compliance.notices import NoticeNeed, notice_needs
from aldia.domain.compliance.packs import (
    KINDS,
    CapPeriod,
    ConductBan,
    Consent,
    EventBlock,
    ForbiddenTarget,
    FrequencyCap,
    Params,
    RequiredContent,
    RuleBook,
)
from aldia.domain.compliance.parsing import parse_pack, parse_rule
from aldia.domain.compliance.policy import ContactPolicy, policy_for
from aldia.domain.compliance.windows import first_open

CAP: dict[str, Any] = {
    "max": 3, "unit": "contacts", "scope": "debt", "channels": ["call", "sms"], "period": {"type": "calendar_day"},
}  # fmt: skip
AS_READ = FrequencyCap(3, "contacts", CapPeriod("calendar_day"), "debt", ("call", "sms"))
EVENT: dict[str, Any] = {"trigger": "dispute", "effect": "block_all", "until": "answered"}
BLOCKED = EventBlock("dispute", "block_all", until="answered")


def rule(kind: str, params: object, **more: Any) -> dict[str, Any]:
    return {"id": "XX-1", "kind": kind, "severity": "hard", "params": params, **more}


def read(kind: str, params: object) -> Params:
    return parse_rule(rule(kind, params), country="XX").params


def cap(**changes: Any) -> FrequencyCap:
    return FrequencyCap(
        **{**{name: getattr(AS_READ, name) for name in AS_READ.__dataclass_fields__}, **changes}
    )


def block(**changes: Any) -> EventBlock:
    return EventBlock(
        **{**{name: getattr(BLOCKED, name) for name in BLOCKED.__dataclass_fields__}, **changes}
    )


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, cap()),
        ({"period": {"type": "rolling_days", "length": 30}}, cap(period=CapPeriod("rolling_days", 30))),
        ({"period": {"type": "calendar_week", "length": 1}}, cap(period=CapPeriod("calendar_week"))),
        ({"period": {"type": "week"}}, cap(period=CapPeriod("rolling_days", 7))),
        ({"min_gap": {"value": 2, "unit": "days"}}, cap(min_gap_days=2)),
        ({"pooled": False}, cap(is_pooled=False)),
        ({"after_event": "consumer_responded"}, cap(after_event="consumer_responded")),
        ({"excluded_attempts": ["busy"]}, cap(excluded=frozenset({"busy"}))),
        (
            {"visits": {"max": 1, "period": {"type": "calendar_week"}}},
            cap(also=(FrequencyCap(1, "contacts", CapPeriod("calendar_week"), "debt", ("visit",)),)),
        ),
        (
            {"other_numbers": {"max": 2, "period_days": 30}},
            cap(also=(
                FrequencyCap(2, "contacts", CapPeriod("rolling_days", 30), "debt", ("call", "sms"), only_elsewhere=True),
            )),
        ),
    ],
)  # fmt: skip
def test_a_frequency_cap(told: dict[str, Any], expected: FrequencyCap) -> None:
    assert read("frequency_cap", {**CAP, **told}) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, block()),
        ({"channels": ["call"], "effect": "block_channel"}, block(channels=("call",), effect="block_channel")),
        ({"scope": "debt"}, block(scope="debt")),
        ({"exceptions": ["legal_notice"]}, block(exempt_purposes=frozenset({"legal_notice"}))),
        ({"charges": "frozen"}, block(freezes_charges=True)),
        ({"duration": {"type": "rolling_days", "length": 7}, "until": None}, block(until=None, days=7)),
        (
            {"duration": {"type": "rolling_days", "length": 7, "day_of_event_is_day": 1}, "until": None},
            block(until=None, days=7, is_event_day_first=True),
        ),
        ({"duration": {"type": "calendar_week", "length": 1}, "until": None}, block(until=None, rest_of_week=True)),
    ],
)  # fmt: skip
def test_an_event_block(told: dict[str, Any], expected: EventBlock) -> None:
    assert read("event_block", {**EVENT, **told}) == expected


@pytest.mark.parametrize(
    ("kind", "params", "expected"),
    [
        ("forbidden_target", {"targets": ["employer"]}, ForbiddenTarget(targets=("employer",))),
        ("forbidden_target", {"allowed": "debtor"}, ForbiddenTarget(allowed=("debtor",))),
        (
            "forbidden_target", {"places": ["workplace"], "channels": ["visit"], "exceptions": ["alimony"]},
            ForbiddenTarget(places=("workplace",), channels=("visit",), exempt_debts=("alimony",)),
        ),
        ("required_content", {"message_types": ["first"], "placeholders": ["amount"]}, RequiredContent(("first",), ("amount",))),
        ("conduct_ban", {"bans": ["threats"]}, ConductBan(("threats",))),
        ("consent", {"model": "opt_in_data_sharing"}, Consent("opt_in_data_sharing")),
        (
            "consent", {"model": "opt_out_per_channel", "channels": ["sms"], "placeholders": ["way_out"]},
            Consent("opt_out_per_channel", ("sms",), ("way_out",)),
        ),
    ],
)  # fmt: skip
def test_the_other_kinds(kind: str, params: dict[str, Any], expected: Params) -> None:
    assert read(kind, params) == expected


TARGETS = "targets, allowed or places"


@pytest.mark.parametrize(
    ("kind", "params", "field", "found", "expected"),
    [
        ("frequency_cap", {**CAP, "max": -1}, "max", -1, "a whole number of zero or more"),
        ("frequency_cap", {**CAP, "pooled": "yes"}, "pooled", "yes", "true or false"),
        ("frequency_cap", {**CAP, "unit": "calls"}, "unit", "calls", "one of attempts, contacts"),
        ("frequency_cap", {**CAP, "period": None}, "period", None, "a mapping"),
        ("frequency_cap", {**CAP, "period": {"type": "month"}}, "period.type", "month",
         "one of calendar_day, calendar_week, week, rolling_days"),
        ("frequency_cap", {**CAP, "period": {"type": "week", "length": 2}}, "period.length", 2,
         "1 (only rolling days may be longer)"),
        ("frequency_cap", {**CAP, "period": {"type": "week", "length": "2"}}, "period.length", "2",
         "a whole number of zero or more"),
        ("frequency_cap", {**CAP, "min_gap": {"value": 1, "unit": "hours"}}, "min_gap.unit", "hours", "one of days"),
        ("frequency_cap", {**CAP, "min_gap": {"value": None, "unit": "days"}}, "min_gap.value", None,
         "a whole number of zero or more"),
        ("frequency_cap", {**CAP, "excluded_attempts": [1]}, "excluded_attempts", [1], "a text or a list of texts"),
        ("frequency_cap", {**CAP, "visits": 3}, "visits", 3, "a mapping"),
        ("frequency_cap", {**CAP, "visits": {"max": "1", "period_days": 7}}, "visits.max", "1",
         "a whole number of zero or more"),
        ("event_block", {**EVENT, "until": None}, "duration", None, "a duration or an until"),
        ("event_block", {**EVENT, "duration": 7}, "duration", 7, "a mapping"),
        ("event_block", {**EVENT, "duration": {"type": "days", "length": 7}}, "duration.type", "days",
         "one of calendar_week, rolling_days"),
        ("event_block", {**EVENT, "duration": {"type": "rolling_days"}}, "duration.length", None,
         "a whole number of zero or more"),
        ("event_block", {**EVENT, "trigger": " "}, "trigger", " ", "a text"),
        ("event_block", {**EVENT, "exceptions": 1}, "exceptions", 1, "a text or a list of texts"),
        ("forbidden_target", {"targets": []}, "targets", {"targets": []}, TARGETS),
        ("forbidden_target", {"places": 1}, "places", 1, "a text or a list of texts"),
        ("forbidden_target", {"allowed": 1}, "allowed", 1, "a text or a list of texts"),
        ("forbidden_target", {"targets": 1}, "targets", 1, "a text or a list of texts"),
        ("forbidden_target", {"targets": "x", "exceptions": 1}, "exceptions", 1, "a text or a list of texts"),
        ("required_content", {"message_types": "first", "placeholders": []}, "message_types", "first", "a list"),
        ("required_content", {"message_types": [1], "placeholders": []}, "message_types", [1], "a text or a list of texts"),
        ("required_content", {"message_types": [], "placeholders": [1]}, "placeholders", [1], "a text or a list of texts"),
        ("conduct_ban", {"bans": [1]}, "bans", [1], "a text or a list of texts"),
        ("consent", {"model": "opt_out_per_channel", "placeholders": 1}, "placeholders", 1, "a text or a list of texts"),
        ("charge_ceiling", {}, "charge", None, "a text"),
        ("notice_before", {}, "action", None, "a text"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_rule_field_found_and_expected(
    kind: str, params: object, field: str, found: object, expected: str
) -> None:
    with pytest.raises(MalformedRule) as refusal:
        read(kind, params)
    told = refusal.value
    assert (told.rule, told.field, told.found, told.expected) == ("XX-1", field, found, expected)
    assert str(told) == f"rule XX-1, field {field}: found {found!r}, expected {expected}"


def test_an_unknown_kind_is_told_with_all_that_are_known() -> None:
    with pytest.raises(UnknownRuleKind) as refusal:
        parse_rule(rule("mood", {}), country="XX")
    told = refusal.value
    assert (told.rule, told.field, told.found, told.expected) == (
        "XX-1",
        "kind",
        "mood",
        "one of " + ", ".join(KINDS),
    )


@pytest.mark.parametrize(
    ("told", "begins"),
    [
        ({}, None),
        ({"effective_from": "2026-05-01"}, date(2026, 5, 1)),
        ({"effective_from": date(2026, 5, 1)}, date(2026, 5, 1)),
        ({"status": "enters_into_force_2027-01-02"}, date(2027, 1, 2)),
        ({"status": "enters_into_force_2027-01-02", "effective_from": "2026-05-01"}, date(2026, 5, 1)),
        ({"status": "in_force"}, None),
    ],
)
def test_a_rule_says_when_it_begins(told: dict[str, Any], begins: date | None) -> None:
    assert parse_rule(rule("conduct_ban", {"bans": ["x"]}, **told), country="XX").effective_from == begins


def test_a_day_that_is_none_is_named() -> None:
    with pytest.raises(
        MalformedRule, match=r"field effective_from: found 'soon', expected a date as YYYY-MM-DD"
    ):
        parse_rule(rule("conduct_ban", {"bans": ["x"]}, effective_from="soon"), country="XX")


@pytest.mark.parametrize(("text", "minute"), [("00:00", 0), ("07:05", 425), ("24:00", 1440)])
def test_an_hour_is_minutes_from_midnight(text: str, minute: int) -> None:
    assert read_minute(text, "XX-1", "from") == minute


@pytest.mark.parametrize("text", ["24:01", "7:5", "07:60", "-1:00", "07", 420, None])
def test_what_is_no_hour_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(MalformedRule, match='expected an hour in quotes such as "07:00"'):
        read_minute(text, "XX-1", "from")


def test_the_pack_carries_what_is_told_of_its_country() -> None:
    told = {
        "country": "XX", "name": "Exis", "as_of": "2026-01-31", "timezones": ["America/Lima"], "gaps": ["hours"],
        "holiday_calendar": {"holidays_code": "PE"}, "rules": [rule("conduct_ban", {"bans": ["x"]}, law="L 1", notes="n")],
    }  # fmt: skip
    pack = parse_pack(told)
    assert (pack.country, pack.name, pack.as_of) == ("XX", "Exis", date(2026, 1, 31))
    assert (pack.timezones, pack.gaps, pack.holiday_calendar) == (
        ("America/Lima",),
        ("hours",),
        {"holidays_code": "PE"},
    )
    assert [(one.law, one.notes, one.country) for one in pack.rules] == [("L 1", "n", "XX")]
    twice = deepcopy(told) | {"rules": told["rules"] * 2}
    with pytest.raises(
        MalformedRule, match="rule XX-1, field id: found 'XX-1', expected an identifier used once in its pack"
    ):
        parse_pack(twice)


def law(*rules: dict[str, Any]) -> ContactPolicy:
    """The policy of a country with only these rules."""
    pack = parse_pack({"country": "XX", "name": "X", "as_of": "2026-01-01", "rules": list(rules)})
    facts = CaseFacts("XX", None, "consumer", "consumer", "creditor")
    return policy_for(RuleBook({"XX": pack}, "1"), facts, on=date(2026, 6, 1))


def ceiling(
    values: dict[str, Any], *, overdue: int = 10_000, days: int = 10, charge: str = "late_fee"
) -> ChargeLimit:
    told = law(rule("charge_ceiling", {"charge": "late_fee", **values}))
    (limit,) = charge_limits(told, charge, overdue_minor=overdue, exponent=2, days_overdue=days)
    return limit


SLICES = {
    "progressive": True,
    "tiers": [{"up_to": 50, "percent": 10}, {"up_to": 80, "percent": 5}, {"percent": 1}],
}
BRACKETS = {
    "tiers": [{"up_to": 10, "amount": 1}, {"below": 50, "amount": 2}, {"from": 50, "below": 0, "amount": 3, "unit": "UF"}]
}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "overdue", "amount"),
    [
        (SLICES, 4_000, 400),
        (SLICES, 8_000, 650),
        (SLICES, 10_000, 670),
        (BRACKETS, 1_000, 100),
        (BRACKETS, 1_001, 200),
        (BRACKETS, 4_999, 200),
        (BRACKETS, 5_000, 300),
        ({"tiers": [{"up_to": 1, "amount": 1}]}, 101, 0),
        ({"percent": "2.5"}, 10_001, 250),
        ({"percent": 50, "cap": {"amount": 20}}, 10_000, 2_000),
        ({"percent": 10, "cap": {"amount": 20}}, 10_000, 1_000),
        ({"amount": {"value": 7, "currency": "EUR"}}, 10_000, 700),
        ({"late_fee": "prohibited"}, 10_000, 0),
        ({"collection_cost": "prohibited"}, 10_000, 0),
        ({"formula": "rate table"}, 10_000, None),
    ],
)
def test_a_ceiling_by_slices_brackets_share_or_sum(
    values: dict[str, Any], overdue: int, amount: int | None
) -> None:
    assert ceiling(values, overdue=overdue).amount_minor == amount


def test_a_ceiling_waits_its_days_and_carries_its_unit_formula_and_conditions() -> None:
    assert ceiling({"percent": 10, "wait_days": 10}).amount_minor == 0
    assert ceiling({"percent": 10, "wait_days": 9}).amount_minor == 1_000
    told = {
        "formula": "f",
        "conditions": ["a", "b"],
        "currency": "PEN",
        "amount": {"value": 1, "currency": "EUR"},
    }
    assert ceiling(told) == ChargeLimit("XX-1", 100, "PEN", "f", ("a", "b"))
    units = [
        {"amount": {"value": 1, "unit": "UF"}},
        {"cap": {"amount": 1, "currency": "USD"}, "percent": 1},
        BRACKETS,
        {},
    ]
    assert [ceiling(values).unit for values in units] == ["UF", "USD", "UF", None]


def test_a_ceiling_is_of_its_charge_of_all_or_of_what_it_forbids() -> None:
    told = law(
        rule("charge_ceiling", {"charge": "late_fee", "percent": 1}),
        {**rule("charge_ceiling", {"charge": "all", "percent": 2}), "id": "XX-2"},
        {**rule("charge_ceiling", {"charge": "other", "late_fee": "prohibited"}), "id": "XX-3"},
        {**rule("charge_ceiling", {"charge": "other", "percent": 3}), "id": "XX-4"},
    )
    limits = charge_limits(told, "late_fee", overdue_minor=100, exponent=0, days_overdue=1)
    assert [(limit.rule_id, limit.amount_minor) for limit in limits] == [
        ("XX-1", 1),
        ("XX-2", 2),
        ("XX-3", 0),
    ]


REPORT: dict[str, Any] = {"action": "report"}
LEAD: dict[str, Any] = {**REPORT, "lead": {"value": 20, "unit": "days"}}


def needs(
    values: dict[str, Any], *, sent: tuple[int, ...] = (), met: tuple[str, ...] = (), **debt: int
) -> list[NoticeNeed]:
    """What is still needed on the 30th of June after notices of these days of June."""
    return list(
        notice_needs(
            law(rule("notice_before", values)), "report", planned_on=date(2026, 6, 30),
            sent_on=[date(2026, 6, day) for day in sent], met_conditions=met,
            debt_in_units={unit: Fraction(value) for unit, value in debt.items()},
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "sent", "expected"),
    [
        (LEAD, (10,), []),
        (LEAD, (11,), [NoticeNeed("XX-1", "wait", date(2026, 7, 1))]),
        (LEAD, (), [NoticeNeed("XX-1", "notice", None, "0/1")]),
        ({**LEAD, "notices_required": 2}, (5, 5), [NoticeNeed("XX-1", "notice", None, "1/2")]),
        ({**LEAD, "notices_required": 2}, (12, 5), [NoticeNeed("XX-1", "wait", date(2026, 7, 2))]),
        ({**LEAD, "notices_required": 2}, (9, 5, 29), []),
        (REPORT, (), []),
        ({**LEAD, "action": "lawsuit"}, (), []),
    ],
)
def test_a_notice_comes_long_enough_before(
    values: dict[str, Any], sent: tuple[int, ...], expected: list[NoticeNeed]
) -> None:
    assert needs(values, sent=sent) == expected


def test_an_act_waits_for_its_conditions_and_its_least_debt() -> None:
    conditioned = {**REPORT, "conditions": ["debt is certain", "no dispute"]}
    assert needs(conditioned, met=("no dispute",)) == [
        NoticeNeed("XX-1", "condition", None, "debt is certain")
    ]
    least = {**REPORT, "min_amount": {"value": 50, "currency": "EUR"}}
    assert needs(least, EUR=50) == []
    short = [NoticeNeed("XX-1", "amount", None, "50 EUR")]
    assert (needs(least, EUR=49), needs(least), needs(least, USD=99)) == (short, short, short)


def test_a_notice_only_for_small_debts_binds_them_and_those_not_known() -> None:
    small = {**LEAD, "when": {"debt_below": {"value": 15, "unit": "SMLMV"}}}
    asked = [NoticeNeed("XX-1", "notice", None, "0/1")]
    assert (needs(small, SMLMV=14), needs(small), needs(small, SMLMV=15)) == (asked, asked, [])


def test_an_instant_between_two_minutes_opens_at_the_next_whole_one() -> None:
    """On a day whose clock changes, where minutes are searched one by one."""
    zone = ZoneInfo("America/Santiago")
    opens = datetime(2026, 4, 5, 8, 1, tzinfo=zone)
    for before in (timedelta(seconds=1), timedelta(microseconds=1), timedelta(seconds=59, microseconds=9)):
        at = opens - before
        assert first_open(zone, lambda on: ((8 * 60 + 1, 9 * 60),), at) == opens
        assert first_open(zone, lambda on: ((0, 9 * 60),), opens) == opens
