"""Reads of the cheques, notes and bills of the whole house, tray by tray."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Sum

from aldia.cases import selectors as cases
from aldia.db.pages import Page, paged
from aldia.ledger import instruments as ledger
from aldia.ledger.instruments import Tray

if TYPE_CHECKING:
    from datetime import date

    from aldia.access.actors import Actor
    from aldia.ledger.models import Instrument


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A cheque, note or bill, and whose it is. `open_minor` is what it owes now."""

    document_id: int
    case_id: int
    debtor_name: str
    kind: str
    state: str
    number: str
    amount_minor: int
    open_minor: int
    currency: str
    due_on: date
    moved_on: date
    details: dict[str, Any]


def papers(
    actor: Actor, which: Tray, cursor: str | None = None, *, as_of: date, limit: int = 50
) -> Page[PaperLine]:
    """Return a page of a tray, what falls due first above. Raises BadCursor."""
    rows = _tray(actor, which, as_of)
    page: Page[Instrument] = paged(
        rows, by="due_on", is_newest_first=False, cursor=cursor, limit=limit, made=lambda row: row
    )
    seen = cases.scope(actor).filter(pk__in=[row.document.account_id for row in page.rows])
    names = dict(seen.values_list("pk", "debtor_name"))
    lines = tuple(_line(row, names.get(row.document.account_id, "")) for row in page.rows)
    return Page(lines, page.next_cursor, page.previous_cursor)


def tray_counts(actor: Actor, *, as_of: date) -> dict[Tray, int]:
    """Return how many papers each tray has."""
    return {which: _tray(actor, which, as_of).count() for which in Tray}


def tray_money(actor: Actor, which: Tray, *, as_of: date) -> list[tuple[int, str]]:
    """Return what the papers of a tray say, (minor, currency), each currency apart."""
    rows = _tray(actor, which, as_of).values("document__currency").order_by("document__currency")
    sums = rows.annotate(minor=Sum("document__original_minor"))
    return list(sums.values_list("minor", "document__currency"))


def due_count(actor: Actor, *, as_of: date) -> int:
    """Return how many cheques may be deposited today."""
    return int(_tray(actor, Tray.TO_DEPOSIT, as_of).count())


def _tray(actor: Actor, which: Tray, as_of: date) -> Any:
    own = cases.scope(actor).values("pk") if cases.is_narrowed(actor) else None
    return ledger.tray(actor, which, as_of=as_of, account_ids=own)


def _line(row: Instrument, name: str) -> PaperLine:
    document = row.document
    return PaperLine(
        document.pk, document.account_id, name, document.kind, row.state, document.number, document.original_minor,
        document.balance_minor, document.currency, document.due_on, row.moved_on, row.details,
    )  # fmt: skip
