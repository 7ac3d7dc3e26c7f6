"""Which screens a person can reach, for `./aldia bench axe`: every link followed, one address of each kind, and what answers badly.

Asked over HTTP with the session of a browser, without drawing anything: a screen costs what its server needs. A kind is a route with its
words and its view, without its numbers, so that a thousand customers are one screen.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urljoin, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, BrowserContext

VIEWS: Final = {"vista", "tipo", "cola", "noche"}  # what makes another screen of the same route
FILES: Final = (".pdf", ".csv", ".xlsx", ".json", ".zip")
NEVER: Final = {"account_logout", "desk:digest"}
LINK: Final = re.compile(r"""\s(?:href|hx-get)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
PORTAL: Final = re.compile(r"https?://[^/\s\"'<>]+(/p/[^\s\"'<>]+)")
NUMBER: Final = re.compile(r"\d")  # a word with a number in it is one of many, as the campaign of a night is
SCREEN: Final = re.compile(r"<main[\s>]")
LANGUAGE: Final = re.compile(r'<html[^>]*\slang="([^"]+)"')


@dataclass
class Walk:
    """What one person reached: the address of each kind of screen, and each link that does not lead anywhere."""

    screens: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(
        default_factory=dict
    )  # kind or address -> status, address and the page that offers it
    routes: set[str] = field(default_factory=set)
    portal: set[str] = field(default_factory=set)


def walk(
    context: BrowserContext,
    url: str,
    starts: list[str],
    sections: tuple[str, ...],
    *,
    in_portal: bool = False,
) -> Walk:
    """Follow every link from the first addresses on, breadth first; a screen of the portal is one in each language."""
    found, seen = Walk(), set[str]()
    waiting = [(start, "") for start in starts]
    while waiting:
        address, offered = waiting.pop(0)
        kind = kind_of(address, url)
        if kind is None:
            if not _is_elsewhere(address, url):
                found.broken.setdefault(address, f"404 {address} <- {offered}")
            continue
        if not kind or kind in seen or (offered and not urlsplit(address).path.startswith(sections)):
            continue
        seen.add(kind)
        answer = context.request.get(address)
        if answer.status >= 400:
            found.broken[kind] = f"{answer.status} {address} <- {offered}"
        if not _is_page(answer):
            answer.dispose()
            continue
        text = answer.text()
        found.routes.add(kind.partition(" ")[0])
        found.portal.update(PORTAL.findall(text))
        waiting += [(link, answer.url) for link in _links(text, answer.url)]
        if SCREEN.search(text) and answer.status < 400 and kind_of(answer.url, url) == kind:
            name = f"{kind} {spoken[1]}" if in_portal and (spoken := LANGUAGE.search(text)) else kind
            found.screens.setdefault(name, answer.url)
        answer.dispose()
    return found


def kind_of(address: str, url: str) -> str | None:
    """The kind of an address; nothing for files and for elsewhere; None when no route answers to it."""
    from django.urls import Resolver404, resolve

    parts = urlsplit(address)
    if _is_elsewhere(address, url) or parts.path.endswith(FILES) or "/exportar" in parts.path:
        return ""
    try:
        match = resolve(parts.path if parts.path.endswith("/") else f"{parts.path}/")
    except Resolver404:
        return None
    if match.view_name in NEVER:
        return ""
    words = [
        str(value)
        for key, value in match.kwargs.items()
        if isinstance(value, str) and key not in ("token", "cursor") and not NUMBER.search(value)
    ]
    asked = [f"{key}={value[0]}" for key, value in sorted(parse_qs(parts.query).items()) if key in VIEWS]
    return " ".join([match.view_name, *words, *asked])


def _is_elsewhere(address: str, url: str) -> bool:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" != url or parts.path.startswith("/static/")


def _is_page(answer: APIResponse) -> bool:
    return (answer.headers.get("content-type") or "").startswith("text/html")


def _links(text: str, page: str) -> list[str]:
    """The addresses that a page offers, whole; those of the same page are left out."""
    offered = (html.unescape(a or b).strip() for a, b in LINK.findall(text))
    return list(dict.fromkeys(urljoin(page, link) for link in offered if link and not link.startswith("#")))
