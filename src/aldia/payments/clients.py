"""What the house keeps of its clients besides their debts: how each pays, and which of them stand together as one risk."""

from typing import ClassVar

from django.db import models

from aldia.db.append_only import MutableModel
from aldia.db.fields import CurrencyField, MinorField
from aldia.db.scoping import ScopedQuerySet


class CustomerTerms(MutableModel):
    """How a client pays: its days, what it may take off when it pays early, and the papers it asks for before it does."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    account = models.OneToOneField("ledger.Account", on_delete=models.CASCADE, related_name="+")
    weekdays = models.JSONField(default=list, blank=True)  # Monday 0
    month_days = models.JSONField(default=list, blank=True)  # 31: the last
    early_hundredths = models.PositiveSmallIntegerField(default=0)  # of a percent
    early_days = models.PositiveSmallIntegerField(default=0)
    has_order = models.BooleanField(default=False)  # a purchase order on the invoice
    has_counter_receipt = models.BooleanField(default=False)  # contrarrecibo: it counts its days from it
    note = models.CharField(max_length=300, blank=True)
    objects = ScopedQuerySet.as_manager()


class ClientGroup(MutableModel):
    """Clients of one owner, or that answer for each other: what they owe together is held against one limit, in one currency."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=120)
    name_folded = models.CharField(max_length=120)
    currency = CurrencyField()
    credit_minor = MinorField(default=0)  # 0: nobody said
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "name_folded"], name="client_group_once")
        ]

    def __str__(self) -> str:
        return self.name


class GroupMember(MutableModel):
    """A client belongs to one group at most."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(ClientGroup, on_delete=models.CASCADE, related_name="members")
    party = models.OneToOneField("parties.Party", on_delete=models.CASCADE, related_name="+")
    objects = ScopedQuerySet.as_manager()
