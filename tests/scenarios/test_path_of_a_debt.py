"""The path of a debt as a person walks it: a file, notices, a call, a promise, the debtor's page, a payment, the figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.conftest import PATIENCE
from tests.scenarios.installation import PASSWORD, Installation, install

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.usefixtures("dist"),
    pytest.mark.slow,
    pytest.mark.on_each_database,
]

FILE = (
    "cliente,nombre,cuit,correo,telefono,factura,emision,vencimiento,importe\n"
    "C1,Ferretería El Árbol S.A.,30-71234567-1,pagos@arbol.example,+54 11 4555-0142,FC-1,2026-02-01,2026-02-20,486250.00\n"
    "C1,Ferretería El Árbol S.A.,30-71234567-1,pagos@arbol.example,+54 11 4555-0142,FC-2,2026-02-10,2026-03-20,132900.00\n"
    "C2,Óptica Sur S.R.L.,30-50001091-2,admin@optica.example,,FC-3,2026-02-05,2026-03-07,99990.50\n"
    "C3,Panadería Luz,20-12345678-6,luz@pan.example,,FC-4,2026-03-01,2026-03-31,15000.00\n"
    "C4,Fila mala,,,,FC-5,ayer,2026-03-01,10.00\n"
)


@pytest.fixture
def house(tmp_path: Path, free_tcp_port: int, db: None) -> Iterator[Installation]:
    made = install(tmp_path / "home", free_tcp_port)
    made.manage("day", "--as-of", "2026-03-09")
    made.start_web()
    yield made
    made.stop_web()


@pytest.fixture
def enter(browser: Browser, house: Installation) -> Iterator[Callable[..., Page]]:
    """Return a function that signs somebody in; at the end nobody's console has complained."""
    expect.set_options(timeout=PATIENCE)
    pages: list[Page] = []
    complaints: list[str] = []

    def opened(email: str = "", *, width: int = 1440) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, reduced_motion="reduce", locale="es-AR"
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        pages.append(page)
        page.on(
            "console",
            lambda told: complaints.append(told.text) if told.type in {"error", "warning"} else None,
        )
        page.on(  # nothing comes from anywhere else
            "request",
            lambda asked: (
                complaints.append(asked.url)
                if not asked.url.startswith((house.url, "data:", "blob:"))
                else None
            ),
        )
        if email:
            page.goto(f"{house.url}/cuenta/login/")
            page.fill("input[name=login]", email)
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(lambda url: "login" not in url)
        return page

    yield opened
    for page in pages:
        page.context.close()
    # Passkeys need a name, and this server answers on a number.
    assert [told for told in complaints if "invalid domain" not in told] == []


def check(page: Page) -> None:
    """No fault of accessibility and no sideways scroll, on the desktop and on the phone."""
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 900})
        faults = [
            (fault["id"], node["target"])
            for fault in Axe().run(page).response["violations"]
            for node in fault["nodes"]
        ]
        assert faults == [], (page.url, width)
        assert (
            page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        ), page.url
    page.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.covers("S1-4..7", "S3-66a")
def test_the_path_of_a_debt_from_the_file_to_the_figures(
    house: Installation, enter: Callable[..., Page], tmp_path: Path
) -> None:
    boss = enter("gabriela@sur.example")
    import_a_file(boss, house, tmp_path)
    house.manage("day", "--as-of", "2026-03-10")
    link = read_the_notice(boss, house)
    ana = enter("ana@sur.example")
    promise_on_the_phone(ana, house)
    answer_as_the_debtor(enter(width=360), link)
    pay(enter("elena@sur.example"), house)
    quiet = house.answer("day", "--as-of", "2026-03-13")
    assert house.answer("verify")["ok"] and quiet["cases"] >= 2
    see_the_figures(boss, house)


def import_a_file(page: Page, house: Installation, folder: Path) -> None:
    """Four good rows enter, the bad one is named with its repair."""
    path = folder / "abiertas.csv"
    path.write_text(FILE, encoding="utf-8")
    page.goto(f"{house.url}/importar/nuevo/")
    check(page)
    page.set_input_files("input[name=file]", str(path))
    page.fill("input[name=portfolio_name]", "Mayorista")
    expect(page.locator("select[name=creditor]")).to_contain_text("Cooperativa Sur")  # itself, unless told
    page.select_option("select[name=currency]", "ARS")
    page.select_option("select[name=debt_kind]", "commercial")
    page.select_option("select[name=strategy]", "b2b_invoices")
    page.get_by_role("button", name="Ver las columnas").click()
    check(page)
    page.get_by_role("button", name=re.compile("Revisar")).click()
    expect(page.locator("main")).to_contain_text("ayer")
    check(page)
    page.get_by_role("button", name=re.compile("^Importar")).click()
    expect(page.locator("main")).to_contain_text("4")
    page.goto(f"{house.url}/clientes/")
    expect(page.locator("main")).to_contain_text("Ferretería El Árbol")
    check(page)


def read_the_notice(page: Page, house: Installation) -> str:
    """The day left notices in the mailbox; return the debtor's link of the first customer."""
    page.goto(f"{house.url}/buzon/")
    check(page)
    item = page.locator("main").get_by_role("link").filter(has_text="Ferretería El Árbol").first
    page.goto(f"{house.url}{item.get_attribute('href')}")
    expect(page.locator(".ald-facts")).to_contain_text("pagos@arbol.example")
    found = re.search(rf"{re.escape(house.url)}/p/[\w-]+/", page.content())
    assert found, "the message carries no link"
    return found.group(0)


def promise_on_the_phone(page: Page, house: Installation) -> None:
    """P, a date in words, Enter: the promise is kept and the notices wait."""
    page.goto(f"{house.url}/clientes/")
    page.get_by_role("link", name=re.compile("Ferretería El Árbol")).first.click()
    page.wait_for_load_state()
    check(page)
    page.keyboard.press("p")
    panel = page.locator("#panel")
    expect(panel).to_be_visible()
    panel.locator("input[name=due_on]").fill("viernes")
    panel.locator("input[name=due_on]").press("Enter")
    expect(page.get_by_text(re.compile("Promesa para el")).first).to_be_visible()
    page.goto(f"{house.url}/compromisos/")
    expect(page.locator("main")).to_contain_text("Ferretería El Árbol")
    check(page)


def answer_as_the_debtor(page: Page, link: str) -> None:
    """Neutral until verified; then the amount, the doors, and a disagreement that somebody gets."""
    page.goto(link)
    expect(page.locator("main")).not_to_contain_text("Ferretería")
    check(page)
    page.set_viewport_size({"width": 360, "height": 760})
    page.fill("input[name=digits]", "5671")
    page.locator("form:has(input[name=digits]) button").click()
    expect(page.locator("main")).to_contain_text("486.250,00")
    check(page)
    page.set_viewport_size({"width": 360, "height": 760})
    page.get_by_role("link", name=re.compile("Ya pagué")).first.click()
    page.fill("input[name=amount]", "100.000,00")
    page.fill("input[name=paid_on]", "hoy")
    page.locator("input[name=means][value=transfer]").check()
    check(page)
    page.get_by_role("button", name="Enviar").click()
    expect(page.locator("main")).to_contain_text("Gracias por avisar")


def pay(page: Page, house: Installation) -> None:
    """The money comes: registered against the case, and its oldest invoice is settled."""
    page.goto(f"{house.url}/clientes/")
    page.get_by_role("link", name=re.compile("Ferretería El Árbol")).first.click()
    page.wait_for_load_state()
    number = re.search(r"/clientes/(\d+)/", page.url)
    assert number
    page.goto(f"{house.url}/pagos/nuevo/{number.group(1)}/")
    check(page)
    page.fill("input[name=amount]", "486250,00")
    page.fill("input[name=reference]", "TRF-1")
    page.get_by_role("button", name=re.compile("Registrar")).click()
    page.wait_for_load_state()
    page.goto(f"{house.url}/pagos/")
    expect(page.locator("main")).to_contain_text("486.250,00")
    check(page)


def see_the_figures(page: Page, house: Installation) -> None:
    """The indicators know what came in."""
    page.goto(f"{house.url}/indicadores/")
    expect(page.locator("main")).to_contain_text("486.250")
    check(page)
