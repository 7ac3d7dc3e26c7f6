"""Withholdings on the receipt's form, their certificates, and the list of those that have not come."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aldia.payments.models import Deduction, Receipt
from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db


def test_what_was_withheld_joins_the_money_and_its_certificate_is_recorded(
    desk: Desk, client: Client
) -> None:
    desk.login(client, "supervisor")
    address = f"/pagos/nuevo/{desk.case_ids[5]}/"
    assert ("ar_ganancias", "Retención de Ganancias") in client.get(address).context["kept"]
    told = {
        "currency": "ARS", "amount": "970", "on": "hoy", "means": "transfer", "reference": "OP-1",
        "deduction-0-kind": "ar_ganancias", "deduction-0-amount": "30,00",
    }  # fmt: skip
    assert client.post(f"{address}reparto/", told).context["plan"]["covers"][0].covers_minor == 1_000_00
    wrong = client.post(address, told | {"deduction-0-kind": ""})
    assert (wrong.status_code, "qué retención" in wrong.content.decode()) == (422, True)
    client.post(address, told)
    receipt = Receipt.objects.of(desk.organisation).get(reference="OP-1")
    assert receipt.amount_minor == 1_000_00
    listed = client.get("/pagos/certificados/").context["rows"]
    assert [line.amount_minor for line, *_rest in listed] == [30_00]
    kept = Deduction.objects.of(desk.organisation).get()
    assert "Anotar el certificado" in client.get(f"/pagos/{receipt.pk}/").content.decode()
    page = client.post(
        f"/pagos/certificados/{kept.pk}/",
        {"certificate": " ", "on": "hoy", "receipt": receipt.pk},
        follow=True,
    )
    assert "Escribe el número" in page.content.decode()
    file = SimpleUploadedFile("certificado.pdf", b"%PDF-1.4 x", "application/pdf")
    page = client.post(
        f"/pagos/certificados/{kept.pk}/", {"certificate": "0001-55", "on": "hoy", "file": file}, follow=True
    )
    assert "0001-55" in page.content.decode()
    kept.refresh_from_db()
    assert kept.file_id is not None
    assert "No falta ningún certificado" in client.get("/pagos/certificados/").content.decode()
