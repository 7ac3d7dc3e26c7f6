"""What the screens of payments share: who may read, what is refused, a receipt or a case by its key, or 404."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404

from aldia.access.permissions import Permission as P
from aldia.cases import selectors as cases
from aldia.ledger.indexed import NoUnitValue
from aldia.payments import selectors as payments
from aldia.payments import services
from aldia.web.desk.doors import StaffRequest

READERS: Final = (P.WORK_CASES, P.READ_EVERYTHING)
REFUSALS: Final = (
    NoUnitValue,
    services.BadReceipt,
    services.BadDeduction,
    services.DifferentReceipt,
    services.NothingOpen,
    services.AlreadyIdentified,
    services.AlreadyReversed,
    services.BadReversal,
    services.UnknownReceipt,
    services.UnknownReport,
    services.AlreadyAnswered,
    services.BadReport,
)


def case_of(request: StaffRequest, case_id: int) -> Any:
    try:
        return cases.case(request.actor, case_id, as_of=request.clock.as_of)
    except cases.UnknownCase as refusal:
        raise Http404 from refusal


def receipt_of(request: StaffRequest, receipt_id: int) -> Any:
    try:
        return payments.receipt(request.actor, receipt_id)
    except ObjectDoesNotExist as refusal:
        raise Http404 from refusal
