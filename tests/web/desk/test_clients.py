"""The list of clients: the address is the query, gestures touch what was shown, files carry no formula."""

import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from aldia.access import selectors as access
from aldia.cases.models import Case, Hold
from aldia.contact.models import Order
from aldia.parties.models import Party, PartyPair
from tests.web.desk.seed import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dist")]
LIST = "/clientes/"


def names(html: str, desk: Desk) -> set[str]:
    return {
        case.debtor_name for case in Case.objects.of(desk.organisation) if f">{case.debtor_name}<" in html
    }


def show(client: Client, query: str = "") -> str:
    return client.get(f"{LIST}?{query}").content.decode()


def test_the_list_shows_everybody_with_the_document_masked(desk: Desk, client: Client) -> None:
    html = show(desk.login(client, "supervisor"))
    assert len(names(html, desk)) == 40
    assert "30-71•••••" in html
    assert "40 clientes" in html


@pytest.mark.covers("S4-45a", "S4-45b")
def test_each_condition_of_the_address_narrows_the_list(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    assert names(show(client, "promise_state=broken"), desk) == {"Ferretería El Algarrobo S.R.L."}
    assert names(show(client, "has_dispute=1"), desk) == {"Agroinsumos Tres Lomas S.A."}
    assert len(names(show(client, f"holder=user:{desk.users['bruno'].pk}"), desk)) == 10
    assert names(show(client, "text=Algarrobo"), desk) == {"Ferretería El Algarrobo S.R.L."}
    assert names(show(client, "buckets=31-60"), desk) < names(show(client, "buckets=31-60,61-90"), desk)


def test_the_ageing_buttons_say_how_many_clients_each_would_leave(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    html = show(client, "buckets=61-90")
    assert 'aria-pressed="true"' in html
    assert f"<small>{len(names(html, desk))}</small>" in html


@pytest.mark.parametrize(
    "query",
    ["buckets=nada", "sort=debtor_name", "cursor=xx", "holder=user:1e9", "portfolio_id=%00", "text=%27%3B--"],
)
def test_a_strange_address_still_shows_a_list(desk: Desk, client: Client, query: str) -> None:
    assert desk.login(client, "supervisor").get(f"{LIST}?{query}").status_code == 200


def test_a_saved_view_is_a_tab_and_its_owner_may_forget_it(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    client.post(reverse("desk:view-save"), {"name": "Grandes", "query": "is_overdue=1&cursor=zz&evil=1"})
    view = access.saved_views(desk.actors["supervisor"], "customers")[0]
    assert view.query == "is_overdue=1"
    assert ">Grandes" in show(client, view.query)
    assert ">Grandes" not in show(desk.login(Client(), "ana"), "")
    client.post(reverse("desk:view-forget", args=[view.pk]))
    assert access.saved_views(desk.actors["supervisor"], "customers") == []


def test_the_tabs_come_back_with_their_counts(desk: Desk, client: Client) -> None:
    html = desk.login(client, "supervisor").get(reverse("desk:customers-counts")).content.decode()
    assert re.search(r"Todos\s+<small>40</small>", html)
    assert re.search(r"En disputa\s+<small>1</small>", html)


def bulk(client: Client, do: str, ids: list[int], **more: str) -> str:
    data = {"do": do, "scope": "rows", "id": ids, "query": "", **more}
    return client.post(reverse("desk:bulk"), data).content.decode()


def token_of(html: str) -> str:
    return html.split('name="token" value="')[1].split('"')[0]


def test_a_gesture_shows_count_and_money_by_currency_before_it_is_made_and_can_be_undone(
    desk: Desk, client: Client
) -> None:
    desk.login(client, "supervisor")
    ids = desk.case_ids[:2]
    html = bulk(client, "assign", ids)
    assert "Asignar: 2 clientes" in html
    assert "Vencido ARS" in html and "Vencido USD" in html
    holder = f"user:{desk.users['bruno'].pk}"
    client.post(
        reverse("desk:bulk-act"),
        {"do": "assign", "scope": "rows", "id": ids, "token": token_of(html), "holder": holder},
    )
    assert {desk.case(0).holder_id, desk.case(1).holder_id} == {desk.users["bruno"].pk}
    undo = re.search(r'action="(/clientes/gesto/\d+/deshacer/)"', show(client))
    assert undo
    client.post(undo[1])
    assert {desk.case(0).holder_id, desk.case(1).holder_id} == {desk.users["ana"].pk}


def test_a_gesture_over_a_selection_that_changed_since_is_refused(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    token = token_of(bulk(client, "stage", desk.case_ids[:2]))
    data = {"do": "stage", "scope": "rows", "id": desk.case_ids[:3], "token": token, "stage": "late"}
    assert client.post(reverse("desk:bulk-act"), data).status_code == 422
    assert desk.case(2).stage == "early"


def test_the_whole_filter_can_be_paused_until_a_day_said_in_words(desk: Desk, client: Client) -> None:
    desk.login(client, "supervisor")
    query = f"holder=user:{desk.users['bruno'].pk}"
    html = bulk(client, "hold", [], scope="filter", query=query)
    assert "Pausar: 10 clientes" in html
    data = {
        "do": "hold",
        "scope": "filter",
        "query": query,
        "token": token_of(html),
        "until": "viernes",
        "reason": "Feria",
    }
    client.post(reverse("desk:bulk-act"), data)
    assert Hold.objects.of(desk.organisation).filter(reason="Feria", ends_on="2026-11-27").count() == 10


def test_notices_leave_only_when_the_count_is_typed_and_each_client_gets_one(
    desk: Desk, client: Client
) -> None:
    desk.login(client, "supervisor")
    ids = desk.case_ids[20:23]
    html = bulk(client, "send", ids)
    assert "Escribe 3 para seguir." in html
    data = {
        "do": "send",
        "scope": "rows",
        "id": ids,
        "token": token_of(html),
        "channel": "email",
        "template": "overdue_soft",
    }
    assert client.post(reverse("desk:bulk-act"), {**data, "typed": "2"}).status_code == 422
    assert not Order.objects.of(desk.organisation).filter(identity__startswith="bulk:").exists()
    client.post(reverse("desk:bulk-act"), {**data, "typed": "3"})
    assert Order.objects.of(desk.organisation).filter(identity__startswith="bulk:").count() == 3


def test_a_collector_has_no_gestures_over_many_and_no_export(desk: Desk, client: Client) -> None:
    html = show(desk.login(client, "ana"))
    assert "data-check-all" not in html and "Exportar" not in html
    assert client.post(reverse("desk:bulk"), {"do": "assign"}).status_code == 403
    assert client.get(reverse("desk:customers-export")).status_code == 403


def test_the_export_has_the_rows_of_the_screen_and_no_formula(desk: Desk, client: Client) -> None:
    Party.objects.of(desk.organisation).filter(pk=desk.case(0).party_id).update(name="=2+3")
    Case.objects.of(desk.organisation).filter(pk=desk.case_ids[0]).update(debtor_name="=2+3")
    answer = desk.login(client, "supervisor").get(reverse("desk:customers-export") + "?promise_state=broken")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet.max_row == 2
    assert sheet["A2"].value == "=2+3" and sheet["A2"].data_type == "s"
    assert sheet["F2"].value == 115400


def test_two_customers_that_may_be_one_are_joined_and_separated_again(desk: Desk, client: Client) -> None:
    desk.login(client, "manager")
    organisation = desk.organisation.pk
    first = Party.objects.of(organisation).order_by("pk")[0]
    Party.objects.of(organisation).filter(pk=first.pk).update(tax_id="30716595540")
    twin = Party.objects.create(
        organisation_id=organisation, name=first.name, name_folded=first.name_folded, tax_id="30716595540"
    )
    shown = client.post("/clientes/duplicados/buscar/", follow=True).content.decode()
    assert "Muy probable" in shown and "30716595540" not in shown
    pair = PartyPair.objects.of(organisation).get(right=twin)
    address = f"/clientes/duplicados/{pair.pk}/"
    client.post(address, {"queda": str(first.pk)})
    twin.refresh_from_db()
    assert twin.merged_into_id == first.pk
    client.post(f"{address}?otra-vez=1")
    client.post(address, {"aparte": "1"})
    twin.refresh_from_db()
    pair.refresh_from_db()
    assert twin.merged_into_id is None and pair.state == PartyPair.APART
    desk.login(client, "ana")
    assert client.get("/clientes/duplicados/").status_code == 403


def test_a_house_without_clients_is_told_how_they_come_in(desk: Desk, client: Client) -> None:
    Case.objects.of(desk.organisation).update(is_open=False, closed_on=desk.clock.as_of)
    manager = desk.login(client, "manager")
    assert "Aún no hay clientes" in manager.get("/clientes/").content.decode()
    assert "Ningún cliente con estas condiciones" in manager.get("/clientes/?text=nadie").content.decode()
