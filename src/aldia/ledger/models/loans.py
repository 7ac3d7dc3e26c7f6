"""Money lent and the versions of what was agreed about it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, MinorField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet
from aldia.ledger.models.portfolios import Account


class LoanState(models.TextChoices):
    ACTIVE = "active", _("Vigente")
    REFINANCED = "refinanced", _("Refinanciado")
    WRITTEN_OFF = "written_off", _("Castigado")


class Loan(MutableModel):
    """Money lent to one party of a portfolio. Its instalments are documents of source `loan:<id>`; its terms, append-only versions."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="loans")
    number = models.CharField(max_length=30)
    currency = CurrencyField()
    principal_minor = MinorField()
    granted_on = models.DateField()
    state = models.CharField(max_length=12, choices=LoanState.choices, default=LoanState.ACTIVE)
    refinances = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # the loan that this one paid
    created_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number"], name="loan_number_once")
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def source(self) -> str:
        """The source of its documents and postings."""
        return f"loan:{self.pk}"


class LoanTerms(AppendOnlyModel):
    """What was agreed, as `domain.loans.agreement` writes it, and why it changed; the last version holds."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    loan_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    reason = models.CharField(max_length=20)  # granted, prepaid, rescheduled, settled, refinanced …
    agreement = models.JSONField()
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["loan_id", "version"], name="loan_version_once")
        ]
