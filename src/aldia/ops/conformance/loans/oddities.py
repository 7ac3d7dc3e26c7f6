"""Life cycles that aldia reckons otherwise on purpose, or whose figures contradict themselves: conditions on what they say, never a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from aldia.ops.conformance.loans.steps import Scenario

ON_ARREARS = _(
    "cobra la mora como interés mayor de las cuotas por venir; aquí es interés de mora, aparte y con su tope"
)
HANDED_OUT_TWICE = _("vuelve a calcular el interés con varias entregas; aquí un préstamo se entrega una vez")
NOT_ITS_ROUNDING = _("el mismo producto redondea la cuota a enteros en los demás archivos, y aquí no")
ALL_IN_ADVANCE = _("todo se pagó antes de vencer, y llama adelantada solo a una parte")
PARTS_OF_NOTHING = _("el saldo baja por el importe entero, pero sus partes suman otra cosa")
_WHOLE_UNIT = 100


def of_instalment(scenario: Scenario, told: dict[str, Any], ours: dict[str, Any]) -> str | None:
    """Why an instalment differs, or None."""
    if told == ours:
        return None
    if why := _of_product(scenario):
        return why
    rounding = scenario.product.rounding if scenario.product else None
    if rounding and rounding.step == _WHOLE_UNIT and told["Principal due"] % _WHOLE_UNIT:
        return str(NOT_ITS_ROUNDING)
    return _in_advance({**told, "In advance": ours["In advance"]} == ours, told)


def of_total(scenario: Scenario, name: str, told: dict[str, int]) -> str | None:
    """Why a total differs, or None."""
    return _of_product(scenario) or _in_advance(name == "In advance" and told.get("Outstanding") == 0, told)


def of_transaction(told: dict[str, Any], ours: dict[str, Any]) -> str | None:
    """Why a transaction differs, or None."""
    parts = ("Principal", "Interest", "Fees", "Penalties")
    has_parts = sum(told[part] for part in parts) == told["Amount"]
    same_balance = told["Loan Balance"] == ours["Loan Balance"]
    is_told = told["type"] == "repayment" and not has_parts and same_balance and not told.get("overpaid")
    return str(PARTS_OF_NOTHING) if is_told else None


def _in_advance(is_only_that: bool, told: dict[str, Any]) -> str | None:
    is_early = told.get("Paid date") is None or told["Paid date"] < told["Date"]
    whole = told["Paid"] == told["Due"] and 0 < told["In advance"] < told["Paid"] and not told["Late"]
    return str(ALL_IN_ADVANCE) if is_only_that and is_early and whole else None


def _of_product(scenario: Scenario) -> str | None:
    name, book = scenario.product_name, scenario.book()
    if "RECALCULATION" not in name:
        return None
    if "MULTIDISB" in name:
        return str(HANDED_OUT_TWICE)
    is_late = any(row.open_minor and row.due_on < scenario.today for row in book.rows)
    return str(ON_ARREARS) if is_late else None
