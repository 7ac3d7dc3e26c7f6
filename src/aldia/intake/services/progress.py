"""How far a load is, for whoever waits: told by the one that works, read by anybody on the same machine."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class OnStep(Protocol):
    """Told at the beginning of each step (check, plan, people, documents, receipts, cases) and as it advances, in rows."""

    def __call__(self, step: str, done: int, total: int, /) -> None: ...


def quiet(step: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Step:
    """Where a load is: the step, and how many of its rows are done (`total` 0: not known)."""

    name: str
    done: int
    total: int


class Slate:
    """Keeps the step in a small file, which an open transaction does not hide; `wipe` when the work is over."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, step: str, done: int, total: int) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps([step, done, total]), encoding="ascii")
        beside.replace(self._path)

    def read(self) -> Step | None:
        """Return where the work is, or None when there is none."""
        try:
            name, done, total = json.loads(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return Step(str(name), int(done), int(total))

    def wipe(self) -> None:
        """The work is over, well or badly."""
        self._path.unlink(missing_ok=True)
