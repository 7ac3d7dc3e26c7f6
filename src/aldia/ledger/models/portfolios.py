"""Who is owed, in which portfolio, and what each party owes there."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, KeyField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet
from aldia.domain.ageing import DEFAULT_BUCKETS, Buckets
from aldia.domain.allocation import CHARGES_FIRST, AllocationOrder, OrderKind


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


class Ownership(AppendOnlyModel):
    """From that day on the portfolio is its owner's. A row told later about the same day takes the place of the earlier one."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    portfolio = models.ForeignKey("ledger.Portfolio", on_delete=models.PROTECT, related_name="ownerships")
    owner = models.ForeignKey("ledger.Creditor", on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]


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
