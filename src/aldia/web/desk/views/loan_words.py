"""What the screens of loans call things: components, states, reasons of a change."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aldia.ledger.loans import InstalmentLine
    from aldia.ledger.models import Loan

COMPONENTS: Final = {
    "principal": _("Capital"), "compensatory_interest": _("Interés"), "late_interest": _("Interés moratorio"),
    "penalty_interest": _("Interés punitorio"), "fees": _("Gastos"), "insurance": _("Seguro"), "tax": _("Impuesto"),
    "bank_charge": _("Gasto bancario"), "collection_cost": _("Gasto de cobranza"), "legal_cost": _("Gasto judicial"),
}  # fmt: skip
REASONS: Final = {
    "granted": _("Se otorgó"), "prepaid": _("Adelantó capital"), "rescheduled": _("Se reprogramó"), "re_aged": _("Se reprogramó con lo vencido"),
    "settled": _("Se canceló"), "refinanced": _("Se refinanció"), "given_up": _("Se dejó de devengar"), "written_off": _("Se castigó"),
    "recovered": _("Se recuperó una parte"), "handed_out": _("Se entregó más dinero"),
}  # fmt: skip
_CLOSED: Final = {
    "refinanced": (_("Refinanciado"), "neutral", "refresh"), "written_off": (_("Castigado"), "bad", "forbidden"),
}  # fmt: skip


def state(row: Loan, open_minor: int, overdue_minor: int) -> tuple[Any, str, str]:
    """Return (word, tone, icon) of a loan."""
    if row.state in _CLOSED:
        return _CLOSED[row.state]
    if overdue_minor > 0:
        return _("Con atraso"), "warn", "clock"
    return (_("Al día"), "ok", "check") if open_minor else (_("Pagado"), "ok", "done")


def instalment_state(line: InstalmentLine, as_of: date) -> tuple[Any, str, str]:
    """Return (word, tone, icon) of an instalment."""
    if not line.charged_minor and not line.paid_minor:
        return _("Sin efecto"), "neutral", "minus"
    if line.open_minor <= 0:
        return _("Pagada"), "ok", "check"
    if line.due_on < as_of:
        return _("Vencida"), "bad", "clock"
    return (_("En parte"), "warn", "clock") if line.paid_minor else (_("Por vencer"), "neutral", "calendar")


def parts(told: dict[str, int]) -> list[tuple[Any, int]]:
    """Return (word, minor units) of each component, in the order in which money pays them last to first."""
    order = list(COMPONENTS)
    return [(COMPONENTS.get(name, name), told[name]) for name in sorted(told, key=order.index) if told[name]]


def total(lines: Iterable[dict[str, int]]) -> dict[str, int]:
    """Return the sums by component."""
    sums: dict[str, int] = {}
    for line in lines:
        for name, minor in line.items():
            sums[name] = sums.get(name, 0) + minor
    return sums
