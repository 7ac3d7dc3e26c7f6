"""The screen of the channels: how each fares, its pace and its pause, for whoever may change them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from aldia.contact.models import Attempt, ChannelSetting, Order
from aldia.contact.selectors import counts_by_channel
from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db
PACE = "/ajustes/canales/email/ritmo/"


def _email(desk: Desk) -> ChannelSetting:
    made, _new = ChannelSetting.objects.of(desk.organisation).get_or_create(
        organisation=desk.organisation, channel="email"
    )
    return made


def test_a_channel_is_slowed_and_paused_by_who_may(desk: Desk, client: Client) -> None:
    _email(desk)
    administrator = desk.login(client, "administrator")
    assert administrator.get(PACE).status_code == 200
    assert administrator.post(PACE, {"per_minute": "0"}).status_code == 422
    assert administrator.post(PACE, {"per_minute": "120", "is_paused": "on"}).status_code == 302
    assert (_email(desk).per_minute, _email(desk).is_paused) == (120, True)
    page = administrator.get("/ajustes/canales/").content.decode()
    assert "120 por minuto" in page and "En pausa" in page
    assert desk.login(client, "supervisor").post(PACE, {"per_minute": "1"}).status_code == 403


def test_the_last_hour_and_the_rest_of_a_channel_are_shown(desk: Desk, client: Client) -> None:
    now = timezone.now()
    row = _email(desk)
    row.is_live, row.failures, row.last_error = True, 5, "421 too busy"
    row.rests_until_at = now + timedelta(minutes=5)
    row.save()
    order = Order.objects.create(
        organisation=desk.organisation, creditor_id=1, portfolio_id=1, case_id=1, party_id=1, identity="x", channel="email",
        template_key="x", origin="run:1", as_of=now.date(), not_before_at=now, created_at=now,
    )  # fmt: skip
    before = counts_by_channel(desk.system, since=now - timedelta(hours=1))["email"]["sent"]
    for state, at in (("sent", now), ("sent", now), ("unknown", now), ("sent", now - timedelta(hours=2))):
        Attempt.objects.create(organisation=desk.organisation, order_id=order.pk, token=1, at=at, state=state)
    page = desk.login(client, "administrator").get("/ajustes/canales/").content.decode()
    assert f"{before + 2} enviados" in page and "1 sin confirmar" in page
    assert "Descansa" in page and "421 too busy" in page
