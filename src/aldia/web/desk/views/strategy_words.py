"""What the strategy did or will do about a case, in words: nothing while that room does not tell it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aldia.access.actors import Actor


def strategy_why(actor: Actor, case_id: int) -> list[str]:
    """Return a sentence for each thing that the strategy says of the case."""
    if find_spec("aldia.strategy.selectors") is None:
        return []
    tell = getattr(import_module("aldia.strategy.selectors"), "why", None)
    return [str(line) for line in tell(actor, case_id)] if tell else []
