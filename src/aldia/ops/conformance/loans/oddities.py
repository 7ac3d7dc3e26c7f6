"""Life cycles that aldia reckons otherwise on purpose, or whose figures contradict themselves: conditions on what they say, never a file."""

from typing import Any

from django.utils.translation import gettext_lazy as _

NOT_ITS_ROUNDING = _(
    "el mismo producto redondea la cuota a enteros en los demás archivos, y aquí no: sin redondear, son estas cifras"
)
CHARGES_NOT_IN_ADVANCE = _("todo se pagó antes de vencer, y de lo adelantado quita justo los cargos")
PARTS_OF_NOTHING = _("el saldo baja por el importe entero, pero todas sus partes dicen cero")
PARTS = ("Principal", "Interest", "Fees", "Penalties")


def of_instalment(told: dict[str, Any], ours: dict[str, Any], unrounded: dict[str, Any] | None) -> str | None:
    """Why an instalment differs, or None. `unrounded` is ours with the instalment to the cent."""
    if told == ours:
        return None
    if told == unrounded:
        return str(NOT_ITS_ROUNDING)
    is_only_that = {**told, "In advance": ours["In advance"]} == ours
    is_early = told["Paid date"] is not None and told["Paid date"] < told["Date"]
    return _without_charges(told, ours["In advance"]) if is_only_that and is_early else None


def of_total(name: str, told: dict[str, int], ours: int) -> str | None:
    """Why a total differs, or None."""
    is_paid = told.get("Outstanding") == 0 and not told.get("Late")
    return _without_charges(told, ours) if name == "In advance" and is_paid else None


def of_transaction(told: dict[str, Any], ours: dict[str, Any]) -> str | None:
    """Why a transaction differs, or None."""
    same = all(told[name] == ours[name] for name in ("Amount", "Loan Balance", "type"))
    is_nothing = same and told["type"] == "repayment" and not any(told[part] for part in PARTS)
    return (
        str(PARTS_OF_NOTHING) if is_nothing and sum(ours[part] for part in PARTS) == told["Amount"] else None
    )


def _without_charges(told: dict[str, Any], in_advance: int) -> str | None:
    charges = told["Fees"] + told["Penalties"]
    return str(CHARGES_NOT_IN_ADVANCE) if charges and told["In advance"] == in_advance - charges else None
