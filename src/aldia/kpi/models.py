"""Tables of the room: roll-ups by day. They can be rebuilt from the rows behind them at any time."""

from typing import ClassVar

from django.db import models

from aldia.db.append_only import MutableModel
from aldia.db.fields import CurrencyField, MinorField
from aldia.db.scoping import ScopedQuerySet


class PortfolioDay(MutableModel):
    """Receivables of one portfolio and currency at the end of a day, and what moved during it."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    portfolio = models.ForeignKey("ledger.Portfolio", on_delete=models.CASCADE, related_name="+")
    currency = CurrencyField()
    on = models.DateField()
    buckets = models.JSONField(default=dict)  # bucket -> [documents, open_minor]
    total_minor = MinorField()
    overdue_minor = MinorField()
    billed_minor = MinorField()  # charges dated that day
    received_minor = MinorField()  # receipts dated that day, less reversals
    adjusted_minor = MinorField()
    cases_overdue = models.PositiveIntegerField(default=0)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "on", "portfolio", "currency"], name="portfolio_day_once"
            )
        ]


class ActivityDay(MutableModel):
    """Contacts and commitments of one day, by portfolio, collector (null: the machine), channel and outcome."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    portfolio = models.ForeignKey("ledger.Portfolio", on_delete=models.CASCADE, related_name="+")
    on = models.DateField()
    user_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=10, blank=True)
    outcome = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    contacts = models.PositiveIntegerField(default=0)
    right_party = models.PositiveIntegerField(default=0)
    seconds = models.PositiveIntegerField(default=0)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation", "on"], name="activity_by_day")]


class PromiseDay(MutableModel):
    """Promises of one portfolio, currency and collector by day: made that day, and decided that day."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    portfolio = models.ForeignKey("ledger.Portfolio", on_delete=models.CASCADE, related_name="+")
    currency = CurrencyField()
    on = models.DateField()
    user_id = models.BigIntegerField(null=True)
    made = models.PositiveIntegerField(default=0)
    made_minor = MinorField()
    fallen_due = models.PositiveIntegerField(default=0)  # decided that day, kept or broken
    fallen_due_minor = MinorField()
    kept = models.PositiveIntegerField(default=0)
    kept_minor = MinorField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation", "on"], name="promise_by_day")]


class Target(MutableModel):
    """What a portfolio should reach in a month, by measure."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    portfolio = models.ForeignKey("ledger.Portfolio", on_delete=models.CASCADE, related_name="+")
    measure = models.CharField(max_length=40)
    month_on = models.DateField()
    value = models.BigIntegerField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portfolio", "measure", "month_on"], name="target_once")
        ]
