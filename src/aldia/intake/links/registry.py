"""The systems that aldia links with, by key: a second one is a folder and a line here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from aldia.intake.links.protocol import Books, LinkAddress
from aldia.intake.links.tryton.books import TrytonBooks

Open = Callable[[LinkAddress], AbstractContextManager[Books]]
SYSTEMS: Final[dict[str, Open]] = {"tryton": TrytonBooks}
NAMES: Final = {"tryton": "Tryton"}
