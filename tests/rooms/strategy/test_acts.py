"""What strategies do besides writing: cases change hands, money is proposed, services stop and come back, systems are told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import polars as pl
import pytest

from aldia.access.models import Team
from aldia.cases import services as cases
from aldia.cases.models import Case
from aldia.contact import services as contact
from aldia.contact.models import CallState, WebhookCall
from aldia.domain.negotiation import Level, NegotiationPolicy
from aldia.engine.strategy import StrategyInvalid
from aldia.ledger import selectors as ledger
from aldia.ledger import services as books
from aldia.ledger.indexed import NoUnitValue
from aldia.ledger.models import Portfolio
from aldia.outcomes import charging
from aldia.outcomes import services as outcomes
from aldia.parties.models import Party
from aldia.strategy import services as strategy
from aldia.strategy.checking import checked, doubts_of, problems_of
from aldia.strategy.models import Strategy
from aldia.strategy.reasons import reason_text
from tests.beginnings import beginning
from tests.rooms.strategy.conftest import BEGIN, NOW, World, one_world

WORDS = {"es": "x", "en": "x", "pt": "x"}


def acting(world: World, action: dict[str, Any], **step: Any) -> dict[str, Any]:
    """The draft of the strategy in use with one step, on the second day late, that does this."""
    row = Strategy.objects.of(world.organisation).get(key="b2b_invoices")
    act = {
        "key": "act", "name": WORDS, "grain": "case", "anchor": "due_on", "offset": 2, "action": action, **step,
    }  # fmt: skip
    return {**row.draft, "always": [act], "stages": [{"key": "only", "name": WORDS, "steps": []}]}


def publishes(world: World, action: dict[str, Any], **step: Any) -> None:
    row = Strategy.objects.of(world.organisation).get(key="b2b_invoices")
    strategy.publish(
        actor=world.actor,
        strategy_id=row.pk,
        document=acting(world, action, **step),
        note="",
        clock=world.clock(BEGIN),
    )


def case_of(world: World, who: str) -> Case:
    return Case.objects.of(world.organisation).get(pk=world.clients[who])


def one_who_is_late() -> World:
    """Ana owes 1 000.00 since two days ago."""
    world = one_world()
    world.owes("ana", 100_000, due=BEGIN - timedelta(days=2))
    world.opens()
    strategy.ensure_catalogue(organisation_id=world.organisation.pk, now=NOW)
    return world


late = beginning(one_who_is_late)


@pytest.mark.covers("S2-19")
def test_a_case_goes_to_an_agency_with_its_history(late: World) -> None:
    team = Team.objects.create(organisation=late.organisation, key="norte", name="Norte")
    publishes(late, {"kind": "assign", "to": "agency", "holder": "norte"})
    report = late.runs()
    assert report.acts == {"assign": 1}
    assert (case_of(late, "ana").team_id, case_of(late, "ana").holder_id) == (team.pk, None)
    assert late.runs().acts == {}


def test_a_case_cannot_go_to_somebody_unknown(late: World) -> None:
    document = acting(late, {"kind": "assign", "to": "lawyer", "holder": "nadie"})
    found = problems_of(late.organisation.pk, document)
    assert [(problem.code, problem.place[-1]) for problem in found] == [("unknown_holder", "holder")]


def test_a_late_fee_is_charged_only_once_approved(late: World) -> None:
    publishes(late, {"kind": "fee", "percent": 5})
    late.runs()
    (task,) = late.tasks
    assert (task.kind, task.title) == ("fee_5", "Aprobar un cargo por mora del 5 %")
    assert case_of(late, "ana").total_minor == 100_000
    outcomes.approve_proposal(actor=late.actor, task_id=task.pk, clock=late.clock(BEGIN))
    assert case_of(late, "ana").total_minor == 105_000
    with pytest.raises(outcomes.UnknownTask):
        outcomes.approve_proposal(actor=late.actor, task_id=task.pk, clock=late.clock(BEGIN))


def in_country(world: World, country: str, currency: str = "", *, debt_kind: str = "consumer") -> None:
    told = {"currency": currency} if currency else {}
    Portfolio.objects.of(world.organisation).update(
        country=country, debt_kind=debt_kind, debtor_kind="consumer", **told
    )
    Party.objects.of(world.organisation).update(country=country)


@pytest.mark.enforces("BR-CHG-01")
def test_a_late_fee_above_what_the_law_allows_is_refused_and_nothing_is_charged(late: World) -> None:
    publishes(late, {"kind": "fee", "percent": 5})
    late.runs()
    (task,) = late.tasks
    in_country(late, "BR")
    with pytest.raises(outcomes.ProposalRefused, match=r"20,00 de cargo por mora como mucho \(BR-CHG-01\)"):
        outcomes.approve_proposal(actor=late.actor, task_id=task.pk, clock=late.clock(BEGIN))
    assert case_of(late, "ana").total_minor == 100_000


@pytest.mark.enforces("CL-CHG-01")
@pytest.mark.parametrize(("days", "most"), [(20, 0), (21, 77_398)])
def test_a_ceiling_in_units_is_told_in_the_money_of_the_debt(late: World, days: int, most: int) -> None:
    """1 100 000 pesos at 38 000 a unit are 28.9473 units: 9 % of ten and 6 % of the rest are 2.0368; nothing in the first twenty days."""
    in_country(late, "CL", "CLP")
    line = Overdue(open_minor=1_100_000, dpd=days)
    if most:
        with pytest.raises(NoUnitValue):
            ceiling_of(late, line)
    worth = pl.DataFrame({"currency": ["CLF"], "quote": ["CLP"], "on": [BEGIN], "rate": ["38000"]})
    books.record_rates(actor=late.actor, rates=worth, source="test", clock=late.clock(BEGIN))
    told = ceiling_of(late, line)
    assert told is not None
    assert (told.amount_minor, told.rule_id) == (most, "CL-CHG-01")


@dataclass(frozen=True)
class Overdue:
    open_minor: int
    dpd: int


def ceiling_of(world: World, line: Overdue) -> charging.Ceiling | None:
    lines = cast(list[ledger.DocumentLine], [line])
    return charging.fee_ceiling(world.organisation.pk, world.clients["ana"], lines, currency="CLP", on=BEGIN)


def test_a_rejected_write_off_changes_nothing_and_an_approved_one_leaves_no_balance(late: World) -> None:
    late.owes("beto", 5_000, due=BEGIN - timedelta(days=2))
    late.opens()
    publishes(late, {"kind": "write_off"})
    late.runs()
    by_case = {task.case_id: task for task in late.tasks}
    clock = late.clock(BEGIN)
    outcomes.reject_proposal(actor=late.actor, task_id=by_case[late.clients["ana"]].pk, clock=clock)
    outcomes.approve_proposal(actor=late.actor, task_id=by_case[late.clients["beto"]].pk, clock=clock)
    assert (case_of(late, "ana").total_minor, case_of(late, "beto").total_minor) == (100_000, 0)
    assert ledger.verify(late.organisation.pk).ok


def test_a_suspended_service_comes_back_when_the_debt_is_paid(late: World) -> None:
    publishes(late, {"kind": "suspend", "service": "linea"})
    late.runs()
    calls = WebhookCall.objects.of(late.organisation).order_by("id")
    assert list(calls.values_list("event", "about", "case_id")) == [
        ("service.suspend", "linea", late.clients["ana"])
    ]
    calls.update(state=CallState.DELIVERED, tries=1)
    assert restores(late) == 0
    late.pays("ana", 100_000, on=BEGIN)
    late.opens()
    assert restores(late) == 1
    assert restores(late) == 0
    assert [call.event for call in calls] == ["service.suspend", "service.restore"]


def test_a_suspension_that_nobody_was_told_is_taken_back(late: World) -> None:
    publishes(late, {"kind": "suspend", "service": "linea"})
    late.runs()
    late.pays("ana", 100_000, on=BEGIN)
    late.opens()
    restores(late)
    assert [call.state for call in WebhookCall.objects.of(late.organisation)] == [CallState.CANCELLED]


def restores(world: World) -> int:
    return contact.restore_services(organisation_id=world.organisation.pk, now=NOW)


def test_a_bureau_notice_leaves_the_message_and_the_report_that_waits(late: World) -> None:
    publishes(late, {"kind": "bureau", "template": "overdue_firm", "channels": ["email"], "days": 20})
    report = late.runs()
    assert report.notices == {"email": 1}
    (task,) = late.tasks
    assert (task.kind, task.due_on >= BEGIN + timedelta(days=20)) == ("bureau_report", True)


def test_an_offer_needs_an_active_policy_of_negotiation_and_goes_with_its_key(late: World) -> None:
    offer = {"kind": "offer", "template": "overdue_soft", "channels": ["email"], "policy": "quita_30"}
    with pytest.raises(StrategyInvalid) as refused:
        publishes(late, offer)
    (problem,) = refused.value.problems
    assert (problem.code, problem.place[-2:], problem.told["found"]) == (
        "unknown_offer",
        ("action", "policy"),
        "quita_30",
    )
    draft = outcomes.NegotiationDraft("", "Quita", NegotiationPolicy(levels=(Level("COLLECTOR", 50, 3),)))
    kept = outcomes.save_negotiation_policy(actor=late.actor, draft=draft, clock=late.clock(BEGIN))
    publishes(late, {**offer, "policy": kept.key})
    late.runs()
    assert [order.extra for order in late.orders] == [{"offer": kept.key}]


def test_a_pause_stops_a_suspension_but_a_system_is_still_told(late: World) -> None:
    draft = cases.HoldDraft(kind="manual", starts_on=BEGIN, reason="x", source="t")
    cases.place_hold(actor=late.actor, case_id=late.clients["ana"], hold=draft, now=NOW)
    publishes(late, {"kind": "suspend", "service": "linea"})
    assert late.runs().withheld_by == {"hold:manual": 1}
    publishes(late, {"kind": "webhook", "event": "late"}, key="tells")
    assert late.runs().acts == {"webhook": 1}


def test_who_is_told_nowhere_is_warned_before_publishing(late: World) -> None:
    value = checked(late.organisation.pk, acting(late, {"kind": "webhook", "event": "late"}))
    assert "no_webhook" in {doubt.code for doubt in doubts_of(late.organisation.pk, value, on=BEGIN)}


def test_some_acts_are_done_to_clients_not_to_documents(late: World) -> None:
    with pytest.raises(StrategyInvalid, match="stage_of_document"):
        publishes(late, {"kind": "write_off"}, grain="document")


def test_messages_dearer_than_the_ceiling_are_warned_with_both_figures(late: World) -> None:
    late.organisation.settings = {"lab": {"per_thousand_minor": {"letter": 90_000, "email": 10}}}
    late.organisation.save()
    action = {"kind": "notice", "template": "overdue_firm", "channels": ["letter", "email"]}
    for ceiling, codes in ((89, {"over_ceiling"}), (90, set())):
        value = checked(late.organisation.pk, {**acting(late, action), "cost_ceiling": ceiling})
        found = {doubt.code for doubt in doubts_of(late.organisation.pk, value, on=BEGIN)}
        assert found & {"over_ceiling", "no_price"} == codes


def steps_a_day(*actions: dict[str, Any]) -> list[dict[str, Any]]:
    """One step of a case a day, from the third day late on."""
    return [
        {"key": f"s{place}", "name": WORDS, "grain": "case", "anchor": "due_on", "offset": 2 + place, "action": action}
        for place, action in enumerate(actions)
    ]  # fmt: skip


def climbs(world: World, *actions: dict[str, Any]) -> list[dict[str, int]]:
    """Publish a strategy of these steps and live a night for each; return what each night did."""
    row = Strategy.objects.of(world.organisation).get(key="b2b_invoices")
    document = {**acting(world, actions[0]), "always": steps_a_day(*actions)}
    strategy.publish(
        actor=world.actor, strategy_id=row.pk, document=document, note="", clock=world.clock(BEGIN)
    )
    done = []
    for place in range(len(actions)):
        before = len(world.tasks)
        told = world.runs(BEGIN + timedelta(days=place))
        done.append({**told.notices, **told.acts, **{task.kind: 1 for task in world.tasks[before:]}})
    return done


@pytest.mark.covers("S2-7a", "S2-8b")
def test_one_ladder_goes_from_a_letter_to_the_lawyer_and_a_person_takes_the_case_back(late: World) -> None:
    late.client("carla", address="Av. Colón 100, Córdoba")
    late.owes("carla", 50_000, due=BEGIN - timedelta(days=2))
    late.opens()
    studio = Team.objects.create(organisation=late.organisation, key="estudio", name="Estudio")
    call = {"kind": "task", "task": "call", "title": WORDS, "days": 1}
    found = climbs(
        late,
        {"kind": "notice", "template": "overdue_firm", "channels": ["letter"]}, call,
        {"kind": "suspend", "service": "linea"}, {"kind": "assign", "to": "lawyer", "holder": "estudio"},
    )  # fmt: skip
    assert [set(each) for each in found] == [{"letter"}, {"call"}, {"suspend"}, {"assign"}]
    case = case_of(late, "carla")
    assert (case.team_id, case.holder_id) == (studio.pk, None)
    assert set(WebhookCall.objects.of(late.organisation).values_list("event", flat=True)) == {
        "service.suspend"
    }
    home = Team.objects.of(late.organisation).exclude(pk=studio.pk).earliest("pk")
    cases.assign(
        actor=late.actor, case_ids=[case.pk], user_id=None, team_id=home.pk, as_of=BEGIN + timedelta(days=9), now=NOW
    )  # fmt: skip
    assert case_of(late, "carla").team_id == home.pk


@pytest.mark.covers("S0-18b")
def test_one_strategy_uses_every_channel(late: World) -> None:
    late.client("dora", phone_e164="+5493515550123", phone_is_mobile=True, address="Av. Colón 100, Córdoba")
    late.owes("dora", 50_000, due=BEGIN - timedelta(days=2))
    late.opens()
    notices = [
        {"kind": "notice", "template": "overdue_soft", "channels": [channel]}
        for channel in ("email", "sms", "whatsapp", "letter")
    ]
    tasks = [{"kind": "task", "task": kind, "title": WORDS, "days": 1} for kind in ("call", "visit")]
    found = climbs(late, *notices, *tasks)
    assert [next(iter(each)) for each in found] == ["email", "sms", "whatsapp", "letter", "call", "visit"]
    dora = late.clients["dora"]
    assert [order.channel for order in late.orders if order.case_id == dora] == [
        "email", "sms", "whatsapp", "letter",
    ]  # fmt: skip


@pytest.mark.covers("S3-58", "S3-1b")
def test_a_message_goes_first_by_the_channel_that_reached_the_person_before_and_says_so(db: None) -> None:
    world = one_world()
    phones = {"phone_e164": "+5491140000000", "phone_is_mobile": True}
    for who in ("ana", "beto"):
        world.client(who, **phones)
        world.owes(who, 100_000, due=BEGIN - timedelta(days=2))
    world.opens()
    strategy.ensure_catalogue(organisation_id=world.organisation.pk, now=NOW)
    for who, tries in (("ana", 4), ("beto", 2)):
        for number in range(tries):
            writes(world, who, NOW - timedelta(days=9 * number + 9), is_answered=number != 1)
    notice = {"kind": "notice", "template": "overdue_soft", "channels": ["email", "sms"], "by_reach": True}
    publishes(world, notice)
    world.runs()
    told = {
        one.case_id: reason_text(one.reason, one.reason_args, channel=one.channel, language="es")
        for one in world.decisions if one.action == "notice"
    }  # fmt: skip
    assert told[world.clients["ana"]] == "Por SMS, porque por ahí contestó 3 de 4."
    assert told[world.clients["beto"]] == "Le toca hoy por su fecha."
    assert {order.case_id: order.channel for order in world.orders} == {
        world.clients["ana"]: "sms", world.clients["beto"]: "email",
    }  # fmt: skip


def writes(world: World, who: str, at: datetime, *, is_answered: bool) -> None:
    """A text message to a client, and the answer an hour later."""
    case = case_of(world, who)
    for is_inbound in (False, True) if is_answered else (False,):
        draft = contact.TouchDraft(
            case_id=case.pk, party_id=case.party_id, creditor_id=case.creditor_id, channel="sms", at=at + timedelta(hours=is_inbound),
            local_on=at.date(), is_inbound=is_inbound, is_contact=is_inbound,
        )  # fmt: skip
        origin = f"test:{who}:{at.isoformat()}:{is_inbound}"
        contact.record_touch(actor=world.actor, origin=origin, touch=draft)
