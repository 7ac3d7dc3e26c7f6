"""How a client pays: written on the case, and proposed by its promises."""

import pytest
from django.test import Client

from aldia.access.permissions import NotAllowed
from aldia.ledger import selectors as ledger
from aldia.payments import services as payments
from aldia.payments.customer_terms import Terms
from tests.web.desk.seed import TODAY, Desk

pytestmark = pytest.mark.django_db


def test_a_promise_proposes_the_next_payment_day_and_papers_stay_with_their_document(
    desk: Desk, client: Client
) -> None:
    case_id = desk.case_ids[5]
    address = f"/clientes/{case_id}/condiciones/"
    line = ledger.documents(desk.ana, case_id=case_id, as_of=TODAY, is_open=True)[0]
    wrong = desk.login(client).post(address, {"days": "cuando pueda", "early": "dos"})
    assert (wrong.status_code, len(wrong.context["problems"])) == (422, 2)
    client.post(address, {"days": "viernes", "early": "2/10", f"counter_receipt-{line.id}": "CR-77"})
    told = client.get(address)
    assert (told.context["told"]["days"], told.context["told"]["early"]) == ("viernes", "2/10")
    assert "CR-77" in told.content.decode()
    promise = client.get(f"/clientes/{case_id}/resultado/promise/").context["form"]
    assert [question.value for question in promise.questions if question.key == "due_on"] == ["27 nov 2026"]


def test_a_client_that_owes_more_than_its_credit_is_told_on_its_case(desk: Desk, client: Client) -> None:
    case_id = desk.case_ids[5]
    address, page = f"/clientes/{case_id}/condiciones/", f"/clientes/{case_id}/"
    assert desk.login(client, "supervisor").post(address, {"credit": "mucho"}).status_code == 422
    client.post(address, {"credit": "1,00"})
    assert "Crédito excedido" in client.get(page).content.decode()
    told = client.get(address)
    assert (told.context["told"]["credit"], told.context["sheet"].credit.left_minor) == ("1,00", 0)
    assert told.content.decode().count('aria-hidden="true">$</span>') == 2, (
        "the limits are written in $, as every amount"
    )
    client.post(address, {"credit": "900.000.000,00"})
    assert "Crédito excedido" not in client.get(page).content.decode()


def test_who_only_works_the_case_reads_its_limit_and_leaves_it_as_it_is(desk: Desk, client: Client) -> None:
    case_id = desk.case_ids[5]
    address = f"/clientes/{case_id}/condiciones/"
    desk.login(client, "supervisor").post(address, {"credit": "5,00"})
    desk.login(client).post(address, {"credit": "900.000,00", "days": "viernes"})
    told = client.get(address)
    assert (told.context["told"]["credit"], told.context["told"]["days"]) == ("5,00", "viernes")
    assert 'name="credit"' not in told.content.decode()
    with pytest.raises(NotAllowed):
        payments.save_terms(
            actor=desk.ana, case_id=case_id, terms=Terms(credit_minor=9), papers={}, clock=desk.clock
        )
