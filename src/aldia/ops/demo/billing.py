"""Two electronic invoices of a house that sells abroad, waiting to be imported: of our own making, for the screen."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aldia.intake import services as intake
from aldia.intake.einvoices.bundle import bundled
from aldia.intake.requests import LoadRequest

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock

ISSUER: Final = "30-70500123-9"  # the house's own, see `houses`
BUYERS: Final = (("E-0001-00000412", "Almacenes Cordillera SpA", "76086428-5", "1840.00", 30),
                 ("E-0001-00000413", "Comercial Río Claro SpA", "77215640-5", "925.50", 0))  # fmt: skip
_SPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"


def leave_invoices(actor: Actor, clock: Clock) -> None:
    """Leave a looked-at import of the day's invoices: one says when it falls due, the other counts its payment days."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, name, tax_id, amount, days in BUYERS:
            due = (clock.as_of + timedelta(days=days)).isoformat() if days else ""
            path = Path(folder) / f"{number}.xml"
            path.write_text(
                _invoice(number, name, tax_id, amount, clock.as_of.isoformat(), due), encoding="utf-8"
            )
            paths.append(path)
        asked = LoadRequest(
            portfolio="Exportación", creditor="Distribuidora Andina", currency="USD", country="CL", debt_kind="commercial",
            creditor_tax_id=ISSUER, payment_days=45,
        )  # fmt: skip
        intake.preview(
            actor=actor, path=bundled(paths, Path(folder) / "exportacion.zip"), request=asked, clock=clock
        )


def _invoice(number: str, name: str, tax_id: str, amount: str, issued: str, due: str) -> str:
    """The fewest elements with which UBL says who owes what to whom, and until when."""
    when = f"<DueDate>{due}</DueDate>" if due else ""
    return (
        f"<Invoice xmlns='{_SPACE}'><ID>{number}</ID><IssueDate>{issued}</IssueDate>{when}"
        "<InvoiceTypeCode>380</InvoiceTypeCode><DocumentCurrencyCode>USD</DocumentCurrencyCode>"
        f"<AccountingSupplierParty><Party>{_legal('Distribuidora Andina', ISSUER)}</Party></AccountingSupplierParty>"
        f"<AccountingCustomerParty><Party>{_legal(name, tax_id)}</Party></AccountingCustomerParty>"
        f"<LegalMonetaryTotal><PayableAmount currencyID='USD'>{amount}</PayableAmount></LegalMonetaryTotal></Invoice>"
    )


def _legal(name: str, tax_id: str) -> str:
    return (
        f"<PartyLegalEntity><RegistrationName>{name}</RegistrationName><CompanyID>{tax_id}</CompanyID>"
        "</PartyLegalEntity>"
    )
