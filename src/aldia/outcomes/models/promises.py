"""What a client promised: an amount for a day, alone or in a plan."""

from typing import ClassVar, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import MutableModel
from aldia.db.fields import CurrencyField, MinorField
from aldia.db.scoping import ScopedQuerySet


class PromiseState(models.TextChoices):
    OPEN = "open", _("Vigente")
    KEPT = "kept", _("Cumplida")
    PARTIAL = "partial", _("Parcial")
    BROKEN = "broken", _("No cumplida")
    CANCELLED = "cancelled", _("Anulada")


DECIDED: Final[tuple[str, ...]] = (
    PromiseState.KEPT.value,
    PromiseState.PARTIAL.value,
    PromiseState.BROKEN.value,
)
"""Where money, or its lack, decided a promise; one that was cancelled counts nowhere."""


class Plan(MutableModel):
    """A payment plan: its instalments are promises that share it."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    currency = CurrencyField()
    total_minor = MinorField()
    instalments = models.PositiveSmallIntegerField()
    falls_after = models.PositiveSmallIntegerField(default=1, db_default=1)  # instalments missed that end it
    already_minor = MinorField(db_default=0)  # money of its first day that came before it was made
    state = models.CharField(max_length=10, choices=PromiseState.choices, default=PromiseState.OPEN)
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()


class Promise(MutableModel):
    """A promise to pay: amount and date, with tolerance and grace. The journal decides whether it was kept."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.CASCADE, related_name="promises")
    currency = CurrencyField()
    amount_minor = MinorField()
    due_on = models.DateField()
    tolerance_minor = MinorField()
    grace_days = models.PositiveSmallIntegerField(default=0)
    means = models.CharField(max_length=20, blank=True)  # transfer, cheque, link, cash
    state = models.CharField(max_length=10, choices=PromiseState.choices, default=PromiseState.OPEN)
    kept_minor = MinorField()
    made_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)  # user:3, debtor
    outcome_id = models.BigIntegerField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="promise_is_positive", condition=models.Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="decided_promise_has_a_date",
                condition=models.Q(state="open") | models.Q(decided_on__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "-made_at"], name="promise_of_case"),
            models.Index(fields=["organisation", "state", "due_on"], name="promise_due"),
        ]
