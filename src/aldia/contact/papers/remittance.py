"""The settlement that an owner of a portfolio gets with its money, as a PDF."""

from dataclasses import asdict, dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from aldia.contact.papers.press import Headed, pdf_of


@dataclass(frozen=True)
class SettledReceipt:
    """One receipt of the settlement, written already."""

    on: str
    payer: str
    collected: str
    kept: str
    net: str


@dataclass(frozen=True, kw_only=True)
class Settlement(Headed):
    """What a settlement shows; every figure is written already in the reader's formats. `debtor` is the owner whom it is for."""

    number: str
    portfolio: str
    until: str
    lines: tuple[SettledReceipt, ...]
    collected: str
    elsewhere: str
    commission: str
    tax: str
    net: str
    paid: str


def settlement_pdf(settlement: Settlement) -> bytes:
    """Return the settlement as a PDF, in its language."""
    with translation.override(settlement.language):
        words = {
            "title": _("Liquidación"), "as_of": _("Al"), "number": _("Número"), "portfolio": _("Cartera"), "until": _("Rinde hasta"),
            "on": _("Fecha"), "payer": _("Pagó"), "collected": _("Cobrado"), "kept": _("Comisión e impuesto"), "net": _("Para ti"),
            "elsewhere": _("Pagado al acreedor"), "commission": _("Comisión"), "tax": _("Impuesto de la comisión"), "total": _("A transferir"),
            "page": _("Página"),
        }  # fmt: skip
    return pdf_of("remittance", {**asdict(settlement), "words": words})
