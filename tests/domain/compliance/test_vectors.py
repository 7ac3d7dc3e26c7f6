"""The decisions that the research wrote down as test vectors, one by one."""

from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from aldia.domain.compliance.charges import charge_limits
from aldia.domain.compliance.gate import Verdict
from aldia.domain.compliance.history import Event, Standing
from aldia.domain.compliance.notices import notice_needs
from aldia.domain.compliance.packs import CHANNELS
from tests.domain.compliance.people import ask, at, clocks, holidays, past, policy

BOGOTA, LIMA, SANTIAGO = ZoneInfo("America/Bogota"), ZoneInfo("America/Lima"), ZoneInfo("America/Santiago")
QUITO, NEW_YORK, LONDON = (
    ZoneInfo("America/Guayaquil"),
    ZoneInfo("America/New_York"),
    ZoneInfo("Europe/London"),
)
SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def codes(verdict: Verdict) -> set[tuple[str, str]]:
    return {(reason.rule_id, reason.code) for reason in verdict.reasons}


@pytest.mark.enforces("contact_window")
def test_colombian_saturday_message_is_allowed_until_15_and_then_waits_for_monday_at_7() -> None:
    rules = policy("CO", debt="consumer_credit", actor="creditor")
    minute_before = ask(rules, "whatsapp", at(BOGOTA, "2026-11-21T14:59:59"), zones=[BOGOTA])
    on_the_hour = ask(rules, "whatsapp", at(BOGOTA, "2026-11-21T15:00"), zones=[BOGOTA])
    assert minute_before.allowed
    assert not on_the_hour.allowed
    assert on_the_hour.next_allowed_at == at(BOGOTA, "2026-11-23T07:00")


def test_colombian_holiday_call_waits_for_the_next_day() -> None:
    verdict = ask(
        policy("CO", debt="consumer_credit", actor="creditor"),
        "call",
        at(BOGOTA, "2026-11-16T10:00"),
        zones=[BOGOTA],
        is_holiday=holidays("CO"),
    )
    assert codes(verdict) == {("CO-WIN-01", "holiday")}
    assert verdict.next_allowed_at == at(BOGOTA, "2026-11-17T07:00")


def test_colombian_second_message_on_the_day_of_a_conversation_is_refused() -> None:
    talked = [past("whatsapp", at(BOGOTA, "2026-11-18T08:00"))]
    rules = policy("CO", debt="consumer_credit", actor="creditor")
    again = ask(rules, "whatsapp", at(BOGOTA, "2026-11-18T16:00"), zones=[BOGOTA], history=talked)
    assert codes(again) == {("CO-CAP-01", "cap_calendar_day")}
    assert again.next_allowed_at == at(BOGOTA, "2026-11-19T07:00")


@pytest.mark.enforces("CO-EVT-01")
def test_colombian_other_channels_stay_locked_for_the_rest_of_the_week() -> None:
    talked = [past("whatsapp", at(BOGOTA, "2026-11-18T08:00"))]
    rules = policy("CO", debt="consumer_credit", actor="creditor")
    other = ask(rules, "call", at(BOGOTA, "2026-11-20T10:00"), zones=[BOGOTA], history=talked)
    assert codes(other) == {("CO-EVT-01", "cool_down")}
    assert other.next_allowed_at == at(BOGOTA, "2026-11-23T07:00")


@pytest.mark.enforces("contact_window")
def test_peruvian_calls_are_closed_on_saturdays_and_holidays() -> None:
    rules = policy("PE", actor="creditor")
    saturday = ask(rules, "call", at(LIMA, "2026-11-21T10:00"), zones=[LIMA])
    holiday = ask(rules, "call", at(LIMA, "2026-12-08T10:00"), zones=[LIMA], is_holiday=holidays("PE"))
    assert codes(saturday) == {("PE-WIN-01", "closed_day")}
    assert codes(holiday) == {("PE-WIN-01", "holiday")}


@pytest.mark.enforces("frequency_cap")
def test_chilean_second_call_in_a_week_is_refused_while_an_email_may_still_go() -> None:
    rules = policy("CL", region="CL-RM")
    called = [past("call", at(SANTIAGO, "2026-11-16T10:00")), past("email", at(SANTIAGO, "2026-11-17T10:00"))]
    thursday = at(SANTIAGO, "2026-11-19T10:00")
    call = ask(rules, "call", thursday, zones=[SANTIAGO], history=called)
    assert codes(call) == {("CL-CAP-01", "cap_rolling_days")}
    assert call.next_allowed_at == at(SANTIAGO, "2026-11-23T08:00")
    assert ask(rules, "email", thursday, zones=[SANTIAGO], history=called).allowed


def test_chilean_emails_keep_two_days_apart_and_two_a_week() -> None:
    rules = policy("CL", region="CL-RM")
    once = [past("email", at(SANTIAGO, "2026-11-16T10:00"), contact=False)]
    twice = [*once, past("sms", at(SANTIAGO, "2026-11-18T10:00"), contact=False)]
    next_day = ask(rules, "sms", at(SANTIAGO, "2026-11-17T10:00"), zones=[SANTIAGO], history=once)
    third = ask(rules, "email", at(SANTIAGO, "2026-11-20T10:00"), zones=[SANTIAGO], history=twice)
    assert codes(next_day) == {("CL-CAP-02", "min_gap")}
    assert codes(third) == {("CL-CAP-02", "cap_rolling_days")}


@pytest.mark.enforces("CL-CHG-01")
def test_chilean_collection_cost_is_nothing_until_day_20_and_then_by_slices() -> None:
    rules = policy("CL", region="CL-RM")
    uf = {"overdue_minor": 600_000, "exponent": 4}
    (day_20,) = charge_limits(rules, "collection_cost", days_overdue=20, **uf)
    (day_21,) = charge_limits(rules, "collection_cost", days_overdue=21, **uf)
    assert (day_20.amount_minor, day_21.amount_minor, day_21.unit) == (0, 36_000, "UF")


def test_ecuadorian_saturday_message_is_refused() -> None:
    verdict = ask(policy("EC", region="EC-P"), "sms", at(QUITO, "2026-11-21T10:00"), zones=[QUITO])
    assert codes(verdict) == {("EC-WIN-01", "closed_day")}


def test_us_eighth_call_in_seven_days_is_presumed_harassment() -> None:
    rules = policy("US", region="US-CA", debt="consumer_credit")
    calls = [past("call", at(NEW_YORK, f"2026-11-{day}T10:00"), contact=False) for day in range(12, 19)]
    on_day_seven = ask(rules, "call", at(NEW_YORK, "2026-11-18T12:00"), zones=[NEW_YORK], history=calls)
    a_day_later = ask(rules, "call", at(NEW_YORK, "2026-11-19T12:00"), zones=[NEW_YORK], history=calls)
    assert codes(on_day_seven) == {("US-CAP-01", "cap_rolling_days")}
    assert a_day_later.allowed
    cap = rules.rule("US-CAP-01")
    assert cap is not None and cap.severity == "presumption"


@pytest.mark.enforces("US-EVT-01")
def test_us_conversation_day_is_day_one_so_the_next_call_is_on_day_eight() -> None:
    rules = policy("US", region="US-CA", debt="consumer_credit")
    talked = [past("call", at(NEW_YORK, "2026-11-01T10:00"))]
    seventh = ask(rules, "call", at(NEW_YORK, "2026-11-07T10:00"), zones=[NEW_YORK], history=talked)
    eighth = ask(rules, "call", at(NEW_YORK, "2026-11-08T10:00"), zones=[NEW_YORK], history=talked)
    assert codes(seventh) == {("US-EVT-01", "cool_down")}
    assert eighth.allowed


def test_us_call_on_thanksgiving_is_allowed() -> None:
    verdict = ask(
        policy("US", region="US-CA", debt="consumer_credit"),
        "call",
        at(NEW_YORK, "2026-11-26T10:00"),
        zones=[NEW_YORK],
        is_holiday=holidays("US"),
    )
    assert verdict.allowed


def test_sao_paulo_state_holiday_closes_calls_there_and_not_in_rio() -> None:
    when = at(SAO_PAULO, "2026-07-09T09:00")
    here = ask(
        policy("BR", region="BR-SP"),
        "call",
        when,
        zones=clocks("BR", "BR-SP"),
        is_holiday=holidays("BR", "SP"),
    )
    there = ask(
        policy("BR", region="BR-RJ"),
        "call",
        when,
        zones=clocks("BR", "BR-RJ"),
        is_holiday=holidays("BR", "RJ"),
    )
    earlier = ask(policy("BR", region="BR-RJ"), "call", at(SAO_PAULO, "2026-07-09T08:59"), zones=[SAO_PAULO])
    assert codes(here) == {("BR-WIN-SP", "holiday")}
    assert there.allowed
    assert codes(earlier) == {("BR-WIN-RJ", "outside_hours")}


def test_spanish_business_invoice_costs_40_euros_and_the_ecb_rate_plus_8() -> None:
    rules = policy("ES", region="ES-MD", debt="commercial", debtor="business", actor="creditor")
    euros = {"overdue_minor": 100_000, "exponent": 2, "days_overdue": 30}
    fixed = charge_limits(rules, "fixed_compensation", **euros)
    interest = charge_limits(rules, "late_interest", **euros)
    assert {(limit.amount_minor, limit.unit) for limit in fixed} == {(4_000, "EUR")}
    assert [limit.formula for limit in interest] == [
        "ecb_mro(first_day_of_half_year) + 8",
        "ecb_reference_rate + 8",
    ]


@pytest.mark.enforces("GB-EVT-02")
def test_british_breathing_space_blocks_60_days_and_freezes_charges() -> None:
    rules = policy("GB", region="GB-ENG", debt="consumer_credit")
    notice = Standing(frozenset(CHANNELS), events=(Event("breathing_space_notice", date(2026, 11, 2)),))
    verdict = ask(rules, "email", at(LONDON, "2026-11-23T10:00"), zones=[LONDON], standing=notice)
    assert codes(verdict) == {("GB-EVT-02", "cool_down")}
    # Sixty days after 2 November end on Friday 1 January.
    assert verdict.next_allowed_at == at(LONDON, "2027-01-02T09:00")
    assert [block.event.freezes_charges for block in rules.blocks if block.rule_id == "GB-EVT-02"] == [True]


@pytest.mark.enforces("CO-NOT-02")
def test_colombian_small_debt_needs_a_second_notice_before_a_negative_report() -> None:
    rules = policy("CO", debt="consumer_credit", actor="creditor")
    small = {"SMLMV": Fraction(10, 100)}
    planned = date(2026, 11, 26)
    once = notice_needs(
        rules, "bureau_report", planned_on=planned, sent_on=[date(2026, 11, 1)], debt_in_units=small
    )
    twice = notice_needs(
        rules,
        "bureau_report",
        planned_on=planned,
        sent_on=[date(2026, 11, 1), date(2026, 11, 20)],
        debt_in_units=small,
    )
    assert [(need.rule_id, need.code) for need in once] == [("CO-NOT-02", "notice")]
    assert [(need.rule_id, need.code, need.ready_on) for need in twice] == [
        ("CO-NOT-02", "wait", date(2026, 12, 10))
    ]
    large = {"SMLMV": Fraction(1)}
    assert not notice_needs(
        rules, "bureau_report", planned_on=planned, sent_on=[date(2026, 11, 1)], debt_in_units=large
    )
