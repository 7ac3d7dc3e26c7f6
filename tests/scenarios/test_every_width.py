"""One list of a day's tasks, done on a wide desk and on a phone: the collector's, the supervisor's, the debtor's and the visitor's.

What a visitor writes without a network stays in the phone, says so, goes once when the network is back, and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from aldia.cases.models import Case, Note
from aldia.contact import services as contact
from aldia.outcomes.models import Outcome, Promise
from tests.beginnings import beginning
from tests.conftest import PATIENCE
from tests.web.desk.conftest import stand_at
from tests.web.desk.seed import NOW, PASSWORD, Desk
from tests.web.desk.test_visits import address_of, company_with_visits

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.usefixtures("dist"), pytest.mark.slow]

WIDTHS: Final = {1440: 900, 390: 844}
KEPT: Final = "JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])"
company = beginning(company_with_visits)


@dataclass
class Walk:
    """One person at one width, in one company."""

    page: Page
    url: str
    desk: Desk
    width: int

    def at(self, path: str) -> None:
        """Open a page; nothing of it runs out of the screen."""
        self.page.goto(self.url + path, wait_until="networkidle")
        beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(beyond) <= 0, (path, self.width)

    def see(self, text: str, where: str = "body") -> None:
        expect(self.page.locator(where).filter(has_text=text).first).to_be_visible()

    def enter(self, who: str) -> None:
        self.page.context.clear_cookies()
        self.at("/cuenta/login/")
        self.page.fill("input[name=login]", f"{who}@andina.example")
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(lambda address: "login" not in address)

    def save(self) -> None:
        """Press the panel's own button and wait until the panel is gone."""
        self.page.locator("#panel .ald-btn--primary").click()
        self.page.wait_for_selector("#panel", state="detached")

    def case(self, number: int, gesture: str = "") -> str:
        """The page of a client, or of one gesture on it."""
        return f"/clientes/{self.desk.case_ids[number]}/{gesture}"


def call_and_nobody_answers(walk: Walk) -> None:
    walk.at(walk.case(4, "resultado/no_answer/"))
    walk.save()


def promise_for_friday(walk: Walk) -> None:
    walk.at(walk.case(5, "resultado/promise/"))
    walk.page.fill("#panel input[name=due_on]", "vie")
    walk.save()
    walk.see("Promesa")


def note(walk: Walk) -> None:
    walk.at(walk.case(4, "nota/"))
    walk.page.fill("#panel textarea[name=body]", f"Tiene portero, {walk.width}.")
    walk.save()
    walk.see(f"Tiene portero, {walk.width}.")


def pause_a_case(walk: Walk) -> None:
    walk.at(walk.case(6, "pausa/"))
    walk.page.fill("#panel input[name=until]", "fin de mes")
    walk.page.fill("#panel input[name=reason]", "Está de viaje")
    walk.save()
    walk.see("Está de viaje")


def find_a_client(walk: Walk) -> None:
    walk.at("/clientes/?q=Frigor")
    walk.page.get_by_role("link", name="Frigorífico La Querencia").first.click()
    walk.see("Frigorífico La Querencia", "h1")


def give_a_case_to_somebody(walk: Walk) -> None:
    walk.at(walk.case(7, "asignar/"))
    walk.page.select_option("#panel select[name=holder]", f"user:{walk.desk.users['bruno'].pk}")
    walk.page.fill("#panel input[name=reason]", "Lo conoce")
    walk.save()


def watch_the_team(walk: Walk) -> None:
    for path in ("/indicadores/", "/compromisos/", "/pagos/", "/alarmas/"):
        walk.at(path)
        expect(walk.page.locator("h1").first).to_be_visible()


COLLECTOR: Final[tuple[Callable[[Walk], None], ...]] = (
    call_and_nobody_answers,
    promise_for_friday,
    note,
    pause_a_case,
    find_a_client,
)
SUPERVISOR: Final[tuple[Callable[[Walk], None], ...]] = (give_a_case_to_somebody, watch_the_team)


@pytest.fixture
def walk(
    request: pytest.FixtureRequest,
    browser: Browser,
    company: Desk,
    live_server: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[int], Walk]]:
    """Return a function that opens a window of a width."""
    stand_at(monkeypatch, NOW)
    expect.set_options(timeout=PATIENCE)
    contexts = []

    def opened(width: int) -> Walk:
        context = browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]}, locale="es-AR", reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return Walk(context.new_page(), live_server.url, company, width)

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.covers("S0-20")
@pytest.mark.parametrize("width", WIDTHS)
def test_the_same_tasks_are_done_on_the_desk_and_on_the_phone(
    walk: Callable[[int], Walk], width: int
) -> None:
    hand = walk(width)
    hand.enter("ana")
    for task in COLLECTOR:
        task(hand)
    visit_without_a_network(hand)
    write_without_a_network(hand)
    leave_nothing_behind(hand)
    hand.enter("supervisor")
    for task in SUPERVISOR:
        task(hand)
    answer_as_the_debtor(hand)
    everything_was_kept(hand)


def visit_without_a_network(walk: Walk) -> None:
    """The result stays in the phone and says so; the answer to its first sending is lost; it goes again, and counts once."""
    page, path = walk.page, address_of(walk.desk, 0)
    walk.at(path)
    page.fill("#panel textarea[name=note]", f"Portón azul, {walk.width}")
    page.context.set_offline(True)
    page.locator("#panel .ald-btn--primary").click()
    walk.see("Sin conexión", "#panel")
    assert f"Portón azul, {walk.width}" in page.evaluate(KEPT)
    page.route("**/resultado/**", lose_the_answer)
    with page.expect_event("requestfailed"):
        page.context.set_offline(False)
    page.unroute("**/resultado/**")
    page.goto(f"{walk.url}/agenda/")  # the page of the result is left; the list of visits sends what waits
    with page.expect_response(lambda answer: answer.request.method == "POST", timeout=30_000):
        page.goto(f"{walk.url}/visitas/")
    page.wait_for_function("!Object.keys(localStorage).some((name) => name.startsWith('visita:'))")
    assert "Portón azul" not in page.evaluate(KEPT)


def lose_the_answer(route: Route) -> None:
    """The server does its part, and the phone never hears of it."""
    if route.request.method == "POST":
        route.fetch(max_redirects=0)
    route.abort() if route.request.method == "POST" else route.continue_()


def write_without_a_network(walk: Walk) -> None:
    """A note on a case waits in its panel and goes by itself."""
    page = walk.page
    walk.at(walk.case(6, "nota/"))
    page.fill("#panel textarea[name=body]", f"Sin red, {walk.width}.")
    page.context.set_offline(True)
    page.locator("#panel .ald-btn--primary").click()
    walk.see("Sin conexión", "#panel")
    page.context.set_offline(False)
    page.wait_for_selector("#panel", state="detached")
    walk.see(f"Sin red, {walk.width}.")
    assert f"Sin red, {walk.width}." not in page.evaluate(KEPT)


def leave_nothing_behind(walk: Walk) -> None:
    """What was begun and not sent goes with the person, who is asked first."""
    page = walk.page
    walk.at(walk.case(6, "nota/"))
    page.fill("#panel textarea[name=body]", "A medio escribir")
    assert "A medio escribir" in page.evaluate(KEPT)
    page.locator("summary:has(.ald-avatar):visible").first.click()
    page.locator("form[action='/cuenta/logout/'] button:visible").first.click()
    page.wait_for_url(lambda address: "/nota/" not in address)
    assert "A medio escribir" not in page.evaluate(KEPT)


def answer_as_the_debtor(walk: Walk) -> None:
    """The same page of the debtor at every width: verified, a day chosen, confirmed."""
    walk.page.context.clear_cookies()
    number = 8
    case = Case.objects.of(walk.desk.organisation).get(pk=walk.desk.case_ids[number])
    token, _link = contact.make_link(
        organisation_id=walk.desk.organisation.pk, case_id=case.pk, party_id=case.party_id, origin="test:1", now=NOW
    )  # fmt: skip
    walk.at(f"/p/{token}/")
    walk.page.fill("input[name=digits]", f"30{71_000_000 + number * 12_347}{number % 10}"[-4:])
    walk.page.locator("form:has(input[name=digits]) button").click()
    walk.page.get_by_role("link", name="Elegir una fecha").click()
    walk.page.fill("input[name=due_on]", "viernes")
    walk.page.locator("main form button").first.click()
    walk.page.get_by_role("button", name="Confirmar").click()
    walk.page.wait_for_url("**/listo/promesa/")


def everything_was_kept(walk: Walk) -> None:
    """Each thing once, whatever the width."""
    desk, notes = walk.desk, Note.objects.of(walk.desk.organisation)
    for text in (f"Tiene portero, {walk.width}.", f"Sin red, {walk.width}."):
        assert notes.filter(body=text).count() == 1
    assert Outcome.objects.of(desk.organisation).filter(channel="visit").count() == 1
    for number in (5, 8):
        promised = Promise.objects.of(desk.organisation).filter(case_id=desk.case_ids[number], state="open")
        assert promised.count() == 1, number
