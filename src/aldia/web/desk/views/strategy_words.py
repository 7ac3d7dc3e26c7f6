"""What the strategy did about a case and why, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language

from aldia.strategy import selectors as strategy
from aldia.web.ui.formats import day_long

if TYPE_CHECKING:
    from aldia.access.actors import Actor

LINES = 8


def strategy_why(actor: Actor, case_id: int) -> list[str]:
    """Return a sentence for each of the last things that the strategy did or withheld."""
    rows = strategy.why(actor, case_id, language=get_language() or "es", limit=LINES)
    return [f"{day_long(row.on)} · {row.step_name} · {row.state_label}: {row.reason}" for row in rows]
