"""Leaving the sandbox: what is missing is said, what was rehearsed is forgotten, and the first days are capped."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.models import AuditEvent, Organisation
from aldia.contact import selectors as contact_selectors
from aldia.contact import services as contact
from aldia.contact.models import Order
from aldia.ops import day
from aldia.strategy import selectors
from aldia.strategy import services as strategy
from tests.rooms.strategy.conftest import BEGIN, NOW, World

LATER = BEGIN + timedelta(days=60)


def make_ready(world: World) -> None:
    contact.set_mail_server(actor=world.actor, server=contact.MailServer("127.0.0.1", 2525, "none"), now=NOW)
    contact.switch_mail(actor=world.actor, is_on=True, now=NOW)


def go(world: World, **changes: object) -> strategy.WentLive:
    told = {"typed_name": world.organisation.name, "cap": 100, "days": 3, "now": NOW, **changes}
    went = strategy.go_live(actor=world.actor, **told)  # type: ignore[arg-type]
    world.organisation = Organisation.objects.get(pk=world.organisation.pk)
    return went


def test_what_is_missing_stops_it_and_is_named(world: World) -> None:
    checks = {check.key: check for check in selectors.readiness(world.actor, as_of=BEGIN)}
    assert checks["server"].stops and checks["switch"].stops
    with pytest.raises(strategy.NotReadyYet, match="servidor de correo"):
        go(world)
    assert Organisation.objects.get(pk=world.organisation.pk).is_sandbox


def test_the_name_has_to_be_typed(world: World) -> None:
    world.lives(BEGIN)
    make_ready(world)
    with pytest.raises(strategy.NameDiffers):
        go(world, typed_name="Otra")
    assert go(world, typed_name=f" {world.organisation.name.upper()} ").first_on == BEGIN
    with pytest.raises(strategy.AlreadyLive):
        go(world)


def test_a_notice_rehearsed_far_ahead_leaves_for_real_on_its_day(world: World) -> None:
    """The sandbox had lived two months more than the world: nobody got those messages."""
    world.owes("ana", 900_000, due=BEGIN - timedelta(days=3))
    for ahead in (0, 7, 28, 57):
        world.lives(BEGIN + timedelta(days=ahead))
    assert [message.order.template_key for message in world.messages] == [
        "overdue_soft",
        "overdue_reminder",
        "overdue_firm",
        "overdue_final_offer",
    ]
    make_ready(world)
    foreseen = strategy.first_night(actor=world.actor, now=NOW, language="es")
    assert (dict(foreseen.notices), foreseen.people) == ({"email": 1}, 1)
    assert foreseen.examples[0].debtor == "Ana"
    assert access.organisation_of(world.actor).sandbox_on == BEGIN + timedelta(days=57)
    assert go(world).first_on == BEGIN
    assert access.clock_of(world.organisation, NOW).as_of == BEGIN
    assert day.missing_days(world.organisation, now=NOW) == [BEGIN]
    lived = day.live_day(organisation=world.organisation, as_of=BEGIN, now=NOW)
    assert lived["notices"] == {"email": 1}
    [order] = Order.objects.of(world.organisation).filter(state="queued")
    assert order.template_key == "overdue_soft"
    assert day.missing_days(world.organisation, now=NOW) == []


def test_what_waited_in_the_sandbox_is_taken_back_and_told(world: World) -> None:
    world.owes("ana", 900_000, due=BEGIN - timedelta(days=3))
    world.lives(BEGIN, is_dry_run=False)
    contact.send_now(
        actor=world.actor, case_id=world.clients["ana"], clock=world.clock(BEGIN), claim=contact.ClaimDraft("email", "statement", "c1")
    )  # fmt: skip
    make_ready(world)
    assert go(world).voided == 1
    assert Order.objects.of(world.organisation).filter(state="cancelled", reason="went_live").count() == 1
    assert AuditEvent.objects.of(world.organisation).filter(verb="strategy.go_live").exists()


def test_a_live_organisation_lives_only_its_today(world: World) -> None:
    make_ready(world)
    world.lives(BEGIN)
    go(world)
    with pytest.raises(day.UnableToLive):
        day.live_day(organisation=world.organisation, as_of=LATER, now=NOW)
    assert day.live_day(organisation=world.organisation, as_of=LATER, now=NOW, is_dry_run=True)["as_of"]


def test_the_first_days_send_no_more_than_the_cap(world: World) -> None:
    for who in ("ana", "luis", "eva"):
        world.owes(who, 900_000, due=BEGIN - timedelta(days=3))
    make_ready(world)
    world.lives(BEGIN)
    go(world, cap=0)
    day.live_day(organisation=world.organisation, as_of=BEGIN, now=NOW)
    noon = datetime.combine(BEGIN, datetime.min.time(), ZoneInfo("America/Argentina/Buenos_Aires"))
    noon = (noon + timedelta(hours=12)).astimezone(UTC)
    contact.send_due(limit=10, clock=lambda: noon)
    waiting = Order.objects.of(world.organisation).filter(state="queued", reason="first_days_cap")
    assert waiting.count() == 3
    assert {order.not_before_at.date() for order in waiting} == {BEGIN + timedelta(days=1)}


def test_a_pause_stops_the_pass_that_is_on_its_way(world: World) -> None:
    world.owes("ana", 900_000, due=BEGIN - timedelta(days=3))
    world.opens()
    world.runs()
    asked = 0

    def clock() -> datetime:
        nonlocal asked
        asked += 1
        if asked == 2:  # the pass has its list; somebody stops everything before its first message
            access_services.set_paused(actor=world.actor, is_paused=True, now=NOW)
        return datetime(2026, 3, 2, 15, tzinfo=UTC)

    contact.send_due(limit=10, clock=clock)
    assert asked >= 2
    assert contact_selectors.outbox_counts(world.organisation.pk) == {"queued": 1}


def test_a_live_channel_that_is_off_carries_nothing_and_is_not_chosen(world: World) -> None:
    world.client("ana", phone_e164="+5491155550100", phone_is_mobile=True)
    world.owes("ana", 900_000, due=BEGIN - timedelta(days=3))
    make_ready(world)
    world.lives(BEGIN)
    go(world)
    lived = day.live_day(organisation=world.organisation, as_of=BEGIN, now=NOW)
    assert set(lived["notices"]) == {"email"}
    contact.switch_mail(actor=world.actor, is_on=False, now=NOW)
    noon = datetime(2026, 3, 2, 15, tzinfo=UTC)
    contact.send_due(limit=10, clock=lambda: noon)
    [order] = Order.objects.of(world.organisation).filter(origin__startswith="run:", reason="channel_off")
    assert order.state == "withheld"


def test_the_command_says_what_is_missing_and_takes_the_step(world: World) -> None:
    world.owes("ana", 900_000, due=BEGIN - timedelta(days=3))
    world.opens()
    told = _command(world)
    assert (told["is_live"], told["is_ready"]) == (False, False)
    with pytest.raises(CommandError, match="Todavía no"):
        _command(world, "--confirm", world.organisation.name)
    make_ready(world)
    told = _command(world)
    assert told["is_ready"]
    assert told["first_night"].keys() == {"as_of", "notices", "people"}
    went = _command(world, "--confirm", world.organisation.name, "--cap", "7")
    assert (went["voided"], went["cap"]) == (0, 7)
    assert _command(world, "--pause") == {"is_paused": True}
    assert access.is_paused(world.organisation.pk)


def _command(world: World, *words: str) -> dict[str, Any]:
    told = io.StringIO()
    call_command("live", "--organisation", world.organisation.key, "--json", *words, stdout=told)
    answer: dict[str, Any] = json.loads(told.getvalue())
    return answer
