"""The agreement that a client accepted, as a PDF."""

from dataclasses import asdict, dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from aldia.contact.papers.press import Headed, pdf_of


@dataclass(frozen=True, kw_only=True)
class AgreementPaper(Headed):
    """What was agreed, word for word, and the proof that it was: every part is written already."""

    paragraphs: tuple[str, ...]
    accepted: str
    evidence: str
    version: str
    signature: str


def agreement_pdf(paper: AgreementPaper) -> bytes:
    """Return the agreement as a PDF, in its language."""
    with translation.override(paper.language):
        words = {
            "title": _("Acuerdo de pago"), "as_of": _("Al"), "page": _("Página"), "accepted": _("Aceptado"),
            "evidence": _("Constancia"), "version": _("Huella del texto"), "signature": _("Sello"),
        }  # fmt: skip
    return pdf_of("agreement", {**asdict(paper), "words": words})
