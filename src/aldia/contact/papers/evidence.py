"""The evidence of one person as a PDF: what was done and what was not, in order, in tables."""

from dataclasses import asdict, dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from aldia.contact.papers.press import pdf_of


@dataclass(frozen=True)
class Table:
    """One section: its title, the heads of its columns and its rows; the first column is as wide as it needs."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: str = ""  # said under it when not every row is on paper


@dataclass(frozen=True)
class EvidencePaper:
    """What the paper says. `facts`: pairs of a word and a figure; `digest` and `key` tie it to the signed file."""

    creditor: str
    debtor: str
    debtor_tax_id: str
    as_of: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    digest: str
    key: str
    language: str
    creditor_lines: tuple[str, ...] = ()


def evidence_pdf(paper: EvidencePaper) -> bytes:
    """Return the evidence as a PDF, in its language."""
    with translation.override(paper.language):
        words = {
            "title": _("Evidencia de contacto"), "as_of": _("Al"), "page": _("Página"), "none": _("Nada."),
            "lead": _("Todo lo que el sistema guardó sobre contactar a esta persona, hecho o no hecho, con su motivo."),
            "digest": _("SHA-256 de evidence.json"), "key": _("Huella de la clave que firma"),
        }  # fmt: skip
    return pdf_of("evidence", {**asdict(paper), "words": words})
