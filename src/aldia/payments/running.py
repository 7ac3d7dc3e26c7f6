"""What is owed on a day with what runs on it and is not posted: interest of delay of loans, and what the law adds to a document."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aldia.db.memory import remembered
from aldia.ledger import loans as reading
from aldia.ledger import selectors as ledger
from aldia.outcomes.legal_charges import COMPONENT, by_document, legal_charges

if TYPE_CHECKING:
    from datetime import date

    from aldia.access.actors import Actor
    from aldia.ledger.models import Loan


def what_runs(actor: Actor, account_id: int, *, on: date) -> ledger.Running:
    """Return what `post_what_runs` would post that day: below 0 what money of an earlier day takes back."""
    found = {line.document_id: dict(line.late) for _loan, line in reading.missing_late(actor, account_id, on)}
    for document_id, minor in by_document(legal_charges(actor, account_id, on=on)).items():
        found.setdefault(document_id, {})[COMPONENT] = minor
    return found


@remembered
def owed_today(actor: Actor, case_id: int, *, as_of: date) -> list[ledger.DocumentLine]:
    """Return the open documents of a case with what runs on each by that day: who pays them whole then owes nothing."""
    lines = ledger.documents(actor, case_id=case_id, as_of=as_of, is_open=True)
    running = {key: sum(parts.values()) for key, parts in what_runs(actor, case_id, on=as_of).items()}
    return [
        replace(line, open_minor=line.open_minor + running[line.id], running_minor=running[line.id])
        if line.id in running
        else line
        for line in lines
    ]


def instalments(actor: Actor, row: Loan, on: date) -> list[reading.InstalmentLine]:
    """Return the instalments with everything that ran by a day and is not posted in `late`."""
    charges = by_document(legal_charges(actor, row.account_id, on=on)) if row.state == "active" else {}
    return [
        replace(line, late={**line.late, COMPONENT: charges[line.document_id]})
        if charges.get(line.document_id, 0) > 0
        else line
        for line in reading.instalments(actor, row, on)
    ]


def settlement(actor: Actor, row: Loan, on: date) -> reading.Settlement:
    """Return what ends the loan that day, as `pay_off_loan` would take it."""
    settled = reading.settlement(actor, row, on)
    more = sum(line.late.get(COMPONENT, 0) for line in instalments(actor, row, on))
    return replace(settled, late={**settled.late, COMPONENT: more}) if more else settled
