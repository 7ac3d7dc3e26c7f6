"""Columns of the files declared as facts: what rules, segments and strategies then say of each case and document."""

import json
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from aldia.access.actors import member
from aldia.access.permissions import NotAllowed
from aldia.engine.rules import RuleError, check
from aldia.ledger import services as ledger
from aldia.strategy import selectors, services
from aldia.strategy.models import Strategy
from aldia.strategy.night.gathering import case_facts, gather
from aldia.strategy.own_facts import Writing, own_facts, values_of
from tests.rooms.strategy.conftest import BEGIN, NOW, World

pytestmark = pytest.mark.django_db


def says(world: World, document_id: int, **cells: str) -> None:
    """Give a document the cells that its file brought."""
    told = pl.DataFrame({"document_id": [document_id], "attributes": [json.dumps(cells)]})
    ledger.change_documents(organisation_id=world.organisation.pk, changes=told, columns=["attributes"])


def declares(world: World, column: str, kind: str, **told: Any) -> str:
    draft = services.FactDraft(column, kind, **told)
    return services.declare_fact(actor=world.actor, draft=draft, now=NOW).key


@pytest.fixture
def branches(world: World) -> World:
    """Ana owes in two branches, the newest document speaks for her; Luis's file says nothing."""
    for who, branch, days, limit in (
        ("ana", "Sur", 40, "900,50"),
        ("ana", "Norte «1»", 5, "1.200,00"),
        ("luis", "", 5, "?"),
    ):
        document = world.owes(who, 100_000, due=BEGIN - timedelta(days=days))
        says(world, document, Sucursal=branch, **{"Límite de crédito": limit})
    world.opens()
    return world


@pytest.mark.covers("S3-31", "S4-45e")
def test_a_case_says_what_its_newest_document_says_and_nothing_where_no_cell_reads(branches: World) -> None:
    keys = declares(branches, "Sucursal", "text"), declares(branches, "Límite de crédito", "money")
    assert keys == ("own_sucursal", "own_limite_de_credito")
    facts = case_facts(branches.organisation.pk, as_of=BEGIN, needed=set(keys))
    rows = {row["case_id"]: (row[keys[0]], row[keys[1]]) for row in facts.iter_rows(named=True)}
    assert rows == {branches.clients["ana"]: ("Norte «1»", 120_000), branches.clients["luis"]: (None, None)}


def test_each_document_says_its_own(branches: World) -> None:
    key = declares(branches, "Sucursal", "text", grain="document")
    found = gather(
        branches.organisation.pk,
        as_of=BEGIN,
        partition=None,
        portfolios=[branches.portfolio_id],
        needed={key},
    )
    assert found.documents.sort("document_id")[key].to_list() == ["Sur", "Norte «1»", None]


def test_a_segment_names_it_and_a_wrong_use_is_pointed_at(branches: World) -> None:
    declares(branches, "Sucursal", "text")
    services.save_segment(
        actor=branches.actor, key="norte", name="Norte", rule="starts_with(own_sucursal, 'norte')", clock=branches.clock(BEGIN)
    )  # fmt: skip
    view = selectors.segments(branches.actor, as_of=BEGIN, language="es")[0]
    assert (view.count, view.explained) == (1, "Sucursal empieza con «norte»")
    own = own_facts(branches.organisation.pk)
    with pytest.raises(RuleError) as refused:
        check("own_sucursal > 3", own=own)
    assert (refused.value.remark.code, refused.value.remark.at) == ("types_differ", 16)
    with pytest.raises(RuleError, match="near_word"):
        check("own_sucursa = 'x'", own=own)


def test_what_rules_name_is_neither_forgotten_nor_turned_into_another_type(branches: World) -> None:
    key = declares(branches, "Sucursal", "text")
    services.save_segment(
        actor=branches.actor,
        key="norte",
        name="El norte",
        rule=f"{key} = 'Norte'",
        clock=branches.clock(BEGIN),
    )
    with pytest.raises(services.FactRefused, match="El norte"):
        services.forget_fact(actor=branches.actor, key=key, now=NOW)
    with pytest.raises(services.FactRefused, match="El norte"):
        declares(branches, "Sucursal", "int")
    declares(branches, "Sucursal", "text", label={"es": "Filial"})
    services.delete_segment(actor=branches.actor, key="norte", now=NOW)
    services.forget_fact(actor=branches.actor, key=key, now=NOW)
    assert own_facts(branches.organisation.pk) == {}


def test_a_published_strategy_carries_it_and_the_night_decides_with_it(branches: World) -> None:
    key = declares(branches, "Sucursal", "text", label={"en": "Branch"})
    row = Strategy.objects.of(branches.organisation).get(key="b2b_invoices")
    alarm = {
        "key": "north", "name": {"es": "Norte", "en": "North", "pt": "Norte"}, "grain": "case", "anchor": "due_on", "offset": 0,
        "condition": f"starts_with({key}, 'Norte')", "action": {"kind": "alarm", "alarm": "north"},
    }  # fmt: skip
    draft = {**row.draft, "always": [*row.draft.get("always", []), alarm]}
    version = services.publish(
        actor=branches.actor, strategy_id=row.pk, document=draft, clock=branches.clock(BEGIN), note=""
    )
    assert version.document["facts"][key]["label"] == {"es": "Sucursal", "en": "Branch", "pt": "Sucursal"}
    branches.runs()
    acted = {decision.case_id for decision in branches.decisions if decision.step == "north"}
    assert acted == {branches.clients["ana"]}
    tried = selectors.dry_run(branches.actor, "b2b_invoices", as_of=BEGIN, language="en")
    assert "Branch" in tried.frozen


READ = {
    "int": ({"12": 12, " 1.234 ": 1_234, "-7": -7, "3,00": 3, "3,5": None, "x": None, "99999999999": None}, {}),
    "money": (
        {"1.234,50": 123_450, "R$ 10": 1_000, "-0,5": -50, "1,234": None, "": None, "12,3400": 1_234}, {},
    ),
    "bool": ({"Sí": True, "NÃO": False, "x": True, "0": False, "tal vez": None}, {}),
    "date": (
        {"2026-03-01": date(2026, 3, 1), "01/02/2026": date(2026, 2, 1), "2026-03-01 10:30": date(2026, 3, 1), "31/2/2026": None,
         "ayer": None}, {},
    ),
    "text": ({" Norte ": "Norte", "": None}, {}),
}  # fmt: skip


@pytest.mark.parametrize("kind", READ)
def test_cells_read_with_the_conventions_of_the_declaration(kind: str) -> None:
    cells = READ[kind][0]
    currencies = pl.Series(["USD"] * len(cells))
    values = values_of(pl.Series(list(cells)), Writing("x", kind), currencies)
    assert dict(zip(cells, values.to_list(), strict=True)) == cells


def test_other_conventions_and_currencies_read_otherwise() -> None:
    told = pl.Series(["1,234.5", "1,234.5"])
    values = values_of(told, Writing("x", "money", "."), pl.Series(["USD", "CLP"]))
    assert values.to_list() == [123_450, None]
    days = values_of(pl.Series(["01/02/2026"]), Writing("x", "date", ",", True), pl.Series(["USD"]))
    assert days.to_list() == [date(2026, 1, 2)]


def test_the_vocabulary_lists_it_and_the_columns_that_are_still_free(branches: World) -> None:
    declares(branches, "Sucursal", "text")
    assert [view.label for _row, view in selectors.own_vocabulary(branches.actor, "es")] == ["Sucursal"]
    free = selectors.free_columns(branches.actor)
    assert [(column.name, column.filled) for column in free] == [("Límite de crédito", 3)]
    reading = selectors.reading_of(branches.actor, Writing("Límite de crédito", "money"))
    assert (reading.filled, reading.read, reading.unread) == (3, 2, ("?",))


@pytest.mark.parametrize(("told", "part"), [
    ({"key": "Con Espacios"}, "key"), ({"type": "number"}, "type"), ({"unit": "leagues"}, "unit"), ({"grain": "person"}, "grain"),
    ({"column": " ", "key": "x"}, "column"),
])  # fmt: skip
def test_what_cannot_be_declared_says_which_part(world: World, told: dict[str, Any], part: str) -> None:
    draft = services.FactDraft(**{"column": "Sucursal", "type": "text", **told})
    with pytest.raises(services.FactRefused) as refused:
        services.declare_fact(actor=world.actor, draft=draft, now=NOW)
    assert refused.value.part == part


def test_a_supervisor_declares_nothing(world: World) -> None:
    supervisor = member(world.organisation.pk, user_id=1, role="SUPERVISOR")
    with pytest.raises(NotAllowed):
        services.declare_fact(actor=supervisor, draft=services.FactDraft("Sucursal", "text"), now=NOW)
