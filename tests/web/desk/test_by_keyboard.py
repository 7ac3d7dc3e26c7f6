"""Twenty tasks of a day's work in a real browser with the keyboard alone; wherever the focus lands, it is seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.conftest import PATIENCE
from tests.web.desk.seed import PASSWORD, Desk

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.usefixtures("dist"), pytest.mark.slow]

HIDDEN: Final = """() => {
    const here = document.activeElement, box = here.getBoundingClientRect();
    const middle = (from, to, most) => (Math.max(from, 0) + Math.min(to, most)) / 2;
    const shown = document.elementFromPoint(middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight));
    return !(shown && (here.contains(shown) || shown.contains(here))) && here !== document.body;
}"""


class Hands:
    """A person without a mouse: keys, and eyes on the page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def at(self, path: str) -> None:
        """Go to a page, once what was sent from the last one is answered."""
        self.page.wait_for_load_state("networkidle")
        self.page.goto(self.url + path, wait_until="networkidle")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)

    def see(self, text: str, where: str = "body") -> None:
        try:
            self.page.locator(where).filter(has_text=text).first.wait_for()
        except Error as unseen:
            raise AssertionError(f"{text!r} is not in {self.page.locator('main').inner_text()!r}") from unseen

    def panel(self, key: str) -> None:
        """Open a panel with its letter; it has the focus before anything is written."""
        self.press(key)
        self.page.wait_for_selector("#panel :focus")

    def sees_another(self, *keys: str) -> None:
        """Press keys that lead to the next case, and see it."""
        before = self.page.locator("h1").inner_text()
        self.press(*keys)
        self.page.wait_for_function("before => document.querySelector('h1').innerText !== before", arg=before)
        self.page.wait_for_selector("#panel", state="detached")

    def tab_to(self, selector: str) -> None:
        """Walk with Tab to what the selector names; the focus is seen at every stop."""
        for _stop in range(120):
            self.press("Tab")
            assert not self.page.evaluate(HIDDEN), self.page.evaluate("document.activeElement.outerHTML")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"Tab never reaches {selector}")


@pytest.fixture
def hands(browser: Browser, desk: Desk, live_server: Any) -> Iterator[Hands]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="es-AR", reduced_motion="reduce", bypass_csp=True
    )
    context.set_default_timeout(PATIENCE)
    yield Hands(context.new_page(), live_server.url)
    context.close()


@pytest.mark.covers("S3-66a")
def test_twenty_tasks_are_done_with_the_keyboard_alone(hands: Hands) -> None:
    enter(hands, "ana@andina.example")
    work_the_round(hands)
    look_for_people(hands)
    answer_alarms(hands)
    hands.page.context.clear_cookies()
    enter(hands, "supervisor@andina.example")
    lead_the_team(hands)


def enter(hands: Hands, email: str) -> None:
    """1. Sign in."""
    hands.at("/cuenta/login/")
    hands.write(email)
    hands.press("Tab")
    hands.write(PASSWORD)
    hands.press("Enter")
    hands.page.wait_for_url(lambda address: "login" not in address)


def work_the_round(hands: Hands) -> None:
    """2-10. Each outcome in at most three keys and its text; undo; skip; the keys themselves."""
    hands.at("/hoy/")
    hands.panel("n")
    hands.sees_another("Enter")
    hands.press("Control+z")
    hands.see("Deshecho")
    hands.at("/hoy/")
    for letter, text in (("p", "vie"), ("r", "mañana 10:30"), ("a", "ayer"), ("t", "Su hermana")):
        hands.panel(letter)
        hands.write(text)
        hands.sees_another("Enter")
    hands.panel("d")
    hands.press("2")
    hands.sees_another("Enter")
    hands.sees_another("s")
    keep_the_page_in_sight(hands)
    hands.press("?")
    hands.see("Saltar este caso", "#teclas")
    hands.press("Escape")


def keep_the_page_in_sight(hands: Hands) -> None:
    """However fast the outcomes come, three lines tell of them at most, and none that says something failed gives way."""
    hands.page.evaluate("""() => {
        const line = (tone, text) => `<div class="ald-toast ald-toast--${tone}">${text}</div>`;
        const told = line("bad", "mal") + [1, 2, 3, 4].map((each) => line("ok", each)).join("");
        document.getElementById("avisos").insertAdjacentHTML("beforeend", told);
    }""")
    assert hands.page.locator("#avisos .ald-toast").all_inner_texts() == ["mal", "3", "4"]


def look_for_people(hands: Hands) -> None:
    """11-15. Find a client, go to a screen, send a statement, write a note, filter the list and open a row."""
    hands.press("Control+k")
    hands.page.wait_for_selector("#paleta input:focus")
    hands.write("Bodega Alto")
    hands.see("Bodega Alto Verde", "#paleta-resultados")
    hands.press("Enter")
    hands.see("Bodega Alto Verde", "h1")
    hands.panel("e")
    hands.press("Enter")
    hands.page.wait_for_selector("#panel", state="detached")
    hands.tab_to(".ald-casehead summary")
    hands.press("Enter")
    hands.tab_to(".ald-menu__list a[href*='/nota/']")
    hands.press("Enter")
    hands.page.wait_for_selector("#panel textarea:focus")
    hands.write("Llamar por la tarde.")
    hands.tab_to("#panel .ald-btn--primary")
    hands.press("Enter")
    hands.see("Llamar por la tarde.", "#historia")
    hands.at("/clientes/")
    hands.press("f")
    hands.page.wait_for_selector("#buscar-clientes:focus")
    hands.write("Frigor")
    hands.press("Enter")
    hands.page.wait_for_url(lambda address: "Frigor" in address)
    hands.press("j", "Enter")
    hands.see("Frigorífico La Querencia", "h1")


def answer_alarms(hands: Hands) -> None:
    """16-17. Walk the alarms and leave one as seen; finish a task of the agenda."""
    hands.at("/alarmas/")
    hands.press("j", "j", "Enter")
    hands.page.wait_for_selector(".ald-detail__foot")
    hands.press("v")
    hands.see("vista", ".ald-toast")
    hands.at("/agenda/")
    hands.tab_to("form[action$='/hecha/'] button")
    hands.press("Enter")
    hands.see("Tarea hecha")


def lead_the_team(hands: Hands) -> None:
    """18-20. Register a payment, give two cases to somebody with a preview, change the theme."""
    hands.at("/pagos/")
    hands.press("c")
    hands.page.wait_for_selector("input:focus")
    hands.write("Librería")
    hands.see("Librería El Ateneo Chico", "#encontrados")
    hands.tab_to("#encontrados a")
    hands.press("Enter")
    hands.page.wait_for_selector("#id_amount")
    hands.tab_to("#id_amount")
    hands.write("1500")
    hands.tab_to("#id_reference")
    hands.write("T-900")
    hands.press("Enter")
    hands.see("Cobro registrado")
    hands.at("/clientes/")
    hands.tab_to("tbody [data-check]")
    hands.press("Space")
    hands.tab_to("tbody [data-check]")
    hands.press("Space")
    hands.see("2 elegidos", "[data-bulk-bar]")
    hands.tab_to("[data-bulk-bar] button[value='assign']")
    hands.press("Enter")
    hands.page.wait_for_url(lambda address: not address.endswith("/clientes/"))
    hands.tab_to(".ald-top__end details summary")
    hands.press("Enter")
    hands.tab_to("button[name='theme'][value='dark']")
    hands.press("Enter")
    hands.page.wait_for_selector("html[data-bs-theme='dark']")
