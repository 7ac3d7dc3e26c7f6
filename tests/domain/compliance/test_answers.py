"""Clocks, people, places, events, holds, contents and the words in which the gate answers."""

from datetime import UTC, date, datetime
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from aldia.contact.rulepacks import shipped_rules
from aldia.domain.compliance.charges import charge_limits
from aldia.domain.compliance.content import required_placeholders
from aldia.domain.compliance.gate import (
    ClockMissing,
    Intent,
    UnknownChannel,
    day_windows,
    may_contact,
)
from aldia.domain.compliance.history import Event, Hold, PastContact, Standing
from aldia.domain.compliance.packs import CHANNELS
from aldia.domain.compliance.texts import REASONS, missing_text, reason_text, verdict_text
from aldia.domain.compliance.zones import zones_for
from tests.domain.compliance.people import CONSENTED, ask, at, clocks, past, policy

BOGOTA, MEXICO, SANTIAGO = (
    ZoneInfo("America/Bogota"),
    ZoneInfo("America/Mexico_City"),
    ZoneInfo("America/Santiago"),
)
ASUNCION = ZoneInfo("America/Asuncion")
NOON = datetime(2026, 11, 25, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "region", "phone", "source", "zones"),
    [
        ("MX", "MX-BCN", None, "region", {"America/Tijuana"}),
        ("MX", "BCN", "+5255", "region", {"America/Tijuana"}),
        ("CO", None, None, "country", {"America/Bogota"}),
        ("CO", None, "+573001112233", "country", {"America/Bogota"}),
        ("CO", None, "+34600111222", "phone", {"America/Bogota", "Europe/Madrid", "Atlantic/Canary", "Africa/Ceuta"}),
        (None, None, "+51987654321", "phone", {"America/Lima"}),
        (None, None, "+18095551234", "phone", {"America/Santo_Domingo"}),
        ("ES", "ES-CN", None, "region", {"Atlantic/Canary"}),
    ],
)  # fmt: skip
def test_the_clock_comes_from_region_then_phone_then_country(
    country: str | None, region: str | None, phone: str | None, source: str, zones: set[str]
) -> None:
    choice = zones_for(shipped_rules(), country=country, region=region, phone=phone)
    assert (choice.source, {zone.key for zone in choice.zones}) == (source, zones)


def test_with_several_plausible_clocks_an_instant_must_be_lawful_in_all() -> None:
    rules = policy("MX", debt="financial")
    # 08:00 in the capital is 06:00 in Tijuana; 21:30 in Tijuana is 00:30 in Cancún.
    early = at(MEXICO, "2026-11-25T08:00")
    assert ask(rules, "call", early, zones=clocks("MX", "MX-CMX")).allowed
    anywhere = ask(rules, "call", early, zones=clocks("MX"))
    assert not anywhere.allowed
    assert anywhere.next_allowed_at == at(MEXICO, "2026-11-25T09:00")
    late = ask(rules, "call", at(MEXICO, "2026-11-25T21:00"), zones=clocks("MX"))
    assert late.next_allowed_at == at(MEXICO, "2026-11-26T09:00")


@pytest.mark.enforces("forbidden_target")
@pytest.mark.parametrize(
    ("country", "role", "allowed"),
    [
        ("MX", "guarantor", True), ("MX", "joint_obligor", True), ("MX", "reference", False), ("MX", "spouse", False),
        ("CO", "employer", False), ("CO", "co_debtor", True), ("PY", "guarantor", False), ("CL", "relative", False),
        ("ES", "payer", True), ("ES", "neighbour", False),
    ],
)  # fmt: skip
def test_only_people_whom_the_law_opens_are_contacted(country: str, role: str, allowed: bool) -> None:
    verdict = ask(policy(country), "email", NOON, zones=clocks(country), role=role)
    assert ("forbidden_role" not in {reason.code for reason in verdict.reasons}) is allowed


@pytest.mark.enforces("forbidden_target")
def test_visits_go_only_to_places_that_are_known_and_open() -> None:
    peru = {
        place: ask(policy("PE"), "visit", NOON, zones=clocks("PE"), place=place)
        for place in ("home", "workplace", None)
    }
    assert {place: verdict.allowed for place, verdict in peru.items()} == {
        "home": True,
        "workplace": False,
        None: False,
    }
    assert not ask(policy("CO"), "visit", NOON, zones=[BOGOTA], place="home").allowed


@pytest.mark.enforces("CO-CON-01")
def test_a_channel_that_needs_consent_waits_for_it() -> None:
    none = ask(policy("CO"), "sms", NOON, zones=[BOGOTA], standing=Standing())
    assert [(reason.rule_id, reason.code) for reason in none.reasons] == [("CO-CON-01", "no_consent")]
    assert none.next_allowed_at is None


@pytest.mark.enforces("US-CON-02")
@pytest.mark.parametrize(("is_automated", "allowed"), [(None, False), (True, False), (False, True)])
def test_an_automatic_call_in_the_us_needs_consent(is_automated: bool | None, allowed: bool) -> None:
    zones = clocks("US", "US-CA")
    intent = Intent("call", NOON.replace(hour=20), zones, is_automated=is_automated)
    rules = policy("US", region="US-CA", debt="consumer_credit")
    verdict = may_contact(rules, intent, history=[], standing=Standing(), is_holiday=lambda on: False)
    assert verdict.allowed is allowed


def test_an_open_event_stops_everything_until_it_ends() -> None:
    served = Event("served_in_lawsuit_or_insolvency", date(2026, 11, 1))
    closed = Event("served_in_lawsuit_or_insolvency", date(2026, 11, 1), ended_on=date(2026, 11, 20))
    rules, zones = policy("CL", region="CL-RM"), clocks("CL", "CL-RM")
    stopped = ask(rules, "email", NOON, zones=zones, standing=Standing(events=(served,)))
    assert [reason.rule_id for reason in stopped.reasons] == ["CL-EVT-01"]
    assert ask(rules, "email", NOON, zones=zones, standing=Standing(events=(closed,))).allowed


@pytest.mark.parametrize(("purpose", "role", "debts", "allowed"), [
    ("collection", "debtor", {"d1"}, False),
    ("notice_of_possible_remedy", "debtor", {"d1"}, True),
    ("collection", "debtor", {"d2"}, True),
    ("collection", "debtor", set(), False),
])  # fmt: skip
@pytest.mark.enforces("US-EVT-02")
def test_a_cease_request_leaves_only_what_the_law_exempts(
    purpose: str, role: str, debts: set[str], allowed: bool
) -> None:
    zones = clocks("US", "US-CA")
    asked = Event("written_cease_request", date(2026, 11, 1), debt_ids=frozenset({"d1"}))
    intent = Intent("letter", NOON, zones, debt_ids=frozenset(debts), target_role=role, purpose=purpose)
    verdict = may_contact(
        policy("US", region="US-CA", debt="consumer_credit"),
        intent,
        history=[],
        standing=Standing(events=(asked,)),
        is_holiday=lambda on: False,
    )
    assert verdict.allowed is allowed


@pytest.mark.enforces("US-EVT-03")
def test_with_a_lawyer_only_the_lawyer_is_contacted() -> None:
    zones, known = (
        clocks("US", "US-CA"),
        Standing(frozenset(CHANNELS), events=(Event("attorney_known", date(2026, 11, 1)),)),
    )
    rules, evening = policy("US", region="US-CA", debt="consumer_credit"), NOON.replace(hour=20)
    assert not ask(rules, "email", evening, zones=zones, standing=known).allowed
    assert ask(rules, "email", evening, zones=zones, standing=known, role="attorney").allowed


def test_a_hold_pauses_its_channels_until_its_day() -> None:
    rules, zones = policy("PE"), clocks("PE")
    promise = Standing(CONSENTED.consented, holds=(Hold("promise", date(2026, 11, 27)),))
    until = ask(rules, "email", NOON, zones=zones, standing=promise)
    assert until.next_allowed_at == at(zones[0], "2026-11-27T07:00")
    dispute = Standing(CONSENTED.consented, holds=(Hold("dispute", channels=frozenset({"call"})),))
    assert ask(rules, "email", NOON, zones=zones, standing=dispute).allowed
    assert ask(rules, "call", NOON, zones=zones, standing=dispute).next_allowed_at is None


def test_after_a_paraguayan_answers_one_more_contact_is_left_that_day() -> None:
    rules = policy("PY")
    wrote = past("whatsapp", at(ASUNCION, "2026-11-25T09:00"), inbound=True)
    replied = past("whatsapp", at(ASUNCION, "2026-11-25T09:05"))
    noon = at(ASUNCION, "2026-11-25T12:00")
    assert ask(rules, "whatsapp", noon, zones=[ASUNCION], history=[wrote]).allowed
    again = ask(rules, "whatsapp", noon, zones=[ASUNCION], history=[wrote, replied])
    assert [reason.rule_id for reason in again.reasons] == ["PY-CAP-02"]


def test_each_debt_has_its_own_allowance_where_the_law_counts_by_debt() -> None:
    rules, zones = policy("DO"), clocks("DO")
    morning = [at(zones[0], f"2026-11-25T08:0{minute}") for minute in range(5)]
    five = [past("email", when, contact=False, debt="d2") for when in morning]
    assert ask(rules, "email", NOON, zones=zones, history=five).allowed
    both = [
        PastContact("email", when, creditor_id="c1", debt_ids=frozenset({"d1", "d2"})) for when in morning
    ]
    assert not ask(rules, "email", NOON, zones=zones, history=both).allowed


def test_numbers_away_from_home_have_their_own_thirty_days_in_massachusetts() -> None:
    rules, zones = policy("US", region="US-MA", actor="creditor"), clocks("US", "US-MA")
    afternoon = NOON.replace(hour=20)
    calls = [
        PastContact(
            "call", datetime(2026, 11, day, 20, tzinfo=UTC), is_contact=False, place="neighbour_phone"
        )
        for day in (2, 4)
    ]
    away = ask(rules, "call", afternoon, zones=zones, history=calls, place="neighbour_phone")
    assert [reason.args for reason in away.reasons] == [(("used", 2), ("max", 2), ("days", 30))]
    assert ask(rules, "call", afternoon, zones=zones, history=calls, place="home").allowed


def test_a_day_has_its_windows_and_a_closed_day_none() -> None:
    rules = policy("CO", debt="consumer_credit", actor="creditor")
    assert day_windows(rules, "call", date(2026, 11, 21), False) == ((480, 900),)
    assert day_windows(rules, "call", date(2026, 11, 22), False) == ()
    assert day_windows(rules, "call", date(2026, 11, 16), True) == ()


def test_an_act_without_clock_or_with_a_strange_channel_is_refused_as_an_error() -> None:
    rules = policy("CO")
    with pytest.raises(UnknownChannel, match="fax"):
        ask(rules, "fax", NOON, zones=[BOGOTA])
    with pytest.raises(ClockMissing):
        ask(rules, "call", NOON, zones=[])
    with pytest.raises(ClockMissing):
        ask(rules, "call", NOON.replace(tzinfo=None), zones=[BOGOTA])


def test_a_first_notice_in_mexico_must_say_who_writes_and_for_whom() -> None:
    rules = policy("MX", debt="financial")
    first = {"message_types": ("first_contact",), "channel": "email"}
    required = required_placeholders(rules, **first)
    assert {"collector_legal_name", "complaints_unit_contact", "privacy_notice_link"} <= set(required)
    assert required["creditor_name"] == "MX-REQ-01"


def test_a_brazilian_email_names_the_creditor_and_a_us_text_offers_the_way_out() -> None:
    brazil = required_placeholders(policy("BR"), message_types=(), channel="email")
    states = required_placeholders(policy("US"), message_types=(), channel="sms")
    assert {"creditor_name", "creditor_tax_id"} <= set(brazil)
    assert "opt_out_instruction" in states


@pytest.mark.parametrize(
    ("country", "debt", "charge", "overdue", "days", "expected"),
    [
        ("EC", "non_financial_credit", "collection_cost", 4_000, 3, 900),
        ("EC", "non_financial_credit", "collection_cost", 3_999, 3, 500),
        ("EC", "non_financial_credit", "collection_cost", 99_900, 3, 1_800),
        ("CR", "consumer", "collection_cost", 10_000, 5, 0),
        ("CR", "consumer", "collection_cost", 10_000, 6, 500),
        ("CR", "consumer", "collection_cost", 90_000, 6, 1_200),
        ("BR", "consumer", "late_fee", 10_050, 1, 201),
        ("PE", "financial", "collection_cost", 10_000, 60, 0),
        ("GB", "commercial", "fixed_compensation", 99_999, 10, 4_000),
        ("GB", "commercial", "fixed_compensation", 100_000, 10, 7_000),
        ("GB", "commercial", "fixed_compensation", 1_000_000, 10, 10_000),
    ],
)
def test_charges_stop_at_their_ceiling(
    country: str, debt: str, charge: str, overdue: int, days: int, expected: int
) -> None:
    nature = "business" if debt == "commercial" else "consumer"
    limits = charge_limits(
        policy(country, debt=debt, debtor=nature),
        charge,
        overdue_minor=overdue,
        exponent=2,
        days_overdue=days,
    )
    assert expected in {limit.amount_minor for limit in limits}


def test_the_answer_is_one_line_in_three_languages() -> None:
    sent = [past("email", at(BOGOTA, "2026-11-20T09:00"))]
    rules = policy("CO", debt="consumer_credit", actor="creditor")
    verdict = ask(rules, "email", at(BOGOTA, "2026-11-20T10:00"), zones=[BOGOTA], history=sent)
    told = {
        language: verdict_text(verdict, zone=BOGOTA, language=language) for language in ("es", "en", "pt-br")
    }
    assert told == {
        "es": "Hoy no, ya hubo 1. Próximo: sáb 8:00",
        "en": "Not today, 1 already. Next: Sat 8:00",
        "pt-br": "Hoje não, já houve 1. Próximo: sáb 8:00",
    }


def test_what_is_allowed_says_until_when_on_every_clock() -> None:
    rules = policy("CO", debt="consumer_credit", actor="creditor")
    verdict = ask(rules, "email", at(BOGOTA, "2026-11-20T10:00"), zones=[BOGOTA])
    told = [verdict_text(verdict, zone=BOGOTA, language=language) for language in ("es", "en", "pt-br")]
    assert told == ["Sí, hasta las 19:00", "Yes, until 19:00", "Sim, até as 19:00"]
    later = ask(rules, "email", at(BOGOTA, "2026-11-20T20:00"), zones=[BOGOTA])
    assert later.closes_at is None
    assert later.next_allowed_at is not None
    both = ask(rules, "email", at(BOGOTA, "2026-11-20T10:00"), zones=[BOGOTA, SANTIAGO])
    assert both.closes_at == at(SANTIAGO, "2026-11-20T19:00")


def test_a_moment_far_away_names_its_date() -> None:
    rules = policy("CL", region="CL-RM")
    far = Standing(holds=(Hold("promise", date(2026, 12, 9)),))
    verdict = ask(rules, "email", at(SANTIAGO, "2026-11-25T10:00"), zones=[SANTIAGO], standing=far)
    assert verdict_text(verdict, zone=SANTIAGO, language="es") == "En pausa. Próximo: mié 9/12 8:00"


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_names_the_same_figures_in_each_language(code: str) -> None:
    texts = REASONS[code].as_data().values()
    fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in texts]
    assert fields.count(fields[0]) == 3
    assert fields[0] <= {"time", "used", "days"}


def test_reasons_and_missing_facts_read_as_sentences() -> None:
    verdict = ask(policy("CO", actor=None), "call", at(BOGOTA, "2026-11-20T06:30"), zones=[BOGOTA])
    assert reason_text(verdict.reasons[0], "es") == "Ahora no: son las 06:30 para esta persona."
    assert missing_text(("country", "actor_kind"), "es").startswith("Faltan datos: país, quién cobra.")
    assert missing_text((), "es") == ""
