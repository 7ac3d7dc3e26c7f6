"""What a client kept of a payment, as a small grid of the receipt's form: kind, amount, certificate and its day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from aldia.domain.withholdings import BY_KEY, kinds_of
from aldia.payments.services import DeductionDraft
from aldia.web.desk.views import words

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

ROWS: Final = 3


@dataclass(frozen=True)
class Row:
    """One row of the grid, as it was written."""

    at: int
    kind: str = ""
    amount: str = ""
    certificate: str = ""
    on: str = ""


def rows_of(told: Any) -> list[Row]:
    """Return the rows of the grid as they were written."""
    names = ("kind", "amount", "certificate", "on")
    return [Row(at, *(str(told.get(f"deduction-{at}-{name}", "")) for name in names)) for at in range(ROWS)]


def kind_options(country: str) -> list[tuple[str, str]]:
    """Return the kinds of a country with their words."""
    return [("", "–"), *((kind.key, kind.label.of(words.language())) for kind in kinds_of(country))]


def read_deductions(
    told: Any, today: date, read_amount: Callable[[str], int], read_day: Callable[[str], date]
) -> list[DeductionDraft]:
    """Return what the grid says. Raises ValidationError naming what is wrong."""
    drafts = []
    for row in rows_of(told):
        if not row.kind and not row.amount.strip():
            continue
        if row.kind not in BY_KEY:
            raise ValidationError(_("Di qué retención es la de %(amount)s.") % {"amount": row.amount[:20]})
        on = read_day(row.on) if row.on.strip() else None
        if row.certificate.strip() and on is None:
            on = today
        drafts.append(DeductionDraft(row.kind, read_amount(row.amount), row.certificate, on))
    return drafts
