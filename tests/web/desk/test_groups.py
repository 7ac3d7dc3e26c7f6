"""Clients that stand together: what they owe against one limit, who may set it, and the alarm of whoever owes most."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aldia.access.actors import Clock
from aldia.access.permissions import NotAllowed, Permission
from aldia.ledger.models import Account
from aldia.outcomes.models import Alarm
from aldia.payments import services as payments
from aldia.payments.customer_terms import exposure
from aldia.payments.groups import group_of_case
from aldia.payments.models import ClientGroup
from tests.web.desk.seed import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.covers("S4-1a")]


def joins(desk: Desk, case_id: int, name: str, credit_minor: int) -> None:
    payments.put_in_group(
        actor=desk.actors["supervisor"], case_id=case_id, name=name, credit_minor=credit_minor, clock=desk.clock
    )  # fmt: skip


def alarms(desk: Desk) -> list[tuple[int, str]]:
    rows = Alarm.objects.of(desk.organisation).filter(kind="credit_exceeded").order_by("pk")
    return list(rows.values_list("case_id", "state"))


def test_a_group_is_held_against_one_limit_and_rings_once_on_who_owes_most(desk: Desk) -> None:
    small, large = desk.case_ids[5], desk.case_ids[6]
    joins(desk, small, "Grupo Sur", 1_00)
    alone = group_of_case(desk.ana, small)
    joins(desk, large, "  GRUPO sur ", 1_00)
    both = group_of_case(desk.ana, small)
    assert alone is not None
    assert both is not None
    assert (both.name, both.members, ClientGroup.objects.of(desk.organisation).count()) == ("Grupo Sur", 2, 1)
    assert both.exposure.owed_minor > alone.exposure.owed_minor > 0
    assert both.over_minor == both.exposure.owed_minor - 1_00
    first = max(both.exposure.owed_minor - alone.exposure.owed_minor, 0) > alone.exposure.owed_minor
    for _again in range(2):
        payments.watch_credit(actor=desk.actors["manager"], clock=desk.clock)
    assert alarms(desk) == [(large if first else small, "open")]
    next_month = Clock(desk.clock.as_of + timedelta(days=31), desk.clock.now + timedelta(days=31))
    payments.watch_credit(actor=desk.actors["manager"], clock=next_month)
    assert [state for _case, state in alarms(desk)] == [
        "resolved",
        "open",
    ]  # once a month, never two at a time
    joins(desk, small, "Grupo Sur", 900_000_000_00)
    payments.watch_credit(actor=desk.actors["manager"], clock=next_month)
    assert {state for _case, state in alarms(desk)} == {"resolved"}


def test_a_client_that_owes_more_than_it_may_rings_with_how_much(desk: Desk) -> None:
    case_id = desk.case_ids[5]
    Account.objects.of(desk.organisation).filter(pk=case_id).update(credit_minor=1_00)
    assert payments.watch_credit(actor=desk.actors["manager"], clock=desk.clock) == 1
    alarm = Alarm.objects.of(desk.organisation).get(kind="credit_exceeded")
    told = exposure(desk.ana, case_id)
    assert told is not None
    assert (alarm.case_id, alarm.owner_id) == (case_id, alarm.case.holder_id)
    assert (alarm.data["minor"], alarm.data["currency"]) == (told.over_minor, told.currency)


def test_a_group_asks_as_many_questions_for_nine_clients_as_for_two(desk: Desk) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as told:
            group_of_case(desk.ana, desk.case_ids[0])
        return len(told)

    for case_id in desk.case_ids[:2]:
        joins(desk, case_id, "Grupo Sur", 1_00)
    few = asked()
    for case_id in desk.case_ids[2:9]:
        joins(desk, case_id, "Grupo Sur", 1_00)
    assert asked() == few


def test_a_client_leaves_its_group_and_the_last_one_ends_it(desk: Desk) -> None:
    joins(desk, desk.case_ids[5], "Sur", 5_00)
    joins(desk, desk.case_ids[5], "Norte", 0)
    assert [row.name for row in ClientGroup.objects.of(desk.organisation)] == ["Norte"]
    joins(desk, desk.case_ids[5], "", 0)
    assert group_of_case(desk.ana, desk.case_ids[5]) is None
    assert not ClientGroup.objects.of(desk.organisation).exists()


def test_who_only_works_cases_puts_nobody_in_a_group(desk: Desk) -> None:
    collector = replace(desk.ana, permissions=frozenset({Permission.WORK_CASES}))
    with pytest.raises(NotAllowed):
        payments.put_in_group(
            actor=collector, case_id=desk.case_ids[5], name="Sur", credit_minor=0, clock=desk.clock
        )


def test_the_panel_writes_the_group_and_the_case_tells_that_it_owes_too_much(
    desk: Desk, client: Client
) -> None:
    address, page = f"/clientes/{desk.case_ids[5]}/condiciones/", f"/clientes/{desk.case_ids[5]}/"
    supervisor = desk.login(client, "supervisor")
    supervisor.post(address, {"group": "Grupo Sur", "group_credit": "1,00"})
    told = supervisor.get(address)
    assert (told.context["told"]["group"], told.context["told"]["group_credit"]) == ("Grupo Sur", "1,00")
    assert "Grupo excedido" in supervisor.get(page).content.decode()
    supervisor.post(f"/clientes/{desk.case_ids[6]}/condiciones/", {"group": "Grupo Sur", "group_credit": ""})
    joined = group_of_case(desk.ana, desk.case_ids[6])
    assert joined is not None
    assert (joined.members, joined.exposure.credit_minor) == (2, 1_00)  # joining keeps the limit


def test_a_limit_of_the_group_that_is_no_amount_is_told_at_its_own_field(desk: Desk, client: Client) -> None:
    supervisor = desk.login(client, "supervisor")
    refused = supervisor.post(
        f"/clientes/{desk.case_ids[5]}/condiciones/", {"group": "Sur", "group_credit": "mucho"}
    )
    assert (refused.status_code, [name for name, _text in refused.context["problems"]]) == (
        422,
        ["group_credit"],
    )
