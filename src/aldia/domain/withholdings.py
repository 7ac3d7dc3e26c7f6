"""What customers keep back of a payment and still settles the debt: withholdings by country, and the bank's charge.

The law makes some buyers withhold part of what they pay and give a certificate for it; the seller collects that part from the
tax authority with the certificate. In Peru the detracción is paid into an account of the seller's own.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aldia.domain.labels import Label


class Book(StrEnum):
    """Where a deduction goes in the journal."""

    WITHHELD = "withheld"
    BANK_COST = "bank_cost"


@dataclass(frozen=True, slots=True)
class DeductionKind:
    """A kind of deduction: its country ("" for all), its name, its book, and in how many days its certificate should come."""

    key: str
    country: str
    label: Label
    book: Book = Book.WITHHELD
    certificate_days: int = 30

    @property
    def has_certificate(self) -> bool:
        """True when somebody owes us a paper for it."""
        return self.book is Book.WITHHELD


def _kind(key: str, country: str, es: str, en: str, pt: str, days: int = 30) -> DeductionKind:
    return DeductionKind(key, country, Label(es, en, pt), certificate_days=days)


BANK_CHARGE: Final = "bank_charge"
KINDS: Final = (
    _kind("ar_ganancias", "AR", "Retención de Ganancias", "Income tax withheld (AR)", "Retenção de renda (AR)"),
    _kind("ar_iva", "AR", "Retención de IVA", "VAT withheld (AR)", "Retenção de IVA (AR)"),
    _kind("ar_iibb", "AR", "Retención de Ingresos Brutos", "Turnover tax withheld (AR)", "Retenção de receita bruta (AR)"),
    _kind("ar_suss", "AR", "Retención de SUSS", "Social security withheld (AR)", "Retenção previdenciária (AR)"),
    _kind("co_retefuente", "CO", "Retención en la fuente", "Income tax withheld (CO)", "Retenção na fonte (CO)"),
    _kind("co_reteiva", "CO", "ReteIVA", "VAT withheld (CO)", "Retenção de IVA (CO)"),
    _kind("co_reteica", "CO", "ReteICA", "Local tax withheld (CO)", "Retenção municipal (CO)"),
    _kind("ec_renta", "EC", "Retención de Renta", "Income tax withheld (EC)", "Retenção de renda (EC)", 5),
    _kind("ec_iva", "EC", "Retención de IVA", "VAT withheld (EC)", "Retenção de IVA (EC)", 5),
    _kind("mx_isr", "MX", "Retención de ISR", "Income tax withheld (MX)", "Retenção de renda (MX)"),
    _kind("mx_iva", "MX", "Retención de IVA", "VAT withheld (MX)", "Retenção de IVA (MX)"),
    _kind("pe_retencion", "PE", "Retención del IGV", "VAT withheld (PE)", "Retenção de IGV (PE)"),
    _kind("pe_detraccion", "PE", "Detracción (SPOT)", "Detraction (PE)", "Detração (PE)", 5),
    _kind("other", "", "Otra retención", "Other withholding", "Outra retenção"),
    DeductionKind(BANK_CHARGE, "", Label("Gasto del banco", "Bank charge", "Tarifa do banco"), Book.BANK_COST, 0),
)  # fmt: skip
BY_KEY: Final = {kind.key: kind for kind in KINDS}


_WORDS: Final = {
    "ganancias": "ar_ganancias", "ingresos brutos": "ar_iibb", "iibb": "ar_iibb", "suss": "ar_suss", "reteiva": "co_reteiva",
    "reteica": "co_reteica", "ica": "co_reteica", "retefuente": "co_retefuente", "fuente": "co_retefuente", "isr": "mx_isr",
    "renta": "ec_renta", "detraccion": "pe_detraccion", "spot": "pe_detraccion", "igv": "pe_retencion",
    "banco": BANK_CHARGE, "bank": BANK_CHARGE,
}  # fmt: skip
_VAT: Final = {"AR": "ar_iva", "CO": "co_reteiva", "EC": "ec_iva", "MX": "mx_iva"}


def kind_named(text: str, country: str) -> str:
    """The key of the kind that a file calls so: its own key, a word of its name, IVA by the country; else ``other``.

    ``kind_named("Ret. Ganancias", "AR")`` -> ``ar_ganancias``; ``kind_named("IVA", "MX")`` -> ``mx_iva``.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower().strip()
    if plain in BY_KEY:
        return plain
    words = set(plain.replace(".", " ").split())
    for name, key in _WORDS.items():
        if name in words or (" " in name and name in plain):
            return key
    return _VAT.get(country.upper(), "other") if {"iva", "vat"} & words else "other"


def kinds_of(country: str) -> tuple[DeductionKind, ...]:
    """The kinds of a country, then those of all; every kind where the country is not known."""
    return tuple(kind for kind in KINDS if not country or kind.country in (country, ""))
