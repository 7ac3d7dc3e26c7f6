"""What waits for a person: disputes, tasks and alarms."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import MutableModel
from aldia.db.fields import KeyField
from aldia.db.scoping import ScopedQuerySet


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
    case = models.ForeignKey(  # checking it row by row costs a tenth of the night
        "cases.Case", models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
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
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+", db_constraint=False)  # as tasks
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
    # why it was postponed or given to somebody else
    note = models.CharField(max_length=200, blank=True, db_default="")
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation", "key"], name="alarm_once")]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "kind", "-on"], name="alarm_inbox")
        ]
