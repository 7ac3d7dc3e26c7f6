"""Exchange rates as people read them: what each currency is worth today, and what was said, the last first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from aldia.db.pages import Page, paged
from aldia.ledger.exchange import rates_frame
from aldia.ledger.models import ExchangeRate

if TYPE_CHECKING:
    from aldia.access.actors import Actor


def told_rates(actor: Actor, cursor: str | None = None, *, limit: int = 50) -> Page[ExchangeRate]:
    """Return a page of what was said of the currencies, the newest first. Raises BadCursor."""
    rows = ExchangeRate.objects.of(actor.organisation_id)
    return paged(rows, by="on", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row)


def rates_today(actor: Actor, *, quote: str, as_of: date) -> list[dict[str, Any]]:
    """Return what one unit of each other currency is worth in `quote`: currency, quote, rate, on (the day it was said of)."""
    frame = rates_frame(actor.organisation_id, as_of=as_of)
    return [row for row in frame.sort("currency").iter_rows(named=True) if row["quote"] == quote]
