"""Tables of the room: who is owed, which portfolios, what documents, and the journal that proves every balance."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, KeyField, MinorField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet
from aldia.domain.ageing import DEFAULT_BUCKETS, Buckets
from aldia.domain.allocation import CHARGES_FIRST, AllocationOrder, OrderKind
from aldia.ledger.owning import Ownership as Ownership


class Creditor(MutableModel):
    """Who is owed: the organisation itself, or the client of an agency."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    key = KeyField()
    name = models.CharField(max_length=200)
    legal_name = models.CharField(max_length=250, blank=True)
    tax_id = models.CharField(max_length=30, blank=True)
    country = models.CharField(max_length=2, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    address = models.CharField(max_length=250, blank=True)
    payment_instructions = models.TextField(blank=True)  # bank account, alias: printed on statements
    has_verification = models.BooleanField(default=True)  # before a name or amount is shown
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="creditor_key_once")
        ]
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Authority(models.TextChoices):
    ALDIA = "ALDIA", _("aldia")  # receipts registered here are the truth
    EXTERNAL = "EXTERNAL", _("Sistema externo")  # an ERP or core is the truth


class Portfolio(MutableModel):
    """A set of debts worked together. Country, debtor, debt and actor kinds are facts that the law depends on."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    creditor = models.ForeignKey(Creditor, on_delete=models.PROTECT, related_name="portfolios")
    key = KeyField()
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, blank=True)
    currency = CurrencyField()
    debt_kind = models.CharField(max_length=30, blank=True)  # consumer, commercial, …: see `compliance`
    debtor_kind = models.CharField(max_length=10, blank=True)  # consumer, business; empty: strictest reading
    actor_kind = models.CharField(max_length=30, default="creditor")
    authority = models.CharField(max_length=10, choices=Authority.choices, default=Authority.ALDIA)
    allocation = models.JSONField(default=dict, blank=True)  # empty: oldest first
    strategy_key = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=10, default="es")
    treatment = models.CharField(
        max_length=5, default="tu", choices=[("tu", "tú"), ("usted", "usted"), ("vos", "vos")]
    )
    owner = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    settings = models.JSONField(default=dict, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="portfolio_key_once")
        ]
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def buckets(self) -> Buckets:
        """The ageing buckets: the edges of `settings["buckets"]` (days), or the usual ones."""
        edges = self.settings.get("buckets")
        return Buckets.from_edges(*edges) if edges else DEFAULT_BUCKETS

    @property
    def order(self) -> AllocationOrder:
        """How money is spread: {"kind", "components", "nets_credits"}; empty is oldest first, charges before principal."""
        data = self.allocation
        return AllocationOrder(
            OrderKind(data.get("kind", OrderKind.OLDEST_FIRST)),
            tuple(data.get("components", ())) or CHARGES_FIRST,
            nets_credits=bool(data.get("nets_credits", False)),
        )


class Account(MutableModel):
    """What one paying party owes in one portfolio. Its key is also the key of its case."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    creditor = models.ForeignKey(Creditor, on_delete=models.PROTECT, related_name="+")
    portfolio = models.ForeignKey(
        Portfolio, on_delete=models.PROTECT, related_name="accounts", db_index=False
    )
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    opened_on = models.DateField()
    credit_minor = models.BigIntegerField(db_default=0)  # the most that it may owe; 0: nobody said
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["portfolio", "party"], name="account_once")]


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
