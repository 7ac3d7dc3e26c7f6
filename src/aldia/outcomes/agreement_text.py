"""What a client accepts, in words, in the client's language: who, which debt, what is forgiven, what is paid, what happens if not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aldia.access import formats
from aldia.domain.negotiation import When

if TYPE_CHECKING:
    from aldia.contact.certificates import Letterhead
    from aldia.outcomes.models import Agreement


def agreement_text(row: Agreement, head: Letterhead, numbers: Sequence[str]) -> str:
    """Return the text of an agreement, a paragraph a line; `numbers` are those of the documents that it covers."""
    with translation.override(head.language):
        return "\n".join([*_parties(row, head, numbers), *_money(row, head), *_conditions(row, head)])


def _parties(row: Agreement, head: Letterhead, numbers: Sequence[str]) -> list[str]:
    told = {
        "creditor": head.writer, "debtor": head.party.name, "day": head.day,
        "debt": head.money(row.debt_minor, row.currency), "documents": ", ".join(numbers),
    }  # fmt: skip
    return [
        _("Acuerdo de pago entre %(creditor)s y %(debtor)s, propuesto el %(day)s.") % told,
        _("Deuda que se acuerda: %(debt)s. Documentos: %(documents)s.") % told,
    ]


def _money(row: Agreement, head: Letterhead) -> list[str]:
    lines = []
    if row.discount_minor:
        lines.append(
            _("Se descuentan %(discount)s.") % {"discount": head.money(row.discount_minor, row.currency)}
        )
    if row.interest_minor:
        lines.append(
            _("Se suman %(interest)s de interés del plan.")
            % {"interest": head.money(row.interest_minor, row.currency)}
        )
    lines.append(_("En total se pagan %(total)s:") % {"total": head.money(row.total_minor, row.currency)})
    return [*lines, *agreed_lines(row, head)]


def agreed_lines(row: Agreement, head: Letterhead) -> list[str]:
    """Return each line to pay, as it is written in the text."""
    from aldia.outcomes.selectors.agreements import instalments_of

    return [
        _("- %(what)s: %(amount)s el %(day)s.")
        % {
            "what": _("Cuota %(number)s") % {"number": line.number} if line.number else _("Anticipo"),
            "amount": head.money(line.amount_minor, row.currency),
            "day": formats.day(line.due_on, head.as_of, commit=True, weekday=False),
        }
        for line in instalments_of(row)
    ]


def _conditions(row: Agreement, head: Letterhead) -> list[str]:
    until = formats.day(row.valid_until_on, head.as_of, commit=True, weekday=False)
    lines = [
        _("Esta propuesta vale hasta el %(until)s.") % {"until": until},
        ngettext(
            "Cada cuota se puede pagar hasta %(count)s día después de su fecha.",
            "Cada cuota se puede pagar hasta %(count)s días después de su fecha.",
            row.grace_days,
        )
        % {"count": row.grace_days},
        ngettext(
            "Si falta %(count)s cuota, el acuerdo termina.",
            "Si faltan %(count)s cuotas, el acuerdo termina.",
            row.falls_after,
        )
        % {"count": row.falls_after},
        _("Entonces vuelve la deuda original, menos lo que ya se pagó."),
    ]
    if row.discount_minor:
        lines.append(
            _("El descuento se aplica al completar el acuerdo.")
            if row.discount_when == When.FULFILLED
            else _("El descuento se aplica desde hoy y se devuelve a la deuda si el acuerdo termina.")
        )
    return lines
