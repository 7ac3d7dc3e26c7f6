"""Loans on the desk: quoted, granted, collected at the counter, changed, and the cash box that answers for the money."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aldia.ledger import loans as reading
from aldia.ledger import selectors as ledger_reading
from aldia.ledger import services as ledger
from aldia.ledger.models import Loan
from aldia.payments import services as payments
from aldia.payments.models import CashBox, Receipt
from aldia.payments.selectors import verify
from tests.web.desk.seed import NOW, Desk

pytestmark = [pytest.mark.django_db, pytest.mark.covers("S4-1c")]


@pytest.fixture
def lender(desk: Desk) -> Desk:
    product = {
        "count": "12",
        "every": "month",
        "method": "french",
        "yearly_rate": "60",
        "rate_kind": "nominal",
    }
    ledger.change_portfolio(
        actor=desk.system, portfolio_id=desk.portfolio_id, settings={"lending": product}, now=NOW
    )
    return desk


def _terms(desk: Desk, **more: Any) -> dict[str, Any]:
    return {
        "portfolio": desk.portfolio_id, "amount": "120.000,00", "granted_on": "hoy", "count": "12", "every": "month",
        "method": "french", "yearly_rate": "60", "rate_kind": "nominal", "penalty_rate": "30", **more,
    }  # fmt: skip


def _granted(desk: Desk, client: Client, **more: Any) -> Loan:
    address = "/prestamos/otorgar/?" + "&".join(
        f"{name}={value}" for name, value in _terms(desk, **more).items()
    )
    told = {"name": "Rosa Méndez", "tax_id": "20123456786", "phone": "11 5555 0199", "hands": "transfer"}
    answer = client.post(address, told)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return Loan.objects.of(desk.organisation).get()


def test_a_quote_shows_the_plan_and_what_it_costs(lender: Desk, client: Client) -> None:
    page = lender.login(client, "supervisor").get("/prestamos/cotizar/plan/", _terms(lender)).content.decode()
    assert "13.539,05" in page  # 120 000 at 5 % a month in twelve
    assert "79,59" in page  # TEA
    assert page.count("<tr>") >= 12
    balloon = client.get("/prestamos/cotizar/plan/", _terms(lender, balloon="60.000,00")).content.decode()
    assert "9.769,52" in balloon  # (120 000 − 60 000 · 1,05⁻¹²) over twelve, and 60 000 more with the last
    refused = client.get("/prestamos/cotizar/", _terms(lender, interest_only="12"))
    assert "no sale un plan" in refused.content.decode()


def test_a_new_client_gets_a_loan_with_its_case(lender: Desk, client: Client) -> None:
    loan = _granted(lender, lender.login(client, "supervisor"))
    page = client.get(f"/prestamos/{loan.pk}/").content.decode()
    assert "Rosa Méndez" in page
    assert page.count("Por vencer") == 12
    assert "Rosa Méndez" in client.get(reverse("desk:case", args=[loan.account_id])).content.decode()
    assert loan.number in client.get("/prestamos/?q=rosa").content.decode()


def test_a_known_client_is_found_and_chosen(lender: Desk, client: Client) -> None:
    lender.login(client, "supervisor")
    found = client.get("/prestamos/otorgar/", {**_terms(lender), "q": "Quiroga"}).content.decode()
    party = lender.case(4).party_id
    assert f"cliente={party}" in found
    address = "/prestamos/otorgar/?" + "&".join(f"{name}={value}" for name, value in _terms(lender).items())
    assert client.post(address, {"party": party, "hands": "transfer"}).status_code == 302
    assert Loan.objects.of(lender.organisation).get().account.party_id == party


def test_cash_at_the_counter_needs_an_open_box_and_enters_it(lender: Desk, client: Client) -> None:
    loan = _granted(lender, lender.login(client, "supervisor"))
    told = {"purpose": "instalment", "amount": "13.539,05", "means": "cash", "client_id": "uno"}
    refused = client.post(f"/prestamos/{loan.pk}/cobrar/", told)
    assert refused.status_code == 422
    assert "Abre tu caja" in refused.content.decode()
    client.post("/caja/abrir/", {"currency": "ARS", "amount": "1.000,00"})
    box = CashBox.objects.of(lender.organisation).get()
    answer = client.post(f"/prestamos/{loan.pk}/cobrar/", told)
    receipt = Receipt.objects.of(lender.organisation).get(source="mostrador")
    assert answer["Location"] == f"/pagos/{receipt.pk}/"
    client.post(f"/prestamos/{loan.pk}/cobrar/", told)  # the same form again is the same money
    assert "14.539,05" in client.get(f"/caja/{box.pk}/").content.decode()
    assert client.get(f"/pagos/{receipt.pk}/recibo.pdf", follow=True).status_code == 200
    assert verify(lender.organisation.pk).ok
    payments.reverse_receipt(
        actor=lender.system,
        receipt_id=receipt.pk,
        reason="mistaken",
        on=lender.clock.as_of,
        clock=lender.clock,
    )
    page = client.get(f"/caja/{box.pk}/").content.decode()
    assert "reversado: no cuenta" in page
    assert "14.539,05" not in page


def test_a_box_is_closed_when_its_difference_has_a_reason(lender: Desk, client: Client) -> None:
    lender.login(client, "supervisor").post("/caja/abrir/", {"currency": "ARS", "amount": "1.000,00"})
    box = CashBox.objects.of(lender.organisation).get()
    assert client.post("/caja/abrir/", {"currency": "ARS", "amount": "0"}).status_code == 422
    client.post(f"/caja/{box.pk}/mover/", {"reason": "expense", "amount": "100,00"})
    assert (
        client.post(f"/caja/{box.pk}/mover/", {"reason": "deposit", "amount": "5.000,00"}).status_code == 422
    )
    assert client.post(f"/caja/{box.pk}/cerrar/", {"amount": "850,00"}).status_code == 422
    client.post(f"/caja/{box.pk}/cerrar/", {"amount": "850,00", "explanation": "Faltó un vuelto"})
    box.refresh_from_db()
    assert (box.state, box.expected_minor, box.counted_minor) == ("closed", 900_00, 850_00)
    assert "Faltó un vuelto" in client.get(f"/caja/{box.pk}/").content.decode()
    assert "Con diferencia" in client.get("/caja/").content.decode()


def test_a_loan_is_ended_at_the_counter(lender: Desk, client: Client) -> None:
    loan = _granted(lender, lender.login(client, "supervisor"))
    page = client.get(f"/prestamos/{loan.pk}/cobrar/?para=payoff").content.decode()
    assert "120.000,00" in page
    client.post(
        f"/prestamos/{loan.pk}/cobrar/",
        {"purpose": "payoff", "amount": "120.000,00", "means": "transfer", "client_id": "x"},
    )
    assert "Pagado" in client.get(f"/prestamos/{loan.pk}/").content.decode()


@pytest.mark.covers("S4-1c")
def test_the_legal_maximum_is_shown_and_nothing_above_it_is_quoted(lender: Desk, client: Client) -> None:
    lender.login(client, "manager")
    told = _terms(lender, ceiling="CO-usury", yearly_rate="120", penalty_rate="20")
    page = client.get("/prestamos/cotizar/", told)
    assert page.context["form"].agreement is None and "La ley permite hasta" in page.content.decode()
    assert (
        client.get("/prestamos/cotizar/", {**told, "yearly_rate": "12"}).context["form"].agreement is not None
    )


def test_more_money_is_handed_out_on_the_sheet(lender: Desk, client: Client) -> None:
    loan = _granted(lender, lender.login(client, "manager"))
    address = f"/prestamos/{loan.pk}/entregar/"
    assert client.post(address, {"amount": "x", "hands": "transfer"}).status_code == 422
    assert client.post(address, {"amount": "500,00", "hands": "transfer"}).status_code == 302
    assert "Se entregó más dinero" in client.get(f"/prestamos/{loan.pk}/").content.decode()


def test_a_manager_changes_a_loan(lender: Desk, client: Client) -> None:
    loan = _granted(lender, lender.login(client, "manager"))
    assert "Reprogramar" in client.get(f"/prestamos/{loan.pk}/cambiar/").content.decode()
    told = {"first_due_on": "20/01/2027", "more_instalments": "3", "grace": "0"}
    assert client.post(f"/prestamos/{loan.pk}/reprogramar/", told).status_code == 302
    assert "20 ene" in client.get(f"/prestamos/{loan.pk}/").content.decode()
    assert (
        client.post(
            f"/prestamos/{loan.pk}/refinanciar/", {"count": "24", "yearly_rate": "48", "extra": "10.000"}
        ).status_code
        == 302
    )
    fresh = Loan.objects.of(lender.organisation).get(refinances=loan)
    assert fresh.principal_minor == 130_000_00
    assert client.post(f"/prestamos/{fresh.pk}/castigar/", {"reason": ""}).status_code == 422
    assert client.post(f"/prestamos/{fresh.pk}/castigar/", {"reason": "Se mudó"}).status_code == 302
    assert client.post(f"/prestamos/{fresh.pk}/reprogramar/", told).status_code == 422
    assert "Por recuperar" in client.get(f"/prestamos/{fresh.pk}/").content.decode()
    assert verify(lender.organisation.pk).ok


def test_lending_is_set_up_without_a_file(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    assert "Préstamos" not in _navigation(client)
    answer = client.post("/ajustes/prestamos/", {"name": "Personales", "currency": "ARS"})
    told = {
        "count": "6",
        "every": "week",
        "method": "simple",
        "yearly_rate": "120",
        "rate_kind": "nominal",
        "tax_rate": "21",
    }
    client.post(answer["Location"], told)
    assert [row.name for row in reading.lending_portfolios(desk.system)] == ["Personales"]
    assert "Préstamos" in _navigation(client)
    quote = client.get("/prestamos/cotizar/").content.decode()
    assert 'value="120"' in quote


def _navigation(client: Client) -> str:
    page = client.get("/pagos/").content.decode()
    return page.split("</nav>", 1)[0]


def test_a_collector_neither_lends_nor_holds_cash(lender: Desk, client: Client) -> None:
    lender.login(client, "ana")
    assert [client.get(address).status_code for address in ("/prestamos/cotizar/", "/caja/")] == [403, 403]


def _in_uf(desk: Desk) -> int:
    """A portfolio that lends in UF, and what the UF is worth today."""
    row = ledger.ensure_portfolio(
        actor=desk.system, creditor_id=ledger_reading.portfolio(desk.system, desk.portfolio_id).creditor_id, key="uf", name="Créditos UF",
        currency="UF", now=NOW,
    )  # fmt: skip
    ledger.change_portfolio(
        actor=desk.system, portfolio_id=row.pk, settings={"lending": {"count": "12"}}, now=NOW
    )
    return row.pk


def test_a_loan_in_uf_shows_units_and_todays_pesos_and_is_paid_in_pesos(lender: Desk, client: Client) -> None:
    portfolio = _in_uf(lender)
    lender.login(client, "supervisor")
    loan = _granted(lender, client, portfolio=portfolio, amount="120", yearly_rate="0", penalty_rate="0")
    assert (loan.currency, loan.principal_minor) == ("CLF", 120_0000)
    counter = reverse("desk:loan-counter", args=[loan.pk])
    told = {"purpose": "instalment", "amount": "390.006", "means": "transfer", "client_id": "a1"}
    assert "Falta el valor de UF" in client.get(counter).content.decode()
    refused = client.post(counter, told)
    assert refused.status_code == 422
    assert not Receipt.objects.of(lender.organisation).filter(account_id=loan.account_id).exists()
    _told_value(lender, client)
    sheet = client.get(reverse("desk:loan", args=[loan.pk])).content.decode()
    assert "UF\N{NO-BREAK SPACE}120,0000" in sheet
    assert "4.680.066" in sheet
    assert client.post(counter, told).status_code == 302
    receipt = Receipt.objects.of(lender.organisation).get(account_id=loan.account_id)
    assert (receipt.currency, receipt.amount_minor, receipt.unapplied_minor) == ("CLP", 390_006, 0)
    page = client.get(reverse("desk:receipt", args=[receipt.pk])).content.decode()
    assert "UF\N{NO-BREAK SPACE}10,0000" in page
    assert "39.000,5500" in page
    case = client.get(reverse("desk:case", args=[loan.account_id])).content.decode()
    assert "4.290.061" in case
    assert client.get(reverse("desk:receipt-pdf", args=[receipt.pk])).status_code == 200
    assert verify(lender.organisation.pk).ok


def test_the_receipt_form_takes_pesos_for_what_is_owed_in_uf(lender: Desk, client: Client) -> None:
    portfolio = _in_uf(lender)
    lender.login(client, "supervisor")
    loan = _granted(lender, client, portfolio=portfolio, amount="120", yearly_rate="0", penalty_rate="0")
    form, plan = (reverse(f"desk:receipt-{name}", args=[loan.account_id]) for name in ("register", "plan"))
    told = {"currency": "CLP", "amount": "390.006", "on": "hoy", "means": "transfer", "reference": "T-1"}
    assert "Falta el valor de UF" in client.post(plan, told).content.decode()
    assert client.post(form, told).status_code == 422
    _told_value(lender, client)
    assert "UF\N{NO-BREAK SPACE}10,0000" in client.post(plan, told).content.decode()
    assert client.post(form, told).status_code == 302
    assert Receipt.objects.of(lender.organisation).get(account_id=loan.account_id).unapplied_minor == 0


def _told_value(desk: Desk, client: Client) -> None:
    desk.login(client, "administrator")
    told = {"on": "hoy", "currency": "UF", "rate": "39000,55", "quote": "CLP", "source": "banco central"}
    assert client.post(reverse("desk:settings-rates"), told).status_code == 302
    desk.login(client, "supervisor")
