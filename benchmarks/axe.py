"""Every screen of a running demonstration under axe: `./aldia bench axe --url http://127.0.0.1:8420`.

Walks the desk as people of several roles and the portal as a debtor, following every link and panel, one address per route and
kind. Each is looked at in both themes, at 1440 and 360 pixels, in Spanish, English and Portuguese; at 320 pixels and at 720 (1440
at 200 % of zoom) nothing may scroll sideways. Prints the faults, what the console said, and the routes that no link reached.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urljoin, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

Looks = tuple[tuple[str, int], ...]
PEOPLE: Final = (
    "gabriela@andina.example",
    "ana@andina.example",
    "lucia@jacaranda.example",
)
PASSWORD: Final = "lapacho-rosado-26"
LOOKS: Final[Looks] = tuple((theme, width) for theme in ("light", "dark") for width in (1440, 360))
SAMPLE: Final[Looks] = (("light", 1440), ("dark", 360))  # of the languages that are not the source
NARROW: Final = (320, 720)
PATIENCE: Final = 120_000  # milliseconds: the machine may be at something else
VIEWS: Final = {"vista", "tipo", "cola", "noche"}  # what makes another screen of the same route
FILES: Final = (".pdf", ".csv", ".xlsx", ".json")
LINKS: Final = """() => [...document.querySelectorAll('a[href], [hx-get]')].map(
    each => each.getAttribute('hx-get') || each.getAttribute('href'))"""
AXE: Final = "axe.run(document, {resultTypes: ['violations']})"
SIDEWAYS: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Findings:
    """What was seen, each fault once with where it was."""

    runs: int = 0
    screens: set[str] = field(default_factory=set)
    faults: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    console: Counter[str] = field(default_factory=Counter)
    sideways: set[str] = field(default_factory=set)
    routes: set[str] = field(default_factory=set)


def main() -> int:
    """Return the exit code: 0 only when no screen has a fault."""
    parser = argparse.ArgumentParser(prog="aldia bench axe", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8420", help="dónde corre la demostración")
    parser.add_argument("--languages", default="es,en,pt-br")
    parser.add_argument("--sample", type=int, default=0, help="1: solo claro a 1440 y oscuro a 360")
    parser.add_argument("--only", default="", help="solo las rutas que contienen este texto")
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aldia.config.settings")
    import django

    django.setup()
    begun = time.monotonic()
    told = look(
        options.url.rstrip("/"),
        options.languages.split(","),
        options.only,
        SAMPLE if options.sample else LOOKS,
    )
    report = {
        "bench": "axe", "screens": len(told.screens), "runs": told.runs, "seconds": round(time.monotonic() - begun),
        "faults": [[*key, count] for key, count in sorted(told.faults.items())], "console": dict(told.console),
        "sideways": sorted(told.sideways), "unseen": sorted(_drawn() - told.routes),
    }  # fmt: skip
    print(json.dumps(report, ensure_ascii=False))
    return 1 if told.faults or told.console or told.sideways else 0


def look(url: str, languages: list[str], only: str, looks: Looks) -> Findings:
    """Walk and look; one language after the other."""
    from playwright.sync_api import sync_playwright

    from tests.conftest import chromium_path

    told = Findings()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        for who in ("", *PEOPLE):
            context = _enter(browser, url, who, told)
            for language in languages:
                _speak(context.pages[0], language)
                for page in _walk(context.pages[0], url, only, language, told):
                    _examine(page, looks if language == languages[0] else SAMPLE, language, told)
            if who:
                _speak(context.pages[0], languages[0])
            context.close()
        browser.close()
    return told


def _enter(browser: Browser, url: str, who: str, told: Findings) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="es-AR"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{url}/cuenta/login/")
    if who:
        page.fill("input[name=login]", who)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda address: "login" not in address)
    page.on("console", lambda m: told.console.update([m.text]) if m.type in {"error", "warning"} else None)
    return context


def _speak(page: Page, language: str) -> None:
    """Choose a language as a person does, with the menu of the page."""
    page.evaluate(
        """language => { const form = [...document.forms].find(each => each.querySelector('[name=language]'));
        if (form) form.querySelector(`[name=language][value="${language}"]`).click(); }""",
        language,
    )
    page.wait_for_load_state("networkidle")


def _walk(page: Page, url: str, only: str, language: str, told: Findings) -> Iterator[Page]:
    """Give the page on every screen that can be reached from the first and nobody gave yet, one of each kind."""
    from playwright.sync_api import Error

    seen: set[str] = set()
    waiting = [page.url, f"{url}/", f"{url}/portal/comprobar/"]
    while waiting:
        address = waiting.pop(0)
        kind = _kind(address, url)
        if not kind or kind in seen:
            continue
        seen.add(kind)
        try:
            answer = page.goto(address)
        except Error:  # a file that downloads, whatever its address says
            continue
        page.wait_for_selector(".htmx-request", state="detached")
        print(len(told.screens), kind, file=sys.stderr, flush=True)
        if answer is None or not (answer.headers.get("content-type") or "").startswith("text/html"):
            continue
        told.routes.add(kind.partition(" ")[0])
        waiting += [urljoin(page.url, link) for link in page.evaluate(LINKS) if link]
        waiting += re.findall(re.escape(url) + r"/[^\s\"'<>]+", page.content())
        is_screen = page.locator("main").count() == 1  # and not a part of one
        if is_screen and only in kind and f"{kind} {language}" not in told.screens:
            told.screens.add(f"{kind} {language}")
            yield page


def _kind(address: str, url: str) -> str:
    """The route of an address with its words and its view, without its numbers; nothing for files and for elsewhere."""
    from django.urls import Resolver404, resolve

    parts = urlsplit(address)
    if f"{parts.scheme}://{parts.netloc}" != url or parts.path.endswith(FILES) or "/exportar" in parts.path:
        return ""
    try:
        match = resolve(parts.path)
    except Resolver404:
        return ""
    if match.view_name in {"account_logout", "desk:digest"}:
        return ""
    words = [
        str(value)
        for key, value in match.kwargs.items()
        if isinstance(value, str) and key not in ("token", "cursor")
    ]
    asked = [f"{key}={value[0]}" for key, value in sorted(parse_qs(parts.query).items()) if key in VIEWS]
    return " ".join([match.view_name, *words, *asked])


def _examine(page: Page, looks: Looks, language: str, told: Findings) -> None:
    from axe_playwright_python.base import AXE_SCRIPT

    kind = page.url
    page.evaluate(AXE_SCRIPT)
    for theme, width in looks:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        _resize(page, width)
        where = f"{kind} {language} {theme} {width}"
        found: dict[str, Any] = page.evaluate(AXE)
        told.runs += 1
        for fault in found["violations"]:
            for node in fault["nodes"]:
                told.faults[fault["id"], str(node["target"]), where] += 1
                print("  ", fault["id"], node["target"], where, file=sys.stderr, flush=True)
        if page.evaluate(SIDEWAYS) > 0:
            told.sideways.add(where)
    for width in NARROW:
        _resize(page, width)
        if page.evaluate(SIDEWAYS) > 0:
            told.sideways.add(f"{kind} {language} {width}")
            print("   sideways", kind, width, file=sys.stderr, flush=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})


def _resize(page: Page, width: int) -> None:
    """Change the width and let what draws itself, as charts do, draw again."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _drawn() -> set[str]:
    """The routes of desk and portal: those that only take a form are among them."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def names(resolver: URLResolver, space: str) -> Iterator[str]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from names(pattern, f"{pattern.namespace}:" if pattern.namespace else space)
            elif isinstance(pattern, URLPattern) and space in ("desk:", "portal:"):
                yield f"{space}{pattern.name}"

    return set(names(get_resolver(), ""))


if __name__ == "__main__":
    raise SystemExit(main())
