"""What keeps screens quick: how many questions each asks of the database, what it weighs, what is kept by the browser."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.web.desk.seed import Desk
from tests.web.weight import ACCEPTED, first_visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dist")]
STAFF_BUDGET = 150_000
MOST_QUERIES = {"customers": 17, "case": 37, "today": 42, "search": 12, "indicators": 36}
MOST_OF_A_KEY = {"no_answer": 71, "skip": 52}
HTMX = {"HTTP_HX_REQUEST": "true"}
Counted = Callable[..., object]


def address_of(desk: Desk, screen: str) -> str:
    if screen == "case":
        return reverse("desk:case", args=[desk.case_ids[0]])
    return reverse(f"desk:{screen}") + {"search": "?q=algarrobo"}.get(screen, "")


@pytest.mark.parametrize("screen", MOST_QUERIES)
def test_a_screen_asks_no_more_than_its_share(
    desk: Desk, client: Client, django_assert_max_num_queries: Counted, screen: str
) -> None:
    client = desk.login(client, "supervisor" if screen == "indicators" else "ana")
    address = address_of(desk, screen)
    client.get(address)
    with django_assert_max_num_queries(MOST_QUERIES[screen]):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("gesture", MOST_OF_A_KEY)
def test_a_key_asks_no_more_than_its_share_until_the_next_case_is_drawn(
    desk: Desk, client: Client, django_assert_max_num_queries: Counted, gesture: str
) -> None:
    client = desk.login(client)
    html = press_key(client, gesture, client.get(reverse("desk:today")).content.decode())
    with django_assert_max_num_queries(MOST_OF_A_KEY[gesture]):
        assert "/saltar/" in press_key(client, gesture, html)


def press_key(client: Client, gesture: str, html: str) -> str:
    """Do it to the case that is drawn, and return the next one as htmx gets it."""
    found = re.search(r"/hoy/(\d+)/saltar/", html)
    assert found
    if gesture == "skip":
        return client.post(reverse("desk:skip", args=[found[1]]), **HTMX).content.decode()
    address = reverse("desk:outcome", args=[found[1], gesture]) + "?cola=1"
    sent = {"channel": "call", "client_id": f"key-{found[1]}"}
    return client.post(address, sent, **HTMX).content.decode()


def test_a_staff_page_weighs_little_on_the_first_visit(desk: Desk, client: Client) -> None:
    weights = first_visit(desk.login(client), reverse("desk:customers"))
    assert len(weights) >= 4
    assert sum(weights.values()) <= STAFF_BUDGET, weights


def test_pages_leave_compressed_with_another_token_each_time(desk: Desk, client: Client) -> None:
    address = address_of(desk, "case")
    client = desk.login(client)
    first, second = (client.get(address, **ACCEPTED) for _ in range(2))
    assert first["Content-Encoding"] == "gzip" and "Accept-Encoding" in first["Vary"]
    assert first.content != second.content


def test_the_browser_keeps_what_is_named_after_its_content(desk: Desk, client: Client) -> None:
    named = [
        name for name in first_visit(desk.login(client), reverse("desk:customers")) if "/dist/assets/" in name
    ]
    assert named
    for address in named:
        assert "immutable" in client.head(address)["Cache-Control"], address
