"""What the product names of the published life cycles mean, as terms of our own."""

import re
from decimal import Decimal
from typing import Any

from aldia.domain.loans.calendars import Every, Unit
from aldia.domain.loans.day_counts import DayCount
from aldia.domain.loans.orders import (
    CHARGES_FIRST,
    FEES,
    INTEREST,
    PENALTIES,
    PRINCIPAL,
    Ahead,
    PaymentOrder,
    Spread,
)
from aldia.domain.loans.planning import OnArrears, Prepaying, Product
from aldia.domain.loans.rounding import RoundTo
from aldia.domain.loans.schedules import Method, Rounding

NAMES = {"PENALTY": PENALTIES, "FEE": FEES, "INTEREST": INTEREST, "PRINCIPAL": PRINCIPAL}
AHEAD = {"NEXT_INSTALLMENT": Ahead.NEXT, "LAST_INSTALLMENT": Ahead.LAST, "REAMORTIZATION": Ahead.EVENLY}
PAYMENT_KINDS = {
    "REPAYMENT": "repayment",
    "GOODWILL_CREDIT": "goodwill",
    "MERCHANT_ISSUED_REFUND": "merchant_refund",
    "PAYOUT_REFUND": "payout_refund",
}
KINDS_AHEAD = {"merchant_refund": Ahead.EVENLY, "goodwill": Ahead.LAST}
PRINCIPAL_BEFORE_INTEREST = (PENALTIES, FEES, PRINCIPAL, INTEREST)
TO_WHOLE_UNITS = Rounding(RoundTo.HALF_EVEN, 100, RoundTo.HALF_EVEN)
TO_CENTS = Rounding(RoundTo.HALF_EVEN, 1, RoundTo.HALF_EVEN)
BY_THE_DAY = r"DAILY_RECALCULATION_(?!SAME_AS)"  # an early payment saves interest from its own day on
NOT_ROUNDED = ("EMI_360_30", "_PROGRESSIVE_", "_PROG_")
QUARTER = Decimal("0.25")


def simple(count: int, every: Every) -> Product:
    """LP1: no interest, penalties, fees, interest, principal."""
    return Product(count, every, rounding=TO_WHOLE_UNITS, order=PaymentOrder())


def customised(row: dict[str, Any], ahead: Ahead) -> Product:
    """A product by name with the columns that a scenario sets."""
    name = row["LoanProduct"]
    is_daily = row["interest calculation period"] == "DAILY" and "360_30" not in name
    return Product(
        count=int(row["numberOfRepayments"]),
        every=Every(int(row["repaymentEvery"]), Unit(row["repaymentFrequencyType"].lower())),
        order=order_of(row["Payment strategy"], name, ahead),
        rounding=TO_CENTS if any(word in name for word in NOT_ROUNDED) else TO_WHOLE_UNITS,
        level_from_first=is_daily,
        prepaying=Prepaying.LOWER if re.search(BY_THE_DAY, name) else None,
        method=_method(row),
        yearly_rate=Decimal(row["ANNUAL interest rate %"]) / 100,
        day_count=DayCount.ACT_ACT if is_daily else None,
        interest_only=int(row["graceOnPrincipalPayment"]),
        down_payment=QUARTER if "DOWNPAYMENT" in name else Decimal(0),
        pays_down_itself="DOWNPAYMENT_AUTO" in name,
        on_arrears=_on_arrears(name),
        compounds="RECALCULATION" in name and "COMPOUNDING_NONE" not in name,
        agreed_minor=int(Decimal(row["with Principal"]) * 100) if "MULTIDISB" in name else 0,
    )


def _on_arrears(name: str) -> OnArrears | None:
    """Interest counted anew in the cumulative plans: on arrears too."""
    if not re.search(r"_RECALCULATION_(?!TILL_PRECLOSE)", name):
        return None
    return OnArrears.BY_PERIOD if "RECALCULATION_SAME_AS" in name else OnArrears.BY_DAY


def _method(row: dict[str, Any]) -> Method:
    if row["interest type"] == "FLAT":
        return Method.SIMPLE
    return Method.GERMAN if row["amortization type"] == "EQUAL_PRINCIPAL_PAYMENTS" else Method.FRENCH


def order_of(strategy: str, product: str, ahead: Ahead) -> PaymentOrder:
    """The payment order that a strategy's name spells out."""
    if strategy == "ADVANCED_PAYMENT_ALLOCATION":
        return PaymentOrder(
            *(PRINCIPAL_BEFORE_INTEREST,) * 3,
            spread=Spread.BY_COMPONENT if "VERTICAL" in product else Spread.BY_INSTALMENT,
            ahead=ahead,
            ahead_by_kind=KINDS_AHEAD,
            follows_time=True,
            credits=CHARGES_FIRST if "CREDIT_ALLOCATION" in product else (),
        )
    if spelled := re.fullmatch(r"DUE_(.+)_IN_ADVANCE_(.+)", strategy):
        due, in_advance = (tuple(NAMES[word] for word in part.split("_")) for part in spelled.groups())
        return PaymentOrder(due, due, in_advance)
    return PaymentOrder()
