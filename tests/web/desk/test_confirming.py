"""Whether somebody received what was told before it falls due, and the calls that insist."""

from datetime import timedelta

import pytest
from django.test import Client

from aldia.contact import services as contact
from aldia.contact.models import DeliveryEvent, Order
from aldia.ledger.models import Document
from aldia.outcomes.models import Task
from aldia.outcomes.selectors.confirming import unconfirmed
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
HERE = "/campanas/sin-acuse/"


def _told(desk: Desk, *numbers: int) -> list[int]:
    """Courtesy notices of these clients left today, each of a document that falls due in five days; return the documents."""
    documents = []
    for number in numbers:
        document = (
            Document.objects.of(desk.organisation).filter(account_id=desk.case_ids[number]).latest("due_on")
        )
        Document.objects.of(desk.organisation).filter(pk=document.pk).update(due_on=TODAY + timedelta(days=5))
        draft = contact.OrderDraft(
            case_id=desk.case_ids[number], party_id=desk.case(number).account.party_id, identity=f"b2b:predue:doc:{document.pk}:1:1:x",
            creditor_id=desk.creditor_id, portfolio_id=desk.portfolio_id, channel="email", template_key="predue", origin="run:1",
            as_of=TODAY, not_before_at=NOW, expires_at=NOW + timedelta(days=3), document_ids=(document.pk,),
        )  # fmt: skip
        contact.place_orders(organisation_id=desk.organisation.pk, orders=[draft], now=NOW)
        documents.append(document.pk)
    Order.objects.of(desk.organisation).filter(origin="run:1").update(state="sent", finished_at=NOW)
    return documents


@pytest.mark.covers("S3-60a", "S2-34a")
def test_a_notice_is_received_when_its_channel_says_so_or_somebody_spoke_with_the_client(desk: Desk) -> None:
    read, spoken, nobody = _told(desk, 15, 16, 17)
    boss = desk.actors["supervisor"]
    assert {row.document_id for row in unconfirmed(boss, as_of=TODAY)} == {read, spoken, nobody}
    order = Order.objects.of(desk.organisation).get(case_id=desk.case_ids[15], origin="run:1")
    DeliveryEvent.objects.create(
        organisation=desk.organisation, order_id=order.pk, kind="read", at=NOW, event_id="r1"
    )
    desk.log(16, "informed")
    [row] = unconfirmed(boss, as_of=TODAY)
    assert (row.document_id, row.notices, row.last_on, row.is_asked) == (nobody, 1, TODAY, False)
    assert unconfirmed(desk.actors["bruno"], as_of=TODAY + timedelta(days=6)) == []  # it is due already


@pytest.mark.covers("S3-60b")
def test_who_confirms_nothing_is_called_once(desk: Desk, client: Client) -> None:
    _told(desk, 15, 17)
    page = desk.login(client, "supervisor").get(HERE)
    assert (page.context["total"], page.context["waiting"]) == (2, 2)
    assert HERE in client.get("/campanas/").content.decode()
    for _again in range(2):
        assert client.post(f"{HERE}insistir/").status_code == 302
    calls = Task.objects.of(desk.organisation).filter(identity__startswith="confirm:")
    assert sorted(calls.values_list("case_id", "due_on")) == sorted(
        (desk.case_ids[number], TODAY) for number in (15, 17)
    )
    assert client.get(HERE).context["waiting"] == 0
    assert desk.login(client, "ana").post(f"{HERE}insistir/").status_code == 403
