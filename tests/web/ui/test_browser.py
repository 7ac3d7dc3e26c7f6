"""The gallery in a real browser: strict policy, accessibility, keys, both themes and both widths."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.conftest import PATIENCE

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.usefixtures("dist"), pytest.mark.slow]

GALLERY = "/desk/componentes/"


@pytest.fixture
def open_page(browser: Browser, live_server: object, settings: object) -> Iterator[object]:
    """Return a function that opens a page and keeps what the console complained about."""
    settings.DEBUG = True  # type: ignore[attr-defined]
    contexts = []

    def opened(path: str, *, width: int = 1440, theme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            reduced_motion="reduce",
            locale="es-AR",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on(
            "console", lambda m: page.complaints.append(m.text) if m.type in {"error", "warning"} else None
        )
        page.on(
            "request",
            lambda r: (
                page.complaints.append(r.url)
                if live_server.url not in r.url and r.url[:4] == "http"
                else None
            ),
        )  # type: ignore[attr-defined]
        page.goto(live_server.url + path, wait_until="networkidle")  # type: ignore[attr-defined]
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("path", [GALLERY, "/cuenta/login/"])
def test_a_page_has_no_accessibility_fault_no_complaint_and_no_sideways_scroll(
    open_page: object, path: str, width: int, theme: str
) -> None:
    page = open_page(path, width=width, theme=theme)  # type: ignore[operator]
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = Axe().run(page).response["violations"]
    faults = [
        (fault["id"], node["target"], node["failureSummary"]) for fault in found for node in fault["nodes"]
    ]
    assert faults == []
    assert page.complaints == []
    assert overflow == 0


def test_the_theme_follows_the_system_without_a_script(open_page: object) -> None:
    dark = open_page("/cuenta/login/", theme="dark")  # type: ignore[operator]
    colour = dark.evaluate("getComputedStyle(document.querySelector('.ald-door')).backgroundColor")
    assert colour == "rgb(20, 28, 26)"


def test_keys_press_what_is_declared_and_never_inside_a_field(open_page: object) -> None:
    page = open_page(GALLERY)  # type: ignore[operator]
    page.evaluate(
        "document.querySelectorAll('[data-key=d]').forEach(b => b.addEventListener('click', () => b.dataset.pressed = 'yes'))"
    )
    page.locator("#importe").press("d")
    assert page.locator("[data-pressed]").count() == 0
    page.locator("h1").click()
    page.keyboard.press("d")
    assert page.locator("[data-pressed]").count() == 1


def test_keys_can_be_switched_off(open_page: object) -> None:
    page = open_page(GALLERY)  # type: ignore[operator]
    page.evaluate("document.documentElement.dataset.keys = 'off'")
    page.keyboard.press("?")
    assert not page.locator("#teclas").is_visible()


def test_the_question_mark_lists_the_keys_and_escape_closes(open_page: object) -> None:
    page = open_page(GALLERY)  # type: ignore[operator]
    page.locator("h1").click()
    page.keyboard.press("?")
    assert "No contesta" in page.locator("#teclas").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator("#teclas").is_visible()


def test_j_and_k_walk_a_list(open_page: object) -> None:
    page = open_page(GALLERY)  # type: ignore[operator]
    page.locator("h1").click()
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("k")
    assert first != second
    assert page.evaluate("document.activeElement.textContent") == first


def test_choosing_rows_shows_the_bar_with_their_number(open_page: object) -> None:
    page = open_page(GALLERY)  # type: ignore[operator]
    bar = page.locator("[data-bulk-bar]")
    assert not bar.is_visible()
    page.locator("[data-check]").first.check()
    assert bar.inner_text().startswith("1 elegido")
    page.locator("[data-select-filter]").click()
    assert bar.inner_text().startswith("1.284 elegidos")
    assert page.locator("input[name=scope]").input_value() == "filter"
    page.locator("[data-check]").first.uncheck()
    assert page.locator("input[name=scope]").input_value() == "rows"


def test_how_it_is_computed_opens_and_closes_with_the_keyboard(open_page: object) -> None:
    page = open_page(GALLERY)  # type: ignore[operator]
    summary = page.locator(".ald-kpi details.ald-how > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator(".ald-kpi .ald-how__body").first.is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".ald-kpi .ald-how__body").first.is_visible()


def test_a_hidden_password_can_be_shown(open_page: object) -> None:
    page = open_page("/cuenta/login/")  # type: ignore[operator]
    page.locator("#id_password").fill("secreto")
    page.get_by_role("button", name="Ver").click()
    assert page.locator("#id_password").get_attribute("type") == "text"


def test_the_chart_is_drawn_when_it_comes_into_view(open_page: object) -> None:
    page = open_page(GALLERY)  # type: ignore[operator]
    assert not any("charts" in script for script in loaded(page)), "the library waits for its chart"
    page.locator("[data-chart]").scroll_into_view_if_needed()
    page.locator("[data-chart] svg").wait_for()
    assert any("charts" in script for script in loaded(page))


def loaded(page: Page) -> list[str]:
    return page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
