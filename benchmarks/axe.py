"""Every screen of a running demonstration under axe: `./aldia bench axe --url http://127.0.0.1:8420`.

First each person's links are followed without drawing anything (`axe_walk`), and what answers badly is told. Then the screens are shared
out: each one in every language, in every theme and width (`axe_look`), and by each
person who sees it at least once. The portal is walked by the links of the messages sent, in the languages of its debtors; the way in and the pages of
what goes wrong, by who has not signed in. `--people`, `--section`, `--only`, `--sample` and `--languages` walk a part.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from benchmarks.axe_look import Findings, examine, listen
from benchmarks.axe_walk import Walk, walk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DOOR: Final = "nadie"  # who has not signed in: the way in, the pages of what goes wrong
PORTAL: Final = "cliente"  # who comes by the link of a message
PEOPLE: Final = (
    "gabriela@andina.example",
    "oscar@jacaranda.example",
    "federico@andina.example",
    "elena@andina.example",
    "nora@jacaranda.example",
    "hugo@andina.example",
    "ana@andina.example",
    "lucia@jacaranda.example",
    "irene@surco.example",
    "joaquin@andina.example",
)
PASSWORD: Final = "lapacho-rosado-26"
PATIENCE: Final = 60_000  # milliseconds: the machine may be at something else
FAULTS: Final = (400, 403, 404, 500, 503)
DIALOGS: Final = ("teclas", "paleta", "mas")
DONE: Final = ("promesa", "pago", "desacuerdo")
VISITS: Final = 40  # links of messages that are tried, so that every state and language of the portal is met


Look = tuple[str, int]  # theme and width


@dataclass(frozen=True)
class Part:
    """What to walk: where, in which languages, as whom, how it is looked at, and until when."""

    url: str
    languages: tuple[str, ...]
    people: tuple[str, ...]
    looks: tuple[Look, ...]
    sections: tuple[str, ...]
    only: tuple[str, ...]
    sample: int
    jobs: int
    ends: float
    pictures: Path | None

    @property
    def is_over(self) -> bool:
        return time.time() > self.ends


@dataclass(frozen=True)
class Task:
    """One screen to draw: in a language, as somebody, looked at in these ways."""

    language: str
    name: str
    address: str
    looks: tuple[Look, ...]


def main() -> int:
    """Return the exit code: 0 only when no screen has a fault."""
    part, begun = _asked(), time.monotonic()
    _ready()
    told = Findings()
    with ProcessPoolExecutor(part.jobs, get_context("spawn"), initializer=_ready) as pool:
        staff = [who for who in part.people if who not in (DOOR, PORTAL)]
        walks = dict(zip(staff, pool.map(_reach, staff, [part] * len(staff)), strict=True))
        links = sorted({link for each in walks.values() for link in each.portal})
        turns = [(who, tasks) for who, tasks in shared(walks, part).items() if tasks]
        asked = [pool.submit(_look, who, tasks, part) for who, tasks in turns]
        if PORTAL in part.people:
            asked.insert(0, pool.submit(_visit, links, part))
        if DOOR in part.people:
            asked.append(pool.submit(_knock, part))
        for each in asked:
            told.add(each.result())
    for reached in walks.values():
        told.broken.update(reached.broken.values())
    _tell(told, walks, part, round(time.monotonic() - begun))
    return 0 if told.is_clean and not part.is_over else 1


def shared(walks: dict[str, Walk], part: Part) -> dict[str, list[Task]]:
    """Share the screens out: each language by turns among those who see it, in every look; who is left over, in one look."""
    seers: dict[str, list[str]] = {}
    for who, reached in walks.items():
        for name in reached.screens:
            seers.setdefault(name, []).append(who)
    tasks: dict[str, list[Task]] = {who: [] for who in walks}
    for number, (name, people) in enumerate(sorted(seers.items())):
        if not name.startswith(part.only) or number % part.sample:
            continue
        for turn in range(max(len(part.languages), len(people))):
            who = people[(number + turn) % len(people)]
            language = part.languages[turn % len(part.languages)]
            is_first = turn < len(part.languages)
            looks = part.looks if is_first else (part.looks[(number + turn) % len(part.looks)],)
            tasks[who].append(Task(language, name, walks[who].screens[name], looks))
    return {
        who: sorted(own, key=lambda task: (part.languages.index(task.language), task.name))
        for who, own in sorted(tasks.items(), key=lambda item: -len(item[1]))
    }


def _asked() -> Part:
    parser = argparse.ArgumentParser(prog="aldia bench axe", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8420", help="dónde corre la demostración")
    parser.add_argument("--languages", default="es,en,pt-br")
    parser.add_argument(
        "--people",
        default=",".join((*PEOPLE, PORTAL, DOOR)),
        help=f"como quiénes; {DOOR}: sin entrar; {PORTAL}: el portal",
    )
    parser.add_argument(
        "--looks", default="light-1440,light-360,dark-1440,dark-360", help="tema-ancho, con comas"
    )
    parser.add_argument("--section", default="/", help="solo lo que empieza así: /clientes,/importar")
    parser.add_argument("--only", default="", help="solo las pantallas que se llaman así: desk:case,portal:")
    parser.add_argument("--sample", type=int, default=1, help="una de cada tantas pantallas (todas)")
    parser.add_argument("--jobs", type=int, default=2, help="cuántos navegadores a la vez (2)")
    parser.add_argument("--minutes", type=float, default=120, help="cuánto puede durar (120)")
    parser.add_argument("--pictures", type=Path, help="carpeta donde dejar una foto de cada pantalla")
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    looks = (each.partition("-") for each in options.looks.split(","))
    return Part(
        url=options.url.rstrip("/"),
        languages=tuple(options.languages.split(",")),
        people=tuple(options.people.split(",")),
        looks=tuple((theme, int(width)) for theme, _dash, width in looks),
        sections=tuple(options.section.split(",")),
        only=tuple(options.only.split(",")),
        sample=max(1, options.sample),
        jobs=options.jobs,
        ends=time.time() + options.minutes * 60,
        pictures=options.pictures,
    )


def _ready() -> None:
    """Ready Django, for its routes and its texts; a browser's driver has a loop of its own, which is no reason to refuse."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aldia.config.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    import django

    django.setup()


def _reach(who: str, part: Part) -> Walk:
    for page in _browsing(part, who):
        starts = [page.url, f"{part.url}/", *(f"{part.url}{section}" for section in part.sections)]
        reached = walk(page.context, part.url, starts, part.sections)
        print(who, len(reached.screens), "screens", file=sys.stderr, flush=True)
    return reached


def _look(who: str, tasks: list[Task], part: Part) -> Findings:
    """Look at the screens of a person, one language after the other; at the end the person speaks the first again."""
    told, spoken = Findings(), ""
    for page in _browsing(part, who):
        listen(page, told)
        for number, task in enumerate(tasks):
            if part.is_over:
                break
            if task.language != spoken:
                spoken = task.language
                _speak(page, part.url, spoken)
                if not number:
                    for name in _dialogs(page):
                        examine(page, name, spoken, part.looks, told, part.pictures)
            _open(page, task, who, part, told)
        _speak(page, part.url, part.languages[0])
    print(who, "done", file=sys.stderr, flush=True)
    return told


def _open(page: Page, task: Task, who: str, part: Part, told: Findings) -> None:
    answer = page.goto(task.address)
    page.wait_for_selector(".htmx-request", state="detached")
    if answer is None or answer.status >= 400:
        told.broken.add(f"{answer and answer.status} {task.address}")
        return
    examine(page, f"{task.name} {who.partition('@')[0]}", task.language, task.looks, told, part.pictures)


def _visit(links: list[str], part: Part) -> Findings:
    """The portal by the links of the messages: every kind of page in every language its debtors speak, and its ends."""
    told = Findings()
    for page in _browsing(part, PORTAL):
        tokens = list(dict.fromkeys(f"{part.url}/p/{link.split('/')[2]}/" for link in links))[:VISITS]
        screens: dict[str, str] = {}
        for token in tokens:
            reached = walk(page.context, part.url, [token], (urlsplit(token).path,), in_portal=True)
            told.broken.update(reached.broken.values())
            screens = {**reached.screens, **screens}
        listen(page, told)
        for name, address in sorted(screens.items()):
            if name.startswith(part.only) and not part.is_over:
                _open(
                    page, Task(name.rpartition(" ")[2].lower(), name, address, part.looks), PORTAL, part, told
                )
        for name in _ends(page, {name: screens[name] for name in screens if name.startswith("portal:entry")}):
            examine(page, name, "es", part.looks, told, part.pictures)
    return told


def _ends(page: Page, entries: dict[str, str]) -> Iterator[str]:
    """The states of the way into the portal that only a form reaches, and the ends of each answer."""
    for name, entry in entries.items():
        page.goto(entry)
        if page.locator("#digits").count():
            page.fill("#digits", "0000")
            page.locator("form:has(#digits) button").click()
            yield f"{name} ¡error!"
            page.goto(entry)
        if page.locator("button[name=channel][value=email]").count():
            page.locator("button[name=channel][value=email]").click()
            yield f"{name} código"
        for word in DONE:
            page.goto(f"{entry}listo/{word}/")
            yield f"{name} listo {word}"


def _knock(part: Part) -> Findings:
    """The way in, a wrong password, the portal without a link, and the pages of what goes wrong."""
    told = Findings()
    for page in _browsing(part, DOOR):
        for language in part.languages:
            _speak(page, part.url, language)
            for name in _doors(page, part, language):
                examine(page, name, language, part.looks, told, part.pictures)
    return told


def _doors(page: Page, part: Part, language: str) -> Iterator[str]:
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


def _browsing(part: Part, who: str) -> Iterator[Page]:
    """One page of a browser of its own, signed in as somebody; closed when the caller is done with it."""
    from playwright.sync_api import sync_playwright

    from tests.conftest import chromium_path

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield _enter(browser, part.url, who)
        browser.close()


def _enter(browser: Browser, url: str, who: str) -> Page:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="es-AR"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{url}/cuenta/login/")
    if "@" in who:
        page.fill("input[name=login]", who)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda address: "login" not in address)
    return page


def _speak(page: Page, url: str, language: str) -> None:
    """Choose a language as a person does, with the menu of a page."""
    page.goto(f"{url}/cuenta/login/")
    page.evaluate(
        """language => { const form = [...document.forms].find(each => each.querySelector('[name=language]'));
        if (form) form.querySelector(`[name=language][value="${language}"]`).click(); }""",
        language,
    )
    page.wait_for_load_state("networkidle")


def _dialogs(page: Page) -> Iterator[str]:
    for name in DIALOGS:
        is_there = page.evaluate(
            "name => { const d = document.getElementById(name); d?.showModal(); return Boolean(d); }", name
        )
        if is_there:
            yield f"#{name}"
            page.evaluate("name => document.getElementById(name).close()", name)


def _tell(told: Findings, walks: dict[str, Walk], part: Part, seconds: int) -> None:
    """One object: how much was looked at by language, theme and width, and every fault with up to three places."""
    routes = {route for each in walks.values() for route in each.routes}
    report = {
        "bench": "axe", "screens": len(told.screens), "looks": told.looks.total(), "seconds": seconds, "is_whole": not part.is_over,
        "by_look": {look: {"looks": count, "with faults": told.bad[look]} for look, count in sorted(told.looks.items())},
        "faults": {rule: {"times": where.total(), "where": sorted(where)[:3]} for rule, where in sorted(told.faults.items())},
        "console": dict(told.console), "sideways": sorted(told.sideways), "spanish": sorted(told.spanish), "broken": sorted(told.broken),
        "unseen": sorted(_drawn() - routes) if part.sections == ("/",) and set(PEOPLE) <= set(part.people) else [],
    }  # fmt: skip
    print(json.dumps(report, ensure_ascii=False))


def _drawn() -> set[str]:
    """The routes of the desk: those that only take a form are among them."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def names(resolver: URLResolver, space: str) -> Iterator[str]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from names(pattern, f"{pattern.namespace}:" if pattern.namespace else space)
            elif isinstance(pattern, URLPattern) and space in ("desk:", "agency:"):
                yield f"{space}{pattern.name}"

    return set(names(get_resolver(), ""))


if __name__ == "__main__":
    raise SystemExit(main())
