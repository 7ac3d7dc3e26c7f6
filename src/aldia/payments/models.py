"""Tables of the room: receipts, what they cover, and payments that debtors say they made."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, MinorField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet


class ReceiptState(models.TextChoices):
    ACTIVE = "ACTIVE", _("Aplicado")
    PROVISIONAL = "PROVISIONAL", _("Provisorio")  # external portfolio: waits for the refresh that explains it
    ABSORBED = "ABSORBED", _("Absorbido")
    REVERSED = "REVERSED", _("Reversado")


_KINDS = (
    "credit_note",
    "debit_note",
    "promissory_note",
    "cheque",
    "instalment",
)  # what a file puts before a number


class Receipt(MutableModel):
    """Money received. Allocations plus `unapplied_minor` equal `amount_minor`, always (zero both when reversed)."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    portfolio = models.ForeignKey("ledger.Portfolio", on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(
        "ledger.Account", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # null: unidentified
    currency = CurrencyField()
    amount_minor = MinorField()
    unapplied_minor = MinorField()
    on = models.DateField()
    means = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=60)
    reference = models.CharField(max_length=120)  # unique for ever within its source
    payer = models.CharField(max_length=200, blank=True)
    text = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=12, choices=ReceiptState.choices, default=ReceiptState.ACTIVE)
    load_id = models.BigIntegerField(null=True, blank=True)
    recorded_by = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()
    reversed_on = models.DateField(null=True, blank=True)
    reversal_reason = models.CharField(max_length=60, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["portfolio", "source", "reference"], name="receipt_reference_once"
            ),
            models.CheckConstraint(name="receipt_is_positive", condition=models.Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="unapplied_within_receipt",
                condition=models.Q(unapplied_minor__gte=0, unapplied_minor__lte=models.F("amount_minor")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-on", "-id"], name="receipt_newest"),
            models.Index(fields=["account", "-on"], name="receipt_of_account"),
        ]

    @property
    def said(self) -> str:
        """Return the reference as a person wrote it: without what tells kinds apart, nothing when it was made up here."""
        if self.reference.count("|") >= 3:  # day, amount, payer and turn of a receipt that came without any
            return ""
        kind, colon, rest = self.reference.partition(":")
        return (rest if colon and kind in _KINDS else self.reference).split("#20", 1)[0]


class Allocation(AppendOnlyModel):
    """What part of a receipt covers which document, by which posting. A reversal is a row with the opposite sign."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    receipt_id = models.BigIntegerField(db_index=True)
    document_id = models.BigIntegerField(db_index=True)
    posting_id = models.BigIntegerField()
    amount_minor = MinorField()
    on = models.DateField()
    objects = ScopedAppendOnlyQuerySet.as_manager()


class Absorption(AppendOnlyModel):
    """What part of a provisional receipt the external system's own balance explains since a load, by document.

    An undone load is a row with the opposite sign.
    """

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    receipt_id = models.BigIntegerField(db_index=True)
    document_id = models.BigIntegerField()
    load_id = models.BigIntegerField(db_index=True)
    amount_minor = MinorField()
    recorded_at = models.DateTimeField()
    objects = ScopedAppendOnlyQuerySet.as_manager()


class ReportedPayment(MutableModel):
    """«Ya pagué»: what the debtor says, with a file, until somebody matches it with a receipt or says no."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    currency = CurrencyField()
    amount_minor = MinorField()
    paid_on = models.DateField()
    means = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=300, blank=True)
    file = models.ForeignKey(
        "ledger.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(
        max_length=10,
        choices=[("open", _("Por verificar")), ("matched", _("Confirmado")), ("rejected", _("No llegó"))],
        default="open",
    )
    receipt = models.ForeignKey(Receipt, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reported_by = models.CharField(max_length=60)
    reported_at = models.DateTimeField()
    verify_on = models.DateField()
    objects = ScopedQuerySet.as_manager()
