"""All writes of payments: receipts, what they cover, reversals, reported payments, absorption by an external system."""

from aldia.payments.services.absorbing import NotExternal, absorb, absorb_frame, give_back
from aldia.payments.services.allocating import NothingOpen, allocate_unapplied, apply_credits
from aldia.payments.services.bulk import DuplicateReference, UnknownColumn, register_frame
from aldia.payments.services.consequences import follow
from aldia.payments.services.receipts import (
    AlreadyIdentified,
    BadReceipt,
    DifferentReceipt,
    UnknownReceipt,
    identify_receipt,
    register_receipt,
)
from aldia.payments.services.reported import (
    AlreadyAnswered,
    BadReport,
    UnknownReport,
    answer_reported,
    report_payment,
)
from aldia.payments.services.reversing import AlreadyReversed, BadReversal, reverse_load, reverse_receipt

__all__ = [
    "AlreadyAnswered",
    "AlreadyIdentified",
    "AlreadyReversed",
    "BadReceipt",
    "BadReport",
    "BadReversal",
    "DifferentReceipt",
    "DuplicateReference",
    "NotExternal",
    "NothingOpen",
    "UnknownColumn",
    "UnknownReceipt",
    "UnknownReport",
    "absorb",
    "absorb_frame",
    "allocate_unapplied",
    "answer_reported",
    "apply_credits",
    "follow",
    "give_back",
    "identify_receipt",
    "register_frame",
    "register_receipt",
    "report_payment",
    "reverse_load",
    "reverse_receipt",
]
