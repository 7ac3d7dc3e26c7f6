"""Reading the rules: everything that ships is understood, and whatever is not is refused by name."""

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aldia.contact.rulepacks import UnreadableRuleFile, policy_under, read_rules, shipped_rules
from aldia.domain.compliance.fields import MalformedRule, UnknownRuleKind
from aldia.domain.compliance.matching import CaseFacts
from aldia.domain.compliance.packs import CapPeriod, ContactWindow, EventBlock, FrequencyCap
from aldia.domain.compliance.parsing import parse_rule
from aldia.domain.compliance.policy import PRODUCT
from aldia.domain.compliance.texts import rule_text
from aldia.domain.labels import Label
from tests.domain.compliance.people import policy

WINDOW: dict[str, Any] = {
    "id": "XX-WIN-01",
    "kind": "contact_window",
    "severity": "hard",
    "applies_to": {"debt": "consumer", "actors": ["creditor"]},
    "params": {
        "channels": ["call"],
        "windows": [{"days": ["mon"], "from": "07:00", "to": "19:00"}],
        "closed_days": ["sun"],
        "public_holidays": "closed",
    },
}


def test_all_shipped_rules_are_read_with_their_ids_unique() -> None:
    book = shipped_rules()
    rules = [rule for pack in book.packs.values() for rule in pack.rules]
    assert len(book.packs) == 19
    assert len({rule.id for rule in rules}) == len(rules) == 189
    assert book.version.startswith("2026-11-22+")


def test_a_window_an_undefined_week_and_a_cool_down_read_as_meant() -> None:
    rules = {rule.id: rule.params for pack in shipped_rules().packs.values() for rule in pack.rules}
    window, cap, block = rules["CO-WIN-01"], rules["CL-CAP-02"], rules["US-EVT-01"]
    assert (
        isinstance(window, ContactWindow) and isinstance(cap, FrequencyCap) and isinstance(block, EventBlock)
    )
    assert window.week == (((420, 1140),),) * 5 + (((480, 900),), ())
    assert (cap.period, cap.min_gap_days, cap.maximum) == (CapPeriod("rolling_days", 7), 2, 2)
    assert (block.days, block.is_event_day_first) == (7, True)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("params", "windows", 0, "from"), 420, "windows.from"),
        (("params", "windows", 0, "from"), "7am", "windows.from"),
        (("params", "windows", 0, "to"), "25:00", "windows.to"),
        (("params", "windows", 0, "to"), "06:00", "windows"),
        (("params", "windows", 0, "days"), ["monday"], "windows.days"),
        (("params", "channels"), ["fax"], "channels"),
        (("params", "channels"), "call", "channels"),
        (("params", "public_holidays"), None, "public_holidays"),
        (("params", "clock"), "server", "clock"),
        (("params",), None, "params"),
        (("severity",), "soft", "severity"),
        (("applies_to", "debt"), "comsumer", "applies_to.debt"),
        (("applies_to", "actors"), ["robot"], "applies_to.actors"),
        (("applies_to", "city"), "Lima", "applies_to"),
        (("effective_from",), "soon", "effective_from"),
        (("id",), "", "id"),
    ],
)
def test_a_rule_that_is_not_understood_is_refused_naming_the_field(
    path: tuple[Any, ...], value: object, field: str
) -> None:
    broken = deepcopy(WINDOW)
    holder: Any = broken
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    with pytest.raises(MalformedRule) as refusal:
        parse_rule(broken, country="XX")
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        (
            "frequency_cap",
            {"max": True, "unit": "attempts", "scope": "debt", "channels": ["call"], "period": {}},
        ),
        ("frequency_cap", {"max": 1, "unit": "calls", "scope": "debt", "channels": ["call"], "period": {}}),
        ("frequency_cap", {"max": 1, "unit": "attempts", "scope": "x", "channels": ["call"], "period": {}}),
        ("event_block", {"trigger": "x", "effect": "block_all"}),
        ("event_block", {"trigger": "x", "effect": "scold", "until": "y"}),
        ("forbidden_target", {"targets": []}),
        ("required_content", {"message_types": ["call"]}),
        ("conduct_ban", {}),
        ("consent", {"model": "shrug"}),
        ("charge_ceiling", {}),
        ("notice_before", {"lead": {}}),
    ],
)
def test_parameters_of_every_kind_are_checked(kind: str, params: dict[str, Any]) -> None:
    with pytest.raises(MalformedRule):
        parse_rule({"id": "XX-1", "kind": kind, "severity": "hard", "params": params}, country="XX")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownRuleKind, match="contact_window"):
        parse_rule({**WINDOW, "kind": "mood"}, country="XX")


@pytest.mark.parametrize(
    "text", ["", "a: [", "just words", "{country: XX, name: X, as_of: never, rules: []}"]
)
def test_an_unreadable_file_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises((UnreadableRuleFile, MalformedRule)):
        read_rules(file)


def test_a_country_given_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("---\n{country: XX, name: X, as_of: '2026-01-01', rules: []}\n" * 2, encoding="utf-8")
    with pytest.raises(UnreadableRuleFile, match="XX found twice"):
        read_rules(file)


def test_a_rule_begins_on_its_date() -> None:
    def ids(on: date) -> set[str]:
        return {rule.id for rule in policy("CL", on=on).rules}

    assert ids(date(2026, 12, 1)) - ids(date(2026, 11, 30)) == {"CL-CON-01"}


def test_an_optional_strict_reading_is_off_until_switched_on() -> None:
    strict = shipped_rules().with_organisation(
        tightenings=(), switched_on=frozenset({"CO-CAP-02"}), version="1"
    )
    assert "CO-CAP-02" not in {cap.rule_id for cap in policy("CO").caps}
    assert "CO-CAP-02" in {cap.rule_id for cap in policy("CO", book=strict).caps}


def test_where_no_law_is_found_the_product_has_its_own_floor() -> None:
    rules = policy_under(
        shipped_rules(),
        CaseFacts("MX", "MX-JAL", "commercial", "business", "creditor"),
        on=date(2026, 11, 22),
    )
    call, email = rules.hours["call"], rules.hours["email"]
    assert call.week == (((480, 1200),),) * 5 + (((540, 840),), ())
    assert (call.closes_on_holidays, email.closes_on_holidays) == (True, False)
    assert email.week == (((420, 1320),),) * 7
    assert call.is_product_default
    assert not rules.missing


@pytest.mark.parametrize(
    ("country", "debt", "debtor", "rule", "binds"),
    [
        ("MX", "financial", "consumer", "MX-WIN-01", True),
        ("MX", "commercial", "business", "MX-WIN-01", False),
        ("MX", "consumer", "consumer", "MX-WIN-01", True),
        ("US", "consumer_credit", "consumer", "US-CAP-01", True),
        ("US", "commercial", "business", "US-CAP-01", False),
        ("US", "commercial", "consumer", "US-CAP-01", True),
        ("CO", "consumer", "consumer", "CO-CAP-01", True),
        ("CO", "commercial", "business", "CO-CAP-01", False),
    ],
)
def test_filters_bind_by_kind_of_debt_and_nature_of_the_debtor(
    country: str, debt: str, debtor: str, rule: str, binds: bool
) -> None:
    found = policy(country, debt=debt, debtor=debtor)
    assert (rule in {each.id for each in found.rules}) is binds


def test_actors_and_regions_bind_only_those_they_name() -> None:
    agency = policy("US", region="US-MA", debt="consumer_credit")
    bank = policy("US", region="US-MA", debt="consumer_credit", actor="creditor")
    elsewhere = policy("US", region="US-CA", debt="consumer_credit")
    assert {"US-CAP-01", "US-CAP-MA"} <= {cap.rule_id for cap in agency.caps}
    assert "US-CAP-MA" in {cap.rule_id for cap in bank.caps}
    assert {cap.rule_id for cap in elsewhere.caps} == {"US-CAP-01"}


@pytest.mark.parametrize("region", [None, "Nueva York", "US-ZZ", "US-NY"])
def test_a_city_rule_applies_while_the_city_is_not_known(region: str | None) -> None:
    found = policy("US", region=region, debt="consumer_credit")
    assert "US-CAP-NYC" in {cap.rule_id for cap in found.caps}
    assert "region" in found.missing


def test_a_union_member_also_has_the_floor_of_its_union() -> None:
    assert {"EU-BAN-01", "ES-BAN-01"} <= {rule_id for rule_id, _ in policy("ES").bans}
    assert {"EU-BAN-01"} == {rule_id for rule_id, _ in policy("FR").bans}


def test_every_shipped_rule_says_itself_in_the_three_languages() -> None:
    for pack in shipped_rules().packs.values():
        for rule in pack.rules:
            assert rule.summary is not None, rule.id
            assert len({rule.summary.es, rule.summary.en, rule.summary.pt}) == 3, rule.id


def test_a_rule_s_text_is_one_for_all_languages_or_one_for_each() -> None:
    assert parse_rule({**WINDOW, "summary": "Lunes"}, country="XX").summary == Label(
        "Lunes", "Lunes", "Lunes"
    )
    assert parse_rule(WINDOW, country="XX").summary is None
    with pytest.raises(MalformedRule, match="es, en and pt"):
        parse_rule({**WINDOW, "summary": {"es": "Lunes"}}, country="XX")


def test_a_refusal_tells_what_its_rule_says() -> None:
    argentina = policy("AR", on=date(2026, 11, 22))
    assert rule_text(argentina, "AR-WIN-01", "es").startswith("No hay horario en la ley nacional")
    assert rule_text(argentina, "AR-WIN-01", "pt-BR").startswith("Não há horário na lei nacional")
    assert rule_text(argentina, PRODUCT, "en").startswith("The law sets no hours")
    assert rule_text(argentina, "", "es") == ""
