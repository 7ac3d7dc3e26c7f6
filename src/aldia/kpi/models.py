"""Tables of the room: roll-ups by day. They can be rebuilt from the rows behind them at any time."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, MinorField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet


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


class CutDay(MutableModel):
    """What was open at the end of a day in one part of the portfolio: those of one stage, one place, one product …"""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    portfolio = models.ForeignKey(
        "ledger.Portfolio", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    currency = CurrencyField()
    on = models.DateField()
    cut = models.CharField(max_length=200)  # as `cuts` calls it
    value = models.CharField(max_length=200, blank=True)  # empty: not told
    cases = models.PositiveIntegerField()
    documents = models.PositiveIntegerField()
    total_minor = MinorField()
    overdue_minor = MinorField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "on", "cut", "portfolio", "currency", "value"], name="cut_day_once"
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


class RollMonth(MutableModel):
    """What went in a month from one ageing bucket to another, or was paid, by portfolio and currency."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    portfolio = models.ForeignKey("ledger.Portfolio", on_delete=models.CASCADE, related_name="+")
    currency = CurrencyField()
    month_on = models.DateField()
    from_bucket = models.CharField(max_length=20)
    to_bucket = models.CharField(max_length=20)  # or paid
    documents = models.PositiveIntegerField()
    minor = MinorField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "month_on", "portfolio", "currency", "from_bucket", "to_bucket"],
                name="roll_month_once",
            )
        ]


class Target(AppendOnlyModel):
    """What somebody should reach in a month, by measure; the highest version counts, and zero takes it away."""

    class Of(models.TextChoices):
        ORGANISATION = "organisation", _("Toda la organización")
        PORTFOLIO = "portfolio", _("Cartera")
        TEAM = "team", _("Equipo")
        PERSON = "person", _("Persona")

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    of = models.CharField(max_length=12, choices=Of.choices)
    of_id = models.BigIntegerField(default=0)  # the portfolio, the team or the person
    measure = models.CharField(max_length=40)
    currency = CurrencyField(blank=True)  # of what is counted in money
    month_on = models.DateField()
    value = models.BigIntegerField()
    version = models.PositiveIntegerField()
    set_by_id = models.BigIntegerField(null=True)
    set_at = models.DateTimeField()
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "month_on", "of", "of_id", "measure", "currency", "version"],
                name="target_version_once",
            )
        ]


class EvidenceKey(MutableModel):
    """The pair of keys that signs the evidence of an organisation. The private one is sealed; a pair is never replaced."""

    organisation = models.OneToOneField("access.Organisation", on_delete=models.CASCADE, related_name="+")
    public = models.CharField(max_length=64)
    private = models.TextField()
    made_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()
