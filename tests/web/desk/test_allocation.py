"""How a portfolio spreads money, from its settings; and what the law adds, from the case."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from django.test import Client

from aldia.domain.allocation import CHARGES_FIRST
from aldia.ledger import selectors as ledger
from aldia.ledger import services as books
from aldia.ledger.models import Portfolio
from aldia.parties.models import Party
from tests.web.desk.seed import TODAY, Desk

pytestmark = pytest.mark.django_db
PLACES = {f"place_{component}": str(at) for at, component in enumerate(CHARGES_FIRST, start=1)}
CAPITAL_FIRST = PLACES | {"place_principal": "1", "place_legal_cost": "10"}


def test_the_own_list_and_the_netting_of_credits_are_tried_before_they_are_kept(
    desk: Desk, client: Client
) -> None:
    row = Portfolio.objects.of(desk.organisation).get(pk=desk.portfolio_id)
    address = f"/ajustes/carteras/{row.pk}/imputacion/"
    told = {"kind": "by_component", "nets_credits": "on", "paid": "300", **CAPITAL_FIRST}
    administrator = desk.login(client, "administrator")
    tried = administrator.post(address, {**told, "mirar": "1"})
    given = {(each["name"], str(each["word"])): each["given_minor"] for each in tried.context["debts"]}
    assert given[("A", "Capital")] == 400_00  # three hundred of money and a hundred of the credit note
    assert (given[("A", "Gasto de cobranza")], given[("N", "Nota de crédito")]) == (0, -100_00)
    row.refresh_from_db()
    assert "nets_credits" not in row.allocation  # to try is not to keep
    assert administrator.post(address, told).status_code == 302
    row.refresh_from_db()
    assert (row.order.kind, row.order.components[0], row.order.nets_credits) == (
        "by_component",
        "principal",
        True,
    )
    assert administrator.get(address).context["form"].places[0].name == "place_principal"


def test_two_concepts_in_one_place_are_refused_and_only_an_administrator_keeps(
    desk: Desk, client: Client
) -> None:
    address = f"/ajustes/carteras/{desk.portfolio_id}/imputacion/"
    told = {"kind": "oldest_first", **PLACES, "place_tax": "1"}
    refused = desk.login(client, "administrator").post(address, told)
    assert (refused.status_code, "Dos conceptos" in refused.content.decode()) == (422, True)
    assert desk.login(client, "supervisor").post(address, {**told, **PLACES}).status_code == 403


def test_the_case_tells_what_the_law_adds_and_claims_it_once(desk: Desk, client: Client) -> None:
    case_id, day = desk.case_ids[5], TODAY - timedelta(days=9)
    Portfolio.objects.of(desk.organisation).filter(pk=desk.portfolio_id).update(country="ES")
    Party.objects.of(desk.organisation).update(country="ES")
    address = f"/ajustes/carteras/{desk.portfolio_id}/imputacion/"
    told = {"kind": "oldest_first", "legal_since": "01/11/2026", **PLACES}
    assert desk.login(client, "administrator").post(address, told).status_code == 302
    row = {
        "account_id": case_id, "source": "erp", "reference": "E1", "number": "E-1", "kind": "invoice", "issued_on": day, "due_on": day,
        "currency": "EUR", "original_minor": 500_00,
    }  # fmt: skip
    books.add_documents(
        organisation_id=desk.organisation.pk, portfolio_id=desk.portfolio_id, documents=pl.DataFrame([row]), declared_on=TODAY,
        posting_source="load:9", now=datetime(2026, 11, 1, tzinfo=UTC),
    )  # fmt: skip
    ana = desk.login(client)
    page = ana.get(f"/clientes/{case_id}/").content.decode()
    assert "Compensación fija" in page
    assert "calculado, aún no se sumó" in page
    for _again in range(2):
        ana.post(f"/clientes/{case_id}/recargos/")
    page = ana.get(f"/clientes/{case_id}/").content.decode()
    assert "ya es parte de la deuda" in page
    (owed,) = [
        line.open_minor
        for line in ledger.documents(desk.ana, case_id=case_id, as_of=TODAY)
        if line.number == "E-1"
    ]
    assert owed == 540_00
    assert ana.post(f"/clientes/{case_id}/recargos/1/dejar/").status_code == 403
