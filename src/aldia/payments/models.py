"""Tables of the room: receipts, what they cover, and payments that debtors say they made."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, KeyField, MinorField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet
from aldia.payments.clients import ClientGroup as ClientGroup
from aldia.payments.clients import CustomerTerms as CustomerTerms
from aldia.payments.clients import GroupMember as GroupMember
from aldia.payments.naming import ReceiptName as ReceiptName
from aldia.payments.online import IntentState as IntentState
from aldia.payments.online import PayIntent as PayIntent
from aldia.payments.online import PayMethod as PayMethod
from aldia.payments.online import PayNotice as PayNotice
from aldia.payments.remitting import Remittance as Remittance
from aldia.payments.remitting import RemittanceLine as RemittanceLine


class ReceiptState(models.TextChoices):
    ACTIVE = "ACTIVE", _("Aplicado")
    PROVISIONAL = "PROVISIONAL", _("Provisorio")  # external portfolio: waits for the refresh that explains it
    ABSORBED = "ABSORBED", _("Absorbido")
    REVERSED = "REVERSED", _("Reversado")


_KINDS = ("credit_note", "debit_note", "promissory_note", "cheque", "instalment")
"""What a file puts before a number."""


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
    amount_minor = MinorField()  # of the receipt's currency
    units_minor = models.BigIntegerField(null=True)  # what it took off a document in an indexed unit
    rate_id = models.BigIntegerField(null=True)  # the published value by which money became units
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


class Deduction(MutableModel):
    """What the client kept of a receipt and settles the debt all the same: a withholding with its certificate, a bank's charge.

    The receipt's amount includes it. Without certificate it is pending: its case's holder answers for it, until `due_on`.
    """

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="deductions")
    kind = KeyField()  # of `domain.withholdings`
    amount_minor = MinorField()
    certificate = models.CharField(max_length=60, blank=True)
    certified_on = models.DateField(null=True, blank=True)
    file = models.ForeignKey(
        "ledger.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(null=True, blank=True)  # null: nobody owes a certificate for it
    recorded_by = models.CharField(max_length=60)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="deduction_is_positive", condition=models.Q(amount_minor__gt=0)),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "due_on"],
                name="certificate_pending",
                condition=models.Q(certificate="", due_on__isnull=False),
            ),
        ]


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


class BankAccount(MutableModel):
    """An account that clients pay into. Money that nobody recognises waits in its portfolio."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    creditor = models.ForeignKey("ledger.Creditor", on_delete=models.PROTECT, related_name="+")
    portfolio = models.ForeignKey("ledger.Portfolio", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=64)  # as the bank writes it: IBAN, CBU, CLABE, branch and account
    name = models.CharField(max_length=120, blank=True)
    currency = CurrencyField()
    mapping = models.JSONField(default=dict, blank=True)  # of its tables: told once, then remembered
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number", "currency"], name="bank_account_once")
        ]
        ordering: ClassVar = ["name", "number"]

    def __str__(self) -> str:
        return self.name or self.number


class BankStatement(MutableModel):
    """One statement of one account in one file; its lines are those that no earlier statement had told."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    bank_account = models.ForeignKey(
        BankAccount, on_delete=models.PROTECT, related_name="statements", db_index=False
    )
    file = models.ForeignKey(
        "ledger.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    digest = models.CharField(max_length=64)  # of the file's content
    turn = models.PositiveIntegerField()  # which of the file's statements
    format = models.CharField(max_length=20)
    number = models.CharField(max_length=60, blank=True)
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField(null=True, blank=True)
    opening_minor = models.BigIntegerField(null=True, blank=True)
    closing_minor = models.BigIntegerField(null=True, blank=True)
    is_balanced = models.BooleanField(null=True, blank=True)  # null: the file does not state both balances
    lines = models.PositiveIntegerField()
    new_lines = models.PositiveIntegerField()
    loaded_by = models.CharField(max_length=60)
    loaded_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bank_account", "digest", "turn"], name="statement_once")
        ]


class LineState(models.TextChoices):
    WAITING = "waiting", _("Por decidir")
    APPLIED = "applied", _("Aplicado")
    UNIDENTIFIED = "unidentified", _("Sin identificar")
    RETURNED = "returned", _("Devolución")  # it took an earlier payment back
    IGNORED = "ignored", _("Apartado")


class BankLine(MutableModel):
    """One movement of a bank account; money in is above zero. `key` makes it unique for ever."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="+", db_index=False)
    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(
        max_length=40
    )  # of account, day, amount, reference or texts, and turn among equals
    booked_on = models.DateField()
    currency = CurrencyField()
    amount_minor = MinorField()
    reference = models.CharField(max_length=140, blank=True)
    text = models.CharField(max_length=500, blank=True)
    payer = models.CharField(max_length=200, blank=True)
    payer_account = models.CharField(max_length=64, blank=True)
    payer_tax_id = models.CharField(max_length=30, blank=True)
    is_returned = models.BooleanField(default=False)
    reason = models.CharField(max_length=60, blank=True)  # why it was returned, or why it was set aside
    state = models.CharField(max_length=12, choices=LineState.choices, default=LineState.WAITING)
    is_automatic = models.BooleanField(default=False)
    confidence = models.PositiveSmallIntegerField(default=0)  # of the best candidate
    candidates = models.JSONField(
        default=list, blank=True
    )  # accounts that came into question, the best first
    owner = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # who looks for the client of unidentified money, and until when
    review_on = models.DateField(null=True, blank=True)
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="bank_line_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "state", "-amount_minor", "-id"], name="bank_line_to_decide"
            ),
            models.Index(fields=["bank_account", "reference"], name="bank_line_by_reference"),
        ]


class BankMatch(MutableModel):
    """What part of a line became which receipt, by whom and why; a returned line holds the receipt that it took back.

    An undone match stays, with its instant: the receipt was reversed.
    """

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    line = models.ForeignKey(BankLine, on_delete=models.CASCADE, related_name="matches")
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="+")
    amount_minor = MinorField()
    confidence = models.PositiveSmallIntegerField(default=0)
    reasons = models.JSONField(default=list, blank=True)
    is_automatic = models.BooleanField(default=False)
    decided_by = models.CharField(max_length=60)
    decided_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line", "receipt"], name="line_and_receipt_once")
        ]


class KnownPayer(MutableModel):
    """What decisions taught: money from this account, or under this name, was this client's so many times."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=[("account", _("Cuenta")), ("name", _("Nombre"))])
    value = models.CharField(max_length=200)
    party = models.ForeignKey("parties.Party", on_delete=models.CASCADE, related_name="+")
    times = models.PositiveIntegerField(default=1)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "value", "party"], name="known_payer_once"
            )
        ]


class BoxState(models.TextChoices):
    OPEN = "open", _("Abierta")
    CLOSED = "closed", _("Cerrada")


class CashBox(MutableModel):
    """The cash that one person answers for, from its opening to its count. What it should hold derives from its movements."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    currency = CurrencyField()
    opened_on = models.DateField()
    opened_at = models.DateTimeField()
    opening_minor = MinorField()
    state = models.CharField(max_length=6, choices=BoxState.choices, default=BoxState.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    expected_minor = models.BigIntegerField(null=True, blank=True)  # when it was counted
    counted_minor = models.BigIntegerField(null=True, blank=True)
    explanation = models.CharField(max_length=300, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "user", "currency"],
                name="box_open_once",
                condition=models.Q(state="open"),
            )
        ]


class CashReason(models.TextChoices):
    RECEIPT = "receipt", _("Cobro")
    LENT = "lent", _("Préstamo entregado")
    ADDED = "added", _("Ingreso de efectivo")
    DEPOSIT = "deposit", _("Depósito en el banco")
    EXPENSE = "expense", _("Gasto")


class CashMovement(AppendOnlyModel):
    """Cash that entered a box (above zero) or left it. A receipt that is reversed while its box is open no longer counts."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    box_id = models.BigIntegerField(db_index=True)
    reason = models.CharField(max_length=8, choices=CashReason.choices)
    amount_minor = MinorField()
    receipt_id = models.BigIntegerField(null=True)
    loan_id = models.BigIntegerField(null=True)
    on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    objects = ScopedAppendOnlyQuerySet.as_manager()
