"""The receipt that a client takes away, from what the journal says of it."""

from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aldia.access import formats
from aldia.access.actors import Actor
from aldia.contact.certificates import letterhead, no_debt_of_case
from aldia.contact.papers.receipt import Receipt, ReceiptLine, receipt_pdf
from aldia.ledger import selectors as ledger
from aldia.payments import selectors
from aldia.payments.models import ReceiptState


class NobodysReceipt(Exception):
    """Raised when a paper is asked for money that has no client yet."""


_MEANS = {
    "transfer": gettext_noop("Transferencia"), "cheque": gettext_noop("Cheque"), "link": gettext_noop("Enlace"), "cash": gettext_noop("Efectivo"),
    "card": gettext_noop("Tarjeta"),
    "debit": gettext_noop("Débito"), "creditor": gettext_noop("Al acreedor"),
}  # fmt: skip


def receipt_paper(actor: Actor, receipt_id: int, *, as_of: date) -> bytes:
    """Return the receipt as a PDF, in the client's language. Raises Receipt.DoesNotExist, NobodysReceipt."""
    card = selectors.receipt(actor, receipt_id)
    row = card.receipt
    if row.account_id is None:
        raise NobodysReceipt(
            _("Todavía no se sabe de quién es este cobro: identifícalo antes de dar el recibo.")
        )
    head = letterhead(actor, row.account_id, as_of=as_of)
    covered: dict[str, int] = {}
    names: dict[str, str] = {}
    for share in card.covered:
        covered[share.number] = covered.get(share.number, 0) + share.amount_minor
        if share.rate:
            names[share.number] = (
                f"{share.number} · {formats.currency_name(share.rate.currency)} a {share.rate.rate.normalize():f}"
            )
    open_lines = ledger.documents(actor, case_id=row.account_id, as_of=as_of, is_open=True)
    with translation.override(head.language):
        is_void = row.state == ReceiptState.REVERSED
        paper = Receipt(
            creditor=head.writer, creditor_lines=head.lines, debtor=head.party.name, debtor_tax_id=head.tax_id, as_of=head.day,
            number=f"{row.pk:08d}", amount=head.money(row.amount_minor, row.currency),
            paid_on=formats.day(row.on, as_of, commit=True, weekday=False), means=_(_MEANS.get(row.means, row.means or "–")),
            reference=row.said,
            lines=tuple(ReceiptLine(names.get(number, number), head.money(minor, row.currency)) for number, minor in covered.items() if minor),
            unapplied=head.money(row.unapplied_minor, row.currency) if row.unapplied_minor else "",
            remaining=tuple(
                head.money(total.minor, currency) for currency, total in ledger.total_open(open_lines).items() if total.minor > 0
            ),
            voided=_("Reversado el %(on)s: este recibo ya no vale.") % {"on": formats.day(row.reversed_on, as_of, commit=True)}
            if is_void and row.reversed_on else "",
            language=head.language,
        )  # fmt: skip
    return receipt_pdf(paper)


def no_debt_paper(actor: Actor, case_id: int, *, as_of: date) -> bytes:
    """Return the certificate that a case owes nothing, as a PDF. Raises StillOwes of `contact.certificates`, LookupError."""
    paid = [
        row.on
        for row in selectors.receipts_of_case(actor, case_id, limit=20)
        if row.state != ReceiptState.REVERSED
    ]
    return no_debt_of_case(actor, case_id, as_of=as_of, last_payment_on=paid[0] if paid else None)
