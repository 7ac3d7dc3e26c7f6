"""One icon per concept, all in one sprite that the front-end build writes."""

import json
from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_vite.core.asset_loader import DjangoViteAssetLoader

CONCEPTS = frozenset(json.loads((Path(__file__).parent / "icons.json").read_text(encoding="utf-8")))


class UnknownIcon(ValueError):
    """Raised for a name that icons.json does not list."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown icon {name!r}; icons.json lists: {', '.join(sorted(CONCEPTS))}")


@cache
def sprite_url() -> str:
    """Return the address of the sprite. Raises django-vite's error when the assets were not built."""
    return str(DjangoViteAssetLoader.instance().generate_vite_asset_url("icons.svg"))


@cache
def icon(name: str, size: int = 16) -> SafeString:
    """Return the icon of a concept, hidden from screen readers: a word stands beside it. Raises UnknownIcon."""
    if name not in CONCEPTS:
        raise UnknownIcon(name)
    return format_html(
        '<svg class="ald-icon ald-icon--{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        size,
        sprite_url(),
        name,
    )
