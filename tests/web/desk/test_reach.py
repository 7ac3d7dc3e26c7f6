"""What the past says of reaching a client: told on the case with its counts, and its hour proposed for the next call."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from aldia.contact import selectors, services
from tests.web.desk.seed import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dist")]
HTMX = {"HTTP_HX_REQUEST": "true"}
QUIET = 30  # a client of whom the seed tells nothing
TEN = datetime(2026, 11, 16, 13, 15, tzinfo=UTC)  # a Monday, 10:15 in Buenos Aires


def touch(desk: Desk, channel: str, at: datetime, *, inbound: bool = False, right: bool = False) -> None:
    case = desk.case(QUIET)
    draft = services.TouchDraft(
        case_id=case.pk, party_id=case.party_id, creditor_id=case.creditor_id, channel=channel, at=at, local_on=at.date(),
        is_inbound=inbound, is_contact=inbound or right, is_right_party=right,
    )  # fmt: skip
    services.record_touch(actor=desk.ana, origin=f"test:{channel}:{at.isoformat()}", touch=draft)


def calls(desk: Desk) -> None:
    """Four calls at a quarter past ten, of which three were answered; one in the afternoon, of which none."""
    for day in range(4):
        touch(desk, "call", TEN + timedelta(days=day), right=day != 1)
    touch(desk, "call", TEN + timedelta(days=1, hours=6))


def page(desk: Desk, client: Client, name: str = "case", **more: str) -> str:
    return client.get(reverse(f"desk:{name}", args=[desk.case_ids[QUIET]]), **more).content.decode()


@pytest.mark.covers("S3-83", "S3-58", "S4-51b")
def test_the_case_tells_when_and_by_which_channel_the_client_answers(desk: Desk, client: Client) -> None:
    calls(desk)
    for day in range(3):
        touch(desk, "whatsapp", TEN + timedelta(days=day * 2))
        touch(desk, "whatsapp", TEN + timedelta(days=day * 2, hours=3), inbound=True)
    html = page(desk, desk.login(client))
    assert "Suele atender de 10 a 12 (3 de 4 llamadas; a otra hora 0 de 1)" in html
    assert "Responde mejor por WhatsApp (3 de 3; por los demás 3 de 5)" in html


def test_with_little_history_nothing_is_said(desk: Desk, client: Client) -> None:
    touch(desk, "call", TEN, right=True)
    touch(desk, "call", TEN + timedelta(days=1), right=True)
    client = desk.login(client)
    html = page(desk, client)
    assert "Suele atender" not in html and "Responde mejor" not in html
    assert 'value="10:00"' not in page(desk, client, "step", **HTMX)


@pytest.mark.covers("S3-83")
def test_the_next_step_proposes_the_hour_in_which_the_client_answers(desk: Desk, client: Client) -> None:
    calls(desk)
    assert 'value="10:00"' in page(desk, desk.login(client), "step", **HTMX)


def test_hours_are_those_of_the_clients_own_clock(desk: Desk, client: Client) -> None:
    calls(desk)
    case = desk.case(QUIET)
    party = case.party
    party.timezone = "America/Lima"  # two hours behind Buenos Aires
    party.save(update_fields=["timezone"])
    found = selectors.reach(desk.ana, case.pk, clock=desk.clock).hours
    assert found is not None and found.from_hour == 8
    assert 'value="10:00"' in page(desk, desk.login(client), "step", **HTMX)
