"""Every screen of a running demonstration under axe: `./aldia bench axe --url http://127.0.0.1:8420`.

Walks the desk as people of several roles, the portal as a debtor, and the pages of what goes wrong, following every link and panel,
one address per route and kind. Each is looked at as `--looks` says, in every language; at 320 pixels and at 720 (1440 at 200 % of
zoom) nothing may scroll sideways, and no text of the catalogue may still be in Spanish. Each fault is told as it is found; at the end,
all of them, what the console said, and the routes that no link reached. Whole it takes long: `--languages`, `--section` and
`--people` walk a part, `--minutes` ends it.
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
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urljoin, urlsplit

from benchmarks import leftovers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

SOURCE: Final = "es"  # the language of the texts in the code
DOOR: Final = "nadie"  # who has not signed in: the way in, the pages of what goes wrong
PEOPLE: Final = (
    DOOR,
    "gabriela@andina.example",
    "ana@andina.example",
    "hugo@andina.example",
    "lucia@jacaranda.example",
)
PASSWORD: Final = "lapacho-rosado-26"
NARROW: Final = (320, 720)
PATIENCE: Final = 60_000  # milliseconds: the machine may be at something else
VIEWS: Final = {"vista", "tipo", "cola", "noche"}  # what makes another screen of the same route
FILES: Final = (".pdf", ".csv", ".xlsx", ".json", ".zip")
FAULTS: Final = (400, 403, 404, 500, 503)
DIALOGS: Final = ("teclas", "paleta", "mas")
DONE: Final = ("promesa", "pago", "desacuerdo")
LINKS: Final = """() => [...document.querySelectorAll('a[href], [hx-get]')].map(
    each => each.getAttribute('hx-get') || each.getAttribute('href'))"""
AXE: Final = "axe.run(document, {resultTypes: ['violations']})"
SIDEWAYS: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Part:
    """What to walk: where, in which languages, as whom, how it is looked at, and until when."""

    url: str
    languages: list[str]
    people: list[str]
    looks: list[tuple[str, int]]
    sections: tuple[str, ...]
    ends: float
    pictures: Path | None

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.ends

    def has(self, address: str) -> bool:
        return urlsplit(address).path.startswith(self.sections)


@dataclass
class Findings:
    """What was seen, each fault once with where it was."""

    runs: int = 0
    screens: set[str] = field(default_factory=set)
    faults: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    console: Counter[str] = field(default_factory=Counter)
    sideways: set[str] = field(default_factory=set)
    spanish: set[str] = field(default_factory=set)
    routes: set[str] = field(default_factory=set)


def main() -> int:
    """Return the exit code: 0 only when no screen has a fault."""
    part = _asked()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aldia.config.settings")
    import django

    django.setup()
    begun = time.monotonic()
    told = look(part)
    report = {
        "bench": "axe", "screens": len(told.screens), "runs": told.runs, "seconds": round(time.monotonic() - begun),
        "is_whole": not part.is_over, "faults": [[*key, count] for key, count in sorted(told.faults.items())],
        "console": dict(told.console), "sideways": sorted(told.sideways), "spanish": sorted(told.spanish),
        "unseen": sorted(_drawn() - told.routes) if part.sections == ("/",) else [],
    }  # fmt: skip
    print(json.dumps(report, ensure_ascii=False))
    return 1 if told.faults or told.console or told.sideways or told.spanish or part.is_over else 0


def _asked() -> Part:
    parser = argparse.ArgumentParser(prog="aldia bench axe", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8420", help="dónde corre la demostración")
    parser.add_argument("--languages", default="es,en,pt-br")
    parser.add_argument("--people", default=",".join(PEOPLE), help=f"como quiénes; {DOOR}: sin entrar")
    parser.add_argument("--looks", default="light-1440,dark-360", help="tema-ancho, separados por comas")
    parser.add_argument("--section", default="/", help="solo lo que empieza así: /clientes,/importar")
    parser.add_argument("--minutes", type=float, default=120, help="cuánto puede durar (120)")
    parser.add_argument("--pictures", type=Path, help="carpeta donde dejar una foto de cada pantalla")
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    return Part(
        url=options.url.rstrip("/"),
        languages=options.languages.split(","),
        people=options.people.split(","),
        looks=[(theme, int(width)) for theme, _dash, width in (each.partition("-") for each in options.looks.split(","))],
        sections=tuple(options.section.split(",")),
        ends=time.monotonic() + options.minutes * 60,
        pictures=options.pictures,
    )  # fmt: skip


def look(part: Part) -> Findings:
    """Walk and look; one person after the other, one language after the other."""
    from playwright.sync_api import sync_playwright

    from tests.conftest import chromium_path

    told = Findings()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        for who in part.people:
            context = _enter(browser, part.url, who, told)
            page = context.pages[0]
            for language in part.languages:
                _speak(page, part.url, language)
                for name in _walk(page, part, told) if who != DOOR else _doors(page, part, language):
                    _examine(page, part, name, language, told)
            if who != DOOR:
                _speak(page, part.url, part.languages[0])
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
    if who != DOOR:
        page.fill("input[name=login]", who)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda address: "login" not in address)
        page.on(
            "console", lambda m: told.console.update([m.text]) if m.type in {"error", "warning"} else None
        )
    return context


def _speak(page: Page, url: str, language: str) -> None:
    """Choose a language as a person does, with the menu of a page."""
    page.goto(f"{url}/cuenta/login/")
    page.evaluate(
        """language => { const form = [...document.forms].find(each => each.querySelector('[name=language]'));
        if (form) form.querySelector(`[name=language][value="${language}"]`).click(); }""",
        language,
    )
    page.wait_for_load_state("networkidle")


def _walk(page: Page, part: Part, told: Findings) -> Iterator[str]:
    """Name every screen that can be reached from the first, one of each kind, with the page on it."""
    from playwright.sync_api import Error

    seen: set[str] = set()
    waiting = [page.url, f"{part.url}/", *(f"{part.url}{section}" for section in part.sections)]
    while waiting and not part.is_over:
        address = waiting.pop(0)
        kind = _kind(address, part.url)
        if not kind or kind in seen or not (part.has(address) or len(seen) < 1):
            continue
        seen.add(kind)
        try:
            answer = page.goto(address)
        except Error:  # a file that downloads, whatever its address says
            continue
        page.wait_for_selector(".htmx-request", state="detached")
        if answer is not None and answer.status >= 400:
            print("  BROKEN", answer.status, address, file=sys.stderr, flush=True)
        if answer is None or not (answer.headers.get("content-type") or "").startswith("text/html"):
            continue
        told.routes.add(kind.partition(" ")[0])
        waiting += [urljoin(page.url, link) for link in page.evaluate(LINKS) if link]
        waiting += re.findall(re.escape(part.url) + r"/[^\s\"'<>]+", page.content())
        waiting += [
            part.url + path for path in re.findall(r"https?://[^/\s\"']+(/p/[^\s\"'<>]+)", page.content())
        ]
        if page.locator("main").count() == 1 and part.has(page.url):  # a screen, and not a part of one
            has_rail = "rail" in (
                page.locator("body").get_attribute("class") or ""
            )  # a collector's day is not its leader's
            yield f"{kind} en foco" if has_rail else kind
            if len(seen) == 1:
                yield from _dialogs(page, kind)
            elif kind.startswith("portal:entry"):
                yield from _portal(page, page.url)


def _dialogs(page: Page, kind: str) -> Iterator[str]:
    for name in DIALOGS:
        is_there = page.evaluate(
            "name => { const d = document.getElementById(name); d?.showModal(); return Boolean(d); }", name
        )
        if is_there:
            yield f"{kind} #{name}"
            page.evaluate("name => document.getElementById(name).close()", name)


def _portal(page: Page, entry: str) -> Iterator[str]:
    """The states of the way in that only a form reaches, and the ends of each answer."""
    if page.locator("#digits").count():
        page.fill("#digits", "0000")
        page.locator("form:has(#digits) button").click()
        yield "portal:entry ¡error!"
        page.goto(entry)
        page.locator("button[name=channel][value=email]").click()
        yield "portal:entry código"
    for word in DONE:
        page.goto(f"{entry}listo/{word}/")
        yield f"portal:done {word}" if "/listo/" in page.url else f"portal:entry {word}"


def _doors(page: Page, part: Part, language: str) -> Iterator[str]:
    """The way in, a wrong password, the portal without a link, and the pages of what goes wrong."""
    page.goto(f"{part.url}/cuenta/login/")
    yield "account_login"
    page.fill("input[name=login]", "nadie@ejemplo.example")
    page.fill("input[name=password]", "no es esta")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("[role=alert]")
    yield "account_login ¡error!"
    for path in ("/cuenta/password/reset/", "/p/comprobar/", "/p/no-hay-tal-enlace/"):
        page.goto(part.url + path)
        yield path
    for place in ("/falla", "/p/falla"):
        for status in FAULTS:
            address = f"{part.url}{place}/{status}/"
            _answer(page, address, _fault(place, status, language))
            page.goto(address)
            yield f"{place} {status}"


def _answer(page: Page, address: str, body: str) -> None:
    page.route(address, lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))


def _fault(place: str, status: int, language: str) -> str:
    """The page that the server would answer with, drawn here: a demonstration does not break by being asked."""
    from django.test import RequestFactory
    from django.utils import translation

    from aldia.web.ui import faults

    request = RequestFactory().get(f"{place}/{status}/", HTTP_HOST="localhost")
    with translation.override(language):
        request.LANGUAGE_CODE = language
        return faults.page(request, status).content.decode()


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


def _examine(page: Page, part: Part, kind: str, language: str, told: Findings) -> None:
    """Look at the page on the screen, once for a kind and a language, whoever sees it first."""
    name = f"{kind} {language}"
    if name in told.screens or part.is_over:
        return
    from axe_playwright_python.base import AXE_SCRIPT

    told.screens.add(name)
    print(len(told.screens), name, page.url, file=sys.stderr, flush=True)
    if language != SOURCE:
        _read(page, name, language, told)
    page.evaluate(AXE_SCRIPT)
    for theme, width in part.looks:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        _resize(page, width)
        found: dict[str, Any] = page.evaluate(AXE)
        told.runs += 1
        for fault in found["violations"]:
            for node in fault["nodes"]:
                told.faults[fault["id"], str(node["target"]), f"{name} {theme} {width}"] += 1
                print("  FAULT", fault["id"], node["target"], theme, width, file=sys.stderr, flush=True)
        _sideways(page, f"{name} {width}", told)
        if part.pictures:
            file = re.sub(r"[^\w=-]+", "_", name)
            page.screenshot(path=part.pictures / f"{file}.{theme}-{width}.png", full_page=True)
    for width in NARROW:
        _resize(page, width)
        _sideways(page, f"{name} {width}", told)
    page.emulate_media(color_scheme="light")
    _resize(page, 1440)


def _read(page: Page, name: str, language: str, told: Findings) -> None:
    """Look for Spanish on a page that speaks another language; the portal speaks its debtor's."""
    if page.evaluate("document.documentElement.lang").lower() != language:
        return
    for text in leftovers.spanish(page.evaluate(leftovers.SHOWN), language):
        told.spanish.add(f"{name}: {text}")
        print("  SPANISH", text, file=sys.stderr, flush=True)


def _sideways(page: Page, where: str, told: Findings) -> None:
    if page.evaluate(SIDEWAYS) > 0:
        told.sideways.add(where)
        print("  SIDEWAYS", where, file=sys.stderr, flush=True)


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
