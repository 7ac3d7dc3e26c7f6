"""The vocabulary on the desk: a column of the files is declared as a fact, and a rule is written with it."""

import json

import polars as pl
import pytest
from django.test import Client

from aldia.ledger import services as ledger
from aldia.ledger.models import Document
from aldia.strategy import selectors as strategy
from tests.web.desk.seed import Desk

pytestmark = pytest.mark.django_db
PAGE = "/estrategias/vocabulario/"
FORM = {
    "key": "own_limite", "type": "money", "grain": "case", "unit": "", "es": "Límite", "en": "", "pt": "", "decimal": ",", "dates": "dmy",
}  # fmt: skip


@pytest.fixture
def manager(desk: Desk, client: Client) -> Client:
    ids = list(Document.objects.of(desk.organisation).values_list("pk", flat=True))
    told = pl.DataFrame({"document_id": ids}).with_columns(
        attributes=pl.lit(json.dumps({"Límite": "1.500,50"}))
    )
    ledger.change_documents(organisation_id=desk.organisation.pk, changes=told, columns=["attributes"])
    return desk.login(client, "manager")


def test_a_column_is_declared_with_how_it_reads_and_a_segment_is_written_with_it(
    desk: Desk, manager: Client
) -> None:
    assert "1.500,50" in manager.get(PAGE).content.decode()
    offered = manager.get(f"{PAGE}dato/?columna=Límite")
    assert (offered.context["form"].initial["type"], offered.context["reading"].unread) == ("money", ())
    tried = manager.post(f"{PAGE}dato/?columna=Límite", {**FORM, "type": "date", "do": "try"})
    assert tried.context["reading"].unread == ("1.500,50",)
    assert strategy.rule_facts(desk.actors["manager"]) == {}
    kept = manager.post(f"{PAGE}dato/?columna=Límite", {**FORM, "do": "save"}, follow=True)
    assert "own_limite" in kept.content.decode()
    row = {"mode": "rows", "group": "0", "fact": "own_limite", "op": ">=", "value": "1500,5", "until": ""}
    written = manager.post("/estrategias/segmentos/nuevo/", row)
    assert written.context["editor"].rule == "own_limite >= 1500.5"
    assert written.context["trial"].count == written.context["trial"].total > 0


def test_a_declaration_that_cannot_be_says_where_and_one_in_nobodys_rules_is_taken_back(
    desk: Desk, manager: Client
) -> None:
    refused = manager.post(f"{PAGE}dato/?columna=Límite", {**FORM, "key": "con espacios", "do": "save"})
    assert refused.status_code == 422
    assert refused.context["form"].errors["key"]
    manager.post(f"{PAGE}dato/?columna=Límite", {**FORM, "do": "save"})
    assert manager.get(f"{PAGE}dato/?dato=own_limite").context["form"].initial["es"] == "Límite"
    manager.post(f"{PAGE}own_limite/borrar/")
    assert strategy.rule_facts(desk.actors["manager"]) == {}
    assert manager.get(f"{PAGE}dato/").status_code == 404
