"""How a screen is looked at, for `./aldia bench axe`: axe in every look, nothing sideways, nothing still in Spanish, a quiet console.

The first theme of a width is looked at with every rule; the others have the same page with other colours, so they get the rules of colour.
What folds is looked at open as well.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks import leftovers

if TYPE_CHECKING:
    from playwright.sync_api import Page

SOURCE: Final = "es"  # the language of the texts in the code
NARROW: Final = (320, 720)  # the second is 1440 at 200 % of zoom
HEIGHT: Final = 900
EVERYTHING: Final = "axe.run(document, {resultTypes: ['violations'], preload: false})"
COLOURS: Final = """axe.run(document, {
    resultTypes: ['violations'], preload: false, runOnly: ['color-contrast', 'link-in-text-block']})"""
SIDEWAYS: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNFOLD: Final = """() => {
    const folded = [...document.querySelectorAll('main details:not([open])')].filter(each => !each.closest('[popover]'));
    for (const each of folded) each.open = true;
    return folded.length;
}"""


@dataclass
class Findings:
    """What was seen, each fault once with where it was; findings of two halves of a walk add up."""

    screens: set[str] = field(default_factory=set)
    looks: Counter[str] = field(default_factory=Counter)  # language theme width
    bad: Counter[str] = field(default_factory=Counter)  # the same, those with a fault
    faults: dict[str, Counter[str]] = field(default_factory=dict)  # rule and target -> where
    console: Counter[str] = field(default_factory=Counter)
    sideways: set[str] = field(default_factory=set)
    spanish: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    def add(self, other: Findings) -> None:
        for rule, where in other.faults.items():
            self.faults.setdefault(rule, Counter()).update(where)
        for name in ("looks", "bad", "console"):
            getattr(self, name).update(getattr(other, name))
        for name in ("screens", "sideways", "spanish", "broken"):
            getattr(self, name).update(getattr(other, name))

    @property
    def is_clean(self) -> bool:
        return not (self.faults or self.console or self.sideways or self.spanish or self.broken)


def is_refused_form(text: str) -> bool:
    """Whether the console speaks of a form given back with its errors: a 422 is an answer, and the browser calls it an error."""
    return "status of 422" in text


def listen(page: Page, told: Findings) -> None:
    """Hear what the console of a page says, and what fails in it; a form given back with its errors is no fault."""

    def heard(kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not is_refused_form(text):
            told.console[f"{text} @ {page.url}"] += 1
            print("  CONSOLE", text, page.url, file=sys.stderr, flush=True)

    page.on("console", lambda message: heard(message.type, message.text))
    page.on("pageerror", lambda error: heard("error", str(error)))


def examine(
    page: Page,
    name: str,
    language: str,
    looks: Sequence[tuple[str, int]],
    told: Findings,
    pictures: Path | None = None,
) -> None:
    """Look at the page on the screen in every theme and width, then folded out, then narrow."""
    from axe_playwright_python.base import AXE_SCRIPT

    where = f"{name} {language}"
    told.screens.add(where)
    if language != SOURCE:
        _read(page, where, language, told)
    page.evaluate(AXE_SCRIPT)
    whole: set[int] = set()
    for theme, width in looks:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        _resize(page, width)
        _run(page, COLOURS if width in whole else EVERYTHING, where, f"{language} {theme} {width}", told)
        whole.add(width)
        _sideways(page, f"{where} {width}", told)
        if pictures:
            file = re.sub(r"[^\w=-]+", "_", where)
            page.screenshot(path=pictures / f"{file}.{theme}-{width}.png")
    if page.evaluate(UNFOLD):
        theme, width = looks[-1]
        _run(page, EVERYTHING, f"{where} desplegado", f"{language} {theme} {width}", told)
    for width in NARROW:
        _resize(page, width)
        _sideways(page, f"{where} {width}", told)
    page.emulate_media(color_scheme="light")
    _resize(page, 1440)


def _run(page: Page, script: str, where: str, look: str, told: Findings) -> None:
    found: dict[str, Any] = page.evaluate(script)
    told.looks[look] += 1
    told.bad[look] += bool(found["violations"])
    for fault in found["violations"]:
        for node in fault["nodes"]:
            told.faults.setdefault(f"{fault['id']} {node['target']}", Counter())[f"{where} · {look}"] += 1
            print("  FAULT", fault["id"], node["target"], where, look, file=sys.stderr, flush=True)


def _read(page: Page, where: str, language: str, told: Findings) -> None:
    """Look for Spanish on a page that speaks another language; the portal speaks its debtor's."""
    if page.evaluate("document.documentElement.lang").lower() != language:
        return
    for text in leftovers.spanish(page.evaluate(leftovers.SHOWN), language):
        told.spanish.add(f"{where}: {text}")
        print("  SPANISH", where, text, file=sys.stderr, flush=True)


def _sideways(page: Page, where: str, told: Findings) -> None:
    if page.evaluate(SIDEWAYS) > 0:
        told.sideways.add(where)
        print("  SIDEWAYS", where, file=sys.stderr, flush=True)


def _resize(page: Page, width: int) -> None:
    """Change the width and let what draws itself, as charts do, draw again."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
