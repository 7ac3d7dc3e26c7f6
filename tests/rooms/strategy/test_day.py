"""Forty days lived one after the other, as `aldia day` lives them."""

import io
import json
from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from tests.rooms.strategy.conftest import BEGIN, World

LOOKED_AT = {-3, 0, 1, 3, 10, 15, 16, 30}
"""Days from the due day: each notice, the payment, two quiet ones."""
KEYS = {
    "as_of",
    "cases",
    "decided",
    "withheld",
    "missed",
    "notices",
    "tasks",
    "stages",
    "alarms",
    "withheld_by",
}


@pytest.mark.covers("S1-9a", "S3-21")
def test_forty_days_send_each_notice_once_and_none_after_settlement(world: World) -> None:
    due = BEGIN + timedelta(days=5)
    world.owes("ana", 900_000, due=due)
    world.owes("luis", 900_000, due=due)
    for number in range(40):
        on = BEGIN + timedelta(days=number)
        if number == 20:
            world.pays("luis", 900_000, on=on)
        is_looked_at = (on - due).days in LOOKED_AT
        dry = world.lives(on, is_dry_run=True) if is_looked_at else None
        real = world.lives(on)
        if dry is not None:
            assert dry == real
            again = world.lives(on)
            assert not any(again[name] for name in KEYS - {"as_of", "cases"})
    sent = Counter((message.order.party_id, message.order.template_key) for message in world.messages)
    assert set(sent.values()) == {1}
    ladder = ["predue_courtesy", "due_today", "overdue_soft", "overdue_reminder", "overdue_firm"]
    by_case = {
        case_id: [m.order.template_key for m in world.messages if m.order.case_id == case_id]
        for case_id in world.clients.values()
    }
    assert by_case[world.clients["ana"]] == ladder
    assert by_case[world.clients["luis"]] == [*ladder[:4], "payment_thanks"]
    days = [
        message.order.as_of for message in world.messages if message.order.case_id == world.clients["ana"]
    ]
    assert [(on - due).days for on in days] == [-3, 0, 3, 10, 30]


def test_the_command_prints_the_keys_of_the_contract(world: World) -> None:
    world.owes("ana", 900_000, due=BEGIN - timedelta(days=3))
    told = io.StringIO()
    call_command(
        "day", "--as-of", BEGIN.isoformat(), "--organisation", world.organisation.key, "--json", stdout=told
    )
    report = json.loads(told.getvalue())
    assert set(report) == KEYS
    assert report["notices"] == {"email": 1}
    assert date.fromisoformat(report["as_of"]) == BEGIN


def test_a_dry_run_leaves_the_clock_and_the_cases_as_they_were(world: World) -> None:
    world.owes("ana", 900_000, due=BEGIN - timedelta(days=3))
    report = world.lives(BEGIN, is_dry_run=True)
    world.organisation.refresh_from_db()
    assert report["notices"] == {"email": 1}
    assert world.organisation.sandbox_on is None
    assert not world.orders and not world.decisions
