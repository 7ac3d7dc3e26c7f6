"""The statement of account as a PDF."""

from dataclasses import asdict, dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from aldia.contact.papers.press import Headed, pdf_of


@dataclass(frozen=True)
class StatementLine:
    """One open document, written already."""

    number: str
    issued: str
    due: str
    days: str
    original: str
    open: str


@dataclass(frozen=True, kw_only=True)
class Statement(Headed):
    """What a statement shows; every figure is written already in the reader's formats."""

    lines: tuple[StatementLine, ...]
    totals: tuple[str, ...]
    instructions: str
    link: str


def statement_pdf(statement: Statement) -> bytes:
    """Return the statement of account as a PDF, in its language."""
    with translation.override(statement.language):
        words = {
            "title": _("Estado de cuenta"), "as_of": _("Al"), "number": _("Documento"), "issued": _("Emitido"),
            "due": _("Vence"), "days": _("Días"), "original": _("Importe"), "open": _("Saldo"), "total": _("Total"),
            "how": _("Cómo pagar"), "link": _("Ver y responder"), "page": _("Página"),
        }  # fmt: skip
    return pdf_of("statement", {**asdict(statement), "words": words})
