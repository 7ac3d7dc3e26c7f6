"""Tables of the room: what came of a contact, what was committed, what is pending and with whom."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, KeyField, MinorField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet


class OutcomeType(MutableModel):
    """A leaf or branch of the tree contact -> result -> reason; what it asks for and the next step it leaves are data."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    key = KeyField()
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    labels = models.JSONField(default=dict)  # {"es": …, "en": …, "pt-br": …}
    shortcut = models.CharField(max_length=1, blank=True)
    asks = models.JSONField(default=list)
    effects = models.JSONField(default=list)
    next_step = models.JSONField(default=dict)  # {"kind", "business_days", "counts_from"}
    is_contact = models.BooleanField(default=False)
    is_right_party = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="outcome_type_once")
        ]
        ordering: ClassVar = ["position", "id"]


class Outcome(AppendOnlyModel):
    """A typified outcome. What was said sits in `OutcomeDetail`, which may be erased. An undo is a row that voids."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    portfolio_id = models.BigIntegerField()
    case_id = models.BigIntegerField()
    party_id = models.BigIntegerField()
    type_key = models.CharField(max_length=60)
    channel = models.CharField(
        max_length=10, blank=True
    )  # empty: just a note, nobody was called or written to
    is_inbound = models.BooleanField(default=False)
    is_contact = models.BooleanField()
    is_right_party = models.BooleanField()
    on = models.DateField()
    at = models.DateTimeField()
    seconds = models.PositiveIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)  # null: the debtor or the system
    voids_id = models.BigIntegerField(null=True, unique=True)
    client_id = models.CharField(max_length=60)  # made by the browser: the same click counts once
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "client_id"], name="outcome_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["case_id", "-at"], name="outcome_of_case"),
            models.Index(fields=["organisation", "on", "user_id"], name="outcome_by_day"),
        ]


class OutcomeDetail(MutableModel):
    """The personal part of an outcome: who answered, what was said, the estimated date."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    outcome_id = models.BigIntegerField(unique=True)
    person = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)
    answers = models.JSONField(default=dict)
    effects = models.JSONField(default=dict)  # what it made and what was before, so that it can be undone
    objects = ScopedQuerySet.as_manager()


class PromiseState(models.TextChoices):
    OPEN = "open", _("Vigente")
    KEPT = "kept", _("Cumplida")
    PARTIAL = "partial", _("Parcial")
    BROKEN = "broken", _("No cumplida")
    CANCELLED = "cancelled", _("Anulada")


class Plan(MutableModel):
    """A payment plan: its instalments are promises that share it."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    currency = CurrencyField()
    total_minor = MinorField()
    instalments = models.PositiveSmallIntegerField()
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


class DisputeState(models.TextChoices):
    OPEN = "open", _("Abierta")
    ACCEPTED = "accepted", _("Tenía razón")
    REJECTED = "rejected", _("Se mantiene la deuda")
    CANCELLED = "cancelled", _("Anulada")


class Dispute(MutableModel):
    """A disagreement with an owner in the department that can answer it, and a deadline."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    document_ids = models.JSONField(default=list)  # empty: the whole debt
    reason = KeyField()  # price, quantity, not_received, service, paid, not_mine, other
    description = models.TextField(blank=True)
    department = models.CharField(max_length=60)  # sales, logistics, billing …
    owner = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    deadline_on = models.DateField()
    state = models.CharField(max_length=10, choices=DisputeState.choices, default=DisputeState.OPEN)
    answer = models.TextField(blank=True)
    file = models.ForeignKey(
        "ledger.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_by = models.CharField(max_length=60)
    opened_on = models.DateField()
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "deadline_on"], name="dispute_deadline"),
        ]


class TaskState(models.TextChoices):
    OPEN = "open", _("Pendiente")
    DONE = "done", _("Hecha")
    CANCELLED = "cancelled", _("Anulada")


class Task(MutableModel):
    """Something a person has to do on a case: call, visit, review. Always a date; an owner or a team."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = KeyField()  # call, visit, review, follow_up, and the kinds of next step of `domain.outcomes`
    title = models.CharField(max_length=200)
    due_on = models.DateField()
    due_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # null: who holds the case
    priority = models.PositiveSmallIntegerField(default=50)
    identity = models.CharField(max_length=200)  # strategy:step:subject:cycle:attempt, or manual:<client id>
    origin = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=TaskState.choices, default=TaskState.OPEN)
    outcome_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "identity"], name="task_identity_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "owner", "due_on"],
                name="task_of_owner",
                condition=models.Q(state="open"),
            ),
            models.Index(fields=["case", "state"], name="task_of_case"),
        ]


class Alarm(MutableModel):
    """Something that nobody should have to look for. Raised once per key, resolved by itself when its cause goes."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    kind = KeyField()
    key = models.CharField(max_length=200)  # kind:subject:date of the cause
    on = models.DateField()
    owner = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    data = models.JSONField(default=dict)
    state = models.CharField(
        max_length=10,
        choices=[("open", _("Abierta")), ("seen", _("Vista")), ("resolved", _("Resuelta"))],
        default="open",
    )
    postponed_until_on = models.DateField(null=True, blank=True)  # it rings again on that day
    note = models.CharField(
        max_length=200, blank=True, db_default=""
    )  # why it was postponed or given to somebody else
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation", "key"], name="alarm_once")]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "kind", "-on"], name="alarm_inbox")
        ]
