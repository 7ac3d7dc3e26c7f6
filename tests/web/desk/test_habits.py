"""The four habits on the desk: what a switch changes is read before it is turned."""

import pytest
from django.test import Client

from aldia.access.models import Membership
from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db
PAGE = "/ajustes/habitos/"


@pytest.mark.covers("S3-78a")
def test_a_habit_says_what_it_changes_and_is_switched_by_who_administers(desk: Desk, client: Client) -> None:
    admin = desk.login(client, "administrator")
    page = admin.get(PAGE)
    assert [row["habit"].key for row in page.context["rows"]] == ["review", "attention", "staff", "plan"]
    assert "Reciben el resumen de la mañana" in page.content.decode()
    admin.post(f"{PAGE}review/", {"encender": "0"})
    assert not Membership.objects.of(desk.organisation).filter(role="COLLECTOR", has_digest=True).exists()
    assert "Si lo enciendes" in admin.get(PAGE).content.decode()
    assert admin.post(f"{PAGE}nada/", {"encender": "1"}).status_code == 404


def test_a_manager_reads_them_and_has_no_switch(desk: Desk, client: Client) -> None:
    manager = desk.login(client, "manager")
    assert "Solo quien administra puede cambiarlo." in manager.get(PAGE).content.decode()
    assert manager.post(f"{PAGE}plan/", {"encender": "0"}).status_code == 403
