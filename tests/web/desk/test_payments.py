"""Payments on the desk: registered, identified, reversed, reported, and their papers."""

from datetime import date
from typing import Any

import pytest
from django.test import Client, RequestFactory

from aldia.cases.selectors.filters import OWN_CASES_ONLY
from aldia.ledger import services as ledger
from aldia.payments import services as payments
from aldia.payments.models import Receipt, ReportedPayment
from aldia.payments.selectors import verify
from aldia.web.desk.forms.payments import read_past_day
from tests.web.desk.seed import NOW, TODAY, Desk

pytestmark = pytest.mark.django_db
PAYMENTS = "/pagos/"


def _paid(**more: Any) -> dict[str, Any]:
    return {
        "currency": "ARS",
        "amount": "200.000,00",
        "on": "ayer",
        "means": "transfer",
        "reference": "TR-1",
        **more,
    }


def _nobodys(desk: Desk) -> Receipt:
    return payments.register_receipt(
        actor=desk.system,
        draft=payments.ReceiptDraft(
            portfolio_id=desk.portfolio_id,
            case_id=None,
            amount_minor=50_000_00,
            currency="ARS",
            on=TODAY,
            means="transfer",
            source="bank",
            reference="SIN-1",
            payer="Agroinsumos",
        ),
        clock=desk.clock,
    )


def _reported(desk: Desk, number: int = 1) -> ReportedPayment:
    stored = ledger.store_file(
        actor=desk.system, name="pago.pdf", content_type="application/pdf", content=b"%PDF-1 hola", now=NOW
    )
    return payments.report_payment(
        actor=desk.ana,
        case_id=desk.case_ids[number],
        draft=payments.ReportDraft(
            amount_minor=100_000_00,
            currency="ARS",
            paid_on=TODAY,
            means="transfer",
            file_id=stored.pk,
            note="Lo hice desde el banco.",
        ),
        clock=desk.clock,
    )


def test_the_list_shows_whose_money_came_in(desk: Desk, client: Client) -> None:
    text = desk.login(client, "supervisor").get(PAYMENTS).content.decode()
    assert "Ferretería El Algarrobo S.R.L." in text
    assert "Registrar un cobro" in text


def test_a_collector_looks_and_does_not_register(desk: Desk, client: Client) -> None:
    desk.login(client)
    assert "Registrar un cobro" not in client.get(PAYMENTS).content.decode()
    assert client.get(f"{PAYMENTS}nuevo/").status_code == 403
    assert client.post(f"{PAYMENTS}nuevo/{desk.case_ids[0]}/", _paid()).status_code == 403


def test_who_paid_is_found_by_name(desk: Desk, client: Client) -> None:
    page = desk.login(client, "supervisor").get(f"{PAYMENTS}nuevo/?q=cauqu", headers={"hx-request": "true"})
    assert "Transportes Cauquén" in page.content.decode()
    assert "<html" not in page.content.decode()


def test_what_the_money_covers_is_shown_before_and_is_what_happens(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    case_id = desk.case_ids[1]
    seen = client.post(f"{PAYMENTS}nuevo/{case_id}/reparto/", _paid()).context["plan"]
    page = client.post(f"{PAYMENTS}nuevo/{case_id}/", _paid(), follow=True)
    assert "Cobro registrado" in page.content.decode()
    assert page.context["covered"] == [(item.number, item.covers_minor) for item in seen["covers"]]
    assert page.context["row"].unapplied_minor == seen["unapplied_minor"]
    assert verify(desk.organisation.pk).ok


def test_chosen_documents_are_covered_first(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    case_id = desk.case_ids[1]
    last = client.get(f"{PAYMENTS}nuevo/{case_id}/").context["documents"][-1]
    seen = client.post(
        f"{PAYMENTS}nuevo/{case_id}/reparto/",
        _paid(document_ids=[last.id], currency=last.currency, amount="10"),
    ).context["plan"]
    assert [item.document_id for item in seen["covers"]] == [last.id]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "mucho"}, "No entendemos el importe"),
        ({"on": "mañana"}, "todavía no llegó"),
        ({"reference": ""}, "obligatorio"),
    ],
)
def test_what_cannot_be_is_told_in_its_field(
    desk: Desk, client: Client, wrong: dict[str, str], said: str
) -> None:
    page = desk.login(client, "supervisor").post(f"{PAYMENTS}nuevo/{desk.case_ids[1]}/", _paid(**wrong))
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not Receipt.objects.of(desk.organisation).filter(source="desk").exists()


def test_a_reference_of_another_receipt_is_refused_in_its_field(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    client.post(f"{PAYMENTS}nuevo/{desk.case_ids[1]}/", _paid())
    page = client.post(f"{PAYMENTS}nuevo/{desk.case_ids[1]}/", _paid(amount="5"))
    assert page.status_code == 422
    assert "ya es de otro cobro" in page.content.decode()


def test_money_of_nobody_is_given_to_its_client(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    receipt = _nobodys(desk)
    assert "Agroinsumos" in client.get(f"{PAYMENTS}?ver=sin-identificar").content.decode()
    assert (
        "Es de este cliente"
        in client.get(f"{PAYMENTS}nuevo/?cobro={receipt.pk}&q=tres lomas").content.decode()
    )
    page = client.post(f"{PAYMENTS}{receipt.pk}/identificar/", {"caso": desk.case_ids[3]}, follow=True)
    assert "Cobro identificado" in page.content.decode()
    assert Receipt.objects.of(desk.organisation).get(pk=receipt.pk).account_id == desk.case_ids[3]


@pytest.mark.covers("S0-7c")
def test_a_bounced_cheque_is_reversed_with_its_effect_shown(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    receipt = Receipt.objects.of(desk.organisation).get(reference="T2")
    assert "vuelve a deberse" in client.get(f"{PAYMENTS}{receipt.pk}/").content.decode()
    refused = client.post(f"{PAYMENTS}{receipt.pk}/reversar/", {"reason": "bounced", "on": "01/01/2020"})
    assert refused.status_code == 422
    page = client.post(f"{PAYMENTS}{receipt.pk}/reversar/", {"reason": "bounced", "on": "hoy"}, follow=True)
    assert "Cobro reversado" in page.content.decode()
    assert Receipt.objects.of(desk.organisation).get(pk=receipt.pk).state == "REVERSED"
    assert verify(desk.organisation.pk).ok


def test_only_a_manager_reverses(desk: Desk, client: Client) -> None:
    receipt = Receipt.objects.of(desk.organisation).get(reference="T2")
    desk.login(client, "supervisor")
    assert (
        client.post(f"{PAYMENTS}{receipt.pk}/reversar/", {"reason": "bounced", "on": "hoy"}).status_code
        == 403
    )


def test_a_reported_payment_is_confirmed_with_its_file_at_hand(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    row = _reported(desk)
    assert "Lo hice desde el banco." in client.get(f"{PAYMENTS}informados/").content.decode()
    proof = client.get(f"{PAYMENTS}informados/{row.pk}/comprobante/")
    assert b"".join(proof.streaming_content) == b"%PDF-1 hola"
    page = client.post(f"{PAYMENTS}informados/{row.pk}/responder/", {"llego": "si"}, follow=True)
    assert "Pago confirmado" in page.content.decode()
    assert ReportedPayment.objects.of(desk.organisation).get(pk=row.pk).receipt.amount_minor == 100_000_00
    again = client.post(f"{PAYMENTS}informados/{row.pk}/responder/", {"llego": "no"}, follow=True)
    assert "ya tiene respuesta" in again.content.decode()


def test_a_reported_payment_that_never_came_is_said_so(desk: Desk, client: Client) -> None:
    row = _reported(desk)
    page = desk.login(client, "supervisor").post(
        f"{PAYMENTS}informados/{row.pk}/responder/", {"llego": "no"}, follow=True
    )
    assert "Anotado: no llegó" in page.content.decode()
    assert ReportedPayment.objects.of(desk.organisation).get(pk=row.pk).state == "rejected"


def test_papers_are_pdfs_and_nobody_gets_a_clean_bill_who_owes(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    receipt = Receipt.objects.of(desk.organisation).get(reference="T0")
    case_id = desk.case_ids[0]
    for address in (f"{PAYMENTS}{receipt.pk}/recibo.pdf", f"/clientes/{case_id}/estado-de-cuenta.pdf"):
        assert client.get(address).content.startswith(b"%PDF")
    refused = client.get(f"/clientes/{case_id}/paz-y-salvo.pdf")
    assert refused.status_code == 302
    owed = client.get(f"{PAYMENTS}nuevo/{case_id}/").context["documents"]
    total = sum(line.open_minor for line in owed)
    client.post(f"{PAYMENTS}nuevo/{case_id}/", _paid(amount=f"{total // 100}.{total % 100:02}", on="hoy"))
    assert client.get(f"/clientes/{case_id}/paz-y-salvo.pdf").content.startswith(b"%PDF")


def test_a_receipt_of_nobody_has_no_paper(desk: Desk, client: Client) -> None:
    receipt = _nobodys(desk)
    page = desk.login(client, "supervisor").get(f"{PAYMENTS}{receipt.pk}/recibo.pdf", follow=True)
    assert "identifícalo antes" in page.content.decode()


def test_who_sees_only_own_cases_sees_only_their_money(desk: Desk, client: Client) -> None:
    desk.organisation.settings = {**desk.organisation.settings, OWN_CASES_ONLY: True}
    desk.organisation.save()
    receipt = Receipt.objects.of(desk.organisation).get(reference="T0")
    assert desk.login(client, "bruno").get(f"{PAYMENTS}{receipt.pk}/").status_code == 404
    assert "Ferretería El Algarrobo" not in client.get(PAYMENTS).content.decode()
    assert desk.login(Client(), "ana").get(f"{PAYMENTS}{receipt.pk}/").status_code == 200


@pytest.mark.parametrize(
    "query", ["?pagina=x", "?moneda=%27--", "?cartera=99999999999999", "?medio=nada", "?pagina=2026-01-01~9"]
)
def test_hostile_parameters_do_no_harm(desk: Desk, client: Client, query: str) -> None:
    assert desk.login(client, "supervisor").get(PAYMENTS + query, follow=True).status_code == 200


def test_the_proof_of_nobody_does_not_exist(desk: Desk, client: Client) -> None:
    assert desk.login(client, "supervisor").get(f"{PAYMENTS}informados/999/comprobante/").status_code == 404


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("ayer", date(2026, 11, 23)),
        ("vie", date(2026, 11, 20)),
        ("20/11", date(2026, 11, 20)),
        ("25/11", date(2025, 11, 25)),
        ("30", date(2026, 10, 30)),
        ("hoy", TODAY),
        ("25/11/2026", date(2026, 11, 25)),
    ],
)
def test_a_day_of_something_that_happened_is_read_backwards(
    desk: Desk, rf: RequestFactory, text: str, on: date
) -> None:
    request = rf.get("/")
    request.clock, request.organisation = desk.clock, desk.organisation
    assert read_past_day(text, request) == on
