"""What the screens call the charges that the law adds, and each as a row of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from aldia.outcomes.legal_charges import legal_charges

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

CHARGES: Final = {"fixed_compensation": _("Compensación fija"), "collection_cost": _("Gasto de cobranza")}


def drawn(request: StaffRequest, case_id: int) -> list[dict[str, Any]]:
    """Return what the law adds to each late document of a case today, with its word."""
    found = legal_charges(request.actor, case_id, on=request.clock.as_of)
    return [{"line": line, "word": CHARGES.get(line.charge, line.charge)} for line in found]
