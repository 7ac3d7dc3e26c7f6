"""A letter for a window envelope, with a QR that leads to the debtor's own page and a slip to pay."""

from dataclasses import asdict, dataclass

import zxingcpp
from django.utils.translation import gettext as _

from aldia.contact.papers.press import pdf_of


@dataclass(frozen=True)
class Notice:
    """What a letter shows; every figure is written already in the reader's formats, in the language in force."""

    creditor: str
    creditor_lines: tuple[str, ...]
    debtor: str
    address: str
    on: str
    code: str  # the control code that proves the letter is ours
    subject: str
    body: tuple[str, ...]
    lines: tuple[tuple[str, str, str, str], ...]
    totals: tuple[str, ...]
    reference: str  # what the payment should name
    instructions: str
    link: str
    language: str


def notice_pdf(notice: Notice) -> bytes:
    """Return the letter as a PDF."""
    code = zxingcpp.create_barcode(notice.link, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    words = {
        "code": _("Código de control"), "slip": _("Talón de pago"), "who": _("Cliente"), "reference": _("Referencia"),
        "amount": _("Importe"), "scan": _("Escanéalo para ver, pagar o responder."),
    }  # fmt: skip
    return pdf_of(
        "notice",
        {**asdict(notice), "words": words, "qr": zxingcpp.write_barcode_to_svg(code, add_quiet_zones=False)},
    )
