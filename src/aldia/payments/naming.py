"""Other names of money that is already here: what a payment complement calls a receipt that the bank brought first."""

from typing import ClassVar

from django.db import models

from aldia.db.append_only import MutableModel
from aldia.db.fields import MinorField
from aldia.db.scoping import ScopedQuerySet


class ReceiptName(MutableModel):
    """What a source calls a part of a receipt of another one: told again, by whom ever, it is no new money."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    receipt = models.ForeignKey("payments.Receipt", on_delete=models.PROTECT, related_name="names")
    source = models.CharField(max_length=60)
    reference = models.CharField(max_length=120)  # of that source, once for ever within the portfolio
    amount_minor = MinorField()
    load_id = models.BigIntegerField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["receipt", "source", "reference"], name="receipt_name_once")
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "source"], name="receipt_names_of_source")]
