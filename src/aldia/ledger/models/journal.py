"""The journal that proves every balance, and the rates by which it is read in another currency."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel
from aldia.db.fields import CurrencyField, MinorField
from aldia.db.scoping import ScopedAppendOnlyQuerySet


class PostingKind(models.TextChoices):
    CHARGE = "charge", _("Cargo")  # a document enters
    ADJUSTMENT = "adjustment", _("Ajuste")  # the authority says another balance
    RECEIPT = "receipt", _("Cobro")  # money arrives, unapplied
    ALLOCATION = "allocation", _("Imputación")  # unapplied money covers documents
    WRITE_OFF = "write_off", _("Castigo")
    DISCOUNT = "discount", _("Quita")
    REVERSAL = "reversal", _("Reverso")
    REMITTANCE = "remittance", _("Rendición")


class Posting(AppendOnlyModel):
    """The head of a journal entry; its legs sum to zero per currency."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    portfolio_id = models.BigIntegerField()
    on = models.DateField()  # business date
    recorded_at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=PostingKind.choices)
    source = models.CharField(max_length=60)  # who declared it: load:12, desk, portal …
    reference = models.CharField(max_length=120)  # unique for ever within (portfolio, kind, source)
    reverses_id = models.BigIntegerField(null=True)
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["portfolio_id", "kind", "source", "reference"], name="posting_reference_once"
            ),
            models.UniqueConstraint(
                fields=["reverses_id"],
                name="posting_reversed_once",
                condition=models.Q(reverses_id__isnull=False),
            ),
        ]


class BookAccount(models.TextChoices):
    RECEIVABLE = "receivable", _("Por cobrar")
    SALES = "sales", _("Ventas")  # the other side of a charge
    OPENING = "opening", _("Apertura")  # the other side of an adjustment
    CASH = "cash", _("Caja")
    UNAPPLIED = "unapplied", _("Sin aplicar")
    WITHHELD = "withheld", _("Retenciones por cobrar")  # settled by the client, owed by the tax authority
    BANK_COST = "bank_cost", _("Gastos bancarios")
    DISCOUNT = "discount", _("Quitas")
    WRITE_OFF = "write_off", _("Castigos")
    LENT = "lent", _("Dinero prestado")  # the other side of a loan's principal
    INCOME = "income", _("Intereses y cargos")  # the other side of the rest of it
    RECOVERY = "recovery", _("Recuperos")  # of what had been written off
    ENTRUSTED = "entrusted", _("Cobrado para otros")  # the other side of what is handed over
    PAYABLE = "payable", _("Por rendir")
    COMMISSION = "commission", _("Comisiones")
    EXCHANGE = "exchange", _("Canje de unidades")  # money that became units of an indexed debt


class Leg(AppendOnlyModel):
    """One line of a posting. Debits are positive, credits negative. `on` repeats the posting's business date so that
    balances on a date need no join; no foreign keys: this is the hottest table of the house."""

    posting_id = models.BigIntegerField(db_index=True)
    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    account_id = models.BigIntegerField()
    document_id = models.BigIntegerField(null=True)
    book = models.CharField(max_length=10, choices=BookAccount.choices)
    component = models.CharField(max_length=30, default="principal")
    currency = CurrencyField()
    amount_minor = MinorField()
    on = models.DateField()
    recorded_at = models.DateTimeField()
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["document_id"], name="leg_of_document", condition=models.Q(document_id__isnull=False)
            ),
            models.Index(fields=["account_id", "book"], name="leg_of_account"),
            models.Index(fields=["organisation", "on"], name="leg_by_day"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="leg_is_not_zero", condition=~models.Q(amount_minor=0))
        ]


class ExchangeRate(AppendOnlyModel):
    """How many units of `quote` one unit of `currency` was worth on a day, and who said so."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    currency = CurrencyField()
    quote = CurrencyField()
    on = models.DateField()
    rate = models.DecimalField(max_digits=24, decimal_places=10)  # no amount: read it back as Decimal
    source = models.CharField(max_length=60)
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "currency", "quote", "on", "source"], name="rate_once"
            )
        ]
