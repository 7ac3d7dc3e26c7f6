"""What a topic of the manual is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import Promise


@dataclass(frozen=True)
class Topic:
    """One thing that is done in the product, and the beginnings of the addresses where it is done; `<id>` stands for any one part."""

    places: tuple[str, ...]
    title: Promise
    text: Promise
    is_page: bool = True  # whether its first place, without an `<id>`, is a page that a link can open

    @property
    def anchor(self) -> str:
        """Its name inside the page of the manual."""
        return re.sub(r"<\w+>/|/$", "", self.places[0]).replace("/", "-")

    @cached_property
    def _places(self) -> list[tuple[int, re.Pattern[str]]]:
        return [(len(place), re.compile(re.sub(r"<\w+>", "[^/]+", place))) for place in self.places]

    def nearness(self, path: str) -> int:
        """Return how much of an address such as `clientes/12/` its nearest place tells; 0 where it tells none."""
        return max((length for length, place in self._places if place.match(path)), default=0)


@dataclass(frozen=True)
class Chapter:
    """Topics that belong together."""

    title: Promise
    topics: tuple[Topic, ...]
