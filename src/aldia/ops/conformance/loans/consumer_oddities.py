"""Where the published figures contradict themselves, and how that is known: each exception is a condition on their own numbers, never a file."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from aldia.domain.loans.rates import Flow, UnitPeriod, exact
from aldia.ops.conformance.loans.consumer_terms import minor

if TYPE_CHECKING:
    from aldia.domain.loans.daily_plans import DailyPlan
    from aldia.ops.conformance.loans.consumer_terms import Consumer

NOT_ADD_ON = _("dice interés directo, pero sus cifras corren sobre saldo: su interés inicial es cero")
NOT_NEAREST = _(
    "pide la última cuota más parecida, y con la cuota de aquí la última queda más cerca que con la suya"
)
NOT_THE_RATE = _("a la tasa publicada los pagos no valen lo recibido; a la de aquí, sí")
MORE_THAN_ASKED = _("ese día pide menos de lo que da por pagado, sin que nadie haya pagado")
PARTS_SHORT = _(
    "con el plan ya terminado agrega interés sin que nada corra, y sus partes suman menos que lo pagado"
)
CENT_OF_CREDIT = _(
    "fracción de centavo a favor del cliente: aquí se redondea a su favor, como en los demás archivos"
)
FAR = Decimal("0.05")  # of what was received: no rounding of a rate reaches it


def of_plan(rows: list[dict[str, str]], stats: str, loan: Consumer, plan: DailyPlan) -> str | None:
    """Why the published plan is not the one that its own parameters ask for, or None."""
    if loan.terms.interest_first and minor(rows[0]["Interest balance"]) == 0 < plan.opening_interest_minor:
        return str(NOT_ADD_ON)
    paid = [minor(row["Scheduled payment"]) for row in rows[1:]]
    ours = [line.payment_minor for line in plan.lines]
    is_similar = loan.terms.last.value == "similar" and not loan.terms.fixed and len(paid) == len(ours)
    if is_similar and abs(ours[-1] - ours[0]) < abs(paid[-1] - paid[0]):
        return str(NOT_NEAREST)
    return None


def of_rate(flows: Sequence[Flow], rate: Decimal, unit: UnitPeriod | None) -> str | None:
    """Why a published yearly rate cannot be: at it, the payments are worth something else than what was received."""
    worth = sum((flow.amount / _growth(flow, rate, unit) for flow in flows), Decimal(0))
    return str(NOT_THE_RATE) if abs(worth) > FAR * flows[0].amount else None


def _growth(flow: Flow, rate: Decimal, unit: UnitPeriod | None) -> Decimal:
    if unit is None:
        return (1 + rate) ** exact(flow.time)
    full, part = divmod(flow.time, 1)
    period = rate / exact(unit.a_year)
    return (1 + exact(part) * period) * (1 + period) ** int(full)


A_FEW_CENTS = 5
PORTIONS = ("Charges portion", "Interest portion", "Fee portion", "Principal portion")
FOUR_PLACES = (
    "Actuarial interest",
    "New interest",
    "Interest balance",
)  # in ten-thousandths; the rest in hundredths


class Reader:
    """Reads the rows of a life in order; what one oddity changed stays changed in the rows after it, and by no more than its reach."""

    def __init__(self) -> None:
        self.why: str | None = None
        self.reach = 0  # in minor units, of any column

    def of_row(self, row: dict[str, str], told: dict[str, Any], ours: dict[str, Any]) -> str | None:
        """Why this row differs, or None."""
        if self.why is None:
            self.why = self._begins(row, told, ours)
        if self.why == str(PARTS_SHORT):
            missing = told["Net effect"] - sum(told.get(part, 0) for part in PORTIONS)
            self.reach += max(0, missing) + 1  # and the fraction of a cent that each row adds
        return self.why if self._largest(told, ours) <= self.reach else None

    @staticmethod
    def _largest(told: dict[str, Any], ours: dict[str, Any]) -> int:
        return max(abs(told[name] - ours[name]) // (100 if name in FOUR_PLACES else 1) for name in told)

    def _begins(self, row: dict[str, str], told: dict[str, Any], ours: dict[str, Any]) -> str | None:
        nobody_paid = row["Actual payments"] in ("n/a", "")
        too_much = told.get("Net effect", 0) - told.get("Payment due", 0)
        if nobody_paid and too_much > 0 and told.get("Payment due", 0) > 0:
            self.reach = 2 * too_much
            return str(MORE_THAN_ASKED)
        fraction = told.get("New interest", 0) - ours.get("New interest", 0)
        if told != ours and 0 < fraction < 100 and row["Payment status"] == "extra payment":
            self.reach = A_FEW_CENTS
            return str(PARTS_SHORT)
        off = abs(told.get("Settlement figure", 0) - ours.get("Settlement figure", 0))
        if told != ours and off == 1 and told["Settlement figure"] < 0:
            self.reach = A_FEW_CENTS
            return str(CENT_OF_CREDIT)
        return None
