"""Tables of the room: the case, its stage, holder, holds, notes and next step."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, KeyField, MinorField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet


class Case(MutableModel):
    """One paying party in one portfolio: the unit of work for people. Shares its key with the ledger account.

    Figures (`overdue_minor` … ) are a roll-up in the portfolio's currency as of `figures_on`, refreshed by every write
    that touches the account and each night; other currencies are in `CaseBalance`. Days past due derive from
    `oldest_due_on`.
    """

    account = models.OneToOneField("ledger.Account", primary_key=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False)
    creditor = models.ForeignKey("ledger.Creditor", on_delete=models.PROTECT, related_name="+")
    portfolio = models.ForeignKey("ledger.Portfolio", on_delete=models.PROTECT, related_name="+", db_index=False)
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    debtor_name = models.CharField(max_length=250)  # copy of the party's, so that lists sort without a join
    is_open = models.BooleanField(default=True)
    stage = models.CharField(max_length=40, default="current")
    stage_since_on = models.DateField()
    team = models.ForeignKey("access.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    holder = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    next_step = models.CharField(max_length=200)
    next_on = models.DateField()
    next_at = models.DateTimeField(null=True, blank=True)
    cycle = models.PositiveIntegerField(default=0)  # entries into arrears so far
    arrears_since_on = models.DateField(null=True, blank=True)
    priority = models.PositiveSmallIntegerField(default=0)  # 0..100
    priority_reasons = models.JSONField(default=list, blank=True)
    currency = CurrencyField()
    total_minor = MinorField()
    overdue_minor = MinorField()
    overdue_documents = models.PositiveIntegerField(default=0)
    oldest_due_on = models.DateField(null=True, blank=True)  # of the overdue documents
    figures_on = models.DateField(null=True, blank=True)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    last_outcome = models.CharField(max_length=40, blank=True)
    last_outcome_at = models.DateTimeField(null=True, blank=True)
    promise_state = models.CharField(max_length=8, default="none")  # none, open, kept, broken: the latest promise
    promise_due_on = models.DateField(null=True, blank=True)
    has_dispute = models.BooleanField(default=False)
    reserved_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reserved_until_at = models.DateTimeField(null=True, blank=True)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-priority", "account"], name="case_by_priority"),
            models.Index(fields=["organisation", "-overdue_minor", "account"], name="case_by_overdue"),
            models.Index(fields=["organisation", "oldest_due_on", "account"], name="case_by_age"),
            models.Index(fields=["organisation", "debtor_name", "account"], name="case_by_name"),
            models.Index(fields=["holder", "next_on", "-priority"], name="case_of_holder"),
            models.Index(fields=["portfolio", "stage"], name="case_by_stage"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="closed_case_has_a_date", condition=models.Q(is_open=True) | models.Q(closed_on__isnull=False)),
        ]


class CaseBalance(MutableModel):
    """The case's figures in one currency, by ageing bucket, as of `Case.figures_on`. Currencies are never added."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="balances")
    currency = CurrencyField()
    total_minor = MinorField()
    overdue_minor = MinorField()
    unapplied_minor = MinorField()  # received money that covers no document yet
    documents = models.PositiveIntegerField(default=0)
    overdue_documents = models.PositiveIntegerField(default=0)
    oldest_due_on = models.DateField(null=True, blank=True)
    buckets = models.JSONField(default=dict)  # bucket -> [documents, open_minor]
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "currency"], name="case_balance_once")]


class HoldKind(models.TextChoices):
    PROMISE = "promise", _("Promesa")
    PLAN = "plan", _("Plan")
    DISPUTE = "dispute", _("Disputa")
    REPORTED_PAYMENT = "reported_payment", _("Pago informado")
    MANUAL = "manual", _("Pausa")
    HARDSHIP = "hardship", _("Dificultad")


class Hold(MutableModel):
    """A pause of the strategy for a case or one document, over the half-open period [starts_on, ends_on)."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="holds")
    document_id = models.BigIntegerField(null=True, blank=True)  # null: the whole case
    kind = models.CharField(max_length=20, choices=HoldKind.choices)
    reason = models.CharField(max_length=200, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=60, blank=True)  # promise:12, dispute:7, bulk:3
    placed_by = models.CharField(max_length=60)
    placed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["case", "released_at"], name="hold_of_case"),
            models.Index(fields=["organisation", "released_at", "ends_on"], name="hold_open"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="hold_ends_after_start",
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
            )
        ]


class StageChange(AppendOnlyModel):
    """A case went from one stage to another, or from one holder to another, and why."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    case_id = models.BigIntegerField(db_index=True)
    field = models.CharField(max_length=10, choices=[("stage", "stage"), ("holder", "holder"), ("cycle", "cycle")])
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    on = models.DateField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, blank=True)
    objects = ScopedAppendOnlyQuerySet.as_manager()


class Note(MutableModel):
    """What somebody wrote on a case, with an optional file. Kept apart from append-only rows: it may be erased."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    body = models.TextField()
    file = models.ForeignKey("ledger.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    author = models.CharField(max_length=60)
    at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()


class BulkAction(MutableModel):
    """One gesture over many cases, with what it needs to be undone."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    kind = KeyField()  # assign, hold, send, stage
    params = models.JSONField(default=dict)
    before = models.JSONField(default=list)  # [[case_id, value before], …]
    cases = models.PositiveIntegerField()
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()
