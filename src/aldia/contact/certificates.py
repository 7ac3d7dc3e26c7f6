"""The head of a case's papers, and the certificate that it owes nothing, from what the ledger says on a day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from aldia.access import formats
from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.contact.papers.no_debt import NoDebt, no_debt_pdf
from aldia.contact.statements import locale_for
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties

if TYPE_CHECKING:
    from aldia.ledger.models import Creditor, Portfolio
    from aldia.parties.models import Party

_SPOKEN = {"es": "es", "en": "en", "pt": "pt-br"}


class StillOwes(Exception):
    """Raised when a certificate of no debt is asked for a case that owes something; says how much."""


@dataclass(frozen=True)
class Letterhead:
    """Who writes, to whom, in which language and formats, on which day."""

    creditor: Creditor
    party: Party
    portfolio: Portfolio
    as_of: date
    language: str
    locale: str

    @property
    def writer(self) -> str:
        return str(self.creditor.legal_name or self.creditor.name)

    @property
    def lines(self) -> tuple[str, ...]:
        told = (self.creditor.tax_id, self.creditor.address, self.creditor.phone, self.creditor.email)
        return tuple(part for part in told if part)

    @property
    def tax_id(self) -> str:
        return formats.masked(self.party.tax_id, self.party.tax_id_kind) if self.party.tax_id else ""

    @property
    def day(self) -> str:
        return formats.day(self.as_of, self.as_of, commit=True, weekday=False)

    def money(self, minor: int, currency: str) -> str:
        return formats.money(minor, currency, self.locale)


def letterhead(actor: Actor, case_id: int, *, as_of: date) -> Letterhead:
    """Return the head of the papers of a case, in the language of who receives them. Raises LookupError."""
    portfolio_id, creditor_id, party_id = ledger.account_of(actor, case_id)
    organisation, portfolio = access.organisation_of(actor), ledger.portfolio(actor, portfolio_id)
    party = parties.party(actor, party_id)
    language = (party.language or portfolio.language or organisation.language).lower()
    spoken = _SPOKEN.get(language[:2], "es")
    return Letterhead(
        ledger.creditor(actor, creditor_id), party, portfolio, as_of, spoken, locale_for(organisation, spoken)
    )


def no_debt_of_case(actor: Actor, case_id: int, *, as_of: date, last_payment_on: date | None) -> bytes:
    """Return the certificate that a case owes nothing on a day, as a PDF. Raises StillOwes, LookupError."""
    head = letterhead(actor, case_id, as_of=as_of)
    owed = {
        currency: total
        for currency, total in ledger.total_open(
            ledger.documents(actor, case_id=case_id, as_of=as_of, is_open=True)
        ).items()
        if total.minor > 0
    }
    if owed:
        amounts = ", ".join(head.money(total.minor, currency) for currency, total in owed.items())
        raise StillOwes(
            _("Todavía debe %(amounts)s: el paz y salvo sale cuando no quede nada.") % {"amounts": amounts}
        )
    code = (
        hashlib.sha256(f"{actor.organisation_id}:{case_id}:{as_of.isoformat()}".encode())
        .hexdigest()[:10]
        .upper()
    )
    with translation.override(head.language):
        paid = formats.day(last_payment_on, as_of, commit=True, weekday=False) if last_payment_on else ""
        paper = NoDebt(
            creditor=head.writer, creditor_lines=head.lines, debtor=head.party.name, debtor_tax_id=head.tax_id, as_of=head.day,
            portfolio=head.portfolio.name, last_payment=paid, code=code, language=head.language,
        )  # fmt: skip
    return no_debt_pdf(paper)
