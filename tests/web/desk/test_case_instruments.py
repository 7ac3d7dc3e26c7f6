"""Cheques and who stands behind a debt, in the panel of a case."""

import pytest
from django.test import Client

from aldia.ledger.models import Document, Instrument
from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db


@pytest.mark.covers("S0-7c")
def test_a_cheque_is_registered_deposited_and_bounced_from_the_case(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    case_id = desk.case_ids[0]
    debt = (
        Document.objects.of(desk.organisation)
        .filter(account_id=case_id, balance_minor__gt=0)
        .earliest("due_on")
    )
    place = f"/clientes/{case_id}/valores/"
    told = {
        "kind": "cheque",
        "number": "771",
        "amount": "10,00",
        "due_on": "hoy",
        "bank": "Banco Sur",
        "covers": [debt.pk],
    }
    assert client.post(place, {**told, "amount": "x"}).status_code == 422
    client.post(place, told)
    row = Instrument.objects.of(desk.organisation).get()
    left = debt.balance_minor - 1_000
    debt.refresh_from_db()
    assert (debt.balance_minor, row.details) == (left, {"bank": "Banco Sur"})
    page = client.get(place).content.decode()
    assert "771" in page and "Depositar" in page
    client.post(f"{place}{row.document_id}/", {"move": "deposit", "on": "hoy"})
    refused = client.post(f"{place}{row.document_id}/", {"move": "bounce", "on": "hoy"})
    assert refused.status_code == 422 and "banco" in refused.content.decode()
    client.post(
        f"{place}{row.document_id}/", {"move": "bounce", "on": "hoy", "code": "no_funds", "charge": "1,50"}
    )
    debt.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, debt.balance_minor, row.document.balance_minor) == ("bounced", left + 1_000, 150)


@pytest.mark.covers("S0-7b")
def test_a_guarantor_is_named_for_a_document(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    case_id = desk.case_ids[0]
    debt = (
        Document.objects.of(desk.organisation)
        .filter(account_id=case_id, balance_minor__gt=0)
        .earliest("due_on")
    )
    told = {"document": debt.pk, "role": "guarantor", "name": "Berta Díaz", "tax_id": "27-11111111-4"}
    client.post(f"/clientes/{case_id}/responden/", told)
    page = client.get(f"/clientes/{case_id}/valores/").content.decode()
    assert "Berta Díaz" in page and "Avalista" in page
    assert client.post(f"/clientes/{case_id}/responden/", {**told, "document": "0"}).status_code == 422


@pytest.mark.covers("S0-7c")
def test_the_cheques_of_the_house_take_their_step_together(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    place, ids = f"/clientes/{desk.case_ids[0]}/valores/", []
    for number, due in (("901", "hoy"), ("902", "hoy"), ("903", "en 30 días")):
        client.post(place, {"kind": "cheque", "number": number, "amount": "10,00", "due_on": due})
        ids += Document.objects.of(desk.organisation).filter(number=number).values_list("pk", flat=True)
    page = client.get("/pagos/valores/").content.decode()
    assert "901" in page and "902" in page and "903" not in page
    client.post("/pagos/valores/paso/", {"ver": "depositar", "id": ids})
    states = Instrument.objects.of(desk.organisation).order_by("document__number")
    assert list(states.values_list("state", flat=True)) == ["deposited", "deposited", "held"]
    client.post("/pagos/valores/paso/", {"ver": "depositados", "id": ids[:1]})
    assert list(states.values_list("state", flat=True)) == ["cleared", "deposited", "held"]
    assert Document.objects.of(desk.organisation).get(pk=ids[0]).balance_minor == 0
    assert "903" in client.get("/pagos/valores/?ver=por-vencer").content.decode()
