"""Money of others by screen: what is kept, whose the portfolio is, a remittance closed, its settlement, and its transfer."""

import pytest
from django.test import Client

from aldia.ledger.models import Account
from aldia.payments.models import Remittance
from tests.web.desk.seed import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.covers("S4-1e", "S4-23a")]


@pytest.mark.covers("S4-1b")
def test_an_agency_remits_what_it_collected_and_a_trust_gets_its_own_days(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    case = desk.case_ids[5]
    client.post(
        f"/pagos/nuevo/{case}/",
        {"currency": "ARS", "amount": "1000", "on": "hoy", "means": "transfer", "reference": "R-1"},
    )
    portfolio = Account.objects.of(desk.organisation).get(pk=case).portfolio_id
    place = f"/pagos/rendiciones/cartera/{portfolio}/"
    wrong = client.post(place, {"what": "terms", "commission": "150"})
    assert (wrong.status_code, "de 0 a 100" in wrong.content.decode()) == (422, True)
    client.post(place, {"what": "terms", "commission": "10", "tax": "21"})
    client.post(place, {"what": "owner", "name": "Fideicomiso Ñandú", "from_on": "2020-01-01"})
    assert "Fideicomiso Ñandú" in client.get(place).content.decode()
    [waiting] = [
        each
        for each in client.get("/pagos/rendiciones/").context["waiting"]
        if each.owner.name == "Fideicomiso Ñandú"
    ]
    close = f"{place}{waiting.owner.pk}/{waiting.currency}/"
    assert client.get(close).context["waiting"].net_minor == waiting.net_minor
    assert client.post(close, {"until": "31/12/2099"}).status_code == 422
    client.post(close, {})
    row = Remittance.objects.of(desk.organisation).get()
    assert row.net_minor == waiting.net_minor and row.commission_minor == round(row.collected_minor / 10)
    assert client.get(f"/pagos/rendiciones/{row.pk}/liquidacion.pdf").content[:4] == b"%PDF"
    assert (
        client.post(f"/pagos/rendiciones/{row.pk}/pagar/", {"on": "hoy", "reference": ""}).status_code == 422
    )
    page = client.post(f"/pagos/rendiciones/{row.pk}/pagar/", {"on": "hoy", "reference": "T-9"}, follow=True)
    assert (
        "T-9" in page.content.decode() and "Transferida" in client.get("/pagos/rendiciones/").content.decode()
    )
