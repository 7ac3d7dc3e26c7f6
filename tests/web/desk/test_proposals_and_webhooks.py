"""What strategies propose is decided on a screen; where systems are told is said in the settings."""

from typing import Any

import pytest
from django.test import Client

from aldia.cases.models import Case
from aldia.contact.models import WebhookEndpoint
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Task
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db


def proposed(desk: Desk, kind: str) -> Task:
    case = Case.objects.of(desk.organisation).filter(overdue_minor__gt=0).first()
    assert case is not None
    draft = outcomes.TaskDraft(
        case_id=case.pk, kind=kind, due_on=TODAY, identity="x", origin="run:1", title="Propuesta"
    )
    outcomes.create_tasks(organisation_id=desk.organisation.pk, tasks=[draft], now=NOW)
    return Task.objects.of(desk.organisation).get(identity="x")


def test_a_manager_decides_a_proposal_and_a_supervisor_only_sees_it(desk: Desk, client: Client) -> None:
    task = proposed(desk, "fee_5")
    seen = desk.login(client, "supervisor").get("/estrategias/propuestas/").content.decode()
    assert task.case.debtor_name in seen
    assert "Aprobar" not in seen
    refused = client.post(f"/estrategias/propuestas/{task.pk}/", {"do": "approve"})
    assert refused.status_code == 403
    desk.login(client, "manager").post(f"/estrategias/propuestas/{task.pk}/", {"do": "approve"})
    task.refresh_from_db()
    assert task.state == "done"


def test_the_secret_of_the_webhook_is_shown_once(desk: Desk, client: Client, settings: Any) -> None:
    settings.WEBHOOKS_MAY_STAY_INSIDE = True
    owner = desk.login(client, "administrator")
    first = owner.post("/ajustes/avisos/", {"url": "http://127.0.0.1:9/x", "is_on": "on"}).content.decode()
    assert "whsec_" in first
    assert "whsec_" not in owner.get("/ajustes/avisos/").content.decode()
    assert WebhookEndpoint.objects.of(desk.organisation).get().secret.startswith("gAAAA")
    settings.WEBHOOKS_MAY_STAY_INSIDE = False
    assert owner.post("/ajustes/avisos/", {"url": "http://10.0.0.1/x"}).status_code == 422
