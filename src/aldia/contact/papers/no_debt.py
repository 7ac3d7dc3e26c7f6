"""The certificate that nothing is owed (paz y salvo, libre deuda) as a PDF."""

from dataclasses import asdict, dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from aldia.contact.papers.press import Headed, pdf_of


@dataclass(frozen=True, kw_only=True)
class NoDebt(Headed):
    """What the certificate says; `portfolio` is what it is about, `code` what it can be checked with."""

    portfolio: str
    last_payment: str
    code: str


def no_debt_pdf(paper: NoDebt) -> bytes:
    """Return the certificate as a PDF, in its language."""
    with translation.override(paper.language):
        names = {
            "creditor": paper.creditor,
            "debtor": paper.debtor,
            "as_of": paper.as_of,
            "portfolio": paper.portfolio,
        }
        words = {
            "title": _("Paz y salvo"), "as_of": _("Al"), "page": _("Página"), "last": _("Último pago"), "code": _("Código de control"),
            "body": _("%(creditor)s certifica que, al %(as_of)s, %(debtor)s no tiene saldo pendiente en %(portfolio)s.") % names,
            "limits": _("Vale para lo registrado hasta esa fecha. Lo que se emita después no entra en este certificado."),
            "thanks": _("Gracias por tu confianza."),
        }  # fmt: skip
    return pdf_of("no_debt", {**asdict(paper), "words": words})
