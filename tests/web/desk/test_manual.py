"""The manual has words for every screen of the desk, and opens at the page one comes from."""

import pytest
from django.test import Client
from django.utils import translation

from aldia.web.desk.manual import CHAPTERS, topic_of
from aldia.web.desk.urls import urlpatterns
from tests.beginnings import beginning
from tests.web.desk.seed import Desk, make_desk

TOPICS = [topic for chapter in CHAPTERS for topic in chapter.topics]
NO_SCREEN = {"home", "manual"}  # the first goes to another page


@pytest.mark.covers("S4-1f")
def test_every_screen_has_words_in_the_manual() -> None:
    silent = [
        route.name
        for route in urlpatterns
        if route.name not in NO_SCREEN and topic_of(str(route.pattern)) is None
    ]
    assert not silent, "say in web/desk/manual what they are for"


def test_every_place_of_the_manual_is_one_of_the_desk() -> None:
    addresses = [str(route.pattern) for route in urlpatterns]
    for topic in TOPICS:
        assert any(topic_of(address) is topic for address in addresses), topic.anchor
    assert len({topic.anchor for topic in TOPICS}) == len(TOPICS)


@pytest.mark.covers("S4-1f")
@pytest.mark.parametrize("language", ["en", "pt-br"])
def test_the_manual_is_read_in_the_other_languages(language: str) -> None:
    spanish = [(str(topic.title), str(topic.text)) for topic in TOPICS]
    with translation.override(language):
        told = [(str(topic.title), str(topic.text)) for topic in TOPICS]
    assert not [own for own, other in zip(spanish, told, strict=True) if own[1] == other[1]]


desk = beginning(make_desk)


@pytest.mark.django_db
@pytest.mark.usefixtures("dist")
def test_the_page_one_comes_from_is_first(desk: Desk, client: Client) -> None:
    ana = desk.login(client, "ana")
    case = f"/clientes/{desk.case_ids[3]}/"
    assert f"/ayuda/?pagina={case.replace('/', '%2F')}" in ana.get(case).content.decode()
    page = ana.get("/ayuda/", {"pagina": f"{case}acuerdo/"})
    here = page.context["here"]
    assert (here["topic"].anchor, here["href"]) == ("compromisos-acuerdos", "/compromisos/acuerdos/")
    links = {
        item["topic"].anchor: item["href"] for _title, topics in page.context["chapters"] for item in topics
    }
    assert links["hoy"] == "/hoy/"
    assert links["ajustes-api"] == "", "only who may open a page is led to it"
    assert ana.get("/ayuda/?pagina=/nada/").context["here"] is None


@pytest.mark.django_db
@pytest.mark.usefixtures("dist")
def test_every_link_of_the_manual_opens_a_page(desk: Desk, client: Client) -> None:
    chapters = desk.login(client, "administrator").get("/ayuda/").context["chapters"]
    links = {item["topic"].anchor: item["href"] for _title, topics in chapters for item in topics}
    opened = {address: client.get(address, follow=True) for address in links.values() if address}
    assert len(opened) > 50, "an administrator is led to nearly all of them"
    assert not [address for address, answer in opened.items() if answer.status_code != 200]
    assert links["estrategias-documentos"] == "", "the beginning of addresses is no page"
    assert links["clientes-gesto"] == "", "neither is what only takes a form"
    assert opened["/prestamos/cotizar/"].redirect_chain == [("/prestamos/", 302)], "nobody lends here"
