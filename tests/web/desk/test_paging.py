"""Lists of several pages: on and back again, each row once, with the keys of the pager."""

import re
from html import unescape

import pytest
from django.test import Client

from aldia.intake.models import Load
from tests.web.desk.seed import Desk
from tests.web.desk.test_intake import BAD, GOOD, HEAD, _reviewed
from tests.web.reading import flat

pytestmark = pytest.mark.django_db
TURN = r'<a href="([^"]+)" rel="{}"'


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aldia.db.pages.MOST_ROWS", 2)


def turned(client: Client, address: str, page: str, way: str) -> tuple[str, str]:
    found = re.search(TURN.format(way), flat(page))
    assert found, f"{address}: no {way}"
    there = unescape(found.group(1))
    there = there if there.startswith("/") else address.split("?")[0] + there
    answer = client.get(there)
    assert answer.status_code == 200
    return there, answer.content.decode()


def rows_of(page: str) -> list[str]:
    """Each row of a list, as it is drawn."""
    return re.findall(r"<(?:tr|li|a)[^>]*data-item[^>]*>(.*?)</(?:tr|li|a)>", page, re.DOTALL)


def walk(client: Client, address: str) -> None:
    first = client.get(address).content.decode()
    there, second = turned(client, address, first, "next")
    _back, again = turned(client, there, second, "prev")
    assert rows_of(first) and rows_of(second)
    assert rows_of(again) == rows_of(first) != rows_of(second)
    assert not re.search(TURN.format("prev"), first)


@pytest.mark.parametrize("address", ["/buzon/salida/", "/buzon/"])
def test_messages_and_notices_are_paged_both_ways(desk: Desk, client: Client, address: str) -> None:
    walk(desk.login(client, "supervisor"), address)


def test_imports_and_their_rejected_rows_are_paged_both_ways(desk: Desk, client: Client) -> None:
    client = desk.login(client, "manager")
    bad = [BAD.replace("F-4", f"F-{number}").replace("nunca", f"nunca{number}") for number in range(4, 8)]
    load = _reviewed(client, HEAD + GOOD + "".join(bad)).context["load"]
    walk(client, f"/importar/{load.pk}/filas/")
    for _copy in range(2):
        Load.objects.create(
            **{
                field.attname: getattr(load, field.attname)
                for field in Load._meta.concrete_fields
                if field.name not in {"id", "identity"}
            }
        )
    walk(client, "/importar/")


def test_a_page_that_is_no_more_leads_to_the_first(desk: Desk, client: Client) -> None:
    client = desk.login(client, "manager")
    for address in ("/buzon/", "/buzon/salida/", "/compromisos/", "/pagos/", "/auditoria/", "/importar/"):
        for mark in ("x", "7", "WyJhIiwgMSwgMF0="):
            answer = client.get(f"{address}?pagina={mark}")
            assert (answer.status_code, answer["Location"]) == (302, address)
