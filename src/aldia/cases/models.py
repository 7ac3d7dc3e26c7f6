"""Tables of the room: the case, its stage, holder, holds, notes and next step."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, KeyField, MinorField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet


class Case(MutableModel):
    """One paying party in one portfolio: the unit of work for people. Shares its key with the ledger account.

    Amounts are a roll-up in the portfolio's currency, refreshed by every write that touches the account and each night;
    other currencies are in `CaseBalance`. `overdue_documents`, `oldest_due_on` and `bucket` look at all currencies. Days
    past due derive from `oldest_due_on`. `figures_on` is the day on which the figures last changed.
    """

    account = models.OneToOneField(
        "ledger.Account", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    # Millions are opened at once: the account's own keys vouch for these four.
    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    creditor = models.ForeignKey(
        "ledger.Creditor", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    portfolio = models.ForeignKey(
        "ledger.Portfolio", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    party = models.ForeignKey(
        "parties.Party", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    debtor_name = models.CharField(max_length=250)  # copy of the party's, so that lists need no join
    debtor_folded = models.CharField(
        max_length=60, blank=True
    )  # the same without case and accents: what lists sort by
    is_open = models.BooleanField(default=True)
    stage = models.CharField(max_length=40, default="current")
    stage_since_on = models.DateField()
    team = models.ForeignKey(
        "access.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    holder = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    next_step = models.CharField(max_length=200)
    next_on = models.DateField()
    next_at = models.DateTimeField(null=True, blank=True)
    cycle = models.PositiveIntegerField(default=0)  # entries into arrears so far
    arrears_since_on = models.DateField(null=True, blank=True)
    priority = models.PositiveSmallIntegerField(default=0)  # 0..100
    currency = CurrencyField()
    total_minor = MinorField()
    overdue_minor = MinorField()
    overdue_documents = models.PositiveIntegerField(default=0)
    oldest_due_on = models.DateField(null=True, blank=True)  # of the overdue documents; null: not in arrears
    bucket = models.PositiveSmallIntegerField(
        default=0
    )  # position in the ageing buckets of the oldest; 0: not in arrears
    worth_minor = models.BigIntegerField(db_default=0)  # what a minute on it should bring, as of last night
    figures_on = models.DateField(null=True, blank=True)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    last_outcome = models.CharField(max_length=40, blank=True)
    last_outcome_at = models.DateTimeField(null=True, blank=True)
    promise_state = models.CharField(
        max_length=8, default="none"
    )  # none, open, kept, broken: the latest promise
    promise_due_on = models.DateField(null=True, blank=True)
    has_dispute = models.BooleanField(default=False)
    reserved_by = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reserved_until_at = models.DateTimeField(null=True, blank=True)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [  # each list's order is an index; filters walk along it or have their own
            models.Index(fields=["organisation", "is_open", "-priority", "account"], name="case_by_priority"),
            models.Index(fields=["organisation", "is_open", "-overdue_minor", "account"], name="case_by_overdue"),
            models.Index(fields=["organisation", "is_open", "-worth_minor", "account"], name="case_by_worth"),
            models.Index(fields=["organisation", "is_open", "oldest_due_on", "account"], name="case_by_age"),
            models.Index(fields=["organisation", "is_open", "debtor_folded", "account"], name="case_by_name"),
            models.Index(fields=["organisation", "is_open", "next_on", "account"], name="case_by_next"),
            models.Index(fields=["holder", "is_open", "-priority", "account", "next_on"], name="case_of_holder"),
            models.Index(
                fields=["team", "is_open", "-priority", "account", "next_on"], name="case_of_team_alone",
                condition=models.Q(holder__isnull=True),
            ),
            models.Index(
                fields=["holder", "is_open", "currency", "-worth_minor", "account", "next_on"], name="case_of_holder_by_worth"
            ),
            models.Index(
                fields=["team", "is_open", "currency", "-worth_minor", "account", "next_on"], name="case_of_team_by_worth",
                condition=models.Q(holder__isnull=True),
            ),
            models.Index(fields=["portfolio", "is_open", "-priority", "account"], name="case_of_portfolio"),
            models.Index(fields=["organisation", "is_open", "bucket", "-priority", "account"], name="case_by_bucket"),
            models.Index(fields=["organisation", "stage", "-priority", "account"], name="case_by_stage"),
            models.Index(
                fields=["organisation", "promise_state", "-priority", "account"], name="case_by_promise",
                condition=~models.Q(promise_state="none"),
            ),
            models.Index(
                fields=["organisation", "-priority", "account"], name="case_in_dispute", condition=models.Q(has_dispute=True)
            ),
        ]  # fmt: skip
        constraints: ClassVar = [
            models.CheckConstraint(
                name="closed_case_has_a_date",
                condition=models.Q(is_open=True) | models.Q(closed_on__isnull=False),
            ),
        ]


class CaseBalance(MutableModel):
    """The case's figures in one currency, by position in the ageing buckets (0 not due … 4 over 90 days), as of the last
    refresh. Every case has a row in its own currency. Currencies are never added."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="balances", db_index=False)
    currency = CurrencyField()
    is_own = models.BooleanField(default=True)  # the portfolio's currency: counting these rows counts cases
    total_minor = MinorField()
    overdue_minor = MinorField()
    unapplied_minor = MinorField()  # received money that covers no document yet
    documents = models.PositiveIntegerField(default=0)
    overdue_documents = models.PositiveIntegerField(default=0)
    oldest_due_on = models.DateField(null=True, blank=True)
    next_due_on = models.DateField(null=True, blank=True)
    open_0_minor = MinorField()
    open_1_minor = MinorField()
    open_2_minor = MinorField()
    open_3_minor = MinorField()
    open_4_minor = MinorField()
    documents_0 = models.PositiveIntegerField(default=0)
    documents_1 = models.PositiveIntegerField(default=0)
    documents_2 = models.PositiveIntegerField(default=0)
    documents_3 = models.PositiveIntegerField(default=0)
    documents_4 = models.PositiveIntegerField(default=0)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "currency"], name="case_balance_once")
        ]


class CaseTotal(MutableModel):
    """The open cases summed by what lists filter by; what screens read instead of a million rows.

    A write never touches a row here: it appends one with what left a cell and one with what entered it, so nobody waits for
    anybody. The sum of a cell's rows is the truth at every commit; the night folds them together.
    """

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    portfolio_id = models.BigIntegerField()
    stage = models.CharField(max_length=40)
    team_id = models.BigIntegerField(null=True)
    holder_id = models.BigIntegerField(null=True)
    bucket = models.PositiveSmallIntegerField()
    currency = CurrencyField()
    cases = models.BigIntegerField()  # rows in the case's own currency
    balances = models.BigIntegerField()  # cases with open documents in this currency
    total_minor = MinorField()
    overdue_minor = MinorField()
    open_0_minor = MinorField()
    open_1_minor = MinorField()
    open_2_minor = MinorField()
    open_3_minor = MinorField()
    open_4_minor = MinorField()
    documents_0 = models.BigIntegerField()
    documents_1 = models.BigIntegerField()
    documents_2 = models.BigIntegerField()
    documents_3 = models.BigIntegerField()
    documents_4 = models.BigIntegerField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "portfolio_id"], name="case_total_of_organisation")
        ]


class HoldKind(models.TextChoices):
    PROMISE = "promise", _("Promesa")
    PLAN = "plan", _("Plan")
    DISPUTE = "dispute", _("Disputa")
    REPORTED_PAYMENT = "reported_payment", _("Pago informado")
    MANUAL = "manual", _("Pausa")
    HARDSHIP = "hardship", _("Dificultad")
    LEGAL = (
        "legal",
        _("Freno legal"),
    )  # asked not to be contacted, has a lawyer, is insolvent: binds people too


class Hold(MutableModel):
    """A pause of the strategy for a case or one document, over the half-open period [starts_on, ends_on)."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
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
            models.Index(fields=["organisation", "source"], name="hold_of_source"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="hold_ends_after_start",
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
            )
        ]


class StageChange(AppendOnlyModel):
    """A case went from one stage to another, or from one holder to another, and why."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    case_id = models.BigIntegerField(db_index=True)
    field = models.CharField(
        max_length=10, choices=[("stage", "stage"), ("holder", "holder"), ("cycle", "cycle")]
    )
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    on = models.DateField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, blank=True)
    objects = ScopedAppendOnlyQuerySet.as_manager()


class Placement(MutableModel):
    """A case is with an agency, law firm or insurer over [placed_on, ended_on). The owner is who answers for it in the house."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="placements")
    team = models.ForeignKey("access.Team", on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    placed_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    currency = CurrencyField()
    placed_minor = MinorField()  # the overdue debt on the day it was placed
    commission_hundredths = models.PositiveIntegerField()  # as agreed that day
    activities = models.PositiveIntegerField(default=0)
    last_activity_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(ended_on__isnull=True), name="case_placed_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "team", "ended_on"], name="placement_of_team")
        ]


class CaseNews(MutableModel):
    """Something happened in a case since its strategy looked at it: the worker decides it again and takes the row away."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    case_id = models.BigIntegerField()
    objects = ScopedQuerySet.as_manager()


class Note(MutableModel):
    """What somebody wrote on a case, with an optional file. Kept apart from append-only rows: it may be erased."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    body = models.TextField()
    file = models.ForeignKey(
        "ledger.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
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
