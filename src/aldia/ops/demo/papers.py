"""Example invoices for some documents, so that a claim has something to attach. Each says on its face that it is invented."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typst

from aldia.access import formats
from aldia.access.actors import Actor, system
from aldia.cases import selectors as cases
from aldia.ledger import selectors as ledger
from aldia.ledger import services as ledger_services

if TYPE_CHECKING:
    from aldia.access.models import Organisation
    from aldia.ledger.selectors import DocumentLine

CASES, DOCUMENTS = 14, 2
_FONTS = typst.Fonts(include_system_fonts=False)  # found once, not for each paper
_SHEET = Path(__file__).parent / "invoice.typ"


def attach_examples(organisation: Organisation, on: date, *, now: datetime) -> int:
    """Attach a PDF to the oldest documents of the largest cases; return how many."""
    actor = system(organisation.pk)
    attached = 0
    page = cases.case_list(actor, cases.CaseQuery(on, sort="overdue", limit=CASES))
    for case in page.rows:
        for line in ledger.documents(actor, case_id=case.case_id, as_of=on, is_open=True)[:DOCUMENTS]:
            _attach(actor, organisation, case.name, line, now)
            attached += 1
    return attached


def _attach(
    actor: Actor, organisation: Organisation, customer: str, line: DocumentLine, now: datetime
) -> None:
    content = typst.compile(
        _SHEET,
        root=_SHEET.parent,
        font_paths=_FONTS,
        sys_inputs={
            "data": json.dumps(
                {
                    "title": f"Factura {line.number}",
                    "creditor": organisation.name,
                    "creditor_line": "Empresa inventada",
                    "customer": customer,
                    "issued": f"{line.issued_on:%d/%m/%Y}",
                    "due": f"{line.due_on:%d/%m/%Y}",
                    "amount": formats.money(line.original_minor, line.currency, organisation.locale),
                }
            )
        },
    )
    if not isinstance(content, bytes):
        raise TypeError(f"typst gave {type(content).__name__}, expected one PDF")
    name = f"{line.number.replace('/', '-')}.pdf"
    stored = ledger_services.store_file(
        actor=actor, name=name, content_type="application/pdf", content=content, now=now
    )
    ledger_services.attach_file(actor=actor, document_id=line.id, file_id=stored.pk, now=now)
