"""Receipts in sets: read, spread over what is owed, and written, each effective on its own date."""

from aldia.payments.services.bulk.reading import DuplicateReference, ReceiptSet, UnknownColumn
from aldia.payments.services.bulk.registering import Registered, register_frame

__all__ = ["DuplicateReference", "ReceiptSet", "Registered", "UnknownColumn", "register_frame"]
