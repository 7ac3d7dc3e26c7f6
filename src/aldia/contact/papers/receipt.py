"""The receipt of a payment as a PDF."""

from dataclasses import asdict, dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from aldia.contact.papers.press import Headed, pdf_of


@dataclass(frozen=True)
class ReceiptLine:
    """One document that the payment covered, written already."""

    number: str
    amount: str


@dataclass(frozen=True, kw_only=True)
class Receipt(Headed):
    """What a receipt shows; every figure is written already in the reader's formats. `voided` says why it is no longer good."""

    number: str
    amount: str
    paid_on: str
    means: str
    reference: str
    lines: tuple[ReceiptLine, ...]
    unapplied: str
    remaining: tuple[str, ...]
    voided: str


def receipt_pdf(receipt: Receipt) -> bytes:
    """Return the receipt as a PDF, in its language."""
    with translation.override(receipt.language):
        words = {
            "title": _("Recibo de pago"), "as_of": _("Al"), "number": _("Recibo"), "received": _("Recibimos"), "on": _("Fecha"),
            "means": _("Medio"), "reference": _("Referencia"), "document": _("Se aplicó a"), "amount": _("Importe"),
            "unapplied": _("A favor, sin aplicar"), "remaining": _("Saldo que queda"), "nothing": _("Nada. Gracias."), "page": _("Página"),
        }  # fmt: skip
    return pdf_of("receipt", {**asdict(receipt), "words": words})
