"""The statement of account of a case on a day: what is open, in the reader's language and the organisation's formats."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.utils import translation

from aldia.access import formats
from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.contact.papers.statement import Statement, StatementLine, statement_pdf
from aldia.ledger import selectors as ledger
from aldia.ledger.indexed import amount_text

if TYPE_CHECKING:
    from aldia.access.models import Organisation


def statement_of_case(
    actor: Actor,
    *,
    case_id: int,
    as_of: date,
    language: str,
    link: str = "",
    lines: Sequence[ledger.DocumentLine] | None = None,
) -> bytes:
    """Return the statement of account as a PDF: of what is open in the books, or of these lines. Raises LookupError when the case is not the
    organisation's.
    """
    account = ledger.account(actor.organisation_id, case_id)
    creditor, party = account.portfolio.creditor, account.party
    if lines is None:
        lines = ledger.documents(actor, case_id=case_id, as_of=as_of, is_open=True)
    locale = locale_for(access.organisation_of(actor), language)
    with translation.override(language):
        statement = Statement(
            creditor=creditor.legal_name or creditor.name,
            creditor_lines=tuple(
                part for part in (creditor.tax_id, creditor.address, creditor.phone, creditor.email) if part
            ),
            debtor=party.name,
            debtor_tax_id=formats.masked(party.tax_id, party.tax_id_kind) if party.tax_id else "",
            as_of=formats.day(as_of, as_of, commit=True, weekday=False),
            lines=tuple(_line(line, as_of, locale) for line in lines),
            totals=tuple(
                amount_text(actor.organisation_id, total.minor, currency, as_of, locale)
                for currency, total in ledger.total_open(lines).items()
            ),
            instructions=creditor.payment_instructions,
            link=link,
            language=language,
        )
    return statement_pdf(statement)


def locale_for(organisation: Organisation, language: str) -> str:
    """Return the regional formats: the organisation's own, unless the reader's language is another."""
    own = formats.known_locale(organisation.locale)
    return own if own[:2] == language[:2] else formats.known_locale(language)


def _line(line: ledger.DocumentLine, as_of: date, locale: str) -> StatementLine:
    return StatementLine(
        number=line.number,
        issued=formats.day(line.issued_on, as_of, weekday=False),
        due=formats.day(line.due_on, as_of, weekday=False),
        days=str(line.dpd) if line.dpd > 0 else "",
        original=formats.money(line.original_minor, line.currency, locale),
        open=formats.money(line.open_minor, line.currency, locale),
    )
