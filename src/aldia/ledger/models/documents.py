"""The documents of a debt: who else stands behind them, their papers and their files."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import MutableModel
from aldia.db.fields import CurrencyField, MinorField
from aldia.db.scoping import ScopedQuerySet
from aldia.ledger.models.portfolios import Account, Portfolio


class DocumentKind(models.TextChoices):
    INVOICE = "invoice", _("Factura")
    CREDIT_NOTE = "credit_note", _("Nota de crédito")
    DEBIT_NOTE = "debit_note", _("Nota de débito")
    PROMISSORY_NOTE = "promissory_note", _("Pagaré")
    CHEQUE = "cheque", _("Cheque")
    BILL = "bill_of_exchange", _("Letra de cambio")
    INSTALMENT = "instalment", _("Cuota")


class DocumentState(models.TextChoices):
    OPEN = "OPEN", _("Abierto")
    SETTLED = "SETTLED", _("Saldado")
    SETTLED_OUTSIDE = "SETTLED_OUTSIDE", _("Saldado fuera")
    CANCELLED = "CANCELLED", _("Anulado")


class Document(MutableModel):
    """A debt document. `balance_minor` is the sum of all its receivable legs, whatever their date; the balance on a
    day subtracts the few legs dated later (see `ledger.facts`). Credit notes carry negative amounts."""

    # Millions enter at once: the account's keys vouch for organisation and portfolio, the indexes below serve all three.
    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    portfolio = models.ForeignKey(
        Portfolio, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="documents", db_index=False)
    source = models.CharField(max_length=60)
    reference = models.CharField(max_length=120)  # the source's own id, unique for ever within it
    number = models.CharField(max_length=60)  # what people call it
    kind = models.CharField(max_length=20, choices=DocumentKind.choices)
    issued_on = models.DateField()
    due_on = models.DateField()
    currency = CurrencyField()
    original_minor = MinorField()
    balance_minor = MinorField()
    state = models.CharField(max_length=16, choices=DocumentState.choices, default=DocumentState.OPEN)
    is_disputed = models.BooleanField(default=False)
    prescribes_on = models.DateField(null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    load_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["portfolio", "source", "reference"], name="document_reference_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "due_on"], name="document_of_account"),
            models.Index(fields=["organisation", "number"], name="document_by_number"),
        ]

    def __str__(self) -> str:
        return self.number


class DocumentRole(MutableModel):
    """Who else stands behind a document: co-debtor, guarantor, endorser, payer."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="roles")
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(
        max_length=12, choices=[(r, r) for r in ("co_debtor", "guarantor", "endorser", "payer")]
    )
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "party", "role"], name="role_once")
        ]


class Instrument(MutableModel):
    """The paper behind a cheque, promissory note or bill: where it is (`domain.instruments`) and what it stands for."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="instrument")
    state = models.CharField(max_length=12, default="held", db_index=True)
    moved_on = models.DateField()
    details = models.JSONField(default=dict, blank=True)  # bank, place, maker, holder, code
    covered = models.JSONField(default=list, blank=True)  # the documents that it stands for
    covering_id = models.BigIntegerField(null=True)  # the posting by which it does
    receipt_id = models.BigIntegerField(null=True)  # the money that came of it
    objects = ScopedQuerySet.as_manager()


class StoredFile(MutableModel):
    """A file kept by its content hash: uploaded once however often it comes."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "sha256", "name"], name="file_once")
        ]


class DocumentFile(MutableModel):
    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "file"], name="document_file_once")
        ]
