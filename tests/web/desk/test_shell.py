"""What surrounds the screens: where the day begins, search, news, the organisation one is in."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from aldia.access import selectors as access
from aldia.access.models import Membership
from aldia.web.desk.views import cases, clients, shell, today
from tests.web.desk.seed import Desk, make_desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dist")]
MINE = [*shell.urls, *today.urls, *cases.urls, *clients.urls]


@pytest.mark.parametrize("route", MINE, ids=lambda route: str(route.name))
def test_every_route_says_what_it_needs(route: URLPattern) -> None:
    assert hasattr(route.callback, "needs")


def test_who_is_not_signed_in_goes_to_the_door(desk: Desk, client: Client) -> None:
    for name in ("home", "today", "agenda", "customers", "search", "notifications"):
        assert client.get(reverse(f"desk:{name}")).status_code == 302
    assert get_resolver().url_patterns


@pytest.mark.parametrize("who", ["ana", "supervisor", "manager", "administrator", "auditor"])
def test_each_role_begins_where_its_work_is(desk: Desk, client: Client, who: str) -> None:
    assert desk.login(client, who).get("/").status_code == 302


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("algarr", ""),
        ("3071000000", "por documento"),
        ("pagos0@cliente", "por correo"),
        ("555-0100", "por teléfono"),
        ("FC A 0003-00000001", "por comprobante"),
    ],
)
def test_search_finds_by_name_document_mail_phone_and_invoice(
    desk: Desk, client: Client, text: str, why: str
) -> None:
    html = (
        desk.login(client).get(reverse("desk:search"), {"q": text}, HTTP_HX_REQUEST="true").content.decode()
    )
    assert "Ferretería El Algarrobo S.R.L." in html and why in html


def test_search_finds_a_portfolio_by_name_whatever_its_accents(desk: Desk, client: Client) -> None:
    html = desk.login(client).get(reverse("desk:search"), {"q": "exportacion"}).content.decode()
    assert f"?portfolio_id={desk.other_portfolio_id}" in html and "Exportación" in html
    assert "Mayorista AR" not in html


def test_what_cannot_be_done_stays_in_the_palette_with_its_reason(desk: Desk, client: Client) -> None:
    here = f"http://testserver{reverse('desk:case', args=[desk.case_ids[0]])}"
    html = (
        desk.login(client)
        .get(reverse("desk:search"), HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=here)
        .content.decode()
    )
    assert "Registrar promesa" in html and ">P</kbd>" in html
    assert "Tu rol no lo incluye" in html and 'aria-disabled="true"' in html


@pytest.mark.parametrize("text", ["'; DROP TABLE", "\x00", "%", "x" * 5000, "<script>"])
def test_a_hostile_search_finds_nobody(desk: Desk, client: Client, text: str) -> None:
    answer = desk.login(client).get(reverse("desk:search"), {"q": text})
    assert answer.status_code == 200 and "<script>" not in answer.content.decode().split("</head>")[1]


def test_news_are_counted_and_read(desk: Desk, client: Client) -> None:
    desk.login(client)
    assert "Promesa no cumplida: Ferretería" in client.get(reverse("desk:notifications")).content.decode()
    assert access.unread(desk.ana) == 1
    client.post(reverse("desk:notifications-read"))
    assert access.unread(desk.ana) == 0


def test_one_goes_only_to_an_organisation_of_ones_own(desk: Desk, client: Client) -> None:
    other, third = make_desk("otra"), make_desk("tercera")
    Membership.objects.create(organisation=other.organisation, user=desk.users["auditor"], role="AUDITOR")
    desk.login(client, "auditor").post(reverse("desk:switch"), {"organisation": other.organisation.pk})
    assert client.get(reverse("desk:case", args=[other.case_ids[0]])).status_code == 200
    client.post(reverse("desk:switch"), {"organisation": third.organisation.pk})
    assert client.get(reverse("desk:case", args=[third.case_ids[0]])).status_code == 404
