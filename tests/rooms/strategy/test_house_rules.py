"""The rules of the house narrow the law at the gate and in the night alike, never loosen it, and are kept for ever."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.access.actors import system
from aldia.access.permissions import NotAllowed
from aldia.contact import law
from aldia.contact import services as contact
from aldia.contact.house.book import book_of, policy_of, rule_of
from aldia.contact.house.models import OwnRule, OwnRuleEnd
from aldia.contact.rulepacks import shipped_rules
from aldia.db.append_only import RowsAreFinal
from aldia.domain.compliance.gate import Intent, may_contact
from aldia.domain.compliance.history import PastContact, Standing
from aldia.domain.compliance.matching import CaseFacts
from aldia.domain.compliance.packs import CHANNELS, DAYS
from aldia.domain.compliance.policy import policy_for
from aldia.domain.compliance.zones import zones_for
from tests.rooms.strategy.conftest import BEGIN, NOW, World

NOT_MONDAYS = ["tue", "wed", "thu", "fri"]
TEN = datetime(2026, 3, 2, 15, tzinfo=UTC)  # Monday noon in Buenos Aires


def window(
    days: list[str], begin: str = "09:00", end: str = "18:00", channels: Any = CHANNELS
) -> dict[str, Any]:
    return {
        "channels": list(channels), "clock": "debtor_local", "public_holidays": "open",
        "windows": [{"days": days, "from": begin, "to": end}],
    }  # fmt: skip


def cap(most: int, days: int, unit: str = "attempts", channels: Any = CHANNELS) -> dict[str, Any]:
    return {
        "max": most, "unit": unit, "scope": "debtor", "channels": list(channels),
        "period": {"type": "rolling_days", "length": days},
    }  # fmt: skip


def tighten(
    world: World, kind: str, params: dict[str, Any], reason: str = "Lo pidió el directorio"
) -> OwnRule:
    return contact.tighten(actor=world.actor, kind=kind, params=params, reason=reason, as_of=BEGIN, now=NOW)


def asks(world: World) -> Any:
    about = law.matter(world.organisation.pk, world.clients["ana"], on=BEGIN)
    return law.ask(about, channel="email", at=TEN, is_automated=True)


def owing(world: World) -> None:
    world.client("ana")
    world.owes("ana", 50_000, due=BEGIN - timedelta(days=3))
    world.opens()


def test_a_closed_day_of_the_house_stops_the_gate_and_the_night_and_its_end_lets_both_go(
    world: World,
) -> None:
    owing(world)
    rule = tighten(world, "contact_window", window(NOT_MONDAYS))
    verdict = asks(world)
    assert f"OWN-{rule.pk}" in {reason.rule_id for reason in verdict.reasons}
    assert "/own-" in verdict.rule_version and len(verdict.rule_version) <= 40
    world.runs()
    assert not world.orders
    contact.end_tightening(actor=world.actor, rule_id=rule.pk, reason="Ya no hace falta", now=NOW)
    assert asks(world).allowed and asks(world).rule_version == shipped_rules().version
    world.runs(BEGIN)
    assert [order.channel for order in world.orders] == ["email"]


def test_a_cap_of_the_house_leaves_no_room_in_the_night_nor_at_the_gate(world: World) -> None:
    owing(world)
    rule = tighten(world, "frequency_cap", cap(0, 7, channels=["email"]))
    assert [reason.rule_id for reason in asks(world).reasons] == [f"OWN-{rule.pk}"]
    world.runs()
    assert not [order for order in world.orders if order.channel == "email"]
    contact.end_tightening(actor=world.actor, rule_id=rule.pk, reason="Ya no hace falta", now=NOW)
    world.runs(BEGIN)
    assert [order.channel for order in world.orders] == ["email"]


def test_an_organisation_reads_its_own_rules_once_and_another_has_none(world: World) -> None:
    tighten(world, "frequency_cap", cap(1, 30))
    assert book_of(world.organisation.pk) is book_of(world.organisation.pk)
    assert book_of(world.organisation.pk + 1) is shipped_rules()
    with CaptureQueriesContext(connection) as asked:
        book_of(world.organisation.pk)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("kind", "params", "reason", "says"),
    [
        ("contact_window", window(list(DAYS), "00:00", "24:00"), "sí", "No cambia nada"),
        ("contact_window", window(["lunes"]), "sí", "No se entiende"),
        ("contact_window", window(["mon"], "18:00", "9:00"), "sí", "No se entiende"),
        ("frequency_cap", cap(1, 400), "sí", "de 1 a 365"),
        ("frequency_cap", cap(1, 7), " ", "por qué"),
        ("switch_on", {"rule": "AR-NADA"}, "sí", "no es opcional"),
        ("conduct_ban", {"bans": ["x"]}, "sí", "un horario, un tope"),
    ],
)
def test_what_is_not_stricter_or_not_understood_is_refused_and_not_kept(
    world: World, kind: str, params: dict[str, Any], reason: str, says: str
) -> None:
    with pytest.raises(contact.HouseRuleRefused, match=says):
        tighten(world, kind, params, reason)
    assert not OwnRule.objects.of(world.organisation).exists()


def test_a_cap_that_a_stricter_one_of_the_house_covers_is_refused(world: World) -> None:
    tighten(world, "frequency_cap", cap(1, 30))
    with pytest.raises(contact.HouseRuleRefused, match="No cambia nada"):
        tighten(world, "frequency_cap", cap(2, 7, channels=["sms"]))


def test_a_strict_reading_of_the_packs_is_switched_on_once(world: World) -> None:
    tighten(world, "switch_on", {"rule": "CO-CAP-02"})
    facts = CaseFacts("CO", None, "consumer_credit", "consumer", "creditor")
    policy = policy_of(world.organisation.pk, facts, on=BEGIN)
    assert "CO-CAP-02" in {each.rule_id for each in policy.caps}
    with pytest.raises(contact.HouseRuleRefused, match="ya está encendida"):
        tighten(world, "switch_on", {"rule": "CO-CAP-02"})


def test_its_history_is_kept_and_it_ends_once_with_a_reason_and_a_person(world: World) -> None:
    rule = tighten(world, "frequency_cap", cap(1, 30))
    with pytest.raises(contact.HouseRuleRefused, match="por qué"):
        contact.end_tightening(actor=world.actor, rule_id=rule.pk, reason="", now=NOW)
    stranger = system(world.organisation.pk + 1)
    with pytest.raises(contact.UnknownHouseRule):
        contact.end_tightening(actor=stranger, rule_id=rule.pk, reason="Porque sí", now=NOW)
    contact.end_tightening(actor=world.actor, rule_id=rule.pk, reason="Venció el acuerdo", now=NOW)
    with pytest.raises(contact.UnknownHouseRule):
        contact.end_tightening(actor=world.actor, rule_id=rule.pk, reason="Otra vez", now=NOW)
    assert OwnRule.objects.of(world.organisation).get().reason == "Lo pidió el directorio"
    assert OwnRuleEnd.objects.of(world.organisation).get().ended_by == world.actor.label
    with pytest.raises(RowsAreFinal):
        OwnRule.objects.of(world.organisation).update(reason="Otra")


def test_only_who_may_change_the_settings_adds_or_ends_a_rule(world: World) -> None:
    nobody = replace(world.actor, permissions=frozenset())
    with pytest.raises(NotAllowed):
        contact.tighten(
            actor=nobody, kind="frequency_cap", params=cap(1, 7), reason="x", as_of=BEGIN, now=NOW
        )
    with pytest.raises(NotAllowed):
        contact.end_tightening(actor=nobody, rule_id=1, reason="x", now=NOW)


_channels = st.lists(st.sampled_from(CHANNELS), min_size=1, unique=True)
_windows = st.builds(
    lambda days, begin, hours, channels: (
        "contact_window",
        window(days, f"{begin:02}:00", f"{min(begin + hours, 24):02}:00", channels),
    ),
    st.lists(st.sampled_from(DAYS), min_size=1, unique=True), st.integers(0, 23), st.integers(1, 24), _channels,
)  # fmt: skip
_caps = st.builds(
    lambda most, days, unit, channels: ("frequency_cap", cap(most, days, unit, channels)),
    st.integers(0, 4), st.integers(1, 60), st.sampled_from(["attempts", "contacts"]), _channels,
)  # fmt: skip


@given(
    own=st.lists(_windows | _caps, min_size=1, max_size=3),
    country=st.sampled_from([None, "AR", "BR", "CO", "MX", "US"]),
    hours=st.integers(0, 24 * 14),
    channel=st.sampled_from(CHANNELS),
    past=st.lists(st.integers(1, 60), max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_what_is_allowed_with_rules_of_the_house_is_allowed_without_them(
    own: list[tuple[str, dict[str, Any]]], country: str | None, hours: int, channel: str, past: list[int]
) -> None:
    rules = tuple(rule_of(f"OWN-{number}", *one, "x") for number, one in enumerate(own))
    book = shipped_rules().with_organisation(tightenings=rules, switched_on=frozenset(), version="own-1")
    at = TEN + timedelta(hours=hours)
    zones = zones_for(shipped_rules(), country=country, region=None, phone=None).zones
    act = Intent(channel=channel, at=at, zones=zones, creditor_id="1", debt_ids=frozenset({"1"}))
    history = [
        PastContact(channel=channel, at=at - timedelta(days=days), creditor_id="1", debt_ids=frozenset({"1"})) for days in past
    ]  # fmt: skip

    def allowed(chosen: Any) -> bool:
        policy = policy_for(
            chosen, CaseFacts(country, None, "commercial", "business", "creditor"), on=at.date()
        )
        return may_contact(
            policy,
            act,
            history=history,
            standing=Standing(consented=frozenset({channel})),
            is_holiday=lambda _day: False,
        ).allowed

    assert not allowed(book) or allowed(shipped_rules())
