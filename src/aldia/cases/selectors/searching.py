"""Search over people, companies and documents, answered with the cases behind them."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from aldia.access.actors import Actor
from aldia.cases.selectors.filters import ledger_cases, scope
from aldia.cases.selectors.lists import CaseRow, rows_of
from aldia.parties import selectors as parties

MOST: Final = 20


@dataclass(frozen=True)
class Found:
    """A case found, and by what: name, tax_id, phone, email or document."""

    case: CaseRow
    matched: str


def search(actor: Actor, text: str, *, as_of: date, limit: int = MOST) -> list[Found]:
    """Return the cases of the parties that a text finds, and those with a document of that number; open ones first."""
    matched = {hit.id: hit.matched for hit in parties.search(actor, text, limit)}
    numbered = ledger_cases(actor, text)[:limit]
    rows = list(scope(actor).filter(party_id__in=list(matched))[: limit * 3])
    rows += list(scope(actor).filter(pk__in=numbered).exclude(pk__in=[row.pk for row in rows]))
    rows.sort(
        key=lambda row: (row.account_id not in numbered, not row.is_open, -row.priority, row.account_id)
    )
    shown = rows_of(actor, rows[:limit], as_of)
    return [
        Found(row, "document" if row.case_id in numbered else matched.get(row.party_id, "name"))
        for row in shown
    ]
