"""The settlement of a remittance as a PDF: what was collected for its owner, what was kept, and what was transferred."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from aldia.access import formats
from aldia.access import selectors as access
from aldia.contact.papers.remittance import SettledReceipt, Settlement, settlement_pdf
from aldia.payments.remittances import lines_of, remittance

if TYPE_CHECKING:
    from aldia.access.actors import Actor


def settlement_paper(actor: Actor, remittance_id: int, *, as_of: date) -> bytes:
    """Return the settlement of a remittance. Raises Remittance.DoesNotExist."""
    row, house = remittance(actor, remittance_id), access.organisation_of(actor)
    language = row.portfolio.language

    def money(minor: int) -> str:
        return formats.money(minor, row.currency, house.locale)

    def day(on: date) -> str:
        return formats.day(on, as_of, commit=True, weekday=False)

    with translation.override(language):
        paid = _("Transferido el %(on)s, referencia %(reference)s.") if row.paid_on else ""
        paper = Settlement(
            creditor=house.name, creditor_lines=(), debtor=row.owner.legal_name or row.owner.name, debtor_tax_id=row.owner.tax_id,
            as_of=day(as_of), number=f"{row.number:06d}", portfolio=row.portfolio.name, until=day(row.until_on),
            lines=tuple(
                SettledReceipt(
                    day(line.on), _("%(name)s (devuelto)") % {"name": line.payer} if line.is_taken_back else line.payer,
                    money(line.collected_minor), money(line.commission_minor + line.tax_minor), money(line.net_minor),
                )
                for line in lines_of(actor, remittance_id)
            ),
            collected=money(row.collected_minor),
            elsewhere=money(row.held_minor - row.collected_minor) if row.held_minor != row.collected_minor else "",
            commission=money(-row.commission_minor), tax=money(-row.tax_minor), net=money(row.net_minor),
            paid=paid % {"on": day(row.paid_on), "reference": row.paid_reference} if row.paid_on else "", language=language,
        )  # fmt: skip
    return settlement_pdf(paper)
