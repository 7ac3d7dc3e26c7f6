"""Tables of remittances: what was collected for somebody, what is kept of it, and what is handed over."""

from typing import ClassVar

from django.db import models

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, MinorField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet


class Remittance(MutableModel):
    """What one owner of a portfolio gets of the money of its days; its lines say of which receipts. Paid once."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    portfolio = models.ForeignKey("ledger.Portfolio", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey("ledger.Creditor", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    currency = CurrencyField()
    until_on = models.DateField()
    collected_minor = models.BigIntegerField()
    held_minor = models.BigIntegerField()  # of it, what went through the collector
    commission_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=60)
    paid_on = models.DateField(null=True, blank=True)
    paid_reference = models.CharField(max_length=120, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number"], name="remittance_number_once")
        ]


class RemittanceLine(AppendOnlyModel):
    """One receipt in a remittance; taken back later, it is in another one, below zero."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    remittance_id = models.BigIntegerField(db_index=True)
    receipt_id = models.BigIntegerField()
    is_taken_back = models.BooleanField(default=False)
    collected_minor = MinorField()
    held_minor = MinorField()
    commission_minor = MinorField()
    tax_minor = MinorField()
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["receipt_id", "is_taken_back"], name="receipt_remitted_once")
        ]
