"""The paper of an accepted agreement: its text word for word, and how, when and with which seal it was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.contact.certificates import letterhead
from aldia.contact.papers.agreement import AgreementPaper, agreement_pdf

if TYPE_CHECKING:
    from datetime import date

    from aldia.outcomes.models import Acceptance, Agreement


def agreement_paper(actor: Actor, row: Agreement, seal: Acceptance, *, as_of: date) -> bytes:
    """Return the accepted agreement as a PDF, in the client's language. Raises LookupError."""
    head = letterhead(actor, row.case_id, as_of=as_of)
    zone = ZoneInfo(access.organisation_of(actor).timezone)
    with translation.override(head.language):
        told = {"at": f"{seal.at.astimezone(zone):%d/%m/%Y %H:%M}", "zone": zone.key, "name": head.party.name}
        accepted = (
            _("%(name)s, en su página verificada, el %(at)s (%(zone)s)") % told
            if seal.how == "portal"
            else _("%(name)s, de palabra, el %(at)s (%(zone)s)") % told
        )
    return agreement_pdf(
        AgreementPaper(
            creditor=head.writer, creditor_lines=head.lines, debtor=head.party.name, debtor_tax_id=head.tax_id, as_of=head.day,
            paragraphs=tuple(row.text.split("\n")), accepted=accepted, evidence=row.evidence, version=seal.version,
            signature=seal.signature, language=head.language,
        )
    )  # fmt: skip
